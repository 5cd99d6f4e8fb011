package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"waypost/internal/account"
	"waypost/internal/closing"
	"waypost/internal/db"
	"waypost/internal/web/ui"
)

const (
	// closingEvery is how often it is looked up whom to tell that the business ends or
	// is handed over, and whose time is over.
	closingEvery = 10 * time.Minute

	// closingMost is how many members one turn reads at once.
	closingMost = 500

	// closingShown is how old what every page announces may be.
	closingShown = 15 * time.Second
)

// openClosing opens what is declared of the business.
func (p *people) openClosing(ctx context.Context, parcels *db.DB) (err error) {
	var regions []closing.Region
	for _, r := range p.regions {
		regions = append(regions, closing.Region{Name: r.Name, DB: r.DB, Vault: r.Vault})
	}
	p.closing, err = closing.Open(ctx, parcels, regions...)
	return err
}

// announceClosing has every page say that the business ends or is handed over.
func (s *server) announceClosing() {
	var cached ui.Closing
	var asked time.Time
	lock := make(chan struct{}, 1)
	s.kit.ShowClosing(func(ctx context.Context) ui.Closing {
		lock <- struct{}{}
		defer func() { <-lock }()
		if now := time.Now(); now.Sub(asked) >= closingShown {
			d, err := s.people.closing.Current(ctx)
			switch {
			case errors.Is(err, closing.ErrNone):
				cached, asked = ui.Closing{}, now
			case err != nil:
				s.log.Warn("what is declared of the business can't be read", "err", err)
			default:
				cached, asked = ui.Closing{Kind: string(d.Kind), Ends: d.Ends}, now
				if !d.Done.IsZero() {
					cached.Kind = "closed"
				}
			}
		}
		return cached
	})
}

// keepClosing has a region's members told of a declaration, and erased when its day
// has come.
func (s *server) keepClosing(r *account.Store) {
	s.people.queueOf(r.Region()).Every("closing.keep_"+r.Region(), closingEvery, func(ctx context.Context) error {
		return s.closeFor(ctx, r)
	})
}

// closeFor does for a region what a declaration asks for now. Broken off, it goes on
// where it was: who was told is noted, and who was erased isn't there.
func (s *server) closeFor(ctx context.Context, r *account.Store) error {
	d, err := s.people.closing.Last(ctx)
	if errors.Is(err, closing.ErrNone) || err == nil && !d.Done.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	for _, step := range d.Due(time.Now()) {
		if err := s.tellStep(ctx, r, d, step); err != nil {
			return err
		}
	}
	if over, err := s.people.closing.End(ctx, d); err != nil || !over {
		return err
	}
	left, err := s.eraseClosing(ctx, r, d)
	if err != nil || left {
		return err
	}
	for _, other := range s.people.members.Stores() {
		if other == r {
			continue
		}
		if left, err := s.leftFor(ctx, other, d); err != nil || left {
			return err // its own job goes on
		}
	}
	return s.people.closing.Done(ctx, d)
}

// tellStep tells everybody of a region who wasn't told of a step yet. That it was
// taken back is told to those who were told that it was declared.
func (s *server) tellStep(ctx context.Context, r *account.Store, d closing.Declaration, step closing.Step) error {
	return s.everybody(ctx, r, func(id account.ID) error {
		part, err := s.people.closing.Of(id.Subject())
		if err != nil {
			return err
		}
		told, err := part.Told(ctx, d, step, id.Subject())
		if err != nil || !told.IsZero() {
			return err
		}
		if step == closing.Cancelled {
			if declared, err := part.Told(ctx, d, closing.Declared, id.Subject()); err != nil || declared.IsZero() {
				return err
			}
		}
		if err := s.people.members.TellClosing(ctx, id, closingNews(d, step)); err != nil {
			return err
		}
		return part.Tell(ctx, d, step, id.Subject())
	})
}

