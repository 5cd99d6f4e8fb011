package app

import (
	"waypost/internal/api/v1"
	"waypost/internal/live"
	"waypost/internal/web/reference"
)

// openAPI makes the door of our own API, and the pages that explain it.
func (s *server) openAPI(broker *live.Broker) (err error) {
	s.api, err = v1.New(v1.Options{
		URL: s.cfg.URL, Version: version(), Keys: s.people.quotas, Rate: s.cfg.Quota.OwnRate, Knowledge: s.apiKnowledge,
		Parcels: s.store, Watches: s.watches, Live: broker, Log: s.log,
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

// apiKnowledge is what is known of carriers now, as the API needs it.
func (s *server) apiKnowledge() v1.Knowledge {
	files := s.files.Load()
	return v1.Knowledge{Catalogue: files.catalogue, Index: files.index, Plan: s.poller.Plan}
}
