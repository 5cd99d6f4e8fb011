package webhook_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// What is sent of an event that was just recorded is what is read of it later.
func TestWhatIsFreshIsSentAsItIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, Hooks: openBench(t, d)}
		r := newReceiver(t)
		to := w.endpoint(webhook.Settings{URL: r.URL})
		w.endpoint(webhook.Settings{URL: r.URL})
		p := benchParcel(1)
		p.Choice, p.Generation = parcel.ByHand, 2
		p.Asks = []parcel.Ask{{
			Asking: parcel.Asking{Source: "test", Carrier: carrier.Code("ups"), Number: p.Number, Role: parcel.Origin}, State: parcel.Waiting,
			Asked: time.Now(), Answered: time.Now(), Failures: 1,
		}}
		item := webhook.Item{Owner: mia, ID: "item", Source: watch.ByAPI, Tags: []string{"<spring>"}, Detail: json.RawMessage(`{"name": "Kettle"}`)}
		if err := w.store().Tell(t.Context(), webhook.Updated, item, p, "asked"); err != nil {
			t.Fatal(err)
		}
		if n := w.Fresh(); n != 1 {
			t.Fatalf("of an event for two endpoints of one form %d are kept, want 1", n)
		}
		w.run()
		w.soon("both deliveries", func() bool { return len(r.all()) == 2 })
		kept := must(w.store().Record(t.Context(), mia, to.ID, 1))(t)
		for _, g := range r.all() {
			if !bytes.Equal(g.body, kept.Body) {
				t.Errorf("sent was %s, kept is %s", g.body, kept.Body)
			}
		}
		if n := w.Fresh(); n != 0 {
			t.Errorf("%d are kept after all were told", n)
		}
	})
}

func TestNothingFreshOutlivesItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.endpoint(webhook.Settings{URL: "https://hooks.example/"})
		w.tell(w.keep(mia, "TEST1", watch.ByAPI), "InTransit_Other")
		if n := w.Fresh(); n != 1 {
			t.Fatalf("%d are kept, want 1", n)
		}
		if err := w.store().Erase(t.Context(), mia); err != nil {
			t.Fatal(err)
		}
		if n := w.Fresh(); n != 0 {
			t.Errorf("%d are kept of nobody", n)
		}
	})
}
