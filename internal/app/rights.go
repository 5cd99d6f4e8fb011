package app

import (
	"bytes"
	"context"

	"waypost/internal/account"
	"waypost/internal/copies"
	"waypost/internal/fault"
	"waypost/internal/policy"
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
		rooms = append(rooms, rights.Room{Name: r.name, Room: r.Room})
	}
	s.rights, err = rights.New(rooms, s.policy)
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
