package track17_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/api/track17"
	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/limit"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/poll"
	"waypost/internal/quota"
	"waypost/internal/recognise"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// files are read once for all tests.
var files = sync.OnceValues(func() (*carrier.Catalogue, *recognise.Index) {
	catalogue, _ := builtin.Catalogue()
	return catalogue, recognise.New(catalogue.Carriers())
})

// A world is the API with the rooms that it opens, of one region, where every
// source is connected.
type world struct {
	t       testing.TB
	db      *db.DB
	parcels *parcel.Store
	watches *watch.Watches
	keys    *quota.Stores
	door    *track17.Door
	poller  *poll.Poller
	handler http.Handler
	base    string
	heard   bytes.Buffer
	secret  string // of mia's key that may do everything
	pushed  []watch.RegistrationID
}

const roomy = 1_000_000

func newWorld(t testing.TB, d *db.DB, rate int, plan quota.Plan) *world {
	t.Helper()
	w := &world{t: t, db: d}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	catalogue, index := files()
	ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
	safe := must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
	for _, who := range []inventory.Subject{mia, noah} {
		if err := safe.Create(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	count := must(limit.Open(t.Context(), d, func(text string) string { return text }))(t)
	w.keys = must(quota.Open(t.Context(), quota.Options{
		Regions: []quota.Region{{Name: "eu", DB: d, Vault: safe, Count: count}}, Plan: plan,
		Rates: map[quota.API]int{quota.Compatible: rate},
	}))(t)
	w.parcels = must(parcel.Open(t.Context(), d, log))(t)
	w.parcels.SealWith(safe)
	w.poller = poll.New(w.parcels, catalogue, poll.Options{Accounts: accounts(catalogue)}, prometheus.NewRegistry(), log)
	w.watches = must(watch.Open(t.Context(), watch.Options{
		Regions: []watch.Region{{Name: "eu", DB: d, Vault: safe}}, Parcels: w.parcels, Ledger: w,
		Knowledge: func() watch.Knowledge { return watch.Knowledge{Catalogue: catalogue, Index: index, Plan: w.plan} },
	}))(t)
	w.door = track17.New(track17.Options{
		Keys: w.keys, Watches: w.watches, Catalogue: func() *carrier.Catalogue { return catalogue }, Log: log,
		Draw: w.drawOne, Ask: w.ask, Push: w.push,
	})
	w.secret = w.key(mia, quota.Scopes...)
	w.handler = track17.Plain(w.door)
	server := httptest.NewServer(w.handler)
	t.Cleanup(server.Close)
	w.base = server.URL
	return w
}

// accounts are one at each source, and one that answers for any carrier.

func accounts(catalogue *carrier.Catalogue) []poll.Account {
	var all []poll.Account
	for _, source := range catalogue.Sources() {
		if source.Asked && (source.Code == "17track" || !source.Fallback) {
			all = append(all, poll.Account{Code: carrier.AccountCode(source.Code + "/main"), Source: source, Connector: world17{}})
		}
	}
	return all
}

func (w *world) plan(n recognise.Number, chosen carrier.Code, given carrier.Given) (parcel.Want, []carrier.Need) {
	p := w.poller.Plan(n, chosen, given)
	want := parcel.Want{Key: p.Key, Given: p.Given, Askings: p.Askings, Choice: p.Choice}
	if len(p.Askings) == 0 {
		for _, m := range p.Missing {
			if m.Why == poll.NeedsMore {
				return want, m.Needs
			}
		}
	}
	return want, nil
}

// Draw draws on the quota, as app has it.
func (w *world) Draw(ctx context.Context, tx *db.Tx, owner inventory.Subject, of []watch.RegistrationID) ([]error, error) {
	lines := make([]quota.Line, len(of))
	for i, id := range of {
		lines[i] = quota.Line{ID: string(id), Matter: quota.Registration}
	}
	return w.keys.Stores()[0].Draw(ctx, tx, owner, lines)
}

func (w *world) drawOne(ctx context.Context, owner inventory.Subject, line quota.Line) error {
	var refused []error
	err := w.db.Tx(ctx, func(tx *db.Tx) (err error) {
		refused, err = w.keys.Stores()[0].Draw(ctx, tx, owner, []quota.Line{line})
		return err
	})
	if err != nil {
		return err
	}
	return refused[0]
}

func (w *world) ask(ctx context.Context, wish track17.Wish) (parcel.Parcel, error) {
	_, index := files()
	q := poll.Question{Number: index.Number(wish.Number, recognise.Hints{}), Chosen: wish.Carrier, Given: wish.Given, Lang: wish.Lang}
	if !wish.Fresh {
		q.Recent = 15 * time.Minute
	}
	return w.poller.Now(ctx, q)
}

// push knows one registration that can't be pushed, and otherwise remembers.
func (w *world) push(ctx context.Context, owner inventory.Subject, id watch.RegistrationID) error {
	r, err := w.watches.Stores()[0].Registration(ctx, owner, id)
	switch {
	case err != nil:
		return err
	case r.Tag == "nobody listens":
		return track17.ErrNoReceiver
	case r.Tag == "broken":
		return io.ErrUnexpectedEOF
	}
	w.pushed = append(w.pushed, id)
	return nil
}

// key makes a key of an owner, and returns its secret.
func (w *world) key(owner inventory.Subject, scopes ...quota.Scope) string {
	w.t.Helper()
	return must(w.keys.Stores()[0].Make(w.t.Context(), owner, quota.Settings{Name: "test", Scopes: scopes}, false))(w.t).Secret
}

// history is what carriers tell in these tests of a parcel that was posted three
// days ago: one event without a zone, one without an hour.
func history(now time.Time) []carrier.Event {
	beijing := time.FixedZone("", 8*60*60)
	at := func(ago time.Duration) carrier.Time {
		when := now.Add(-ago).In(beijing)
		return carrier.Time{Local: when.Format("2006-01-02T15:04:05"), UTC: when.UTC()}
	}
	return []carrier.Event{
		{Time: at(80 * time.Hour), Code: "A", Status: status.InfoReceivedOnly, Words: "Shipment data received", Place: place.Place{City: "Shenzhen", Country: "CN"}},
		{Time: at(72 * time.Hour), Code: "B", Status: status.InTransitPickedUp, Words: "Collected", Place: place.Place{Name: "Shenzhen, collection 3", City: "Shenzhen", Country: "CN"}},
		{Time: carrier.Time{Local: "1999-12-29"}, Code: "C", Status: status.InTransitOther, Words: "Sorted", Place: place.Place{City: "Guangzhou", Region: "Guangdong", Country: "CN"}},
		{Time: carrier.Time{Local: "1999-12-30T09:15:00"}, Code: "D", Words: "Handed to airline \"CA\" <cargo>", Place: place.Place{Name: "GUANGZHOU"}},
		{Time: at(30 * time.Hour), Code: "E", Status: status.InTransitDeparture, Words: "Departed · 离开", Place: place.Place{City: "Guangzhou", Country: "CN", Postcode: "510000"}},
	}
}

// world17 is the outside: carriers that know numbers by how they end.
type world17 struct{}

func (world17) Batch() int { return 40 }

func (world17) Track(ctx context.Context, asks []carrier.Ask) ([]carrier.Report, error) {
	reports := make([]carrier.Report, len(asks))
	for i, a := range asks {
		switch r := &reports[i]; {
		case strings.HasPrefix(a.Number, "LX"), strings.HasPrefix(a.Number, "1Z4"):
			*r = carrier.Report{Number: a.Number, Service: "Tracked Packet", Events: history(time.Now())}
		case strings.HasPrefix(a.Number, "RB"):
			return nil, &carrier.Problem{Kind: carrier.Unavailable, Text: "down"}
		case strings.HasPrefix(a.Number, "RC"):
			return nil, context.DeadlineExceeded
		default:
			*r = carrier.Report{Number: a.Number, Problem: &carrier.Problem{Kind: carrier.Missing}}
		}
	}
	return reports, nil
}

// answer has the carriers in a role answer that are to be asked about a number;
// events none means that they don't know it.
func (w *world) answer(number string, role parcel.Role, events []carrier.Event, legs ...carrier.Leg) {
	w.t.Helper()
	found := must(w.watches.Stores()[0].Find(w.t.Context(), mia, watch.Reference{Number: number}))(w.t)
	var asked []carrier.AccountCode
	for _, r := range found[0] {
		for _, a := range r.Parcel.Asks {
			if !slices.Contains(asked, a.Account) {
				asked = append(asked, a.Account)
			}
		}
	}
	if len(asked) == 0 {
		w.t.Fatalf("nobody is asked about %s", number)
	}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	for _, account := range asked {
		taken := must(w.parcels.Claim(w.t.Context(), parcel.Claim{Account: account, Most: 100, Lease: time.Minute}))(w.t)
		for _, c := range taken.Asks {
			if c.Number != number || (c.Role == parcel.Destination) != (role == parcel.Destination) {
				must(struct{}{}, w.parcels.Release(w.t.Context(), []parcel.Claimed{c}))(w.t)
				continue
			}
			o := parcel.Outcome{Claimed: c, At: time.Now(), Report: carrier.Report{Number: number, Service: "Tracked Packet", Events: events, Legs: legs}}
			if events == nil {
				o.Report = carrier.Report{Number: number, Problem: &carrier.Problem{Kind: carrier.Missing}}
			}
			for _, leg := range legs {
				o.Onward = append(o.Onward, parcel.Asking{
					Account: carrier.AccountCode(leg.Carrier + "/main"), Source: carrier.SourceCode(leg.Carrier),
					Carrier: carrier.Code(leg.Carrier), Number: leg.Number, Role: parcel.Destination,
				})
			}
			must(w.parcels.Record(w.t.Context(), []parcel.Outcome{o}, soon))(w.t)
		}
	}
	for _, r := range found[0] {
		if err := w.watches.ParcelChanged(w.t.Context(), r.Parcel.ID); err != nil {
			w.t.Fatal(err)
		}
	}
}

// must ends the test on an error.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
