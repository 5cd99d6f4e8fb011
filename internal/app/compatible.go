package app

import (
	"cmp"
	"context"
	"slices"
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
	"waypost/internal/webhook"
)

// openCompatible makes the door of the compatible API.
func (s *server) openCompatible() {
	s.compat = track17.New(track17.Options{
		Keys: s.people.quotas, Watches: s.watches, Catalogue: func() *carrier.Catalogue { return s.files.Load().catalogue },
		Draw: s.draw, Ask: s.askNow, Push: s.pushAgain, Log: s.log,
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

// pushAgain tells an account's endpoints how a registration stands, once more.
func (s *server) pushAgain(ctx context.Context, owner inventory.Subject, id watch.RegistrationID) error {
	to, err := s.hooks.Of(owner)
	if err != nil {
		return err
	}
	all, err := to.Endpoints(ctx, owner)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(e webhook.Endpoint) bool { return e.State == webhook.On }) {
		return track17.ErrNoReceiver
	}
	return s.ofRegistration(ctx, owner, id, func(to *webhook.Store, i webhook.Item, r watch.Registration) error {
		return to.Tell(ctx, webhook.Updated, i, r.Parcel, time.Now().Format(time.RFC3339Nano))
	})
}

// versions are those that endpoints are told in.
var versions = map[webhook.Form]track17.Version{
	webhook.TrackV1: track17.V1, webhook.TrackV2: track17.V2, webhook.TrackV21: track17.V21, webhook.TrackV22: track17.V22, webhook.TrackV24: track17.V24,
}

// compatible writes an event in a version of the compatible API. What was saved
// by hand reads as if a program had registered it.
func (s *server) compatible(v track17.Version, e webhook.Event) (webhook.Message, error) {
	of, err := saidOf(e)
	if err != nil {
		return nil, err
	}
	r := watch.Registration{
		ID: watch.RegistrationID(e.Item.ID), Owner: e.Owner, Number: e.Parcel.Number,
		Carrier: cmp.Or(e.Parcel.Found, e.Parcel.Carrier), Parcel: e.Parcel,
	}
	if reg := of.Registered; reg != nil {
		r.Carrier, r.Final, r.Created, r.Begun, r.Stopped, r.Why = reg.Carrier, reg.Final, reg.Created, reg.Begun, reg.Stopped, reg.Why
		r.Details = reg.Details
	} else {
		r.Details = watch.Details{Tag: of.Words.Name, Remark: of.Words.Note, OrderNo: of.Words.Order}
	}
	what := track17.Updated
	if e.Kind == webhook.Stopped {
		what = track17.Ended
	}
	return track17.Render(v, s.files.Load().catalogue, what, r, e.At), nil
}
