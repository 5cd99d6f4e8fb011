package app

import (
	"waypost/internal/api/v1"
	"waypost/internal/live"
)

// openAPI makes the door of our own API.
func (s *server) openAPI(broker *live.Broker) (err error) {
	s.api, err = v1.New(v1.Options{
		URL: s.cfg.URL, Version: version(), Keys: s.people.quotas, Rate: s.cfg.Quota.OwnRate, Knowledge: s.apiKnowledge,
		Parcels: s.store, Watches: s.watches, Live: broker, Log: s.log,
	})
	return err
}

// apiKnowledge is what is known of carriers now, as the API needs it.
func (s *server) apiKnowledge() v1.Knowledge {
	files := s.files.Load()
	return v1.Knowledge{Catalogue: files.catalogue, Index: files.index, Plan: s.poller.Plan}
}
