package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/job"
)

// announceStep is how many members one transaction has told.
const announceStep = 200

// Announced says that a member is to be told of a version of the privacy policy:
// ask AnnouncementToSend what and whereto.
type Announced struct {
	Account ID  `json:"account"`
	Version int `json:"version"`
}

// Kind names the event.
func (Announced) Kind() string { return "account.announced" }

// Announce has everybody of the region told of a version of the privacy policy
// before it applies. Repeated, it goes on with those who weren't told yet.
func (s *Store) Announce(ctx context.Context, version int, applies time.Time) error {
	for {
		var n int
		err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
			n, err = s.announce(ctx, tx, version, applies)
			return err
		})
		if err != nil {
			return fmt.Errorf("announce version %d in %s: %w", version, s.region, err)
		}
		if n < announceStep {
			return nil
		}
	}
}

// announce has the next ones told, and says how many they were.
func (s *Store) announce(ctx context.Context, tx *db.Tx, version int, applies time.Time) (int, error) {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO announcement (region, version, applies_ms, reached) VALUES ($1, $2, $3, '')
		ON CONFLICT (region, version) DO UPDATE SET applies_ms = excluded.applies_ms`, s.region, version, ms(applies))
	if err != nil {
		return 0, err
	}
	next, err := db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) }, `
		SELECT a.id FROM account a WHERE a.id > (SELECT n.reached FROM announcement n WHERE n.region = $1 AND n.version = $2)
		AND a.id LIKE $3 AND a.state <> $4 ORDER BY a.id LIMIT $5`, s.region, version, s.region+"-%", Waiting, announceStep)
	if err != nil || len(next) == 0 {
		return 0, err
	}
	var events []job.Args
	for _, id := range next {
		events = append(events, Announced{id, version})
	}
	_, err = tx.ExecContext(ctx, `UPDATE announcement SET reached = $1 WHERE region = $2 AND version = $3`, next[len(next)-1], s.region, version)
	if err != nil {
		return 0, err
	}
	return len(next), s.jobs.Add(ctx, tx, events...)
}

// AnnouncementToSend returns what the job Announced is about; errNoLetter, a fault
// of kind NotFound, when the version applies already, or there is no address. It
// goes by e-mail, to who has none as a text message.
func (m *Members) AnnouncementToSend(ctx context.Context, e Announced) (Letter, error) {
	s, err := m.Of(e.Account)
	if err != nil {
		return Letter{}, errNoLetter
	}
	var applies int64
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT applies_ms FROM announcement WHERE region = $1 AND version = $2 AND applies_ms > $3`,
			s.region, e.Version, ms(s.now())).Scan(&applies)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Letter{}, errNoLetter
	}
	if err != nil {
		return Letter{}, fmt.Errorf("announcement to %s: %w", e.Account, err)
	}
	p, err := s.Profile(ctx, e.Account)
	if err != nil {
		return Letter{}, err
	}
	to := p.Main()
	for _, a := range p.Contacts {
		if a.Kind == Mail {
			to = a.Contact
			break
		}
	}
	if to.IsZero() {
		return Letter{}, errNoLetter
	}
	return Letter{Kind: LetterPolicy, To: to, Language: p.Language, Nickname: p.Nickname, Version: e.Version, Ends: db.At(applies), At: s.now().UTC()}, nil
}
