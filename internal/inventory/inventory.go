// Package inventory is how rooms declare what they store: each column once,
// whose it is, what it is for, on what ground, how long, and who gets it. The
// declarations drive the policy's words, access, erasure and retention; a test
// of each room compares them with its tables, both ways. It holds no
// declarations itself and knows no database.
package inventory

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"
)

// A Whose says whose data a field holds.
type Whose string

// Whose a field can be.
const (
	Nobody    Whose = "nobody"    // about no person: a parcel's, a carrier's, the program's own
	Member    Whose = "member"    // somebody with an account
	Recipient Whose = "recipient" // somebody whom a member or merchant names: a buyer, a receiver
	Business  Whose = "business"  // a company's, as far as it says nothing of a person
)

// A Basis is the lawful ground for holding a person's field.
type Basis string

// The grounds. NoBasis is for what is nobody's.
const (
	NoBasis    Basis = ""
	Contract   Basis = "contract"
	Consent    Basis = "consent"
	Law        Basis = "law"
	Legitimate Basis = "legitimate_interest"
)

// A Field is the declaration of one column. Of what is nobody's only Table,
// Column, Whose and Purpose are said, and Retention where it ends.
type Field struct {
	Table, Column string
	Whose         Whose
	Purpose       string   // what it is for, as people read it in the policy
	Basis         Basis    // NoBasis for what is nobody's
	Retention     string   // how long, as people read it; "" while the row lives
	Sensitive     bool     // stands out where the policy names it
	Sealed        bool     // encrypted with its person's key
	Recipients    []string // who gets it outside; none: nobody
}

// A Subject is the person or business that a right is about.
type Subject string

// A Room is what every room that stores fields offers, beside its own doors.
type Room interface {
	// Fields declares every column of the room's tables.
	Fields() []Field
	// Export writes all that the room holds of the subject, as JSON.
	Export(ctx context.Context, s Subject, w io.Writer) error
	// Erase deletes all that the room holds of the subject. Twice is once.
	Erase(ctx context.Context, s Subject) error
	// Expire deletes what has been kept as long as it may, and says how much.
	Expire(ctx context.Context, now time.Time) (int, error)
}

// OfNobody is embedded by a Room whose fields are all nobody's: it has nothing of
// any subject to export or erase.
type OfNobody struct{}

// Export writes nothing.
func (OfNobody) Export(context.Context, Subject, io.Writer) error { return nil }

// Erase deletes nothing.
func (OfNobody) Erase(context.Context, Subject) error { return nil }

// A Library is a table that a library keeps for itself, with nobody's data in it.
type Library struct{ Table, Why string }

// A Column is one column of a schema.
type Column struct{ Table, Name string }

// Compare says where declarations and schema differ, and which declarations
// are not whole; nothing when all is well.
func Compare(fields []Field, libraries []Library, schema []Column) []string {
	var wrong []string
	declared, kept := map[Column]bool{}, map[string]bool{}
	for _, l := range libraries {
		kept[l.Table] = true
		if !slices.ContainsFunc(schema, func(c Column) bool { return c.Table == l.Table }) {
			wrong = append(wrong, fmt.Sprintf("table %s is declared for %s and not there", l.Table, l.Why))
		}
	}
	for _, f := range fields {
		c := Column{f.Table, f.Column}
		if declared[c] {
			wrong = append(wrong, fmt.Sprintf("%s.%s is declared twice", f.Table, f.Column))
		}
		declared[c] = true
		if !slices.Contains(schema, c) {
			wrong = append(wrong, fmt.Sprintf("%s.%s is declared and not there", f.Table, f.Column))
		}
		if lack := f.lacks(); lack != "" {
			wrong = append(wrong, fmt.Sprintf("%s.%s is declared without %s", f.Table, f.Column, lack))
		}
	}
	for _, c := range schema {
		if !declared[c] && !kept[c.Table] {
			wrong = append(wrong, fmt.Sprintf("%s.%s is there and not declared", c.Table, c.Name))
		}
	}
	return wrong
}

// lacks names what a declaration leaves open, "" when it is whole.
func (f Field) lacks() string {
	switch {
	case f.Whose == "":
		return "whose it is"
	case f.Purpose == "":
		return "a purpose"
	case f.Whose == Nobody:
		return ""
	case f.Basis == NoBasis:
		return "a basis"
	case f.Retention == "":
		return "a retention"
	}
	return ""
}
