package once

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

var requestsEnd = inventory.Retention{Rule: inventory.AfterMade, For: keepFor}

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{
			Table: "once_request", Whose: inventory.Member, Kind: inventory.Programs, Purpose: inventory.ForPrograms,
			Basis: inventory.Contract, Source: inventory.Use, Retention: requestsEnd, Region: inventory.Home,
		},
		IDs: [][2]string{{"owner", "whose program asked"}, {"lease", "who is answering it"}},
		Plain: [][2]string{
			{"status", "whether it was done"},
			{"ends_ms", "until when it is remembered"},
		},
		Hashed: [][2]string{{"hash", "finds a request that is repeated"}, {"request", "tells another request from it"}},
		Sealed: [][2]string{{"answer", "what was answered, to be answered again"}},
	}.Fields()
}

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	return export.Room{Name: "once", DB: s.db, Vault: s.vault, Fields: s.Fields(), Rows: export.Owned("once_request")}
}

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Erase deletes all that the room holds of a member or business account.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM once_request WHERE owner = $1`, string(who)); err != nil {
		return fmt.Errorf("erase requests of %s: %w", who, err)
	}
	return nil
}

// Expire deletes what has been kept as long as it may.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	return purge.Run(ctx, s.db, p, purge.Rule{Table: "once_request", Since: "ends_ms", Owner: "owner"})
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "once_request.owner")
}
