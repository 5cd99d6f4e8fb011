package account

import (
	"strings"
	"unicode"

	"github.com/trustelem/zxcvbn"
)

// A Grade is how hard a password is to guess.
type Grade int

// Grades, as zxcvbn counts them.
const (
	Weakest   Grade = iota // fewer than 10³ guesses
	Weak                   // fewer than 10⁶
	Fair                   // fewer than 10⁸
	Strong                 // fewer than 10¹⁰
	Strongest              // more
)

// judged is how much of a password is looked at: judging takes time that grows
// faster than its length, and what is longer is hard to guess anyway.
const judged = 64

// Strength grades a password. about is what somebody who guesses would try: the
// nickname, the address, the company.
func Strength(password string, about ...string) Grade {
	if len(password) > judged {
		cut := []rune(password)
		password = string(cut[:min(len(cut), judged)])
	}
	for _, a := range about {
		if strings.Contains(strings.ToLower(a), strings.ToLower(password)) {
			return Weakest
		}
	}
	return Grade(zxcvbn.PasswordStrength(password, guesses(about)).Score)
}

// guesses are the words that somebody would try: whole, and in parts.
func guesses(about []string) []string {
	words := []string{"waypost"}
	for _, a := range about {
		a = strings.ToLower(a)
		words = append(words, a)
		words = append(words, strings.FieldsFunc(a, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
	}
	return words
}
