package account

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// A Seen is a member's account as somebody of the staff sees it: what their
// duties let them see, and nothing else of it.
type Seen struct {
	Account    ID
	State      State
	Created    time.Time // UTC
	Restricted time.Time // UTC; since when its owner has their data restricted: nothing more is seen but for a request; zero it isn't
	Password   bool      // whether one is set
	Contacts   []SeenContact
	Nickname   string    // ReadContacts
	Country    string    // ReadContacts
	Age        Age       // ReadContacts
	Consents   []Consent // ReadContacts
	Devices    []Device  // ReadDevices
}

// A SeenContact is an address as somebody of the staff sees it.
type SeenContact struct {
	Kind     ContactKind
	Shown    string    // with its middle left out, unless ReadContacts
	Verified time.Time // UTC
	Main     bool
}

// Find looks an account up, by one of its addresses as its owner writes it, or
// by its id. Each look is written down, also one that finds nobody, and its
// owner can read it.
func (t Staff) Find(ctx context.Context, c Clerk, text string, why Why) (Seen, error) {
	if err := c.may(FindAccount); err != nil {
		return Seen{}, err
	}
	if err := why.check(); err != nil {
		return Seen{}, err
	}
	home, err := t.home(ctx)
	if err != nil {
		return Seen{}, err
	}
	if c.ID != "" {
		if err := home.spend(ctx, bucket{limitLook, string(c.ID)}); err != nil {
			return Seen{}, err
		}
	}
	s, id, err := t.named(ctx, text)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Seen{}, err
	}
	e := entry{staff: c.ID, duty: c.duty(FindAccount), of: string(id), did: DidFind, why: why}
	if err != nil {
		s, e.did = home, DidNotFind
	}
	if wrong := s.db.Tx(ctx, func(tx *db.Tx) error { return s.record(ctx, tx, e) }); wrong != nil {
		return Seen{}, fmt.Errorf("write a look down: %w", wrong) // then nobody looks
	}
	if err != nil {
		return Seen{}, err
	}
	return s.look(ctx, c, id, why)
}

// named returns whose an address or id is.
func (t Staff) named(ctx context.Context, text string) (*Store, ID, error) {
	if s, err := t.m.Of(ID(text)); err == nil {
		_, err := s.waysOf(ctx, ID(text))
		if err != nil {
			return nil, "", err
		}
		return s, ID(text), nil
	}
	contact, err := ParseContact(text, "")
	if err != nil {
		return nil, "", err
	}
	s, w, away, err := t.m.find(ctx, contact)
	switch {
	case err != nil || w.account != "":
	case away:
		err = errSomeAway
	default:
		err = errNoAccount
	}
	return s, w.account, err
}

// look reads what a clerk may see of an account.
func (s *Store) look(ctx context.Context, c Clerk, id ID, why Why) (Seen, error) {
	p, err := s.Profile(ctx, id)
	if err != nil {
		return Seen{}, err
	}
	seen := Seen{Account: id, State: p.State, Created: p.Created, Restricted: p.Restricted}
	if !p.Restricted.IsZero() && why.Matter != ForRequest {
		return seen, nil
	}
	seen.Password = p.Password
	for _, a := range p.Contacts {
		shown := SeenContact{Kind: a.Kind, Shown: a.Masked(), Verified: a.Verified, Main: a.Main}
		if c.Can(ReadContacts) {
			shown.Shown = a.Value
		}
		seen.Contacts = append(seen.Contacts, shown)
	}
	if c.Can(ReadContacts) {
		seen.Nickname, seen.Country, seen.Age = p.Nickname, p.Country, p.Age
		if seen.Consents, err = s.Consents(ctx, id); err != nil {
			return Seen{}, err
		}
	}
	if c.Can(ReadDevices) {
		seen.Devices, err = s.Devices(ctx, Session{Account: id})
	}
	return seen, err
}

// EndSessions signs every device of an account out.
func (t Staff) EndSessions(ctx context.Context, c Clerk, id ID, why Why) error {
	return t.act(ctx, c, EndSessions, id, DidEnd, why, func(s *Store, tx *db.Tx) error {
		if err := s.dropFlows(ctx, tx, id, ""); err != nil {
			return err
		}
		return s.revokeAll(ctx, tx, id, "")
	})
}

