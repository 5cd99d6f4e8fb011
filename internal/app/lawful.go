package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
	"waypost/internal/lawful"
	"waypost/internal/web/staff"
)

// openLawful opens the requests of authorities, each in the region of those whom
// it asks about. What can be given is what the other rooms declare.
func (s *server) openLawful(ctx context.Context) (err error) {
	fields := map[string][]inventory.Field{}
	for _, r := range s.rooms() {
		fields[r.name] = r.Fields()
	}
	var regions []lawful.Region
	for _, r := range s.people.regions {
		regions = append(regions, lawful.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: s.people.queueOf(r.Name)})
	}
	if s.lawful, err = lawful.Open(ctx, fields, regions...); err != nil {
		return err
	}
	s.people.cases[account.ForLawful] = s.lawful.Open
	return nil
}

// staffLawful is what the staff's pages need of it.
func (s *server) staffLawful() staff.Lawful {
	return staff.Lawful{Requests: s.lawful, Held: s.heldFor, Policy: s.policy}
}

// heldFor is all that is held of somebody, as a request of an authority takes from it;
// db.ErrAway where a region that may hold something can't be reached.
func (s *server) heldFor(ctx context.Context, who inventory.Subject) (lawful.Held, error) {
	all, err := s.rights.Whole(ctx, who)
	if err != nil {
		return nil, err
	}
	held := lawful.Held{}
	for room, tables := range all.Rooms {
		held[room] = map[string][]map[string]any{}
		for table, rows := range tables {
			for _, row := range rows {
				held[room][table] = append(held[room][table], row)
			}
		}
	}
	return held, nil
}

// tellGivenEvery is how often it is looked up who is to be told of what was given
// to an authority, because law doesn't forbid it any more.
const tellGivenEvery = 10 * time.Minute

// tellGiven has those told whose time of not being told is over.
func (s *server) tellGiven(r *lawful.Store) {
	s.people.queueOf(r.Name).Every("lawful.tell_"+r.Name, tellGivenEvery, func(ctx context.Context) error {
		return s.given(ctx, lawful.Given{Region: r.Name})
	})
}

// given tells people of a region that something of theirs was given to an authority,
// and has the data of those stay about whom there is an order to preserve.
func (s *server) given(ctx context.Context, g lawful.Given) error {
	stores := s.lawful.Stores()
	at := slices.IndexFunc(stores, func(r *lawful.Store) bool { return r.Name == g.Region })
	if at < 0 {
		return nil
	}
	if err := s.preserve(ctx, stores[at]); err != nil {
		return err
	}
	due, err := stores[at].Due(ctx)
	if err != nil {
		return err
	}
	for _, t := range due {
		once := uuid.NewSHA1(uuid.NameSpaceOID, []byte("lawful "+t.Ref)).String()
		if err := s.people.members.TellGivenOut(ctx, t.Who, once, t.Authority+", "+t.Country); err != nil {
			return err
		}
		if err := stores[at].Tell(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain is when a hold by an order to preserve is looked at again.
const lookAgain = 90 * 24 * time.Hour

// preserve has holds be as orders to preserve want them: twice is once.
func (s *server) preserve(ctx context.Context, r *lawful.Store) error {
	all, err := r.Preserving(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	there, away, err := s.people.holds.List(ctx)
	if err != nil {
		return err
	}
	if slices.Contains(away, r.Name) {
		return db.ErrAway
	}
	var failed []error
	for _, p := range all {
		failed = append(failed, s.preserveOne(ctx, r, p, there)) // others' data has to stay all the same
	}
	return errors.Join(failed...)
}

// preserveOne sets the hold that an order wants, and lifts what it doesn't want any
// more: all when it is over, another ground's when it was told that the person may
// know, or mayn't.
func (s *server) preserveOne(ctx context.Context, r *lawful.Store, p lawful.Preserving, there []hold.Hold) error {
	ground, kept := hold.Order, ""
	if p.Silent {
		ground = hold.Silent
	}
	var others []hold.ID
	for _, h := range there {
		switch {
		case h.Of != p.Who || h.Ref != p.Ref || !h.Lifted.IsZero():
		case h.Ground == ground && !p.Over && kept == "":
			kept = string(h.ID)
		default:
			others = append(others, h.ID)
		}
	}
	if kept == "" && !p.Over {
		id, err := s.people.holds.Set(ctx, p.By, hold.Hold{
			Of: p.Who, Ground: ground, Ref: p.Ref, Reason: p.Authority + ", " + p.Reference, Review: time.Now().Add(lookAgain),
		})
		if fault.KindOf(err) == fault.NotFound {
			return nil // erased before the order came
		}
		if err != nil {
			return err
		}
		kept = string(id)
	}
	for _, id := range others {
		if err := s.people.holds.Lift(ctx, p.By, id, "By "+p.Ref+"."); err != nil {
			return err
		}
	}
	if kept == p.Hold {
		return nil
	}
	return r.Preserve(ctx, p, kept)
}
