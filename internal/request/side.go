package request

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/purge"
)

const day = 24 * time.Hour

// How long requests are kept: whole as long as the person may want to come back to
// the answer, then what proves that it was answered. California wants that for 24
// months (Cal. Code Regs. tit. 11, § 7101(a)); three years is when claims end that
// come of it where nothing else is said (§§ 195, 199 BGB).
var (
	wholeEnd = inventory.Retention{Rule: inventory.AfterEnd, For: 180 * day}
	proofEnd = inventory.Retention{Rule: inventory.AfterEnd, For: 3 * 365 * day}
)

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	asked := inventory.Field{
		Whose: inventory.Member, Kind: inventory.Requests, Purpose: inventory.ForLaw, Basis: inventory.Law,
		Source: inventory.Given, Retention: wholeEnd, Region: inventory.Home,
	}
	request, event, letter := asked, asked, asked
	request.Table, event.Table, letter.Table = "request", "request_event", "request_letter"
	event.Source, letter.Source = inventory.Other, inventory.Own
	var all []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field: request,
			IDs: [][2]string{
				{"id", "names a request"}, {"region", "where it is kept"}, {"number", "what it is called in letters"}, {"origin", "keeps it from being made twice"},
				{"owner", "who asks"}, {"clerk", "who of the staff works on it"},
			},
			Codes: [][2]string{
				{"kind", "what a request about one's data asks"}, {"person", "who asks: a member, a shop's buyer, a parcel's receiver"},
				{"way", "how it came"}, {"reach", "by which way it is answered"}, {"state", "how it stands"}, {"lang", "the language of its letters"},
				{"proof", "how it was shown who asks; no document is kept"}, {"ground", "on which ground it was refused"},
			},
			Plain: [][2]string{
				{"received_ms", "when it came"}, {"verified_ms", "when it was shown who asks"}, {"asked_ms", "since when it waits for the person"},
				{"waited", "how many working days it waited before"}, {"due_ms", "when it is due"}, {"late_ms", "when it is late"}, {"ended_ms", "when it ended"},
			},
			Hashed: [][2]string{{"lookup", "finds other requests from the same address"}, {"hash", "checks the link to its page"}},
			Sealed: [][2]string{
				{"contact", "the address that answers go to, of who has no account"}, {"text", "what was asked, in the person's words"},
				{"token", "the link to the request's page"},
			},
		},
		{
			Field:  event,
			IDs:    [][2]string{{"id", "names a step"}, {"request_id", "of which request"}, {"owner", "who asks"}, {"clerk", "who of the staff made it"}, {"given", "to whom of the staff it was given"}},
			Codes:  [][2]string{{"step", "what happened to a request"}},
			Plain:  [][2]string{{"at_ms", "when"}},
			Sealed: [][2]string{{"text", "what was asked back, answered, noted or decided"}},
		},
		{
			Field: letter,
			IDs:   [][2]string{{"event_id", "about which step"}, {"request_id", "of which request"}, {"owner", "who asks"}},
			Codes: [][2]string{{"state", "whether a letter about a request left"}},
			Plain: [][2]string{{"done_ms", "when that was"}},
		},
		{
			Field: inventory.Field{Table: "request_proof", Whose: inventory.Nobody, Retention: proofEnd},
			Plain: [][2]string{
				{"number", "which request was answered; nothing here says whose it was"}, {"kind", "what it asked"}, {"way", "how it came"}, {"state", "how it ended"},
				{"ground", "on which ground it was refused"}, {"received_ms", "when it came"}, {"ended_ms", "when it ended"},
			},
		},
	} {
		for _, f := range t.Fields() {
			if f.Table == "request" && f.Column == "contact" {
				f.Recipients = []inventory.Party{inventory.MailServer, inventory.TextService}
			}
			all = append(all, f)
		}
	}
	return all
}

