package lawful

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"waypost/internal/db"
	"waypost/internal/export"
	"waypost/internal/inventory"
	"waypost/internal/purge"
	"waypost/internal/vault"
)

var requestsEnd = inventory.Retention{Rule: inventory.AfterClosed, For: KeptFor}

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	var all []inventory.Field
	for _, t := range tables {
		all = append(all, t.Fields()...)
	}
	return all
}

// person is what the room's columns that are about somebody have in common.
func person(table string) inventory.Field {
	return inventory.Field{
		Table: table, Whose: inventory.Member, Kind: inventory.Lawful, Purpose: inventory.ForLaw, Basis: inventory.Law,
		Source: inventory.Other, Retention: requestsEnd, Region: inventory.Home,
	}
}

// staying is a declaration of what stays when its owner's data is erased: law wants it
// to be shown what was done, and it names nobody any more.
func staying(f inventory.Field) inventory.Field {
	f.Stays = true
	return f
}

var tables = []inventory.Table{
	{
		Field: inventory.Field{Table: "lawful_request", Whose: inventory.Nobody},
		IDs:   [][2]string{{"ref", "names a request of an authority"}},
		Plain: [][2]string{
			{"number", "counts requests"},
			{"region", "whose people it asks about"},
			{"kind", "on what sort of ground the authority asks"},
			{"country", "the authority's"},
			{"state", "how far it is"},
			{"ground", "why it was refused"},
			{"narrowed", "whether less is given than was asked for"},
			{"people", "of how many people something was given"},
			{"revision", "counts changes"},
			{"received_ms", "when it came"},
			{"deadline_ms", "until when it is to be answered"},
			{"gag_until_ms", "until when law forbids to tell the person"},
			{"from_ms", "from when on the time is that it asks about"},
			{"to_ms", "until when"},
			{"decided_ms", "when it was decided"},
			{"given_ms", "when something was given"},
			{"closed_ms", "when it was closed"},
		},
	},
	{
		Field:  person("lawful_words"),
		IDs:    [][2]string{{"ref", "names the request"}, {"key", "names the key that it is encrypted with"}},
		Codes:  [][2]string{{"part", "what the words are about"}},
		Sealed: [][2]string{{"content", "which authority asked, on what ground, for what, and what of it was approved"}},
	},
	{
		Field: person("lawful_subject"),
		IDs:   [][2]string{{"ref", "names the request"}, {"owner", "whom it is about"}, {"hold", "keeps their data, by an order to preserve"}},
		Plain: [][2]string{{"added_ms", "since when that is known"}, {"told_ms", "when they were told"}},
	},
	{
		Field: staying(person("lawful_step")),
		IDs:   [][2]string{{"id", "names the step"}, {"ref", "names the request"}, {"by_id", "who of the staff did it"}},
		Codes: [][2]string{{"what", "what was done about the request"}, {"detail", "which fields were given, and how many"}},
		Plain: [][2]string{{"at_ms", "when"}},
	},
	{
		Field:  person("lawful_file"),
		IDs:    [][2]string{{"ref", "names the request"}, {"key", "names the key that it is encrypted with"}, {"for_id", "who of the staff may fetch it"}},
		Sealed: [][2]string{{"content", "what is given to an authority, until it is fetched"}},
		Hashed: [][2]string{{"hash", "shows later which file it was"}},
		Plain: [][2]string{
			{"made_ms", "when it was made"},
			{"ends_ms", "until when it can be fetched"},
			{"fetched_ms", "when it was fetched"},
		},
	},
}

// exports is what it takes to write what the room holds of somebody: nothing of
// it while law forbids to tell them. In whose words they are named is theirs when
// the request names nobody else.
func (s *Store) exports() export.Room {
	told := `ref IN (SELECT p.ref FROM lawful_subject p JOIN lawful_request r ON r.ref = p.ref WHERE p.owner = $1 AND r.gag_until_ms <= ` +
		strconv.FormatInt(s.all.now().UnixMilli(), 10) + `)`
	return export.Room{
		Name: "lawful", DB: s.DB, Vault: s.Vault, Fields: s.Fields(),
		Rows: map[string]string{
			"lawful_request": told,
			"lawful_words":   told + ` AND (part <> 'whom' OR 1 = (SELECT COUNT(*) FROM lawful_subject o WHERE o.ref = lawful_words.ref))`,
			"lawful_subject": `owner = $1 AND ` + told,
			"lawful_step":    `id IN (SELECT id FROM lawful_step WHERE ` + told + ` UNION SELECT id FROM lawful_step WHERE by_id = $1)`,
			"lawful_file":    told,
		},
		Guards: []string{"lawful_file.content"},
		Read:   map[string]export.Reader{"lawful_words.content": readWords},
		Keys:   map[string]string{"lawful_words": "key"},
	}
}

// Touched are those whom a request is about of which a table has a row that was made
// or changed in a time. Of whom law forbids to tell it says nothing.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	about := ` JOIN lawful_request r ON r.ref = p.ref WHERE r.gag_until_ms <= ` + strconv.FormatInt(s.all.now().UnixMilli(), 10)
	searched := export.Room{
		Name: "lawful", DB: s.DB, Fields: s.Fields(), Rows: export.Owned("lawful_subject", "lawful_words", "lawful_step", "lawful_file"),
		From: map[string]string{"lawful_subject": `SELECT p.* FROM lawful_subject p` + about},
	}
	for _, other := range []string{"lawful_words", "lawful_step", "lawful_file"} {
		searched.From[other] = `SELECT o.*, p.owner FROM ` + other + ` o JOIN lawful_subject p ON p.ref = o.ref` + about
	}
	return searched.Touched(ctx, table, from, until, after, most)
}

