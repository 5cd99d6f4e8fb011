package webhook_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// Two programs write the same changes down at the same time, each of them twice.
func TestEventsAreNumberedWithoutGaps(t *testing.T) {
	const parcels, changes = 8, 6
	each(t, func(t *testing.T, w *world) {
		replicas := []*webhook.Hooks{w.Hooks, w.replica(webhook.Options{})}
		var ids []parcel.ID
		for i := range parcels {
			ids = append(ids, w.keep(mia, fmt.Sprintf("TEST%d", i), watch.ByAPI))
		}
		for range changes {
			var group sync.WaitGroup
			for _, id := range ids {
				change := w.happen(id, status.InTransitOther)
				for _, h := range append(replicas, replicas...) {
					group.Go(func() {
						if err := h.ParcelChanged(t.Context(), change); err != nil {
							t.Error(err)
						}
					})
				}
			}
			group.Wait()
		}
		events := w.after(0)
		if len(events) != parcels*changes {
			t.Fatalf("there are %d events, want %d", len(events), parcels*changes)
		}
		revisions := map[string]int64{}
		for i, e := range events {
			if e.Seq != int64(i+1) {
				t.Fatalf("event %d has number %d", i+1, e.Seq)
			}
			revisions[e.Parcel.Number]++
			if e.Parcel.Revision != revisions[e.Parcel.Number] || len(e.Parcel.History.Events) != int(e.Parcel.Revision) {
				t.Errorf("%s: revision %d with %d events comes as number %d", e.Parcel.Number, e.Parcel.Revision, len(e.Parcel.History.Events), revisions[e.Parcel.Number])
			}
		}
	})
}

func TestAChangeThatComesTooLateIsNoEvent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.keep(mia, "TEST1", watch.ByAPI)
		first := w.happen(id, status.InTransitOther)
		w.tell(id, status.OutForDeliveryOther)
		if err := w.ParcelChanged(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		events := w.after(0)
		if len(events) != 1 || events[0].Status() != status.OutForDeliveryOther || len(events[0].Parcel.History.Events) != 2 {
			t.Errorf("got %+v, want one event with the newest state", events)
		}
	})
}

func TestAnEventKeepsTheParcelAsItStood(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.keep(mia, "TEST1", watch.ByAPI, "spring sale")
		w.tell(id, status.InTransitOther)
		w.tell(id, status.DeliveredOther)
		events := w.after(0)
		if len(events) != 2 {
			t.Fatalf("got %d events", len(events))
		}
		e := events[0]
		if e.Status() != status.InTransitOther || e.Parcel.Number != "TEST1" || !e.Parcel.Created.Equal(w.parcels[id].Created) || len(e.Parcel.History.Events) != 1 {
			t.Errorf("the first event is of %+v", e.Parcel)
		}
		if len(e.Tags) != 1 || e.Tags[0] != "spring sale" || string(e.Detail) != `{"remark":"blue box"}` || e.Owner != mia {
			t.Errorf("its item is %+v", e.Item)
		}
	})
}

func TestWhatIsToldTwiceForOneCauseIsOneEvent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.tell(id, status.InTransitOther)
		p := must(w.Get(t.Context(), id))(t)[0]
		for _, cause := range []string{"a", "a", "b"} {
			if err := w.store().Tell(t.Context(), webhook.Updated, w.keeping[id][0], p, cause); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.store().Tell(t.Context(), webhook.Stopped, w.keeping[id][0], p, "a"); err != nil {
			t.Fatal(err)
		}
		if events := w.after(1); len(events) != 3 || events[2].Kind != webhook.Stopped {
			t.Errorf("got %d events, want two of two causes and the end", len(events))
		}
	})
}

// What is saved by hand is no event of an account whose programs never asked.
func TestWhoNeverAskedHearsOfRegistrationsOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.keep(mia, "TEST1", watch.ByHand)
		id := w.keep(noah, "TEST1", watch.ByAPI)
		w.tell(id, status.InTransitOther)
		if after, last, err := w.store().Span(t.Context(), mia); err != nil || after != 0 || last != 0 {
			t.Errorf("mia's are those after %d up to %d: %v", after, last, err)
		}
		if len(w.after(0)) != 0 {
			t.Error("before mia asked there was something")
		}
		w.tell(id, status.DeliveredOther)
		if events := w.after(0); len(events) != 1 || events[0].Source != watch.ByHand {
			t.Errorf("after mia asked there are %d events", len(events))
		}
		if events := must(w.store().After(t.Context(), noah, 0, 10))(t); len(events) != 2 {
			t.Errorf("of noah's registration there are %d events", len(events))
		}
	})
}

func TestACursorSaysWhenWhatFollowsIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.keep(noah, "TEST1", watch.ByAPI)
		for range 5 {
			w.tell(id, status.InTransitOther)
		}
		if events := must(w.store().After(t.Context(), mia, 2, 2))(t); len(events) != 2 || events[0].Seq != 3 || events[1].Seq != 4 {
			t.Errorf("two after the second are %+v", events)
		}
		_, err := w.store().After(t.Context(), mia, -1, 2)
		wantFault(t, err, "events_after")
		if n := must(w.store().Expire(t.Context(), inventory.Purge{Now: time.Now().Add(29 * 24 * time.Hour)}))(t).Rows(); n != 0 {
			t.Errorf("%d rows went before their time", n)
		}
		if n := must(w.store().Expire(t.Context(), inventory.Purge{Now: time.Now().Add(31 * 24 * time.Hour)}))(t).Rows(); n != 10 {
			t.Errorf("%d rows went, want the five events of two members", n)
		}
		_, err = w.store().After(t.Context(), mia, 2, 2)
		wantFault(t, err, "events_forgotten")
		if events := w.after(5); len(events) != 0 {
			t.Errorf("after the last there are %d", len(events))
		}
		w.tell(id, status.DeliveredOther)
		if events := w.after(5); len(events) != 1 || events[0].Seq != 6 {
			t.Errorf("the next is %+v", events)
		}
		after, last, err := w.store().Span(t.Context(), mia)
		if err != nil || after != 5 || last != 6 {
			t.Errorf("kept are those after %d up to %d: %v", after, last, err)
		}
	})
}
