package v1

import (
	"context"
	"net/http"
	"time"

	"waypost/internal/quota"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

func (d *Door) hooks() {
	add(d, operation{
		route: "GET /v1/webhooks", id: "listWebhooks", tag: "webhooks", scope: quota.Read,
		summary: "List endpoints", about: "Where the account's events are sent, in the order in which the endpoints were made.",
	}, d.listHooks)
	add(d, operation{
		route: "POST /v1/webhooks", id: "makeWebhook", tag: "webhooks", scope: quota.Write, status: http.StatusCreated, once: true,
		summary: "Make an endpoint", about: "Deliveries are signed as Standard Webhooks says; check them with its library and the secret.",
	}, d.makeHook)
	add(d, operation{
		route: "GET /v1/webhooks/{webhook}", id: "getWebhook", tag: "webhooks", scope: quota.Write,
		summary: "Read an endpoint", about: "With the secrets that sign for it, and how deliveries go.",
	}, d.getHook)
	add(d, operation{
		route: "PATCH /v1/webhooks/{webhook}", id: "editWebhook", tag: "webhooks", scope: quota.Write,
		summary: "Change an endpoint", about: "What is absent stays as it is. While it is off, what waits goes on waiting; what happens meanwhile it isn't told.",
	}, d.editHook)
	add(d, operation{
		route: "DELETE /v1/webhooks/{webhook}", id: "deleteWebhook", tag: "webhooks", scope: quota.Write, status: http.StatusNoContent,
		summary: "Delete an endpoint", about: "With its log.",
	}, d.deleteHook)
	add(d, operation{
		route: "POST /v1/webhooks/{webhook}/rotate", id: "rotateWebhook", tag: "webhooks", scope: quota.Write,
		summary: "Give an endpoint a new secret", about: "Both sign for as long as you say.",
	}, d.rotateHook)
	add(d, operation{
		route: "POST /v1/webhooks/{webhook}/test", id: "testWebhook", tag: "webhooks", scope: quota.Write, status: http.StatusAccepted,
		summary: "Send a test event", about: "Whatever the endpoint's filter, about a parcel that there isn't.",
	}, d.testHook)
	add(d, operation{
		route: "POST /v1/webhooks/{webhook}/replay", id: "replayWebhook", tag: "webhooks", scope: quota.Write, status: http.StatusAccepted, may: []int{410},
		summary: "Send events again", about: "Or for the first time. Of several, those that the endpoint's filter lets through; one alone is always sent. They keep their ids and their order.",
	}, d.replayHook)
	add(d, operation{
		route: "GET /v1/webhooks/{webhook}/deliveries", id: "listDeliveries", tag: "webhooks", scope: quota.Read,
		summary: "List deliveries", about: "The newest events first.",
	}, d.listDeliveries)
}

// A Webhook is an endpoint: where the account's programs are told.
type Webhook struct {
	ID string `json:"id" format:"uuid"`
	WebhookSettings
	State    string `json:"state" enum:"on,off,gone" doc:"Gone: it said so itself, with status 410."`
	Failures int    `json:"failures" doc:"In a row."`
	Failing  string `json:"failing,omitempty" format:"date-time" doc:"Since when; absent while all is well."`
	Resumes  string `json:"resumes,omitempty" format:"date-time" doc:"It is left alone until then, because it failed too often."`
	Waiting  int    `json:"waiting" doc:"How many events it is still to be told."`
	Made     string `json:"made" format:"date-time"`

	Secrets []WebhookSecret `json:"secrets,omitempty" doc:"That sign now, the newest first; where one endpoint is read or made."`
}

// WebhookSettings are what an account decides about an endpoint.
type WebhookSettings struct {
	Name     string        `json:"name,omitempty" maxLength:"100"`
	URL      string        `json:"url,omitempty" maxLength:"2000" doc:"Where events are posted: https, on the public internet. Absent of an inspector." example:"https://shop.example/waypost"`
	Inspect  bool          `json:"inspect,omitempty" doc:"Nobody is called: what would be sent is kept, to be looked at on /developer/webhooks."`
	Form     string        `json:"form,omitempty" enum:"own,v1,v2,v2.1,v2.2,v2.4" default:"own" doc:"How events are written: as GET /v1/events lists them, or as a version of the compatible API has them."`
	Filter   WebhookFilter `json:"filter,omitempty"`
	Key      string        `json:"key,omitempty" maxLength:"60" doc:"The key that makes the compatible signature; absent the newest secret does."`
	Ed25519  bool          `json:"ed25519,omitempty" doc:"Also signed so that the receiver needs no secret."`
	Schedule string        `json:"schedule,omitempty" enum:"patient,compatible" default:"patient" doc:"When a delivery that failed is tried again: thirteen times within 28 hours, or after 10, 30 and 60 minutes."`
}

// A WebhookFilter is what an endpoint is told. Each part lets through what it
// names, and everything when it names nothing.
type WebhookFilter struct {
	Types   []string `json:"types,omitempty" maxItems:"2" enum:"updated,stopped"`
	Status  []string `json:"status,omitempty" maxItems:"9" enum:"NotFound,InfoReceived,InTransit,AvailableForPickup,OutForDelivery,DeliveryFailure,Delivered,Exception,Expired"`
	Tags    []string `json:"tags,omitempty" maxItems:"50" doc:"One of them is enough; case doesn't count."`
	Sources []string `json:"sources,omitempty" maxItems:"5" enum:"api,hand,import,taken,shop" doc:"How the parcel came to be kept."`
}

// A WebhookSecret is what an endpoint's deliveries are signed with.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"For HMAC: whsec_ and base64."`
	Public string `json:"public" doc:"For Ed25519: whpk_ and base64."`
	Made   string `json:"made" format:"date-time"`
	Ends   string `json:"ends,omitempty" format:"date-time" doc:"Absent of the newest."`
}

