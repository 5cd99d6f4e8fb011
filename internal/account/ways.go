package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// ways is how an account stands, and how its owner can sign in. The zero value
// is nobody's.
type ways struct {
	account  ID
	state    State
	phc      string // "" no password
	app      bool   // an authenticator app asks for its code
	recovery int64  // codes left
	passkeys int64
}

var (
	errLocked    = fault.New(fault.Denied, "account_locked", "This account is locked. Please write to us.")
	errAwaited   = fault.New(fault.Denied, "guardian_awaited", "This account waits until a guardian agrees. We have written to them.")
	errNoAccount = fault.New(fault.NotFound, "account_missing", "There is no such account.")
)

const waysColumns = `a.id, a.state, COALESCE((SELECT p.phc FROM password p WHERE p.account_id = a.id), ''),
	(SELECT COUNT(*) FROM totp t WHERE t.account_id = a.id AND t.confirmed_ms > 0),
	(SELECT COUNT(*) FROM recovery_code r WHERE r.account_id = a.id AND r.used_ms = 0),
	(SELECT COUNT(*) FROM passkey k WHERE k.account_id = a.id)`

func scanWays(row *sql.Row) (w ways, err error) {
	var apps int64
	err = row.Scan(&w.account, &w.state, &w.phc, &apps, &w.recovery, &w.passkeys)
	w.app = apps > 0
	return w, err
}

// waysOf returns an account's ways; errNoAccount when there is none.
func (s *Store) waysOf(ctx context.Context, id ID) (w ways, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		w, err = scanWays(tx.QueryRowContext(ctx, `SELECT `+waysColumns+` FROM account a WHERE a.id = $1`, id))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return ways{}, errNoAccount
	}
	if err != nil {
		return ways{}, fmt.Errorf("account %s: %w", id, err)
	}
	return w, nil
}

// find returns whose a contact is and where they live. Of one that is nobody's
// it returns the zero ways and a region that always is the same for it. Every
// region is asked, whether it was found before or not.
func (m *Members) find(ctx context.Context, c Contact) (*Store, ways, error) {
	home, found := m.guess(c), ways{}
	for _, s := range m.stores {
		w, err := s.find(ctx, c)
		if err != nil {
			return nil, ways{}, fmt.Errorf("find in %s: %w", s.region, err)
		}
		if w.account != "" {
			home, found = s, w
		}
	}
	return home, found, nil
}

func (s *Store) find(ctx context.Context, c Contact) (w ways, err error) {
	lookup := s.vault.Lookup(fieldContact, c.key())
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		w, err = scanWays(tx.QueryRowContext(ctx, `
			SELECT `+waysColumns+` FROM contact c JOIN account a ON a.id = c.account_id
			WHERE c.kind = $1 AND c.lookup = $2`, c.Kind, lookup))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return ways{}, nil
	}
	return w, err
}

// guess is the region where a contact would live that has none, so that nobody
// can tell from the region whether it has.
func (m *Members) guess(c Contact) *Store {
	h := fnv.New32a()
	h.Write([]byte(m.stores[0].vault.Lookup(fieldContact, c.key()))) //nolint:errcheck // it never fails
	return m.stores[int(h.Sum32()%uint32(len(m.stores)))]
}

// usable says why nobody may sign in to an account, nil when its owner may.
func (w ways) usable() error {
	switch w.state {
	case Active, Deactivated:
		return nil
	case Waiting:
		return errAwaited
	}
	return errLocked
}

// need returns what is still to be shown, one of them, none when it is enough.
// A passkey is enough alone: its device asks for a PIN or finger first.
func (w ways) need(shown map[Factor]time.Time) []Factor {
	has := func(f Factor) bool { _, ok := shown[f]; return ok }
	var need []Factor
	add := func(f Factor, there bool) {
		if there {
			need = append(need, f)
		}
	}
	first := has(ByPassword) || has(ByCode) || has(ByProvider) // an app's code alone is no first factor
	switch {
	case has(ByPasskey):
		return nil
	case !first:
		add(ByPassword, w.phc != "")
		add(ByCode, true)
		add(ByPasskey, w.passkeys > 0)
	case w.app && !has(ByApp) && !has(ByRecovery):
		add(ByApp, true)
		add(ByRecovery, w.recovery > 0)
		add(ByPasskey, w.passkeys > 0)
	}
	return need
}
