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
	contacts int64
	links    int64 // providers
}

var (
	errLocked    = fault.New(fault.Denied, "account_locked", "This account is locked. Please write to us.")
	errAwaited   = fault.New(fault.Denied, "guardian_awaited", "This account waits until a guardian agrees. We have written to them.")
	errLastWay   = fault.New(fault.Conflict, "last_way", "That is your only way to sign in. Add another one first, an e-mail address for instance.")
	errNoAccount = fault.New(fault.NotFound, "account_missing", "There is no such account.")
)

const waysColumns = `a.id, a.state, COALESCE((SELECT p.phc FROM password p WHERE p.account_id = a.id), ''),
	(SELECT COUNT(*) FROM totp t WHERE t.account_id = a.id AND t.confirmed_ms > 0),
	(SELECT COUNT(*) FROM recovery_code r WHERE r.account_id = a.id AND r.used_ms = 0),
	(SELECT COUNT(*) FROM passkey k WHERE k.account_id = a.id),
	(SELECT COUNT(*) FROM contact o WHERE o.account_id = a.id),
	(SELECT COUNT(DISTINCT l.provider) FROM link_key l WHERE l.account_id = a.id)`

func scanWays(row *sql.Row) (w ways, err error) {
	var apps int64
	err = row.Scan(&w.account, &w.state, &w.phc, &apps, &w.recovery, &w.passkeys, &w.contacts, &w.links)
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
// region is asked, whether it was found before or not; away says that one couldn't
// be, so that it isn't certain whether the contact is nobody's.
func (m *Members) find(ctx context.Context, c Contact) (home *Store, found ways, away bool, err error) {
	home = m.guess(c)
	away, err = m.each(ctx, func(ctx context.Context, s *Store) error {
		w, err := s.find(ctx, c)
		if err != nil {
			return fmt.Errorf("find in %s: %w", s.region, err)
		}
		if w.account != "" {
			home, found = s, w
		}
		return nil
	})
	return home, found, away, err
}

// owner is find for what must be certain. While a region is away nobody is told
// anything, so that nothing shows whether a contact was found in another one.
func (m *Members) owner(ctx context.Context, c Contact) (ways, error) {
	_, found, away, err := m.find(ctx, c)
	if err == nil && away {
		err = errSomeAway
	}
	return found, err
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
	h.Write([]byte(m.house.Lookup(fieldContact, c.key()))) //nolint:errcheck // it never fails
	all := m.reached()
	return all[int(h.Sum32()%uint32(len(all)))]
}

// Ways are what an account's owner can sign in with.
type Ways struct {
	Password  bool
	App       bool // an authenticator app asks for its code, except after a passkey
	Recovery  int  // codes left
	Passkeys  int
	Providers int
	Addresses int // to which a code can be sent
}

// Ways returns what an account's owner can sign in with; a fault of kind
// NotFound when there is no account.
func (s *Store) Ways(ctx context.Context, id ID) (Ways, error) {
	w, err := s.waysOf(ctx, id)
	return Ways{
		Password: w.phc != "", App: w.app, Recovery: int(w.recovery),
		Passkeys: int(w.passkeys), Providers: int(w.links), Addresses: int(w.contacts),
	}, err
}

// usable says why nobody may sign in to an account, nil when its owner may.
func (w ways) usable() error {
	switch w.state {
	case Active, Deactivated, Leaving:
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
		add(ByCode, w.contacts > 0)
		add(ByPasskey, w.passkeys > 0)
		// A provider that remembers who sits at a device asks nothing again, so
		// it proves least.
		add(ByProvider, w.links > 0 && len(need) == 0)
	case w.app && !has(ByApp) && !has(ByRecovery):
		add(ByApp, true)
		add(ByRecovery, w.recovery > 0)
		add(ByPasskey, w.passkeys > 0)
	}
	return need
}

// lessen runs what takes a way in away, and fails when then nothing is left by
// which an account's owner can sign in: an address (a code goes there, and a
// new password is set by it), a passkey or a provider. Who has an address keeps
// one, because changes are told there. Of two at the same time one waits.
func (s *Store) lessen(ctx context.Context, tx *db.Tx, id ID, take func() error) error {
	had, err := lockWays(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := take(); err != nil {
		return err
	}
	has, err := scanWays(tx.QueryRowContext(ctx, `SELECT `+waysColumns+` FROM account a WHERE a.id = $1`, id))
	switch {
	case err != nil:
		return err
	case had.contacts > 0 && has.contacts == 0:
		return errLastContact
	case has.contacts+has.passkeys+has.links == 0:
		return errLastWay
	}
	return nil
}

// lockWays reads an account's ways, and makes others wait who lock them too.
func lockWays(ctx context.Context, tx *db.Tx, id ID) (w ways, err error) {
	if err := lockAccount(ctx, tx, id); err != nil {
		return ways{}, err
	}
	return scanWays(tx.QueryRowContext(ctx, `SELECT `+waysColumns+` FROM account a WHERE a.id = $1`, id))
}

// lockAccount has others wait who want to change the same account.
func lockAccount(ctx context.Context, tx *db.Tx, id ID) error {
	var locked ID
	err := tx.QueryRowContext(ctx, `SELECT id FROM account WHERE id = $1`+tx.Lock(), id).Scan(&locked)
	if errors.Is(err, sql.ErrNoRows) {
		return errNoAccount
	}
	return err
}
