package lawful

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// change reads a request, has it changed, and writes it down with who did what.
func (r *Requests) change(ctx context.Context, ref, by string, what What, do func(s *Store, tx *db.Tx, one *Request, w *words) error) error {
	if by == "" {
		return errNobody
	}
	s, err := r.of(ref)
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		one, w, err := s.request(ctx, tx, ref, tx.Lock())
		if err != nil {
			return err
		}
		if one.Over && what != DidClose {
			return errState
		}
		if err := do(s, tx, &one, &w); err != nil {
			return err
		}
		if err := s.save(ctx, tx, one); err != nil {
			return err
		}
		return s.step(ctx, tx, ref, by, what, "")
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, ref, err)
	}
	return nil
}

// save writes the row of a request, as a revision of its own.
func (s *Store) save(ctx context.Context, tx *db.Tx, r Request) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE lawful_request SET state = $1, ground = $2, narrowed = $3, people = $4, revision = revision + 1, deadline_ms = $5,
			gag_until_ms = $6, from_ms = $7, to_ms = $8, decided_ms = $9, given_ms = $10, closed_ms = $11 WHERE ref = $12`,
		string(r.State), string(r.Ground), r.Narrower, r.Given, db.Ms(r.Deadline), db.Ms(r.Gag.Until), db.Ms(r.From), db.Ms(r.To),
		db.Ms(r.Decided), db.Ms(r.Fetched), db.Ms(r.Closed), r.Ref)
	return err
}

// reviewed is the state of a request that somebody works on; errState when it was
// decided.
func (r *Request) reviewed() error {
	if r.State != Received && r.State != Review {
		return errState
	}
	r.State = Review
	return nil
}

// Check notes which points of the list somebody has found to be so. Who approved
// before has to do so again.
func (r *Requests) Check(ctx context.Context, ref, by string, found []Check) error {
	for _, c := range found {
		if !slices.Contains(Checks, c) {
			return errCheck
		}
	}
	return r.change(ctx, ref, by, DidCheck, func(s *Store, tx *db.Tx, one *Request, w *words) error {
		if err := one.reviewed(); err != nil {
			return err
		}
		w.detail.Checked = nil
		for _, c := range Checks { // in their order, each once
			if slices.Contains(found, c) {
				w.detail.Checked = append(w.detail.Checked, c)
			}
		}
		return s.write(ctx, tx, *w)
	})
}

// Choose says what is to be given: a scope with bounds. Who approved before has to
// do so again.
func (r *Requests) Choose(ctx context.Context, ref, by string, scope Scope) error {
	return r.change(ctx, ref, by, DidScope, func(s *Store, tx *db.Tx, one *Request, w *words) error {
		if err := one.reviewed(); err != nil {
			return err
		}
		if err := scope.check(one.Kind, r.fields, r.now()); err != nil {
			return err
		}
		for _, who := range scope.People {
			if !s.lives(who) {
				return errElsewhere
			}
		}
		one.From, one.To, one.Narrower = scope.From, scope.To, scope.Narrower
		w.about.Items = scope.Items
		if len(w.parts) > 0 && !slices.Contains(w.parts, "about") {
			w.parts = append(w.parts, "about") // it went with whom the request was about before
		}
		if err := s.setPeople(ctx, tx, one.Ref, scope.People); err != nil {
			return err
		}
		return s.write(ctx, tx, *w)
	})
}

// lives reports whether an id is one of the region's.
func (s *Store) lives(who inventory.Subject) bool {
	const id = 36 // characters of a UUID
	return len(who) == len(s.Name)+1+id && string(who[:len(s.Name)+1]) == s.Name+"-"
}

func (s *Store) setPeople(ctx context.Context, tx *db.Tx, ref string, people []inventory.Subject) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM lawful_subject WHERE ref = $1`, ref); err != nil {
		return err
	}
	for _, who := range people {
		_, err := tx.ExecContext(ctx, `INSERT INTO lawful_subject (ref, owner, added_ms, hold, told_ms) VALUES ($1, $2, $3, '', 0)`, ref, string(who), s.all.now().UnixMilli())
		if err != nil {
			return err
		}
	}
	return nil
}

// SetGag says until when law forbids to tell the person; the zero Gag that it
// doesn't any more. It can be said of what was decided already.
func (r *Requests) SetGag(ctx context.Context, ref, by string, g Gag) error {
	if err := g.check(r.now()); err != nil {
		return err
	}
	return r.change(ctx, ref, by, DidGag, func(s *Store, tx *db.Tx, one *Request, w *words) error {
		one.Gag, w.detail.Gag = g, g.Basis
		if err := s.write(ctx, tx, *w); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, tx, Given{s.Name})
	})
}