// exports is what it takes to write what the room holds of somebody.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "request", DB: s.DB, Vault: s.Vault, Fields: s.Fields(),
		Rows: export.Owned("request", "request_event", "request_letter"), Guards: []string{"request.token", "request.hash"},
	}
}

// Export writes all that the room holds of somebody as a JSON object: rows by
// table. Nobody's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Subjects are those who asked something.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.DB, after, most, "request.owner")
}

// Erase deletes all of somebody's requests. The key of who has no account was made
// for their request and goes with it. What stays says that a request was answered,
// and not whose.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	alone, err := s.count(ctx, `id = $2 AND owner = $2`, string(who))
	if err != nil {
		return err
	}
	if alone > 0 {
		if err := s.Vault.Destroy(ctx, who); err != nil {
			return err
		}
	}
	if err := s.DB.Tx(ctx, func(tx *db.Tx) error { return s.erase(ctx, tx, `owner = $1`, string(who)) }); err != nil {
		return fmt.Errorf("erase the requests of %s: %w", who, err)
	}
	return nil
}

// erase leaves nothing but the proof of requests that where chooses.
func (s *Store) erase(ctx context.Context, tx *db.Tx, where string, args ...any) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO request_proof (number, kind, way, state, ground, received_ms, ended_ms)
		SELECT number, kind, way, state, ground, received_ms, CASE WHEN ended_ms > 0 THEN ended_ms ELSE received_ms END FROM request WHERE `+where+`
		ON CONFLICT (number) DO NOTHING`, args...)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM request WHERE `+where, args...)
	return err
}

// Expire makes proofs of requests that ended as long ago as they are kept whole,
// destroys the keys of those without an account, and deletes old proofs. Whose
// data has to stay keeps theirs whole.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	whole, err := s.expireWhole(ctx, p)
	gone := inventory.Purged{whole}
	if err != nil {
		return gone, fmt.Errorf("expire requests: %w", err)
	}
	proofs, err := purge.Run(ctx, s.DB, p, purge.Rule{Table: "request_proof", Since: "ended_ms", For: proofEnd.For})
	return gone.And(proofs...), err
}

func (s *Store) expireWhole(ctx context.Context, p inventory.Purge) (inventory.Gone, error) {
	gone := inventory.Gone{Table: "request"}
	unheld, args := purge.NotHeld(p, "owner", []any{s.Name, db.Ms(wholeEnd.Before(p.Now))})
	over := `ended_ms > 0 AND ended_ms <= $2` + unheld
	if p.Try {
		n, err := s.count(ctx, over, args[1:]...)
		gone.Rows = n
		if err != nil {
			return gone, err
		}
	}
	for more := !p.Try; more; {
		n, err := s.expireSome(ctx, over, args)
		gone.Rows += n
		if err != nil {
			return gone, err
		}
		more = n == lapseAtOnce
	}
	var first int64
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(ended_ms), 0) FROM request WHERE region = $1 AND ended_ms > 0 AND NOT (`+over+`)`, args...).Scan(&first)
	})
	if first > 0 {
		gone.Due = db.At(first).Add(wholeEnd.For)
	}
	return gone, err
}

// expireSome makes proofs of some requests, and says how many.
func (s *Store) expireSome(ctx context.Context, over string, args []any) (int, error) {
	type ended struct {
		id    string
		owner inventory.Subject
	}
	var all []ended
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (e ended, err error) { return e, row.Scan(&e.id, &e.owner) },
			fmt.Sprintf(`SELECT id, owner FROM request WHERE region = $1 AND %s ORDER BY ended_ms LIMIT %d`, over, lapseAtOnce), args...)
		return err
	})
	if err != nil {
		return 0, err
	}
	for n, e := range all {
		if string(e.owner) == e.id {
			if err := s.Vault.Destroy(ctx, e.owner); err != nil {
				return n, err
			}
		}
		if err := s.DB.Tx(ctx, func(tx *db.Tx) error { return s.erase(ctx, tx, `id = $1`, e.id) }); err != nil {
			return n, err
		}
	}
	return len(all), nil
}