func (s WebhookSettings) settings() webhook.Settings {
	return webhook.Settings{
		Name: s.Name, URL: s.URL, Inspect: s.Inspect, Form: webhook.Form(s.Form), Key: s.Key, Ed25519: s.Ed25519, Schedule: webhook.Schedule(s.Schedule),
		Filter: webhook.Filter{
			Kinds:   mapped(s.Filter.Types, func(t string) webhook.Kind { return webhook.Kind(t) }),
			Status:  mapped(s.Filter.Status, func(t string) status.Main { return status.Main(t) }),
			Tags:    s.Filter.Tags,
			Sources: mapped(s.Filter.Sources, func(t string) watch.Source { return watch.Source(t) }),
		},
	}
}

func settingsOf(s webhook.Settings) WebhookSettings {
	return WebhookSettings{
		Name: s.Name, URL: s.URL, Inspect: s.Inspect, Form: string(s.Form), Key: s.Key, Ed25519: s.Ed25519, Schedule: string(s.Schedule),
		Filter: WebhookFilter{
			Types:   mapped(s.Filter.Kinds, func(t webhook.Kind) string { return string(t) }),
			Status:  mapped(s.Filter.Status, func(t status.Main) string { return string(t) }),
			Tags:    s.Filter.Tags,
			Sources: mapped(s.Filter.Sources, func(t watch.Source) string { return string(t) }),
		},
	}
}

// hookOf is an endpoint without its secrets.
func hookOf(e webhook.Endpoint) Webhook {
	return Webhook{
		ID: string(e.ID), WebhookSettings: settingsOf(e.Settings), State: string(e.State), Failures: e.Failures, Failing: instant(e.Failing),
		Resumes: instant(e.Open), Waiting: e.Waiting, Made: instant(e.Made),
	}
}

// secretHookOf is an endpoint with its secrets.
func secretHookOf(e webhook.Endpoint) Webhook {
	out := hookOf(e)
	out.Secrets = mapped(e.Secrets, func(s webhook.Secret) WebhookSecret {
		return WebhookSecret{s.Value, s.Public(), instant(s.Made), instant(s.Ends)}
	})
	return out
}

type listHooksOutput struct{ Body List[Webhook] }

