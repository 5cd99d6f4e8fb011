package watch_test

import (
	"slices"
	"testing"
	"time"

	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

func TestSavingKeepsAParcelWithItsOwnersWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		saved := must(s.Save(ctx, mia, watch.New{
			Number: "1z 4a7 b2c 03 6418 2055",
			Words:  watch.Words{Name: "  Winter\tboots ", Note: "for grandma\r\nblue", Tags: []string{"Gifts", "gifts ", "Größe"}, Order: "A-17"},
			Alerts: watch.Alerts{Own: true, On: []status.Main{status.Exception, status.Delivered}},
		}))(t)
		if len(saved) != 1 || !saved[0].Made {
			t.Fatalf("saved %+v, want one made", saved)
		}
		got := w.get(mia, saved[0].ID)
		want := watch.Words{Name: "Winter boots", Note: "for grandma\nblue", Tags: []string{"Gifts", "Größe"}, Order: "A-17"}
		if got.Name != want.Name || got.Note != want.Note || !slices.Equal(got.Tags, want.Tags) || got.Order != want.Order {
			t.Errorf("words %+v, want %+v", got.Words, want)
		}
		if got.Number != ups || got.Source != watch.ByHand || got.Parcel.ID == "" || got.Parcel.ID != got.ParcelID {
			t.Errorf("watch %+v is not of %s", got, ups)
		}
		if !slices.Equal(got.Alerts.On, []status.Main{status.Delivered, status.Exception}) {
			t.Errorf("alerts %v", got.Alerts)
		}

		again := must(s.Save(ctx, mia, watch.New{Number: ups, Words: watch.Words{Name: "other"}}))(t)
		if again[0].Made || again[0].ID != saved[0].ID || w.get(mia, saved[0].ID).Name != want.Name {
			t.Errorf("saved again: %+v, want the same watch with its words", again)
		}
	})
}

func TestWhatCantBeWatchedIsRefusedWithItsReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct {
			name string
			new  watch.New
			code string
		}{
			{"a wrong check digit", watch.New{Number: "1Z4A7B2C0364182056"}, "number"},
			{"no number", watch.New{Number: "boots"}, "number"},
			{"nothing", watch.New{}, "number"},
			{"a carrier that there isn't", watch.New{Number: ups, Carrier: "nobody"}, "carrier"},
			{"a long name", watch.New{Number: ups, Words: watch.Words{Name: longText(121)}}, "too_long"},
			{"many tags", watch.New{Number: ups, Words: watch.Words{Tags: manyTags(21)}}, "too_many_tags"},
			{"an alert of no status", watch.New{Number: ups, Alerts: watch.Alerts{Own: true, On: []status.Main{"Lost"}}}, "alerts"},
		} {
			_, err := w.store().Save(t.Context(), mia, watch.New{Number: dhl}, tc.new)
			if err == nil {
				t.Errorf("%s was saved", tc.name)
			}
			wantFault(t, err, tc.code)
		}
		if p := must(w.store().List(t.Context(), mia, watch.Query{}))(t); p.Total != 0 {
			t.Errorf("%d watches, want none: all or nothing", p.Total)
		}
		w.SetMost(1)
		w.save(mia, ups, "")
		_, err := w.store().Save(t.Context(), mia, watch.New{Number: dhl})
		wantFault(t, err, "watches_full")
	})
}

func TestAParcelIsStoredOnceWhoeverWatchesIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hers, his := w.save(mia, ups, "hers"), w.save(noah, ups, "his")
		if a, b := w.get(mia, hers), w.get(noah, his); a.ParcelID != b.ParcelID || a.Name != "hers" || b.Name != "his" {
			t.Errorf("watches %+v and %+v, want one parcel and each its own words", a, b)
		}
		w.tell(ups, status.OutForDeliveryOther, time.Hour)
		for _, owner := range []watch.Watch{w.get(mia, hers), w.get(noah, his)} {
			if owner.Status != status.OutForDeliveryOther {
				t.Errorf("status %s", owner.Status)
			}
		}
		watchers := must(w.store().Watchers(t.Context(), w.get(mia, hers).ParcelID, ""))(t)
		if len(watchers) != 2 || watchers[0].Owner != mia || watchers[1].Watch != his {
			t.Errorf("watchers %+v", watchers)
		}
		if err := w.ParcelChanged(t.Context(), parcel.ID("nobody's")); err != nil {
			t.Errorf("a parcel that nobody watches: %v", err)
		}
	})
}
