package app

import (
	"context"
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/inventory"
	"waypost/internal/request"
	"waypost/internal/web/staff"
)

// lapseEvery is how often it is looked up which requests nobody answered.
const lapseEvery = time.Hour

// openDataRequests opens the requests about people's data, each in its person's
// region.
func (s *server) openDataRequests(ctx context.Context) (err error) {
	if s.dataRequests, err = request.Open(ctx, s.people.members.Staff(), requestRegions(s.people, s.cfg)...); err != nil {
		return err
	}
	s.people.cases[account.ForRequest] = s.dataRequests.Open
	s.registry.MustRegister(s.dataRequests.Metrics(s.log))
	return nil
}

// requestRegions are where requests lie, with the days and the law of each.
func requestRegions(p *people, cfg config.Config) (regions []request.Region) {
	for _, r := range p.regions {
		law := request.MonthLaw
		if slices.Contains(cfg.Database.Serves[r.Name], "CN") {
			law = request.ChinaLaw
		}
		regions = append(regions, request.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: r.Jobs, Days: r.Days, Law: law})
	}
	return regions
}

// lapse has a region's requests end whose person didn't answer in time.
func (s *server) lapse(r *request.Store) {
	s.people.queueOf(r.Name).Every("request.lapse_"+r.Name, lapseEvery, func(ctx context.Context) error {
		n, err := r.Lapse(ctx)
		if n > 0 {
			s.log.Info("ended requests to which nobody answered", "region", r.Name, "rows", n)
		}
		return err
	})
}

// staffRequests are what the staff answer, and by what they do.
func (s *server) staffRequests() staff.Requests {
	return staff.Requests{Requests: s.dataRequests, Home: s.cfg.Database.Home, Copy: s.sendCopy, Letter: s.messages.RequestLetter}
}

// sendCopy has a copy of all that is held of a member made, whose link goes to
// their verified address.
func (s *server) sendCopy(ctx context.Context, who inventory.Subject, lang string) error {
	store, err := s.copies.Of(who)
	if err != nil {
		return err
	}
	return store.Ask(ctx, who, lang)
}
