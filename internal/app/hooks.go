package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/account"
	v1 "waypost/internal/api/v1"
	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// openHooks opens what accounts' programs are told, in each region's own database.
func (s *server) openHooks(ctx context.Context) (err error) {
	var regions []webhook.Region
	for _, r := range s.people.regions {
		regions = append(regions, webhook.Region{Name: r.Name, DB: r.DB, Vault: r.Vault, Jobs: s.people.queueOf(r.Name)})
	}
	c := s.cfg.Webhooks
	s.hooks, err = webhook.Open(ctx, webhook.Options{
		Regions: regions, Parcels: s.store, Items: keepers{s.watches}, Keys: signing{s.people.quotas}, Write: s.writeEvent, Told: s.told, Restricted: s.people.members.Restricted,
		Allow: c.Allow, PlainHTTP: c.PlainHTTP, Timeout: c.Timeout, Concurrency: c.Concurrency, Log: s.log, Metrics: s.registry,
	})
	return err
}

// signing are the keys of accounts that may sign.
type signing struct{ *quota.Stores }

func (k signing) Signing(ctx context.Context, owner inventory.Subject, key string) (string, error) {
	store, err := k.Of(owner)
	if err != nil {
		return "", err
	}
	return store.Signing(ctx, owner, quota.KeyID(key))
}

// A said is what the owner of an item says of the parcel, as events keep it. Names
// stay: events of an earlier release are read.
type said struct {
	Words      watch.Words `json:"words"`
	Registered *registered `json:"registered,omitempty"` // of a registration
}

// A registered is a registration as events keep it, beside its parcel.
type registered struct {
	Carrier carrier.Code     `json:"carrier"`
	Final   carrier.Code     `json:"final,omitempty"`
	Created time.Time        `json:"created"`
	Begun   time.Time        `json:"begun"`
	Stopped time.Time        `json:"stopped,omitzero"`
	Why     watch.StopReason `json:"why,omitempty"`
	Details watch.Details    `json:"details"`
}

// keepers finds who keeps a parcel: first those whose programs have registered it,
// then those who have saved it.
type keepers struct{ *watch.Watches }

const (
	registrations = "registrations:" // a place among those, and the owner it is behind
	savers        = "watches:"
)

func (k keepers) Keeping(ctx context.Context, region string, id parcel.ID, after string) (all []webhook.Item, next string, err error) {
	store, err := k.in(region)
	if err != nil {
		return nil, "", err
	}
	if owner, ok := strings.CutPrefix(after, savers); ok {
		watchers, err := store.Watchers(ctx, id, inventory.Subject(owner))
		for _, w := range watchers {
			all = append(all, webhook.Item{Owner: w.Owner, ID: string(w.Watch)})
			next = savers + string(w.Owner)
		}
		return all, next, err
	}
	found, last, err := store.Registered(ctx, id, inventory.Subject(strings.TrimPrefix(after, registrations)))
	if err != nil {
		return nil, "", err
	}
	for _, r := range found {
		item, err := itemOf(r)
		if err != nil {
			return nil, "", err
		}
		all = append(all, item)
	}
	if last == "" {
		return all, savers, nil
	}
	return all, registrations + string(last), nil
}

func (k keepers) in(region string) (*watch.Store, error) {
	for _, s := range k.Stores() {
		if s.Region() == region {
			return s, nil
		}
	}
	return nil, fmt.Errorf("there is no region %s", region)
}

// Open returns an item with what its owner says of it.
func (k keepers) Open(ctx context.Context, i webhook.Item) (webhook.Item, error) {
	if i.Detail != nil {
		return i, nil
	}
	store, err := k.Of(i.Owner)
	if err != nil {
		return i, err
	}
	w, err := store.Get(ctx, i.Owner, watch.ID(i.ID))
	if err != nil {
		return i, err
	}
	i.Source, i.Tags = w.Source, w.Tags
	i.Detail, err = json.Marshal(said{Words: w.Words})
	return i, err
}

// itemOf is a registration as events keep it.
func itemOf(r watch.Registration) (webhook.Item, error) {
	words := watch.Words{Note: r.Remark, Order: r.OrderNo}
	if r.Tag != "" {
		words.Tags = []string{r.Tag}
	}
	detail, err := json.Marshal(said{words, &registered{r.Carrier, r.Final, r.Created, r.Begun, r.Stopped, r.Why, r.Details}})
	return webhook.Item{Owner: r.Owner, ID: string(r.ID), Source: watch.ByAPI, Tags: words.Tags, Detail: detail}, err
}

