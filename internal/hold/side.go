package hold

import (
	"context"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

var _ inventory.Room = (*Store)(nil)

// holdsEnd is how long a hold stays on record after it was lifted.
var holdsEnd = inventory.Retention{Rule: inventory.WhileHeld, For: 365 * 24 * time.Hour}

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	theirs := func(table string) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Holds, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Other, Retention: holdsEnd, Region: inventory.Home,
		}
	}
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field:  theirs("hold"),
			IDs:    [][2]string{{"id", "names the hold"}, {"owner", "whose data has to stay"}},
			Codes:  [][2]string{{"ground", "on which ground your data has to stay, though its time may be over"}},
			Plain:  [][2]string{{"told", "whether you may know"}, {"review_ms", "when it is looked at again"}, {"set_ms", "since when"}, {"lifted_ms", "until when it was"}},
			Sealed: [][2]string{{"detail", "the number on record and the reason"}},
		},
		{
			Field:  theirs("hold_entry"),
			IDs:    [][2]string{{"id", "names the entry"}, {"hold_id", "the hold"}, {"owner", "whose data has to stay"}, {"clerk", "who of the staff"}},
			Codes:  [][2]string{{"what", "what was done to such a hold"}},
			Plain:  [][2]string{{"told", "whether you may know"}, {"review_ms", "when it is looked at again"}, {"at_ms", "when"}},
			Sealed: [][2]string{{"words", "why that was done"}},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}

// exports is what it takes to write what the room holds of somebody: what they may
// know of.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "hold", DB: s.DB, Vault: s.Vault, Fields: s.Fields(),
		Rows: map[string]string{"hold": "owner = $1 AND told", "hold_entry": "owner = $1 AND told"},
		From: map[string]string{"hold": "SELECT * FROM hold WHERE told", "hold_entry": "SELECT * FROM hold_entry WHERE told"},
		Read: map[string]export.Reader{"hold.detail": export.JSON},
	}
}

// Export writes all that the room holds of a member or business account and that
// they may know of, as a JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time, and
// may know of it.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Subjects are those who are or were held.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.DB, after, most, "hold.owner", "hold_entry.owner")
}

// Erase deletes what is on record of holds on somebody. While one is in force
// nobody is erased: who erases asks before.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	if _, err := s.DB.Exec(ctx, `DELETE FROM hold WHERE owner = $1`, string(who)); err != nil { // and what was done to it
		return fmt.Errorf("erase holds of %s: %w", who, err)
	}
	return nil
}

// Expire deletes holds that were lifted long ago.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, s.DB, p, purge.Rule{Table: "hold", Since: "lifted_ms", For: holdsEnd.For, Where: "lifted_ms > 0", Owner: "owner"})
}
