package app

import (
	"context"

	"waypost/internal/api/v1"
	"waypost/internal/carrier"
	"waypost/internal/live"
	"waypost/internal/once"
	"waypost/internal/poll"
	"waypost/internal/recognise"
	"waypost/internal/rehearse"
	"waypost/internal/web/reference"
)

// openRequests opens what programs asked for and may ask for again, in each
// region's own database.
func (s *server) openRequests(ctx context.Context) (err error) {
	var regions []once.Region
	for _, r := range s.people.regions {
		regions = append(regions, once.Region{Name: r.Name, DB: r.DB, Vault: r.Vault})
	}
	s.requests, err = once.Open(ctx, regions...)
	return err
}

// openAPI makes the door of our own API, and the pages that explain it.
func (s *server) openAPI(broker *live.Broker) (err error) {
	s.api, err = v1.New(v1.Options{
		URL: s.cfg.URL, Version: version(), Keys: s.people.quotas, Rate: s.cfg.Quota.OwnRate, Once: s.requests, Knowledge: s.apiKnowledge,
		Parcels: s.store, Watches: s.watches, Hooks: s.hooks, Happening: s.happening, Live: broker, Log: s.log,
	})
	if err != nil {
		return err
	}
	kinds := make([]reference.Kind, len(v1.Kinds))
	for i, k := range v1.Kinds {
		kinds[i] = reference.Kind(k)
	}
	s.reference, err = reference.New(reference.Options{Kit: s.kit, URL: s.cfg.URL, Document: s.api.Document(), Kinds: kinds, Fail: s.site.Fail, Log: s.log})
	return err
}

// plan says whom to ask about a number: a carrier's sources, or nobody about one
// that is for tests.
func (s *server) plan(n recognise.Number, named carrier.Code, given carrier.Given) poll.Plan {
	if p, ok := rehearse.Plan(n, named, given); ok {
		return p
	}
	return s.poller.Plan(n, named, given)
}

// apiKnowledge is what is known of carriers now, as the API needs it.
func (s *server) apiKnowledge() v1.Knowledge {
	files := s.files.Load()
	return v1.Knowledge{Catalogue: files.catalogue, Index: files.index, Plan: s.plan}
}
