package account

import (
	"context"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
)

// lookFor is how long a look goes on. Where a caller shows who they are it begins
// anew, once.
const lookFor = 15 * time.Minute

// A LookID names a look, and the region of whom it is at.
type LookID string

// A Seen is a member's account as somebody of the staff sees it in a look: what
// the matter needs and their duties let them see, and nothing else of it.
type Seen struct {
	Look  LookID
	Why   Why
	Ends  time.Time // UTC; of the look
	Call  Call      // of a look for a caller
	Shows []Power   // what it shows: none before a caller has shown who they are

	Account    ID
	State      State
	Created    time.Time // UTC
	Restricted time.Time // UTC; since when its owner has their data restricted: nothing more is seen but for a request; zero it isn't

	Password bool // whether one is set
	Contacts []SeenContact
	Nickname string    // ReadProfile
	Country  string    // ReadProfile
	Age      Age       // ReadProfile
	Consents []Consent // ReadConsents
	Devices  []Device  // ReadDevices
}

// A SeenContact is an address as somebody of the staff sees it.
type SeenContact struct {
	Kind     ContactKind
	Shown    string    // with its middle left out, unless ReadContacts
	Verified time.Time // UTC; ReadContacts
	Main     bool
}

var errLook = fault.New(fault.NotFound, "staff_look_over", "This look is over. Find the account again, and say what for.")

// Find begins a look at an account, which it finds by one of its addresses as
// its owner writes it, or by its id. Each is written down, also one that finds
// nobody, and its owner can read it.
func (t Staff) Find(ctx context.Context, c Clerk, text string, why Why) (Seen, error) {
	if err := c.may(FindAccount); err != nil {
		return Seen{}, err
	}
	if err := t.open(ctx, why); err != nil {
		return Seen{}, err
	}
	if err := c.mayFor(FindAccount, why.Matter); err != nil {
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
	e := entry{staff: c.ID, duty: c.dutyFor(FindAccount, why.Matter), of: string(id), did: DidFind, why: why}
	if err != nil {
		e.did = DidNotFind
		if wrong := home.db.Tx(ctx, func(tx *db.Tx) error { return home.record(ctx, tx, e) }); wrong != nil {
			return Seen{}, fmt.Errorf("write a look down: %w", wrong)
		}
		return Seen{}, err
	}
	l := look{id: LookID(newID(s.region)), staff: c.ID, account: id, why: why, ends: s.now().Add(lookFor).UTC()}
	if why.Matter != ForCall {
		p, err := s.Profile(ctx, id)
		if err != nil {
			return Seen{}, err
		}
		l.shown = c.shows(why.Matter, !p.Restricted.IsZero())
	}
	e.shown = l.shown
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.record(ctx, tx, e); err != nil {
			return err
		}
		return s.insertLook(ctx, tx, l)
	})
	if err != nil {
		return Seen{}, fmt.Errorf("write a look down: %w", err) // then nobody looks
	}
	return s.see(ctx, c, l)
}

// Look goes on with a look of a clerk's own; a fault of kind NotFound when it is
// over: after a quarter of an hour, or with its case. What it shows more than
// before, because the clerk has another duty, is written down.
func (t Staff) Look(ctx context.Context, c Clerk, id LookID) (Seen, error) {
	if err := c.may(FindAccount); err != nil {
		return Seen{}, err
	}
	s, l, err := t.looking(ctx, c, id)
	if err != nil {
		return Seen{}, err
	}
	return s.see(ctx, c, l)
}

