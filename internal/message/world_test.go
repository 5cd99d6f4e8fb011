package message_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/mail"
	"waypost/internal/mailtest"
	"waypost/internal/message"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

// Numbers that the carrier files invented, and two members.
const (
	ups  = "1Z4A7B2C0364182055"
	ups2 = "1Z88R0X30319772400"

	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

var known = sync.OnceValue(func() watch.Knowledge {
	catalogue, _ := builtin.Catalogue()
	return watch.Knowledge{Catalogue: catalogue, Index: recognise.New(catalogue.Carriers()), Plan: plan}
})

// plan asks one source about every number.
func plan(n recognise.Number, chosen carrier.Code, given carrier.Given) (parcel.Want, []carrier.Need) {
	return parcel.Want{
		Key:     parcel.Key{Number: n.Text, Carrier: chosen},
		Askings: []parcel.Asking{{Account: "test/main", Source: "test", Carrier: "ups", Number: n.Text, Role: parcel.Origin}},
	}, nil
}

// A world is messages about watches of parcels that lie in another database, a
// mail server, and jobs that the test does by hand.
type world struct {
	*message.Messages
	t          *testing.T
	d          *db.DB
	sink       *mailtest.Sink
	parcels    *parcel.Store
	watches    *watch.Watches
	ahead      time.Duration
	restricted bool            // whoever is asked for
	answer     error           // of the mail server
	member     account.Profile // whoever is asked for
	changed    []parcel.Changed
	due        map[inventory.Subject][]time.Time
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, due: map[inventory.Subject][]time.Time{}}
	w.member = account.Profile{State: account.Active, Language: "en", Country: "DE", Contacts: []account.Address{
		{Contact: account.Contact{Kind: account.Mail, Value: "mia@mail.example"}, Main: true},
	}}
	ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
	keys := must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
	for _, who := range []inventory.Subject{mia, noah} {
		if err := keys.Create(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	w.parcels = must(parcel.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), slog.New(slog.DiscardHandler)))(t)
	w.parcels.Tell(hears{w})
	w.watches = must(watch.Open(t.Context(), watch.Options{
		Regions: []watch.Region{{Name: "eu", DB: d, Vault: keys}}, Parcels: w.parcels, Knowledge: known,
	}))(t)
	w.sink = mailtest.Start(t, mailtest.Options{Answer: func(step, _ string) error {
		if step == "RCPT" {
			return w.answer
		}
		return nil
	}})
	sender := must(mail.New(mail.Options{From: "Waypost <post@track.example>", Server: w.sink.Addr, TLS: mail.Off}, nil))(t)
	w.Messages = must(message.Open(t.Context(), message.Options{
		URL: "https://track.example", Mail: sender, People: w, Watches: w.watches,
		Restricted: func(context.Context, inventory.Subject) (bool, error) { return w.restricted, nil },
		Regions:    []message.Region{{Name: "eu", DB: d, Vault: keys, Jobs: w}},
		Carrier:    func(code carrier.Code, _ string) string { return strings.ToUpper(string(code)) },
	}))(t)
	w.SetClock(w.now)
	return w
}

func (w *world) now() time.Time { return time.Now().Add(w.ahead) }

func (w *world) store() *message.Store { return w.Stores()[0] }

// hears is who the parcels tell.
type hears struct{ w *world }

func (h hears) Add(_ context.Context, _ *db.Tx, events ...job.Args) error {
	for _, e := range events {
		h.w.changed = append(h.w.changed, e.(parcel.Changed))
	}
	return nil
}

// Add and AddAt are the region's jobs.
func (w *world) Add(ctx context.Context, tx *db.Tx, events ...job.Args) error {
	return w.AddAt(ctx, tx, w.now(), events...)
}

func (w *world) AddAt(_ context.Context, _ *db.Tx, at time.Time, events ...job.Args) error {
	for _, e := range events {
		owner := e.(message.AlertsDue).Owner
		w.due[owner] = append(w.due[owner], at)
	}
	return nil
}

// Profile is who is asked for.
func (w *world) Profile(context.Context, account.ID) (account.Profile, error) {
	if w.member.State == "" {
		return account.Profile{}, fault.New(fault.NotFound, "account_missing", "There is no such account.")
	}
	return w.member, nil
}

// save has somebody keep a number.
func (w *world) save(owner inventory.Subject, number, name string) watch.ID {
	w.t.Helper()
	saved := must(w.watches.Stores()[0].Save(w.t.Context(), owner, watch.New{Number: number, Words: watch.Words{Name: name}}))(w.t)
	return saved[0].ID
}

// tell has a carrier tell of statuses, the last just now, and returns the change.
func (w *world) tell(number string, subs ...status.Sub) parcel.Changed {
	w.t.Helper()
	taken := must(w.parcels.Claim(w.t.Context(), parcel.Claim{Account: "test/main", Most: 100, Lease: time.Minute}))(w.t)
	var outcomes []parcel.Outcome
	for _, c := range taken.Asks {
		o := parcel.Outcome{Claimed: c, At: time.Now(), Report: carrier.Report{Number: c.Number, Problem: &carrier.Problem{Kind: carrier.Unavailable}}}
		if c.Number == number {
			o.Report = carrier.Report{Number: number}
			for i, sub := range subs {
				at := time.Now().Add(time.Second + time.Duration(i-len(subs)+1)*time.Hour).UTC().Truncate(time.Second)
				o.Report.Events = append(o.Report.Events, carrier.Event{
					Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: "E", Status: sub, Words: "Says the carrier",
				})
			}
		}
		outcomes = append(outcomes, o)
	}
	w.changed = nil
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	must(w.parcels.Record(w.t.Context(), outcomes, soon))(w.t)
	if len(w.changed) != 1 {
		w.t.Fatalf("told %+v, want one change", w.changed)
	}
	return w.changed[0]
}

// change is tell, and everybody who watches hears of it.
func (w *world) change(number string, subs ...status.Sub) parcel.Changed {
	w.t.Helper()
	c := w.tell(number, subs...)
	if err := w.ParcelChanged(w.t.Context(), c); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// work does the jobs that are due.
func (w *world) work() {
	w.t.Helper()
	for owner, times := range w.due {
		var later []time.Time
		run := false
		for _, at := range times {
			if at.After(w.now()) {
				later = append(later, at)
			} else {
				run = true
			}
		}
		w.due[owner] = later
		if run {
			if err := w.AlertsDue(w.t.Context(), message.AlertsDue{Owner: owner}); err != nil {
				w.t.Fatal(err)
			}
		}
	}
}

// A got is an e-mail that arrived.
type got struct {
	subject, id, unsubscribe, post, body string
}

func (w *world) mails() (all []got) {
	w.t.Helper()
	for _, m := range w.sink.Mails() {
		parsed := must(netmail.ReadMessage(bytes.NewReader(m.Raw)))(w.t)
		body := must(io.ReadAll(parsed.Body))(w.t)
		h := parsed.Header
		all = append(all, got{h.Get("Subject"), h.Get("Message-Id"), h.Get("List-Unsubscribe"), h.Get("List-Unsubscribe-Post"), string(body)})
	}
	return all
}

func (w *world) set(do func(*message.Settings)) {
	w.t.Helper()
	if err := w.store().Change(w.t.Context(), mia, do); err != nil {
		w.t.Fatal(err)
	}
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
