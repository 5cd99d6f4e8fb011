package watch_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/recognise"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
)

const day = 24 * time.Hour

// Numbers that the carrier files invented.
const (
	ups    = "1Z4A7B2C0364182055"
	dhl    = "4829103753"
	ups2   = "1Z88R0X30319772400"
	ups3   = "1Z71F3K9YW40251838"
	postal = "RR123456785DE"
)

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// known is read once for all tests.
var known = sync.OnceValue(func() watch.Knowledge {
	catalogue, _ := builtin.Catalogue()
	return watch.Knowledge{Catalogue: catalogue, Index: recognise.New(catalogue.Carriers()), Plan: plan}
})

// plan asks one source about every number, whoever its carrier is.
func plan(n recognise.Number, chosen carrier.Code, given carrier.Given) (parcel.Want, []carrier.Need) {
	w := parcel.Want{Key: parcel.Key{Number: n.Text, Carrier: chosen}}
	at := chosen
	if at == "" && len(n.Candidates) > 0 {
		at = n.Candidates[0].Carrier
	}
	if at == "gls" {
		if w.Given = given.Of([]carrier.Need{carrier.PostalCode}); w.Given == nil {
			return w, []carrier.Need{carrier.PostalCode}
		}
	}
	w.Askings = []parcel.Asking{{Account: "test/main", Source: "test", Carrier: at, Number: n.Text, Role: parcel.Origin}}
	return w, nil
}

// A world is watches and parcels, and a clock that can be moved on.
type world struct {
	*watch.Watches
	t       *testing.T
	d       *db.DB
	parcels *parcel.Store
	keys    *vault.Vault
	ahead   time.Duration

	restricted map[inventory.Subject]bool
	objected   string // the use to which everybody objects
}

// each runs test with watches of one region on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, restricted: map[inventory.Subject]bool{}}
	ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
	w.keys = must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
	w.parcels = must(parcel.Open(t.Context(), d, slog.New(slog.DiscardHandler)))(t)
	w.parcels.SealWith(w.keys)
	w.Watches = must(watch.Open(t.Context(), watch.Options{
		Regions: []watch.Region{{Name: "eu", DB: d, Vault: w.keys}}, Parcels: w.parcels, Knowledge: known,
		Objected:   func(_ context.Context, _ inventory.Subject, use string) (bool, error) { return use == w.objected, nil },
		Restricted: func(_ context.Context, who inventory.Subject) (bool, error) { return w.restricted[who], nil },
	}))(t)
	w.SetClock(w.now)
	for _, who := range []inventory.Subject{mia, noah} {
		if err := w.keys.Create(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *world) now() time.Time { return time.Now().Add(w.ahead) }

// store is the only region's.
func (w *world) store() *watch.Store { return w.Stores()[0] }

// save saves a number with a name.
func (w *world) save(owner inventory.Subject, number, name string, tags ...string) watch.ID {
	w.t.Helper()
	saved := must(w.store().Save(w.t.Context(), owner, watch.New{Number: number, Words: watch.Words{Name: name, Tags: tags}}))(w.t)
	return saved[0].ID
}

// get reads a watch.
func (w *world) get(owner inventory.Subject, id watch.ID) watch.Watch {
	w.t.Helper()
	return must(w.store().Get(w.t.Context(), owner, id))(w.t)
}

// tell has the carrier of every parcel that is due tell an event, so long ago,
// and the watches hear of it.
func (w *world) tell(number string, sub status.Sub, ago time.Duration) {
	w.t.Helper()
	p := must(w.parcels.Find(w.t.Context(), parcel.Key{Number: number}))(w.t)
	if len(p) != 1 {
		w.t.Fatalf("there is no parcel %s", number)
	}
	taken := must(w.parcels.Claim(w.t.Context(), parcel.Claim{Account: "test/main", Most: 100, Lease: time.Minute}))(w.t)
	var outcomes []parcel.Outcome
	for _, c := range taken.Asks {
		o := parcel.Outcome{Claimed: c, At: time.Now(), Report: carrier.Report{Number: c.Number, Problem: &carrier.Problem{Kind: carrier.Unavailable}}}
		if c.Number == number {
			at := time.Now().Add(-ago).UTC().Truncate(time.Second)
			o.Report = carrier.Report{Number: number, Latest: true, Events: []carrier.Event{{
				Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: "E", Status: sub,
				Words: "Something happened", Place: place.Place{City: "Testhafen", Country: "DE"},
			}}}
		}
		outcomes = append(outcomes, o)
	}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	must(w.parcels.Record(w.t.Context(), outcomes, soon))(w.t)
	if err := w.ParcelChanged(w.t.Context(), p[0].ID); err != nil {
		w.t.Fatal(err)
	}
}

// ids are the watches of a page.
func ids(p watch.Page) []watch.ID {
	all := make([]watch.ID, len(p.Watches))
	for i, w := range p.Watches {
		all[i] = w.ID
	}
	return all
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

// wantFault fails the test unless err is a fault of one of the codes.
func wantFault(t *testing.T, err error, codes ...string) {
	t.Helper()
	var f *fault.Error
	code := ""
	if errors.As(err, &f) {
		code = f.Code
	}
	if !slices.Contains(codes, code) {
		t.Errorf("got error %v, want %v", err, codes)
	}
}

func longText(n int) string { return strings.Repeat("x", n) }

func manyTags(n int) []string {
	var tags []string
	for i := range n {
		tags = append(tags, "tag "+string(rune('a'+i)))
	}
	return tags
}
