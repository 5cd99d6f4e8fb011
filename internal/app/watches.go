package app

import (
	"context"
	"time"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/recognise"
	"waypost/internal/watch"
)

// renewEvery is how often watched parcels are wanted again, and registrations
// looked at.
const renewEvery = time.Hour

// openWatches opens what members keep, in each region's own database.
func (s *server) openWatches(ctx context.Context) (err error) {
	var regions []watch.Region
	for _, r := range s.people.regions {
		regions = append(regions, watch.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: s.people.queueOf(r.Name)})
	}
	s.watches, err = watch.Open(ctx, watch.Options{Regions: regions, Parcels: s.store, Knowledge: s.watchable, Ledger: ledger{s.people.quotas}, Restricted: s.people.members.Restricted, Objected: s.people.members.Objected})
	return err
}

// watchable is what is known of carriers now, as watching needs it.
func (s *server) watchable() watch.Knowledge {
	files := s.files.Load()
	return watch.Knowledge{Catalogue: files.catalogue, Index: files.index, Plan: s.planWatch}
}

func (s *server) planWatch(n recognise.Number, chosen carrier.Code, given carrier.Given) (parcel.Want, []carrier.Need) {
	p := s.plan(n, chosen, given)
	want := parcel.Want{Key: p.Key, Given: p.Given, Askings: p.Askings, Choice: p.Choice}
	if len(p.Askings) > 0 {
		return want, nil
	}
	for _, m := range p.Missing {
		if m.Why == poll.NeedsMore {
			return want, m.Needs
		}
	}
	return want, nil
}

// renew has a region's watched parcels wanted for as long as somebody keeps them.
func (s *server) renew(room *watch.Store) {
	s.people.queueOf(room.Region()).Every("watch.renew_"+room.Region(), renewEvery, func(ctx context.Context) error {
		_, err := room.Renew(ctx)
		return err
	})
}

// stopOver has a region's registrations stopped when their time is over.
func (s *server) stopOver(room *watch.Store) {
	s.people.queueOf(room.Region()).Every("watch.stop_over_"+room.Region(), renewEvery, func(ctx context.Context) error {
		_, err := room.StopOver(ctx)
		return err
	})
}

// kept says which parcels a member keeps.
func (s *server) kept(ctx context.Context, who account.ID, keys ...parcel.Key) (map[parcel.Key]watch.ID, error) {
	store, err := s.watches.Of(who.Subject())
	if err != nil {
		return nil, err
	}
	return store.There(ctx, who.Subject(), keys...)
}
