package app

import (
	"context"
	"time"

	"waypost/internal/api/track17"
	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/quota"
	"waypost/internal/recognise"
	"waypost/internal/watch"
)

// openCompatible makes the door of the compatible API.
func (s *server) openCompatible() {
	s.compat = track17.New(track17.Options{
		Keys: s.people.quotas, Watches: s.watches, Catalogue: func() *carrier.Catalogue { return s.files.Load().catalogue },
		Draw: s.draw, Ask: s.askNow, Log: s.log,
	})
}

// A ledger is what registrations draw on: the quota of whose they are.
type ledger struct{ *quota.Stores }

// Draw draws a line for each registration.
func (l ledger) Draw(ctx context.Context, tx *db.Tx, owner inventory.Subject, of []watch.RegistrationID) ([]error, error) {
	store, err := l.Of(owner)
	if err != nil {
		return nil, err
	}
	lines := make([]quota.Line, len(of))
	for i, id := range of {
		lines[i] = quota.Line{ID: string(id), Matter: quota.Registration}
	}
	return store.Draw(ctx, tx, owner, lines)
}

// draw draws one line by itself.
func (s *server) draw(ctx context.Context, owner inventory.Subject, line quota.Line) error {
	store, err := s.people.quotas.Of(owner)
	if err != nil {
		return err
	}
	var refused []error
	err = s.databases.People[store.Region()].Tx(ctx, func(tx *db.Tx) (err error) {
		refused, err = store.Draw(ctx, tx, owner, []quota.Line{line})
		return err
	})
	if err != nil {
		return err
	}
	return refused[0]
}

// recently is how old an answer may be that stands for one of now.
const recently = 15 * time.Minute

// askNow has a carrier asked while a program waits.
func (s *server) askNow(ctx context.Context, w track17.Wish) (parcel.Parcel, error) {
	q := poll.Question{
		Number: s.files.Load().index.Number(w.Number, recognise.Hints{}), Chosen: w.Carrier, Given: w.Given, Lang: w.Lang,
	}
	if !w.Fresh {
		q.Recent = recently
	}
	return s.poller.Now(ctx, q)
}