// Lock keeps everybody out of an account, and signs every device out.
func (t Staff) Lock(ctx context.Context, c Clerk, id ID, why Why) error {
	return t.act(ctx, c, LockAccount, id, DidLock, why, func(s *Store, tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE account SET state = $1, state_ms = $2 WHERE id = $3 AND state IN ($4, $5, $6)`,
			Locked, ms(s.now()), id, Active, Deactivated, Leaving)
		if err := one(done, err, errOnlyLocked); err != nil {
			return err
		}
		if err := s.dropFlows(ctx, tx, id, ""); err != nil {
			return err
		}
		return s.revokeAll(ctx, tx, id, "")
	})
}

// Unlock lets an account's owner in again. The session has to be fresh.
func (t Staff) Unlock(ctx context.Context, c Clerk, id ID, why Why) error {
	return t.act(ctx, c, UnlockAccount, id, DidUnlock, why, func(s *Store, tx *db.Tx) error {
		err := s.setState(ctx, tx, id, Locked, Active)
		if fault.KindOf(err) == fault.NotFound {
			return errOnlyLocked
		}
		return err
	})
}

// EraseChild deletes at once what is kept of a child whose data was found
// without a guardian's consent, and destroys its key. It can't be taken back,
// and the session has to be fresh. While its data is held it stays.
func (t Staff) EraseChild(ctx context.Context, c Clerk, id ID, why Why) error {
	if err := t.m.unheld(ctx, id.Subject()); err != nil && c.Can(EraseChild) {
		return err
	}
	if err := t.act(ctx, c, EraseChild, id, DidErase, why, func(*Store, *db.Tx) error { return nil }); err != nil {
		return err
	}
	return t.m.eraseWhole(ctx, id.Subject())
}

// act does something to an account for a clerk who may, and writes it down.
func (t Staff) act(ctx context.Context, c Clerk, p Power, id ID, did Deed, why Why, do func(s *Store, tx *db.Tx) error) error {
	if err := c.may(p); err != nil {
		return err
	}
	if err := why.check(); err != nil {
		return err
	}
	s, err := t.m.Of(id)
	if err != nil {
		return errNoAccount
	}
	if _, err := s.waysOf(ctx, id); err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := do(s, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(p), of: string(id), did: did, why: why})
	})
	if err != nil {
		return fmt.Errorf("%s of account %s: %w", did, id, err)
	}
	return nil
}

// An entry is a row of the log.
type entry struct {
	staff StaffID
	duty  Duty
	of    string // an account, one of the staff, "" nobody
	did   Deed
	why   Why
	at    time.Time // zero now
}

func (s *Store) record(ctx context.Context, tx *db.Tx, e entry) error {
	why := ""
	if e.why != (Why{}) {
		why = e.why.String()
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO access_log (id, staff_id, account_id, what, purpose, at_ms, role) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		uuid.Must(uuid.NewV7()).String(), e.staff, e.of, e.did, why, ms(cmp.Or(e.at, s.now())), e.duty)
	return err
}

// An Entry is one look of the staff, or what they did, as the log has it.
type Entry struct {
	At   time.Time // UTC
	By   StaffID   // "" at the console
	Name string    // of who it was, "" gone or at the console
	Duty Duty      // by which they could
	Of   string    // an account's id, or one of the staff's; "" nobody was found
	Did  Deed
	Why  string // ticket T-4711; "" of what concerns the staff alone
}

// Log is what the staff did, as far as regions can be reached, newest first, before a time and no more than 200
// entries. Without the power to read it, a clerk reads their own.
func (t Staff) Log(ctx context.Context, c Clerk, before time.Time) ([]Entry, error) {
	var all []Entry
	names, err := t.names(ctx)
	if err != nil {
		return nil, err
	}
	_, err = t.m.each(ctx, func(ctx context.Context, s *Store) error {
		where, args := `at_ms < $1`, []any{ms(before)}
		if !c.Can(ReadLog) {
			where, args = `at_ms < $1 AND staff_id = $2`, []any{ms(before), c.ID}
		}
		entries, err := s.entries(ctx, where, args...)
		all = append(all, entries...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b Entry) int { return b.At.Compare(a.At) })
	all = all[:min(len(all), mostEntries)]
	for i := range all {
		all[i].Name = names[all[i].By]
	}
	return all, nil
}

// names are what those of the staff are called who are still among them.
func (t Staff) names(ctx context.Context) (map[StaffID]string, error) {
	names := map[StaffID]string{}
	_, err := t.m.each(ctx, func(ctx context.Context, s *Store) error {
		rows, err := s.staff(ctx, `state <> ''`)
		for _, r := range rows {
			names[r.id] = r.name
		}
		return err
	})
	return names, err
}

func (s *Store) entries(ctx context.Context, where string, args ...any) (entries []Entry, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		entries, err = db.Rows(ctx, tx, func(row *sql.Rows) (e Entry, err error) {
			var when int64
			err = row.Scan(&e.By, &e.Duty, &e.Of, &e.Did, &e.Why, &when)
			e.At = at(when)
			return e, err
		}, `SELECT staff_id, role, account_id, what, purpose, at_ms FROM access_log WHERE `+where+fmt.Sprintf(` ORDER BY at_ms DESC, id DESC LIMIT %d`, mostEntries), args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	return entries, nil
}

// Looks are when somebody of the staff looked at an account or did something to
// it, by which duty and what for, newest first: what its owner may know of it.
// Who it was is left out, and all that law forbids to tell of.
func (s *Store) Looks(ctx context.Context, id ID) ([]Entry, error) {
	entries, err := s.entries(ctx, `account_id = $1 AND `+s.loggedHeard(), id)
	for i := range entries {
		entries[i].By = ""
	}
	return entries, err
}
