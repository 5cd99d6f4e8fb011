package copies

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

var copiesEnd = inventory.Retention{Rule: inventory.AfterMade, For: KeptFor}

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{
			Table: "copy_asked", Whose: inventory.Member, Kind: inventory.Begun, Purpose: inventory.ForLaw,
			Basis: inventory.Law, Source: inventory.Use, Retention: copiesEnd, Region: inventory.Home,
		},
		IDs:   [][2]string{{"owner", "who asked for a copy of their data"}, {"id", "names the copy"}},
		Codes: [][2]string{{"lang", "in which language"}},
		Plain: [][2]string{
			{"asked_ms", "when it was asked for"},
			{"made_ms", "when it was made"},
		},
		Hashed: [][2]string{{"hash", "checks the link that fetches it"}},
		Sealed: [][2]string{
			{"secret", "the link that fetches a copy of the member's data"},
			{"content", "the copy, until it is fetched"},
		},
	}.Fields()
}

// exports is what it takes to write what the room holds of somebody: that there
// is a copy, not the copy again.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "copies", DB: s.DB, Vault: s.Vault, Fields: s.Fields(), Rows: export.Owned("copy_asked"),
		Guards: []string{"copy_asked.hash", "copy_asked.secret", "copy_asked.content"},
	}
}

// Export writes all that the room holds of a member as a JSON object: rows by
// table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Subjects are the members of whom a copy is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.DB, after, most, "copy_asked.owner")
}

// Erase deletes a member's copy.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	if _, err := s.DB.Exec(ctx, `DELETE FROM copy_asked WHERE owner = $1`, string(who)); err != nil {
		return fmt.Errorf("erase the copy of %s: %w", who, err)
	}
	return nil
}

// Expire deletes copies that nobody fetched in time.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, s.DB, p, purge.Rule{Table: "copy_asked", Since: "asked_ms", For: copiesEnd.For, Owner: "owner"})
}