// closingNews is what a step tells.
func closingNews(d closing.Declaration, step closing.Step) account.ClosingNews {
	what := map[bool]map[closing.Step]account.What{
		true: {
			closing.Declared: account.TransferDeclared, closing.Reminder: account.TransferReminder,
			closing.Last: account.TransferReminder, closing.Cancelled: account.TransferCancelled,
		},
		false: {
			closing.Declared: account.ClosureDeclared, closing.Reminder: account.ClosureReminder,
			closing.Last: account.ClosureReminder, closing.Cancelled: account.ClosureCancelled,
		},
	}[d.Kind == closing.Transfer][step]
	once := uuid.NewSHA1(uuid.MustParse(d.ID), []byte(step)).String()
	return account.ClosingNews{Once: once, What: what, To: d.To, Contact: d.Contact, Ends: d.Ends}
}

// everybody does something for each member of a region.
func (s *server) everybody(ctx context.Context, r *account.Store, do func(account.ID) error) error {
	var after account.ID
	for {
		ids, err := r.Everybody(ctx, after, closingMost)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := do(id); err != nil {
				return err
			}
		}
		if len(ids) < closingMost {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// eraseClosing erases a region's members as the declaration has it, and reports whether
// somebody is left who is to be: whose data law keeps, or who was told too late.
func (s *server) eraseClosing(ctx context.Context, r *account.Store, d closing.Declaration) (left bool, err error) {
	erased := 0
	err = s.everybody(ctx, r, func(id account.ID) error {
		f, err := s.fateOf(ctx, d, id)
		if err != nil {
			return err
		}
		if f == stays {
			return nil
		}
		if f == leavesLater {
			left = true
			return nil
		}
		err = s.eraseWhole(ctx, id.Subject())
		if errors.Is(err, account.ErrHeld) {
			left = true
			return nil
		}
		erased++
		return err
	})
	if err == nil && d.Kind == closing.Closure && !left {
		left, err = s.eraseBusinesses(ctx, r)
	}
	if erased > 0 {
		s.log.Info("erased accounts because the business ends or is handed over", "region", r.Region(), "accounts", erased)
	}
	return left, err
}

// eraseBusinesses erases the business accounts of a region in which nobody is left.
func (s *server) eraseBusinesses(ctx context.Context, r *account.Store) (left bool, err error) {
	var after account.TeamID
	for {
		ids, err := r.Businesses(ctx, after, closingMost)
		if err != nil {
			return left, err
		}
		for _, id := range ids {
			err := s.eraseWhole(ctx, id.Subject())
			if errors.Is(err, account.ErrHeld) {
				left = true
			} else if err != nil {
				return left, err
			}
		}
		if len(ids) < closingMost {
			return left, nil
		}
		after = ids[len(ids)-1]
	}
}

// A fate is what becomes of somebody on the day.
type fate int

const (
	stays fate = iota
	leaves
	leavesLater // they weren't told long enough before
)

// fateOf is what becomes of a member now that the day has come: nobody is erased who
// wasn't told as long before as they have to be.
func (s *server) fateOf(ctx context.Context, d closing.Declaration, id account.ID) (fate, error) {
	part, err := s.people.closing.Of(id.Subject())
	if err != nil {
		return stays, err
	}
	chosen, err := part.Chosen(ctx, d, id.Subject())
	if err != nil || !d.Erases(chosen) {
		return stays, err
	}
	told, err := part.Told(ctx, d, closing.Declared, id.Subject())
	if err != nil {
		return stays, err
	}
	if told.IsZero() || chosen == "" && time.Now().Before(told.Add(d.Ends.Sub(d.Declared)-closingLate)) {
		return leavesLater, nil
	}
	return leaves, nil
}

// closingLate is how much later than it was declared somebody may be told of it.
const closingLate = 2 * 24 * time.Hour

// leftFor reports whether in a region somebody is left who is to be erased.
func (s *server) leftFor(ctx context.Context, r *account.Store, d closing.Declaration) (left bool, err error) {
	err = s.everybody(ctx, r, func(id account.ID) error {
		f, err := s.fateOf(ctx, d, id)
		left = left || f != stays
		return err
	})
	return left, err
}