// Propose is the first approval: everything was checked and chosen.
func (r *Requests) Propose(ctx context.Context, ref, by string, revision int64) error {
	return r.change(ctx, ref, by, DidPropose, func(_ *Store, _ *db.Tx, one *Request, _ *words) error {
		switch {
		case one.State != Review && one.State != Received:
			return errState
		case one.Revision != revision:
			return errChanged
		case len(one.Checked) < len(Checks):
			return errUnchecked
		case !one.Ready():
			return errUnscoped
		}
		return nil
	})
}

// Approve is the second approval, by somebody who had no hand in the request
// before. revision is of what they have seen.
func (r *Requests) Approve(ctx context.Context, ref, by string, revision int64) error {
	return r.change(ctx, ref, by, DidApprove, func(s *Store, tx *db.Tx, one *Request, _ *words) error {
		switch {
		case one.State != Review || one.Proposed == "":
			return errState
		case one.Had(by):
			return errSecond
		case one.Revision != revision:
			return errChanged
		}
		one.State, one.Decided = Approved, r.now()
		return s.Jobs.Add(ctx, tx, Given{s.Name})
	})
}

// Refuse ends a request on one of the grounds. Nothing is given.
func (r *Requests) Refuse(ctx context.Context, ref, by string, g Ground) error {
	if !slices.Contains(Grounds, g) {
		return errGround
	}
	return r.change(ctx, ref, by, DidRefuse, func(_ *Store, _ *db.Tx, one *Request, _ *words) error {
		if one.State != Received && one.State != Review {
			return errState
		}
		one.State, one.Ground, one.Narrower, one.Decided = Refused, g, false, r.now()
		return nil
	})
}

// Close ends a request about which nothing is to be done any more. What is about a
// person is deleted three years later, once they were told.
func (r *Requests) Close(ctx context.Context, ref, by string) error {
	return r.change(ctx, ref, by, DidClose, func(s *Store, tx *db.Tx, one *Request, _ *words) error {
		if one.State != Refused && one.State != Disclosed && (one.State != Approved || one.Kind != Preservation) {
			return errState
		}
		one.State, one.Closed = Closed, r.now()
		return s.Jobs.Add(ctx, tx, Given{s.Name})
	})
}

// A Telling is somebody who is to be told that something of theirs was given.
type Telling struct {
	Ref       string
	Who       inventory.Subject
	Authority string
	Country   string // ISO 3166-1 alpha-2
	At        time.Time
}

// mostTold is how many people are told in one turn.
const mostTold = 200

// Due is who of a region is to be told now: something of theirs was given, and no
// law forbids it any more.
func (s *Store) Due(ctx context.Context) ([]Telling, error) {
	type key struct{ ref, owner string }
	var all []Telling
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		all = nil
		due, err := db.Rows(ctx, tx, func(row *sql.Rows) (k key, err error) { return k, row.Scan(&k.ref, &k.owner) }, `
			SELECT p.ref, p.owner FROM lawful_subject p JOIN lawful_request r ON r.ref = p.ref
			WHERE r.region = $1 AND r.given_ms > 0 AND r.gag_until_ms <= $2 AND p.told_ms = 0 ORDER BY p.ref, p.owner LIMIT $3`,
			s.Name, s.all.now().UnixMilli(), mostTold)
		if err != nil {
			return err
		}
		for _, d := range due {
			one, _, err := s.request(ctx, tx, d.ref, "")
			if err != nil {
				return err
			}
			all = append(all, Telling{d.ref, inventory.Subject(d.owner), one.Authority, one.Country, one.Fetched})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("who is to be told of what was given: %w", err)
	}
	return all, nil
}

// Tell notes that somebody was told. Twice is once.
func (s *Store) Tell(ctx context.Context, t Telling) error {
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `UPDATE lawful_subject SET told_ms = $1 WHERE ref = $2 AND owner = $3 AND told_ms = 0`,
			s.all.now().UnixMilli(), t.Ref, string(t.Who))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.step(ctx, tx, t.Ref, "", DidTell, "")
	})
	if err != nil {
		return fmt.Errorf("note who was told of %s: %w", t.Ref, err)
	}
	return nil
}