// errForm is for a form that no door writes.
var errForm = fault.New(fault.Invalid, "event_form", "There is no such form of events.")

// writeEvent writes an event for a receiver.
func (s *server) writeEvent(f webhook.Form, e webhook.Event) (webhook.Message, error) {
	if version, ok := versions[f]; ok {
		return s.compatible(version, e)
	}
	if f != webhook.Own {
		return nil, errForm
	}
	h, err := s.happening(e)
	if err != nil {
		return nil, err
	}
	return h.Message()
}

// happening is an event as our own API has it.
func (s *server) happening(e webhook.Event) (v1.Happening, error) {
	of, err := saidOf(e)
	return s.apiKnowledge().Happening(e, of.Words), err
}

// saidOf is what the owner of an event's item says of the parcel.
func saidOf(e webhook.Event) (of said, err error) {
	if len(e.Detail) == 0 {
		return of, nil
	}
	if err := json.Unmarshal(e.Detail, &of); err != nil {
		return of, fmt.Errorf("what is said of item %s: %w", e.Item.ID, err)
	}
	return of, nil
}

// registrationsBegun tells of registrations whose parcels were known before.
func (s *server) registrationsBegun(ctx context.Context, e watch.Begun) error {
	var all error
	for _, id := range e.Registrations {
		all = errors.Join(all, s.ofRegistration(ctx, e.Owner, id, func(to *webhook.Store, i webhook.Item, r watch.Registration) error {
			return to.News(ctx, i, r.Parcel)
		}))
	}
	return all
}

// registrationStopped tells of a registration that has ended.
func (s *server) registrationStopped(ctx context.Context, e watch.Stopped) error {
	return s.ofRegistration(ctx, e.Owner, e.Registration, func(to *webhook.Store, i webhook.Item, r watch.Registration) error {
		if r.Tracking() {
			return nil // it was restarted meanwhile
		}
		return to.Tell(ctx, webhook.Stopped, i, r.Parcel, r.Stopped.Format(time.RFC3339Nano))
	})
}

// ofRegistration does something about a registration unless it has gone.
func (s *server) ofRegistration(ctx context.Context, owner inventory.Subject, id watch.RegistrationID, do func(*webhook.Store, webhook.Item, watch.Registration) error) error {
	watches, err := s.watches.Of(owner)
	if err != nil {
		return err
	}
	r, err := watches.Registration(ctx, owner, id)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if r.Parcel.ID == "" { // it has gone, as parcels do that nobody has wanted for long
		r.Parcel.Key = parcel.Key{Number: r.Number, Carrier: r.Carrier}
	}
	to, err := s.hooks.Of(owner)
	if err != nil {
		return err
	}
	i, err := itemOf(r)
	if err != nil {
		return err
	}
	return do(to, i, r)
}

// told notes how programs were told of their registrations.
func (s *server) told(ctx context.Context, all []webhook.Told) error {
	for _, t := range all {
		if t.Item.Source != watch.ByAPI {
			continue
		}
		store, err := s.watches.Of(t.Item.Owner)
		if err != nil {
			return err
		}
		p := watch.Push{At: t.At, Status: watch.PushFailed, Code: t.Code}
		if t.Taken {
			p.Status = watch.PushTaken
		}
		if err := store.Pushed(ctx, t.Item.Owner, watch.RegistrationID(t.Item.ID), p); err != nil {
			return err
		}
	}
	return nil
}

// hookNews are what the owners of an account are told of an endpoint.
var hookNews = map[webhook.What]account.What{webhook.Failing: account.HookFailing, webhook.Recovered: account.HookWorks, webhook.SaidGone: account.HookGone}

// hookNoticed tells the owners of an account how an endpoint of theirs does.
func (s *server) hookNoticed(ctx context.Context, e webhook.Noticed) error {
	store, err := s.hooks.Of(e.Owner)
	if err != nil {
		return err
	}
	at, err := store.Endpoint(ctx, e.Owner, e.Endpoint)
	if fault.KindOf(err) == fault.NotFound {
		return nil // deleted, or gone with its owner
	}
	if err != nil {
		return err
	}
	space, err := uuid.Parse(string(e.Endpoint))
	if err != nil {
		return err
	}
	once := uuid.NewSHA1(space, []byte(string(e.What)+e.At.Format(time.RFC3339Nano)))
	return s.people.members.TellHook(ctx, account.HookNews{Owner: e.Owner, ID: once.String(), Name: at.Called(), What: hookNews[e.What]})
}
