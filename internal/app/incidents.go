package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/incident"
	"waypost/internal/job"
	"waypost/internal/web/visit"
)

const (
	// remindEvery is how often it is looked up whether an authority's time is passing.
	remindEvery = 5 * time.Minute

	// tellEvery is how often those are told whom a message didn't reach at once.
	tellEvery = time.Minute
)

// openIncidents opens what is done when something happens to people's data.
func (s *server) openIncidents(ctx context.Context) (err error) {
	if s.incidents, err = s.people.incidents(ctx, s.cfg, s.senders, s.log, s.registry); err != nil {
		return err
	}
	s.people.cases[account.ForIncident] = s.incidents.Open
	return nil
}

// searchForIncidents has those whom an incident concerns searched for in all rooms,
// once all are open.
func (s *server) searchForIncidents() {
	var rooms []incident.Room
	for _, r := range s.rooms() {
		rooms = append(rooms, incident.Room{Name: r.name, Region: r.region, Room: r.Room})
	}
	s.incidents.Search(rooms...)
}

// incidents are those that there were, without the rooms in which people are
// searched for.
func (p *people) incidents(ctx context.Context, cfg config.Config, by senders, log *slog.Logger, registry prometheus.Registerer) (*incident.Incidents, error) {
	var regions []incident.Region
	for _, r := range p.regions {
		regions = append(regions, incident.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: p.queueOf(r.Name)})
	}
	return incident.Open(ctx, incident.Options{
		Regions: regions, House: p.home, Members: p.members, Mail: by.mail, SMS: by.sms, URL: cfg.URL,
		Operator:    incident.Operator{Company: cfg.Policy.Company, Officer: cfg.Policy.Officer, Mail: cfg.Policy.Mail, Phone: cfg.Policy.Phone},
		Authorities: authorities(cfg.Incidents), Log: log, Metrics: registry,
	})
}

// authorities are those of a configuration.
func authorities(c config.Incidents) map[string][]incident.Authority {
	all := map[string][]incident.Authority{}
	for region, some := range c.Authorities {
		for _, a := range some {
			all[region] = append(all[region], incident.Authority{Law: a.Law, Name: a.Name, Contact: a.Contact, Hours: a.Hours, Source: a.Source})
		}
	}
	return all
}

// unseen reports whether who asks for a page is told of an incident and hasn't
// opened what they are told.
func (s *server) unseen(ctx context.Context) bool {
	v := visit.Of(ctx)
	if !v.SignedIn() {
		return false
	}
	unseen, err := s.incidents.Unseen(ctx, v.Session.Account)
	if err != nil && ctx.Err() == nil && !account.Away(err) {
		s.log.Error("whether a member is told of an incident can't be read", "err", err)
	}
	return unseen
}

// listenForIncidents has those told whom an incident concerns, and the staff
// reminded of the authorities, by the queue of the database that has the incidents.
func (s *server) listenForIncidents() {
	q := s.people.queueOf(s.incidents.Regions()[0])
	for _, other := range s.people.queues {
		job.On(other, "incident.looking", s.incidents.Looked)
		job.On(other, "incident.approved", s.incidents.TellApproved)
		job.On(other, "incident.declared", s.incidents.RemindDeclared)
	}
	q.Every("incident.remind", remindEvery, s.incidents.Remind)
	q.Every("incident.tell", tellEvery, s.incidents.Tell)
}
