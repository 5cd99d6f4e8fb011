package recipient

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

// How long things are kept.
var (
	erasuresEnd = inventory.Retention{Rule: inventory.UntilErased}
	openEnd     = inventory.Retention{Rule: inventory.UntilAnswer, For: recordKept}
	recordEnd   = inventory.Retention{Rule: inventory.AfterMade, For: recordKept}
)

// recordKept is how long it stays on record that a service was told: as long as
// claims for damages commonly last.
const recordKept = 3 * 365 * 24 * time.Hour

// Fields declares the room's columns.
func (*Store) Fields() []inventory.Field {
	of := func(table string, ends inventory.Retention) inventory.Field {
		return inventory.Field{
			Table: table, Whose: inventory.Member, Kind: inventory.Erasures, Purpose: inventory.ForErasure,
			Basis: inventory.Law, Source: inventory.Own, Retention: ends, Region: inventory.Home,
		}
	}
	staying := func(f inventory.Field) inventory.Field {
		f.Stays = true
		return f
	}
	var fields []inventory.Field
	for _, t := range []inventory.Table{
		{
			Field: of("erasure", erasuresEnd),
			IDs:   [][2]string{{"subject", "who is being erased"}},
			Codes: [][2]string{{"region", "in which region"}},
			Plain: [][2]string{{"begun_ms", "since when"}},
		},
		{
			Field: of("erasure_notice", erasuresEnd),
			IDs:   [][2]string{{"subject", "whose erasure a notice waits for; nobody's afterwards"}},
		},
		{
			Field:  of("erasure_notice", openEnd),
			Hashed: [][2]string{{"hash", "checks the link by which a service confirms that it erased, too"}},
			Sealed: [][2]string{{"content", "by what a service that got data knows who was erased, until it confirms that it erased, too"}},
		},
		{
			Field: staying(of("erasure_notice", recordEnd)),
			IDs: [][2]string{
				{"id", "names a notice; it says nothing of anybody"},
				{"clerk", "who of the staff took the confirmation"},
			},
			Codes: [][2]string{
				{"region", "in which region"},
				{"party", "which kind of service was told"},
				{"which", "which one"},
				{"way", "how"},
				{"problem", "why it couldn't be told"},
				{"how", "how it confirmed"},
				{"ref", "where the staff have that on record"},
			},
			Plain: [][2]string{
				{"made_ms", "when the erasure was done"},
				{"due_ms", "when it is told next"},
				{"tries", "how often that failed"},
				{"letters", "how many letters were sent"},
				{"told_ms", "when it was last told"},
				{"escalated_ms", "since when the staff are to see to it"},
				{"confirmed_ms", "when it confirmed"},
				{"keyed", "whether the notice's key is still there"},
			},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}

// exports is what it takes to write what the room holds of somebody who is being
// erased. What names them to a service isn't sealed with their key.
func (s *Store) exports() export.Room {
	return export.Room{
		Name: "recipient", DB: s.DB, Vault: s.Vault, Fields: s.Fields(),
		Rows:   map[string]string{"erasure": "subject = $1", "erasure_notice": "subject = $1 AND subject <> ''"},
		Guards: []string{"erasure_notice.hash", "erasure_notice.content"},
	}
}

// Export writes what the room holds of somebody who is being erased as a JSON
// object: rows by table. Anybody else's is an empty one.
func (s *Store) Export(ctx context.Context, who inventory.Subject, w io.Writer) error {
	return s.exports().Write(ctx, who, w)
}

// Touched are those who have a row of a table that was made or changed in a time.
func (s *Store) Touched(ctx context.Context, table string, from, until time.Time, after inventory.Subject, most int) ([]inventory.Subject, error) {
	return s.exports().Touched(ctx, table, from, until, after, most)
}

// Subjects are the open notices, each of which has a key of its own.
func (s *Store) Subjects(ctx context.Context, after inventory.Subject, most int) (all []inventory.Subject, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, scanSubject,
			`SELECT id FROM erasure_notice WHERE region = $1 AND confirmed_ms = 0 AND id > $2 ORDER BY id LIMIT $3`, s.Name, string(after), most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("notices of %s: %w", s.Name, err)
	}
	return all, nil
}

// Erase takes a notice whose key was destroyed for what it is: confirmed before the
// backup was restored that has it open. Of a person it deletes nothing: what names
// them to a service is what tells it, and goes when that confirmed.
func (s *Store) Erase(ctx context.Context, who inventory.Subject) error {
	_, err := s.DB.Exec(ctx, `
		UPDATE erasure_notice SET confirmed_ms = $1, how = $2, content = $3, hash = '', due_ms = 0, subject = '', keyed = $4
		WHERE id = $5 AND confirmed_ms = 0`, s.all.now().UnixMilli(), string(HowRestored), []byte{}, false, string(who))
	if err != nil {
		return fmt.Errorf("close notice %s: %w", who, err)
	}
	return nil
}

// Expire deletes records that have been kept as long as they may, with their keys
// if nobody ever confirmed. They are nobody's, so no hold keeps them.
func (s *Store) Expire(ctx context.Context, p inventory.Purge) (inventory.Purged, error) {
	if !p.Try {
		if err := s.destroyOld(ctx, p.Now); err != nil {
			return nil, err
		}
	}
	return purge.Run(ctx, s.DB, p, purge.Rule{Table: "erasure_notice", Since: "made_ms", For: recordEnd.For, Where: `subject = '' AND region = '` + s.Name + `'`})
}

func (s *Store) destroyOld(ctx context.Context, now time.Time) error {
	var old []inventory.Subject
	err := s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		old, err = db.Rows(ctx, tx, scanSubject, `SELECT id FROM erasure_notice WHERE region = $1 AND keyed AND made_ms <= $2 AND subject = ''`,
			s.Name, recordEnd.Before(now).UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("expire notices: %w", err)
	}
	for _, id := range old {
		if err := s.destroy(ctx, string(id)); err != nil {
			return err
		}
	}
	return nil
}

func scanSubject(row *sql.Rows) (who inventory.Subject, err error) { return who, row.Scan(&who) }
