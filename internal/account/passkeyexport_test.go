package account

// ParsePasskeyAnswers reads an answer as one to either question.
func ParsePasskeyAnswers(answer []byte) [2]error {
	_, created := parseCreated(answer)
	_, shown := parseShown(answer)
	return [2]error{created, shown}
}
