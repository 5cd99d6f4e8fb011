package app

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"slices"
	"time"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/recipient"
	"waypost/internal/webhook"
)

const (
	// recipientsEvery is how often services that are due are told of erasures.
	recipientsEvery = 5 * time.Minute

	// resumeAfter is how long an erasure may take before it is taken for broken off.
	resumeAfter = 10 * time.Minute

	// mostNumbers is how many parcels one notice names.
	mostNumbers = 200
)

var errNoService = fault.New(fault.Invalid, "config_recipients", "recipients: there is no service %q. Services are mail, sms, carriers, a provider that is set up (google, oidc-NAME), or a source of the carrier files.")

// openRecipients opens the notices of erasures, in each region's own database.
func (s *server) openRecipients(ctx context.Context) (err error) {
	var regions []recipient.Region
	for _, r := range s.people.regions {
		regions = append(regions, recipient.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: r.Jobs})
	}
	if s.offered, err = provider.New(s.cfg.Providers); err != nil {
		return err
	}
	c := s.cfg.Recipients
	names := slices.Clone(c.Own)
	for name := range c.Contacts {
		names = append(names, name)
	}
	for _, name := range names {
		if !s.isService(name) {
			return errNoService.With(name)
		}
	}
	s.notices, err = recipient.Open(ctx, recipient.Options{
		Regions: regions, Call: s.callRecipient, Contact: s.contactOf, Name: s.serviceName,
		Mail: s.senders.mail, URL: s.cfg.URL, Lang: c.Lang, Escalate: c.Escalate, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.registry.MustRegister(s.notices)
	return nil
}

func (s *server) isService(name string) bool {
	if slices.Contains([]string{"mail", "sms", "carriers"}, name) {
		return true
	}
	if _, err := s.offered.Find(provider.Code(name)); err == nil {
		return true
	}
	_, ok := s.files.Load().catalogue.Source(carrier.SourceCode(name))
	return ok
}

// contactOf is where a service takes letters, "" unknown.
func (s *server) contactOf(to recipient.To) string {
	c := s.cfg.Recipients.Contacts
	if to.Which == "" {
		return c[string(to.Party)]
	}
	if contact, ok := c[to.Which]; ok || to.Party != inventory.Carriers {
		return contact
	}
	return c["carriers"]
}

// ours reports whether the operator runs a service.
func (s *server) ours(to recipient.To) bool {
	own := s.cfg.Recipients.Own
	return slices.Contains(own, to.Which) || to.Which == "" && slices.Contains(own, string(to.Party)) ||
		to.Party == inventory.Carriers && slices.Contains(own, "carriers")
}

// serviceName is what a service is called, "" nothing of its own.
func (s *server) serviceName(to recipient.To) string {
	switch to.Party {
	case inventory.MailServer:
		host, _, err := net.SplitHostPort(s.cfg.Mail.SMTP)
		if err != nil {
			return ""
		}
		return host
	case inventory.TextService:
		return s.cfg.SMS.Provider
	case inventory.SignIn:
		if p, err := s.offered.Find(provider.Code(to.Which)); err == nil {
			return p.Name()
		}
	}
	return to.Which
}

// handed is what every service outside got of somebody who is to be erased, as
// rooms declare it and the installation is set up.
func (s *server) handed(ctx context.Context, who inventory.Subject) ([]recipient.Told, error) {
	var all []recipient.Told
	h, err := s.people.members.Handed(ctx, who)
	if err != nil {
		return nil, err
	}
	if s.cfg.Mail.SMTP != "" && len(h.Mail) > 0 && !s.cfg.Demo {
		all = append(all, recipient.Told{To: recipient.To{Party: inventory.MailServer}, Names: h.Mail})
	}
	if s.cfg.SMS.Provider != "" && len(h.Phones) > 0 && !s.cfg.Demo {
		all = append(all, recipient.Told{To: recipient.To{Party: inventory.TextService}, Names: h.Phones})
	}
	linked, err := s.handedLinks(h)
	if err != nil {
		return nil, err
	}
	programs, err := s.handedPrograms(ctx, who)
	if err != nil {
		return nil, err
	}
	carriers, err := s.handedCarriers(ctx, who)
	if err != nil {
		return nil, err
	}
	all = slices.Concat(all, linked, programs, carriers)
	return slices.DeleteFunc(all, func(t recipient.Told) bool { return s.ours(t.To) }), nil
}

// A leaving is what a provider's interface wants to know.
type leaving struct {
	Provider provider.Code `json:"provider"`
	Subject  string        `json:"subject"`
	Refresh  string        `json:"refresh,omitempty"`
}

// handedLinks are the providers that somebody signed in with. A simulated one is
// nobody outside. Of a link from before ids were kept the addresses are all there is.
func (s *server) handedLinks(h account.Handed) (all []recipient.Told, err error) {
	for _, l := range h.Links {
		if s.sim != nil {
			if _, err := s.offered.Find(l.Provider); err != nil {
				continue
			}
		}
		t := recipient.Told{To: recipient.To{Party: inventory.SignIn, Which: string(l.Provider)}, Names: l.Keys}
		if len(l.Keys) == 0 {
			t.Names = h.Mail
		} else if t.Call, err = json.Marshal(leaving{l.Provider, l.Keys[len(l.Keys)-1], l.Refresh}); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

// handedPrograms are somebody's own programs, at addresses that they named.
func (s *server) handedPrograms(ctx context.Context, who inventory.Subject) (all []recipient.Told, err error) {
	store, err := s.hooks.Of(who)
	if err != nil {
		return nil, err
	}
	farewells, err := store.Farewells(ctx, who)
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, f := range farewells {
		call, err := json.Marshal(f)
		if err != nil {
			return nil, err
		}
		all = append(all, recipient.Told{To: recipient.To{Party: inventory.Receivers}, Names: []string{f.URL}, Call: call})
	}
	return all, nil
}

// isGone reports whether somebody has no key any more, so that there is nothing
// to be read of theirs.
func isGone(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && (f.Code == "key_missing" || f.Code == "key_destroyed")
}

// handedCarriers are the sources that were told something of somebody besides
// their parcels' numbers. Simulated ones are nobody outside.
func (s *server) handedCarriers(ctx context.Context, who inventory.Subject) (all []recipient.Told, err error) {
	watches, err := s.watches.Of(who)
	if err != nil {
		return nil, err
	}
	parcels, err := watches.Demanded(ctx, who)
	if err != nil {
		return nil, err
	}
	asked, err := s.store.Asked(ctx, parcels...)
	if err != nil {
		return nil, err
	}
	simulated := s.known.Load().Simulated
	for _, a := range asked {
		if simulated(a.Account) {
			continue
		}
		to := recipient.To{Party: inventory.Carriers, Which: string(a.Source)}
		if n := len(all); n == 0 || all[n-1].To != to || len(all[n-1].Names) == mostNumbers {
			all = append(all, recipient.Told{To: to})
		}
		last := &all[len(all)-1]
		if !slices.Contains(last.Names, a.Number) {
			last.Names = append(last.Names, a.Number)
		}
	}
	return all, nil
}

// callRecipient tells a service by its own interface.
func (s *server) callRecipient(ctx context.Context, t recipient.Told, _ string, erased time.Time) error {
	if t.Party == inventory.Receivers {
		var f webhook.Farewell
		if err := json.Unmarshal(t.Call, &f); err != nil {
			return err
		}
		return s.hooks.Bid(ctx, f, erased)
	}
	var l leaving
	if err := json.Unmarshal(t.Call, &l); err != nil {
		return err
	}
	p, err := s.offered.Find(l.Provider)
	if err != nil {
		return recipient.ErrNoWay.Because(err) // it isn't set up any more
	}
	leaver, ok := p.(provider.Leaver)
	if !ok {
		return recipient.ErrNoWay
	}
	err = leaver.Leave(ctx, l.Subject, l.Refresh)
	if errors.Is(err, provider.ErrNoLeave) {
		return recipient.ErrNoWay.Because(err)
	}
	return err
}

// toldOf is which services will be told when somebody is erased, in words, each once.
func (s *server) toldOf(ctx context.Context, who inventory.Subject, lang string) ([]string, error) {
	told, err := s.handed(ctx, who)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, t := range told {
		if name := s.notices.Called(t.To, lang); !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all, nil
}

// tellRecipients has the services of a region told that are due, and erasures
// finished that a process died in.
func (s *server) tellRecipients(r *recipient.Store) {
	s.people.queueOf(r.Name).Every("recipient.tell_"+r.Name, recipientsEvery, func(ctx context.Context) error { return s.resumeAndTell(ctx, r, time.Now()) })
}

func (s *server) resumeAndTell(ctx context.Context, r *recipient.Store, now time.Time) error {
	left, err := r.Unfinished(ctx, now.Add(-resumeAfter), eraseMost)
	if err != nil {
		return err
	}
	var failed []error
	for _, who := range left {
		failed = append(failed, s.eraseWhole(ctx, who))
	}
	return errors.Join(append(failed, r.Tell(ctx))...)
}