func readWords(_ *vault.Sealer, plain []byte) (any, error) { return json.RawMessage(plain), nil }

// Export writes all that the room holds of somebody as a JSON object: rows by
// table. While law forbids to tell them, and of nobody, it is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Subjects are those whom a request is about, and the names of the keys that
// requests are encrypted with.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return db.Distinct(ctx, s.DB, after, most, "lawful_subject.owner", "lawful_words.key", "lawful_file.key")
}

// Erase deletes that requests are about somebody, and their words about them. What
// stays is which authority asked, on what ground, and which fields were given:
// law wants that to be shown, and it says nothing of whom. Of the name of a
// request's key it deletes all that it seals.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		refs, err := db.Rows(ctx, tx, func(row *sql.Rows) (ref string, err error) { return ref, row.Scan(&ref) },
			`SELECT ref FROM lawful_subject WHERE owner = $1`, string(who))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM lawful_subject WHERE owner = $1`, string(who)); err != nil {
			return err
		}
		for _, ref := range refs {
			_, err := tx.ExecContext(ctx, `
				DELETE FROM lawful_words WHERE ref = $1 AND (part = 'whom' OR part = 'about' AND NOT EXISTS (SELECT 1 FROM lawful_subject p WHERE p.ref = $1))`, ref)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `DELETE FROM lawful_file WHERE ref = $1`, ref); err != nil {
				return err
			}
		}
		return dropSealed(ctx, tx, who)
	})
	if err != nil {
		return fmt.Errorf("erase requests about %s: %w", who, err)
	}
	return nil
}

// dropSealed deletes what a request's key seals.
func dropSealed(ctx context.Context, tx *db.Tx, key inventory.Subject) error {
	for _, table := range []string{"lawful_words", "lawful_file"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE key = $1`, string(key)); err != nil {
			return err
		}
	}
	return nil
}

// Expire deletes files that nobody fetched in time, and three years after a request
// was closed all that it says of people, with its key, unless one of them is held or
// still to be told, or law forbids to tell them.
// What stays is what is counted.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (gone inventory.Purged, err error) {
	unfetched := purge.Rule{Table: "lawful_file", Since: "ends_ms", Where: "fetched_ms = 0"}
	if p.Try {
		err = purge.Try(ctx, s.DB, func(tx *db.Tx) error {
			if gone, err = purge.In(ctx, tx, p, unfetched); err != nil {
				return err
			}
			refs, err := s.over(ctx, tx, p)
			if err != nil {
				return err
			}
			for _, ref := range refs {
				some, err := forget(ctx, tx, ref)
				if gone = gone.And(some...); err != nil {
					return err
				}
			}
			return nil
		})
		return gone, err
	}
	if gone, err = purge.Run(ctx, s.DB, p, unfetched); err != nil {
		return gone, fmt.Errorf("expire what wasn't fetched: %w", err)
	}
	var refs []string
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		refs, err = s.over(ctx, tx, p)
		return err
	})
	if err != nil {
		return gone, fmt.Errorf("expire requests: %w", err)
	}
	for _, ref := range refs {
		some, err := s.end(ctx, ref)
		if gone = gone.And(some...); err != nil {
			return gone, fmt.Errorf("expire %s: %w", ref, err)
		}
	}
	return gone, nil
}

// over are the requests whose time is over, that are about nobody who is held, and of
// which everybody was told who is to be: while law forbids it, nobody was.
func (s *Store) over(ctx context.Context, tx *db.Tx, p inventory.Purge) ([]string, error) {
	kept := ` AND r.gag_until_ms <= $3 AND NOT EXISTS (SELECT 1 FROM lawful_subject u WHERE u.ref = r.ref AND u.told_ms = 0 AND r.given_ms > 0)`
	args := []any{s.Name, requestsEnd.Before(p.Now).UnixMilli(), db.Ms(p.Now)}
	for _, who := range p.Held {
		args = append(args, string(who))
		kept += ` AND NOT EXISTS (SELECT 1 FROM lawful_subject h WHERE h.ref = r.ref AND h.owner = $` + strconv.Itoa(len(args)) + `)`
	}
	return db.Rows(ctx, tx, func(row *sql.Rows) (ref string, err error) { return ref, row.Scan(&ref) }, `
		SELECT r.ref FROM lawful_request r WHERE r.region = $1 AND r.closed_ms > 0 AND r.closed_ms <= $2
		AND EXISTS (SELECT 1 FROM lawful_step p WHERE p.ref = r.ref)`+kept, args...)
}

// end deletes what a request says of people, its key first, so that what a crash
// leaves can't be read.
func (s *Store) end(ctx context.Context, ref string) (gone inventory.Purged, err error) {
	var key inventory.Subject
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT key FROM lawful_words WHERE ref = $1 LIMIT 1`, ref).Scan(&key)
	})
	if err == nil {
		err = s.Vault.Destroy(ctx, key)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		gone, err = forget(ctx, tx, ref)
		return err
	})
	return gone, err
}

func forget(ctx context.Context, tx *db.Tx, ref string) (gone inventory.Purged, err error) {
	for _, table := range []string{"lawful_words", "lawful_file", "lawful_subject", "lawful_step"} {
		done, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE ref = $1`, ref)
		if err != nil {
			return gone, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return gone, err
		}
		gone = gone.And(inventory.Gone{Table: table, Rows: int(n)})
	}
	return gone, nil
}
