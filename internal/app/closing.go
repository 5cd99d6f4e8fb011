package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
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
	var lock sync.Mutex
	s.kit.ShowClosing(func(ctx context.Context) ui.Closing {
		lock.Lock()
		defer lock.Unlock()
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
	var failed []error
	for _, step := range d.Due(time.Now()) {
		failed = append(failed, s.tellStep(ctx, r, d, step))
	}
	failed = append(failed, s.endFor(ctx, r, d)) // nobody is erased who couldn't be told
	return errors.Join(failed...)
}

// endFor erases a region's members when the day has come, and its business accounts
// when nobody is left in any region who is to be erased: people of other regions may
// belong to them. It is done when no business account is left in any region either.
func (s *server) endFor(ctx context.Context, r *account.Store, d closing.Declaration) error {
	if over, err := s.people.closing.End(ctx, d); err != nil || !over {
		return err
	}
	left, err := s.eraseMembers(ctx, r, d)
	if err != nil || left {
		return err
	}
	left, err = s.elsewhere(r, func(other *account.Store) (bool, error) { return s.leftFor(ctx, other, d) })
	if err != nil || left {
		return err // its own job goes on
	}
	if d.Kind == closing.Closure {
		if left, err = s.eraseBusinesses(ctx, r); err != nil || left {
			return err
		}
		left, err = s.elsewhere(r, func(other *account.Store) (bool, error) {
			some, err := other.Businesses(ctx, "", 1)
			return len(some) > 0, err
		})
		if err != nil || left {
			return err
		}
	}
	return s.people.closing.Done(ctx, d)
}

// elsewhere reports whether something is so in one of the regions but r.
func (s *server) elsewhere(r *account.Store, is func(*account.Store) (bool, error)) (bool, error) {
	for _, other := range s.people.members.Stores() {
		if other == r {
			continue
		}
		if so, err := is(other); err != nil || so {
			return so, err
		}
	}
	return false, nil
}

// tellStep tells everybody of a region who wasn't told of a step yet. That it was
// taken back is told to those who were told that it was declared.
func (s *server) tellStep(ctx context.Context, r *account.Store, d closing.Declaration, step closing.Step) error {
	return everybody(ctx, r, func(id account.ID) error {
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
	declared, soon, cancelled := account.ClosureDeclared, account.ClosureReminder, account.ClosureCancelled
	switch {
	case d.Consent:
		declared, soon, cancelled = account.TransferAsked, account.TransferAskedSoon, account.TransferCancelled
	case d.Kind == closing.Transfer:
		declared, soon, cancelled = account.TransferDeclared, account.TransferReminder, account.TransferCancelled
	}
	what := soon
	switch step {
	case closing.Declared:
		what = declared
	case closing.Cancelled:
		what = cancelled
	}
	once := uuid.NewSHA1(uuid.MustParse(d.ID), []byte(step)).String()
	return account.ClosingNews{Once: once, What: what, To: d.To, Contact: d.Contact, Ends: d.Ends}
}

// everybody does something for each member of a region.
func everybody(ctx context.Context, r *account.Store, do func(account.ID) error) error {
	return each(ctx, r.Everybody, do)
}

// each does something for each of a list that is read page by page. Where it fails for
// one the others have their turn all the same; how many failed and the first's error
// are returned.
func each[ID ~string](ctx context.Context, page func(ctx context.Context, after ID, most int) ([]ID, error), do func(ID) error) error {
	var after ID
	var failed int
	var first error
	for {
		ids, err := page(ctx, after, closingMost)
		if err != nil {
			return errors.Join(first, err)
		}
		for _, id := range ids {
			if err := do(id); err != nil {
				failed++
				first = cmp.Or(first, fmt.Errorf("%s: %w", id, err))
			}
			if ctx.Err() != nil {
				return errors.Join(first, ctx.Err())
			}
		}
		if len(ids) == closingMost {
			after = ids[len(ids)-1]
			continue
		}
		if failed > 0 {
			return fmt.Errorf("%d failed, the first is %w", failed, first)
		}
		return nil
	}
}

// eraseMembers erases a region's members as the declaration has it, and reports whether
// somebody is left who is to be: whose data law keeps, or who was told too late.
func (s *server) eraseMembers(ctx context.Context, r *account.Store, d closing.Declaration) (left bool, err error) {
	erased := 0
	err = everybody(ctx, r, func(id account.ID) error {
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
		switch {
		case errors.Is(err, account.ErrHeld):
			left, err = true, nil
		case err == nil:
			erased++
		}
		return err
	})
	if erased > 0 {
		s.log.Info("erased accounts because the business ends or is handed over", "region", r.Region(), "accounts", erased)
	}
	return left, err
}

// eraseBusinesses erases the business accounts of a region, and reports whether one is
// left because law keeps it.
func (s *server) eraseBusinesses(ctx context.Context, r *account.Store) (left bool, err error) {
	err = each(ctx, r.Businesses, func(id account.TeamID) error {
		err := s.eraseWhole(ctx, id.Subject())
		if errors.Is(err, account.ErrHeld) {
			left = true
			return nil
		}
		return err
	})
	return left, err
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
	err = everybody(ctx, r, func(id account.ID) error {
		f, err := s.fateOf(ctx, d, id)
		left = left || f != stays
		return err
	})
	return left, err
}
