package account

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/live"
)

// ForUse is all that is done with somebody's data but keeping it and showing it to
// them: what the ledger calls it when they restrict that, and lift it.
const ForUse = "use"

// Restricted says that a member restricted their data, or lifted that: which of
// both is to be asked.
type Restricted struct {
	Account ID `json:"account"`
}

// Kind names the event.
func (Restricted) Kind() string { return "account.restricted" }

// Restrict has the data of a session's owner kept, shown to them, and used for
// nothing else, or lifts that. It is entered into the ledger in the words that
// they were shown, and they are told. Twice is once.
func (s *Store) Restrict(ctx context.Context, d Session, on bool, wording, how string, from From) error {
	k, err := s.vault.Key(ctx, d.Account.Subject())
	if err != nil {
		return err
	}
	since, what := int64(0), AccountLifted
	if on {
		since, what = ms(s.now()), AccountRestricted
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := lockAccount(ctx, tx, d.Account); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `UPDATE account SET restricted_ms = $1 WHERE id = $2 AND (restricted_ms > 0) <> $3`, since, d.Account, on)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := s.consent(ctx, tx, d.Account, Consent{Purpose: ForUse, Wording: wording, How: how, Given: !on}); err != nil {
			return err
		}
		if err := s.notice(ctx, tx, k, d.Account, change{what: what, device: Label(from.Agent)}); err != nil {
			return err
		}
		tx.Notify(s.restrictions.topic)
		tx.AfterCommit(s.restrictions.forget)
		return s.jobs.Add(ctx, tx, Restricted{d.Account})
	})
	if err != nil {
		return fmt.Errorf("restrict %s, %t: %w", d.Account, on, err)
	}
	return nil
}

// Restricted reports whether somebody's data is restricted; a business account's,
// which is no person, never is. It costs no statement but every few seconds, so it
// can be asked wherever data is used. All machines are told of a change at once.
func (m *Members) Restricted(ctx context.Context, who inventory.Subject) (bool, error) {
	s := m.store(regionOf(string(who)))
	if s == nil {
		return false, nil
	}
	return s.isRestricted(ctx, ID(who))
}

// Heard has this machine look anew whose data is restricted.
func (m *Members) Heard(e Restricted) {
	if s := m.store(e.Account.Region()); s != nil {
		s.restrictions.forget()
	}
}

// restrictedFor is how long it is remembered whose data is restricted, should a
// machine miss that it changed.
const restrictedFor = 5 * time.Second

// restrictions are all of a region's accounts whose data is restricted, as they
// were read last.
type restrictions struct {
	topic   string
	changes *live.Subscription

	mu    sync.Mutex
	of    map[ID]bool // nil: to be read
	until time.Time
	era   int // counts forgetting
}

func (r *restrictions) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of, r.era = nil, r.era+1
}

// hear forgets what is remembered when something was changed anywhere.
func (r *restrictions) hear() {
	for {
		select {
		case <-r.changes.C:
			r.forget()
		default:
			return
		}
	}
}

// read returns what is remembered, nil nothing, and the era in which that is.
func (r *restrictions) read(now time.Time) (of map[ID]bool, era int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !now.Before(r.until) {
		r.of = nil
	}
	return r.of, r.era
}

// keep remembers what was read in an era; what was read before something changed
// is not worth remembering.
func (r *restrictions) keep(of map[ID]bool, era int, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if era == r.era {
		r.of, r.until = of, until
	}
}

func (s *Store) isRestricted(ctx context.Context, id ID) (bool, error) {
	s.restrictions.hear()
	of, era := s.restrictions.read(s.now())
	if of != nil {
		return of[id], nil
	}
	of = map[ID]bool{}
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		ids, err := db.Rows(ctx, tx, func(row *sql.Rows) (id ID, err error) { return id, row.Scan(&id) }, `SELECT id FROM account WHERE restricted_ms > 0`)
		for _, id := range ids {
			of[id] = true
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look whose data is restricted: %w", err)
	}
	s.restrictions.keep(of, era, s.now().Add(restrictedFor))
	return of[id], nil
}
