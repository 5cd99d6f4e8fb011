package once

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
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

// An exported is a request, as its owner is given it.
type exported struct {
	Status int       `json:"status"`
	Answer string    `json:"answer"`
	Ends   time.Time `json:"ends"`
}

// Export writes all that the room holds of a member or business account as a
// JSON object: rows by table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	var all struct {
		Requests []exported `json:"once_request,omitempty"`
	}
	var sealed [][]byte
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		sealed = nil
		all.Requests, err = db.Rows(ctx, tx, func(row *sql.Rows) (e exported, err error) {
			var answer []byte
			var ends int64
			err = row.Scan(&e.Status, &answer, &ends)
			e.Ends, sealed = time.UnixMilli(ends).UTC(), append(sealed, answer)
			return e, err
		}, `SELECT status, answer, ends_ms FROM once_request WHERE owner = $1 AND status > 0 ORDER BY ends_ms`, string(who))
		return err
	})
	if err != nil {
		return fmt.Errorf("export requests of %s: %w", who, err)
	}
	if len(sealed) > 0 {
		k, err := s.vault.Key(ctx, who)
		if err != nil {
			return err
		}
		for i := range sealed {
			if all.Requests[i].Answer, err = k.OpenText(fieldAnswer, sealed[i]); err != nil {
				return fmt.Errorf("export requests of %s: %w", who, err)
			}
		}
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(all)
}

// Erase deletes all that the room holds of a member or business account.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	if _, err := s.db.Exec(ctx, `DELETE FROM once_request WHERE owner = $1`, string(who)); err != nil {
		return fmt.Errorf("erase requests of %s: %w", who, err)
	}
	return nil
}

// Expire deletes what has been kept as long as it may.
func (s *Store) Expire(ctx context.Context, now time.Time) (int, error) {
	n, err := s.db.Exec(ctx, `DELETE FROM once_request WHERE ends_ms <= $1`, now.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("expire requests: %w", err)
	}
	return n, nil
}

// Subjects are the members and business accounts of whom something is kept.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.db, after, most, "once_request.owner")
}
