// Package inventory is how rooms declare what they store: each column once,
// what it is, whose, what for, on what ground, where from, how long, where, how
// it is protected, and who gets it. The declarations drive the policy's words,
// access, erasure and retention; a test of each room compares them with its
// tables, both ways. It holds no declarations itself and knows no database.
package inventory

import (
	"context"
	"io"
	"time"
)

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
	// Subjects are those of whom the room holds something, in the order of their
	// names, at most most of those that come after one ("" from the first).
	Subjects(ctx context.Context, after Subject, most int) ([]Subject, error)
	// Expire deletes what has been kept as long as it may, but of subjects that are
	// held, and says what. See package purge.
	Expire(ctx context.Context, p Purge) (Purged, error)
}

// A Searched room can say whose rows of one of its tables were made or changed in
// a time, as it has to be known when something happened to them.
type Searched interface {
	// Touched are those who have a row of a table that was made or changed from a
	// time on and before another; zero times bound nothing, and a table without
	// times is taken whole. In the order of their names, at most most of those that
	// come after one ("" from the first).
	Touched(ctx context.Context, table string, from, until time.Time, after Subject, most int) ([]Subject, error)
}

// OfNobody is embedded by a Room whose fields are all nobody's: it has nothing of
// any subject to export or erase.
type OfNobody struct{}

// Export writes nothing.
func (OfNobody) Export(context.Context, Subject, io.Writer) error { return nil }

// Erase deletes nothing.
func (OfNobody) Erase(context.Context, Subject) error { return nil }

// Subjects are none.
func (OfNobody) Subjects(context.Context, Subject, int) ([]Subject, error) { return nil, nil }