// looking returns a clerk's look that isn't over.
func (t Staff) looking(ctx context.Context, c Clerk, id LookID) (*Store, look, error) {
	s, err := t.m.in(regionOf(string(id)))
	if err != nil {
		return nil, look{}, errLook
	}
	l, err := s.liveLook(ctx, `id = $1 AND staff_id = $2`, id, c.ID)
	if err != nil {
		return nil, look{}, err
	}
	err = t.open(ctx, l.why)
	if fault.KindOf(err) == fault.Invalid {
		return nil, look{}, errLook
	}
	return s, l, err
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

// see reads what a look shows.
func (s *Store) see(ctx context.Context, c Clerk, l look) (Seen, error) {
	seen := Seen{Look: l.id, Why: l.why, Ends: l.ends}
	if l.why.Matter == ForCall {
		if seen.Call = l.call(s.now()); seen.Call.Proved.IsZero() {
			return seen, nil
		}
	}
	p, err := s.Profile(ctx, l.account)
	if err != nil {
		return Seen{}, err
	}
	shows := c.shows(l.why.Matter, !p.Restricted.IsZero())
	if slices.ContainsFunc(shows, func(p Power) bool { return !slices.Contains(l.shown, p) }) {
		if err := s.showMore(ctx, c, l, shows); err != nil {
			return Seen{}, err
		}
	}
	for _, power := range shows {
		if err := s.show(ctx, &seen, p, power); err != nil {
			return Seen{}, err
		}
	}
	seen.Shows = shows
	return seen, nil
}

// showMore writes down that a look shows more than it did.
func (s *Store) showMore(ctx context.Context, c Clerk, l look, shows []Power) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE look SET shown = $1 WHERE id = $2`, listed(shows), l.id)
		if err := one(done, err, errLook); err != nil {
			return err
		}
		return s.record(ctx, tx, entry{staff: c.ID, duty: c.dutyFor(shows[len(shows)-1], l.why.Matter), of: string(l.account), did: DidSeeMore, why: l.why, shown: shows})
	})
	if err != nil {
		return fmt.Errorf("write a look down: %w", err)
	}
	return nil
}

// show fills in what a power to read shows.
func (s *Store) show(ctx context.Context, seen *Seen, p Profile, power Power) (err error) {
	switch power {
	case FindAccount:
		seen.Account, seen.State, seen.Created, seen.Restricted = p.ID, p.State, p.Created, p.Restricted
	case ReadMasked:
		seen.Password = p.Password
		for _, a := range p.Contacts {
			seen.Contacts = append(seen.Contacts, SeenContact{Kind: a.Kind, Shown: a.Masked(), Main: a.Main})
		}
	case ReadContacts: // after ReadMasked
		for i, a := range p.Contacts {
			seen.Contacts[i].Shown, seen.Contacts[i].Verified = a.Value, a.Verified
		}
	case ReadProfile:
		seen.Nickname, seen.Country, seen.Age = p.Nickname, p.Country, p.Age
	case ReadConsents:
		seen.Consents, err = s.Consents(ctx, p.ID)
	case ReadDevices:
		seen.Devices, err = s.Devices(ctx, Session{Account: p.ID})
	}
	return err
}

// Can reports whether a clerk may do something to the account in this look.
func (s Seen) Can(c Clerk, p Power) bool {
	if p == UnlockAccount && c.dutyFor(UnlockCaller, s.Why.Matter) != "" {
		p = UnlockCaller
	}
	return len(s.Shows) > 0 && c.dutyFor(p, s.Why.Matter) != ""
}

// EndSessions signs every device of an account out. Like all that is done to an
// account it wants a look at it that isn't over, for the same purpose.
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
	power := UnlockAccount
	if why.Matter == ForCall {
		power = UnlockCaller
	}
	return t.act(ctx, c, power, id, DidUnlock, why, func(s *Store, tx *db.Tx) error {
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

// act does something to an account for a clerk who may and is looking at it, and
// writes it down.
func (t Staff) act(ctx context.Context, c Clerk, p Power, id ID, did Deed, why Why, do func(s *Store, tx *db.Tx) error) error {
	if err := c.may(p); err != nil {
		return err
	}
	if err := t.open(ctx, why); err != nil {
		return err
	}
	if err := c.mayFor(p, why.Matter); err != nil {
		return err
	}
	s, err := t.m.Of(id)
	if err != nil {
		return errNoAccount
	}
	if _, err := s.waysOf(ctx, id); err != nil {
		return err
	}
	l, err := s.liveLook(ctx, `staff_id = $1 AND account_id = $2 AND matter = $3 AND ref = $4`, c.ID, id, why.Matter, why.Ref)
	if err != nil {
		return err
	}
	if why.Matter == ForCall && l.proved.IsZero() {
		return errCaller
	}
	return s.perform(ctx, c, id, entry{duty: c.dutyFor(p, why.Matter), did: did, why: why}, do)
}

// perform does something to an account for a clerk, and writes it down.
func (s *Store) perform(ctx context.Context, c Clerk, id ID, e entry, do func(s *Store, tx *db.Tx) error) error {
	e.staff, e.of = c.ID, string(id)
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := do(s, tx); err != nil {
			return err
		}
		return s.record(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("%s of account %s: %w", e.did, id, err)
	}
	return nil
}
