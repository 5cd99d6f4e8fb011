package inventory

// A Processing is something that a room does with people's data beside what each field is
// held for, and that stores nothing of its own.
type Processing struct {
	Code  string // learning
	Kind  Kind   // of the data that it uses
	Basis Basis
	Ends  bool // at once for who objects (GDPR, Article 21); else somebody decides
}
