package app

import (
	"bytes"
	"context"
	"errors"
	"time"

	"waypost/internal/account"
	"waypost/internal/copies"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/policy"
	"waypost/internal/recipient"
	"waypost/internal/rights"
)

// openCopies opens the copies that members asked for, each in its owner's region.
func (s *server) openCopies(ctx context.Context) (err error) {
	var regions []copies.Region
	for _, r := range s.people.regions {
		regions = append(regions, copies.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: r.Jobs})
	}
	s.copies, err = copies.Open(ctx, regions...)
	return err
}

// openRights makes what people may ask of what is held of them.
func (s *server) openRights() (err error) {
	if s.policy, err = policy.Read(); err != nil {
		return err
	}
	var rooms []rights.Room
	for _, r := range s.rooms() {
		rooms = append(rooms, rights.Room{Name: r.name, Region: r.region, Elsewhere: r.name == "account", Room: r.Room})
	}
	s.people.members.EraseBy(s.eraseWhole)
	s.rights, err = rights.New(rooms, keyDeclarations(), uses(), s.policy)
	return err
}

// copyAsked makes a copy that a member asked for, and tells them where it is.
func (s *server) copyAsked(ctx context.Context, a copies.Asked) error {
	store, err := s.copies.Of(a.Owner)
	if err != nil {
		return err
	}
	c, err := store.Get(ctx, a)
	if fault.KindOf(err) == fault.NotFound {
		return nil // over, asked for again, or gone with its owner
	}
	if err != nil {
		return err
	}
	if !c.Made {
		var made bytes.Buffer
		if err := s.rights.Copy(ctx, a.Owner, c.Lang, &made); err != nil {
			return err
		}
		if err := store.Keep(ctx, a, made.Bytes()); err != nil {
			return err
		}
	}
	return s.people.members.TellCopy(ctx, account.CopyNews{Owner: a.Owner, ID: a.ID, Path: "my-data/copy/" + c.Secret, Ends: c.Ends})
}

const (
	// eraseEvery is how often it is looked up which accounts are to be erased.
	eraseEvery = time.Hour

	// eraseMost is how many at once.
	eraseMost = 1000
)

// erase has a region's accounts erased whose owners asked for it.
func (s *server) erase(r *account.Store) {
	s.people.queueOf(r.Region()).Every("rights.erase_"+r.Region(), eraseEvery, func(ctx context.Context) error { return s.eraseLeaving(ctx, r) })
}

// eraseLeaving erases those of a region whose time is over, through every room.
// The account comes last: while it is there, what failed is tried again.
func (s *server) eraseLeaving(ctx context.Context, r *account.Store) error {
	held, err := s.people.holds.All(ctx)
	if err != nil {
		return err
	}
	ids, err := r.TakeLeaving(ctx, eraseMost, held...)
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		failed = append(failed, s.eraseWhole(ctx, id.Subject()))
	}
	if len(ids) > 0 {
		s.log.Info("erased accounts whose owners asked for it", "region", r.Region(), "accounts", len(ids))
		failed = append(failed, s.scrub(ctx, r.Region()))
	}
	return errors.Join(failed...)
}

// eraseWhole erases a member or a business account from every room, unless their
// data has to stay, and has every service told that got something of them: what names
// them there is written down before anything is deleted, and told once everything is.
// Broken off, it is gone on with; twice is once.
func (s *server) eraseWhole(ctx context.Context, who inventory.Subject) error {
	held, err := s.people.holds.Held(ctx, who)
	if err == nil && held {
		err = account.ErrHeld
	}
	if err != nil {
		return err
	}
	notices, err := s.notices.Of(who)
	if err != nil {
		return err
	}
	err = notices.Begin(ctx, who, func(ctx context.Context) ([]recipient.Told, error) { return s.handed(ctx, who) })
	if err != nil {
		return err
	}
	for _, room := range s.rooms() {
		if room.name == "account" || room.region != account.ID(who).Region() {
			continue
		}
		if err := room.Erase(ctx, who); err != nil {
			return err
		}
	}
	if err := s.people.members.Erase(ctx, account.ID(who)); err != nil {
		return err
	}
	return notices.Finish(ctx, who)
}