func (d *Door) listHooks(ctx context.Context, _ *nothing) (*listHooksOutput, error) {
	who := callerOf(ctx)
	store, err := d.Hooks.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	all, err := store.Endpoints(ctx, who.Owner)
	if err != nil {
		return nil, err
	}
	return &listHooksOutput{List[Webhook]{Items: mapped(all, hookOf)}}, nil
}

type makeHookInput struct{ Body WebhookSettings }

type hookOutput struct{ Body Webhook }

func (d *Door) makeHook(ctx context.Context, in *makeHookInput) (*hookOutput, error) {
	who := callerOf(ctx)
	store, err := d.Hooks.Of(who.Owner)
	if err != nil {
		return nil, err
	}
	made, err := store.Create(ctx, who.Owner, in.Body.settings())
	if err != nil {
		return nil, err
	}
	return &hookOutput{secretHookOf(made)}, nil
}

// A WebhookID is which endpoint is meant.
type WebhookID struct {
	Webhook string `path:"webhook" format:"uuid" doc:"The endpoint's id."`
}

type hookInput struct{ WebhookID }

func (d *Door) getHook(ctx context.Context, in *hookInput) (*hookOutput, error) {
	_, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	return &hookOutput{secretHookOf(e)}, nil
}

// endpoint is one of the caller's account.
func (d *Door) endpoint(ctx context.Context, id WebhookID) (*webhook.Store, webhook.Endpoint, error) {
	who := callerOf(ctx)
	store, err := d.Hooks.Of(who.Owner)
	if err != nil {
		return nil, webhook.Endpoint{}, err
	}
	e, err := store.Endpoint(ctx, who.Owner, webhook.EndpointID(id.Webhook))
	return store, e, err
}

type editHookInput struct {
	WebhookID
	Body EditWebhook
}

// An EditWebhook is what is to change; what is absent stays as it is.
type EditWebhook struct {
	Name     *string        `json:"name,omitempty" maxLength:"100"`
	URL      *string        `json:"url,omitempty" maxLength:"2000"`
	Form     *string        `json:"form,omitempty" enum:"own,v1,v2,v2.1,v2.2,v2.4"`
	Filter   *WebhookFilter `json:"filter,omitempty" doc:"The whole filter."`
	Key      *string        `json:"key,omitempty" maxLength:"60"`
	Ed25519  *bool          `json:"ed25519,omitempty"`
	Schedule *string        `json:"schedule,omitempty" enum:"patient,compatible"`
	On       *bool          `json:"on,omitempty" doc:"Turns it on or off. One that said it was gone begins anew."`
}

func (d *Door) editHook(ctx context.Context, in *editHookInput) (*hookOutput, error) {
	who := callerOf(ctx)
	store, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	set, b := settingsOf(e.Settings), in.Body
	change(&set.Name, b.Name)
	change(&set.URL, b.URL)
	change(&set.Form, b.Form)
	change(&set.Filter, b.Filter)
	change(&set.Key, b.Key)
	change(&set.Ed25519, b.Ed25519)
	change(&set.Schedule, b.Schedule)
	if err := store.Change(ctx, who.Owner, e.ID, set.settings()); err != nil {
		return nil, err
	}
	if b.On != nil {
		if err := store.Switch(ctx, who.Owner, e.ID, *b.On); err != nil {
			return nil, err
		}
	}
	return d.getHook(ctx, &hookInput{in.WebhookID})
}

// change sets a field to what was given, if it was.
func change[T any](field, given *T) {
	if given != nil {
		*field = *given
	}
}

func (d *Door) deleteHook(ctx context.Context, in *hookInput) (*deleted, error) {
	store, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	return nil, store.Delete(ctx, e.Owner, e.ID)
}

type rotateHookInput struct {
	WebhookID
	Body RotateKey
}

func (d *Door) rotateHook(ctx context.Context, in *rotateHookInput) (*hookOutput, error) {
	store, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	if e, err = store.Rotate(ctx, e.Owner, e.ID, time.Duration(in.Body.Overlap)*time.Hour); err != nil {
		return nil, err
	}
	return &hookOutput{secretHookOf(e)}, nil
}

