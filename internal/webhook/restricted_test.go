package webhook_test

import (
	"sync"
	"testing"
	"time"

	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// Of who has their data restricted nothing is written down, what waits isn't
// delivered, and it comes when they lift it.
func TestNothingIsDeliveredForWhoIsRestricted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		to := w.endpoint(webhook.Settings{URL: r.URL, Form: webhook.Own})
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.tell(id, status.InTransitOther)
		w.restricted.Store(true)
		w.tell(id, status.OutForDeliveryOther)
		if events := w.after(0); len(events) != 1 {
			t.Fatalf("%d events, want the one from before", len(events))
		}
		_, err := w.store().Try(t.Context(), mia, to.ID)
		wantFault(t, err, "data_restricted")
		_, err = w.store().Replay(t.Context(), mia, to.ID, 1, 1)
		wantFault(t, err, "data_restricted")
		stop := w.run()
		defer stop()
		w.soon("the delivery to be put off", func() bool {
			return must(w.store().DueAt(t.Context(), to.ID))(t).After(time.Now().Add(50 * time.Minute))
		})
		if n := r.calls(); n != 0 {
			t.Errorf("delivered %d events", n)
		}
		w.restricted.Store(false)
		if err := w.store().Resume(t.Context(), mia); err != nil {
			t.Fatal(err)
		}
		w.soon("what waited", func() bool { return r.calls() == 1 })
		w.tell(id, status.DeliveredOther)
		w.soon("what comes after", func() bool { return r.calls() == 2 })
	})
}

// Who lifts it while their endpoint is being put off waits for nothing: what came to
// them is delivered at once.
func TestALiftIsNotLostWhileAnEndpointIsPutOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		w.endpoint(webhook.Settings{URL: r.URL, Form: webhook.Own})
		w.tell(w.keep(mia, "TEST1", watch.ByAPI), status.InTransitOther)
		w.restricted.Store(true)
		w.asked = sync.OnceFunc(func() {
			w.restricted.Store(false)
			if err := w.store().Resume(t.Context(), mia); err != nil {
				t.Error(err)
			}
		})
		stop := w.run()
		defer stop()
		w.soon("what waited", func() bool { return r.calls() == 1 })
	})
}
