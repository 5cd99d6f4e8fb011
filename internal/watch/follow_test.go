package watch_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// wanted is until when a parcel is wanted.
func (w *world) wanted(number string) time.Time {
	w.t.Helper()
	return must(w.parcels.Find(w.t.Context(), parcel.Key{Number: number}))(w.t)[0].Wanted
}

func TestAWatchWantsItsParcelUntilItsStopRule(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		w.save(mia, ups, "active")
		w.save(mia, ups2, "delivered")
		archived := w.save(mia, ups3, "archived")
		w.tell(ups2, status.DeliveredOther, time.Hour)
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, archived))(t)
		step := func(d time.Duration) { w.ahead += d; must(s.Renew(ctx))(t) }
		near := func(number string, want time.Duration) {
			t.Helper()
			if got := w.wanted(number).Sub(w.now()); (got - want).Abs() > 2*time.Hour {
				t.Errorf("after %v %s is wanted for %v, want %v", w.ahead, number, got, want)
			}
		}
		step(time.Hour)
		near(ups, 14*day-time.Hour)
		step(8 * day)
		near(ups, 14*day)
		near(ups2, 14*day)
		near(ups3, 6*day)
		step(25 * day)
		near(ups, 14*day)
		if left := w.wanted(ups2).Sub(w.now()); left > 0 {
			t.Errorf("33 days after its delivery a parcel is wanted for %v", left)
		}
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Unarchive}, archived))(t)
		near(ups3, 14*day)

		w.ahead += 400 * day
		must(w.parcels.Expire(ctx, inventory.Purge{Now: w.now()}))(t)
		page := must(s.List(ctx, mia, watch.Query{Text: "delivered"}))(t)
		if page.Total != 1 || page.Watches[0].Parcel.ID != "" || page.Watches[0].Status != status.DeliveredOther {
			t.Errorf("a parcel that has gone shows as %+v", page.Watches)
		}
		again := w.save(mia, ups, "wanted again")
		near(ups, 14*day)
		if p := w.get(mia, again); p.Parcel.ID == "" || p.Name != "active" {
			t.Errorf("a parcel that is wanted again is %+v", p)
		}
	})
}

func TestSilenceShowsWithoutAChange(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "quiet")
		w.tell(ups, status.InTransitOther, time.Hour)
		w.ahead = 61 * day
		must(w.store().Renew(t.Context()))(t)
		if p := must(w.store().List(t.Context(), mia, watch.Query{Status: []status.Main{status.Expired}}))(t); p.Total != 1 {
			t.Errorf("after 61 days: %+v", p.Counts)
		}
	})
}

func TestASubjectIsExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id := w.save(mia, ups, "boots", "gifts")
		his := w.save(noah, ups, "his")
		must(s.SaveView(ctx, mia, watch.View{Name: "mine", Query: watch.Query{Text: "boots"}}))(t)
		must(s.Apply(ctx, mia, watch.Change{Do: watch.AddTag, Tag: "x"}, id))(t)
		must(s.Import(ctx, mia, watch.File{Content: []byte(sheet)}))(t)
		var b bytes.Buffer
		if err := s.Export(ctx, mia, &b); err != nil {
			t.Fatal(err)
		}
		var all map[string][]any
		if err := json.Unmarshal(b.Bytes(), &all); err != nil {
			t.Fatal(err)
		}
		for _, table := range []string{"watch", "watch_view", "watch_undo", "watch_import"} {
			if len(all[table]) != 1 {
				t.Errorf("%s: %v", table, all[table])
			}
		}
		if !bytes.Contains(b.Bytes(), []byte("boots")) || bytes.Contains(b.Bytes(), []byte("his")) {
			t.Errorf("exported %s", b.Bytes())
		}

		for range 2 {
			if err := s.Erase(ctx, mia); err != nil {
				t.Fatal(err)
			}
		}
		b.Reset()
		if err := s.Export(ctx, mia, &b); err != nil || b.String() != "{}\n" {
			t.Errorf("after the erasure: %s, %v", b.Bytes(), err)
		}
		if w.get(noah, his).Name != "his" {
			t.Error("another's watch went with it")
		}
	})
}

func TestWhatIsOverGoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id := w.save(mia, ups, "boots")
		must(s.Import(ctx, mia, watch.File{Content: []byte(ups), Pasted: true}))(t)
		done := must(s.Apply(ctx, mia, watch.Change{Do: watch.Delete}, id))(t)
		if n := must(s.Expire(ctx, inventory.Purge{Now: w.now()}))(t).Rows(); n != 0 {
			t.Errorf("%d went at once", n)
		}
		must(s.Undo(ctx, mia, done.Undo))(t)
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Delete}, id))(t)
		if n := must(s.Expire(ctx, inventory.Purge{Now: w.now().Add(2 * day)}))(t).Rows(); n != 3 {
			t.Errorf("%d went, want 3: the undo, the import, the parcel's row", n)
		}
	})
}

func TestWatchersPagesAreNudged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, "")
		page := w.d.Live().Subscribe(watch.Topic(mia))
		defer page.Close()
		w.tell(ups, status.InTransitOther, time.Hour)
		select {
		case <-page.C:
		case <-time.After(10 * time.Second):
			t.Error("nobody nudged the page")
		}
	})
}