// A Sent says what is on its way.
type Sent struct {
	Sequence int64 `json:"sequence" doc:"Of the event, in GET /v1/events too."`
}

type testHookOutput struct{ Body Sent }

func (d *Door) testHook(ctx context.Context, in *hookInput) (*testHookOutput, error) {
	store, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	seq, err := store.Try(ctx, e.Owner, e.ID)
	if err != nil {
		return nil, err
	}
	return &testHookOutput{Sent{seq}}, nil
}

type replayHookInput struct {
	WebhookID
	Body Replay
}

// A Replay is which events are sent again.
type Replay struct {
	First int64 `json:"first" minimum:"1" maximum:"9007199254740991" doc:"The sequence of the first." example:"1"`
	Last  int64 `json:"last" minimum:"1" maximum:"9007199254740991" doc:"The sequence of the last." example:"1"`
}

// A Replayed says how many events are sent again.
type Replayed struct {
	Events int `json:"events"`
}

type replayHookOutput struct{ Body Replayed }

func (d *Door) replayHook(ctx context.Context, in *replayHookInput) (*replayHookOutput, error) {
	store, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	n, err := store.Replay(ctx, e.Owner, e.ID, in.Body.First, in.Body.Last)
	if err != nil {
		return nil, err
	}
	return &replayHookOutput{Replayed{n}}, nil
}

type listDeliveriesInput struct {
	WebhookID
	Page
	State  string `query:"state" enum:"waiting,taken,failed" doc:"How they stand."`
	Number string `query:"number" maxLength:"120" doc:"Of the parcel."`
}

// A Delivery is an event on its way to an endpoint.
type Delivery struct {
	Sequence int64     `json:"sequence" doc:"The event's."`
	Event    string    `json:"event" format:"uuid"`
	Type     string    `json:"type" enum:"parcel.updated,parcel.stopped,endpoint.test"`
	Number   string    `json:"number"`
	Status   subStatus `json:"sub_status"`
	Made     string    `json:"made" format:"date-time"`
	State    string    `json:"state" enum:"waiting,taken,failed" doc:"It is to be tried, for the first time or again; the receiver answered with 2xx; it was given up."`
	Failures int       `json:"failures" doc:"Since it last began to wait."`
	Due      string    `json:"due,omitempty" format:"date-time" doc:"When it is tried next."`
	Tried    string    `json:"tried,omitempty" format:"date-time" doc:"When it was last tried."`
	Took     int64     `json:"took_ms,omitempty" doc:"How long the receiver took, in milliseconds."`
	Code     int       `json:"code,omitempty" doc:"The status that it answered with."`
	Problem  string    `json:"problem,omitempty" enum:"timeout,name,private,connection,certificate,redirect,status,unwriteable" doc:"Why it wasn't taken."`
}

type listDeliveriesOutput struct{ Body List[Delivery] }

func (d *Door) listDeliveries(ctx context.Context, in *listDeliveriesInput) (*listDeliveriesOutput, error) {
	store, e, err := d.endpoint(ctx, in.WebhookID)
	if err != nil {
		return nil, err
	}
	page, err := store.Log(ctx, e.Owner, webhook.LogQuery{
		Endpoint: e.ID, State: webhook.DeliveryState(in.State), Number: in.Number, Before: webhook.LogCursor(in.After), Most: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	return &listDeliveriesOutput{List[Delivery]{mapped(page.Deliveries, deliveryOf), string(page.Next)}}, nil
}

func deliveryOf(l webhook.Delivery) Delivery {
	return Delivery{
		Sequence: l.Seq, Event: string(l.Event), Type: happeningTypes[l.Kind], Number: l.Number, Status: subStatus(l.Status), Made: instant(l.Made),
		State: string(l.State), Failures: l.Failures, Due: instant(l.Due), Tried: instant(l.At), Took: l.Took.Milliseconds(), Code: l.Code, Problem: string(l.Problem),
	}
}
