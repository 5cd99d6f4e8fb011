package watch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/status"
	"waypost/internal/watch"
)

func TestSearchFindsWhatPeopleWriteInOtherWays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		saved := must(w.store().Save(t.Context(), mia,
			watch.New{Number: ups, Words: watch.Words{Name: "Grüne Wanderschuhe", Note: "für Zoë", Tags: []string{"Größe 42"}, Order: "PO-2026/17"}},
			watch.New{Number: dhl, Carrier: "dhl-express", Words: watch.Words{Name: "ＴＡＢＬＥＴ ｃａｓｅ", Note: "给妈妈"}},
		))(t)
		shoes, tablet := saved[0].ID, saved[1].ID
		w.save(noah, ups2, "Grüne Wanderschuhe")
		for _, tc := range []struct {
			text string
			want []watch.ID
		}{
			{"wanderschuhe", []watch.ID{shoes}},
			{"GRUNE zoe", []watch.ID{shoes}},
			{"grösse", []watch.ID{shoes}},
			{"tablet", []watch.ID{tablet}},
			{"妈妈", []watch.ID{tablet}},
			{"1Z-4A7-B2C", []watch.ID{shoes}},
			{"po2026", []watch.ID{shoes}},
			{"dhl", []watch.ID{tablet}},
			{"", []watch.ID{tablet, shoes}},
			{"zoë tablet", nil},
			{"%", nil},
		} {
			got := ids(must(w.store().List(t.Context(), mia, watch.Query{Text: tc.text, Sort: watch.BySaving}))(t))
			slices.Sort(got)
			want := slices.Sorted(slices.Values(tc.want))
			if !slices.Equal(got, want) {
				t.Errorf("search %q: got %v, want %v", tc.text, got, want)
			}
		}
	})
}

func TestWhatNeedsAttentionStandsFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		numbers := map[string]status.Sub{
			ups: status.InTransitOther, ups2: status.ExceptionDelayed, ups3: status.AvailableForPickupOther, dhl: status.InTransitCustomsRequiringInfo,
			"7301846296": status.DeliveryFailureNoBody, postal: status.AvailableForPickupOther,
		}
		want := []string{postal, ups3, "7301846296", dhl, ups2, ups}
		for _, n := range want {
			w.save(mia, n, n)
		}
		for n, sub := range numbers {
			ago := time.Hour
			if n == postal {
				ago = 3 * day
			}
			w.tell(n, sub, ago)
		}
		page := must(w.store().List(t.Context(), mia, watch.Query{}))(t)
		var got []string
		for _, p := range page.Watches {
			got = append(got, p.Number)
		}
		if !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
		if c := page.Counts; c.Attention[watch.PickUp] != 2 || c.Attention[watch.NoAttention] != 1 || c.Status[status.AvailableForPickup] != 2 || c.Active != 6 {
			t.Errorf("counts %+v", c)
		}
		page = must(w.store().List(t.Context(), mia, watch.Query{Attention: []watch.Attention{watch.Customs}}))(t)
		if page.Total != 1 || page.Watches[0].Number != dhl || page.Counts.Attention[watch.PickUp] != 2 {
			t.Errorf("what customs wait for: %d, counts %+v", page.Total, page.Counts)
		}

		w.ahead = 15 * day
		page = must(w.store().List(t.Context(), mia, watch.Query{Status: []status.Main{status.InTransit}, Attention: []watch.Attention{watch.Silent}}))(t)
		if page.Total != 1 || page.Watches[0].Number != ups || page.Watches[0].Quiet(w.now()) != 15 {
			t.Errorf("after 15 days of silence: %+v", page.Watches)
		}
	})
}

func TestFiltersSortsAndPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		boots := w.save(mia, ups, "boots", "Gifts", "winter")
		apple := w.save(mia, ups2, "Äpfel", "food")
		zebra := w.save(mia, ups3, "zebra", "gifts")
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, zebra))(t)
		for _, tc := range []struct {
			name string
			q    watch.Query
			want []watch.ID
		}{
			{"by name, accents apart", watch.Query{Sort: watch.ByName}, []watch.ID{apple, boots}},
			{"by name backwards", watch.Query{Sort: watch.ByName, Reverse: true}, []watch.ID{boots, apple}},
			{"by tag, whatever the case", watch.Query{Tags: []string{"GIFTS"}, Shelf: watch.Both, Sort: watch.ByName}, []watch.ID{boots, zebra}},
			{"archived", watch.Query{Shelf: watch.Archived}, []watch.ID{zebra}},
			{"of a carrier", watch.Query{Carrier: []carrier.Code{"ups"}}, nil},
		} {
			if got := ids(must(s.List(ctx, mia, tc.q))(t)); !slices.Equal(got, tc.want) {
				t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
			}
		}
		for _, q := range []watch.Query{{Sort: "size"}, {Shelf: "attic"}, {After: "nowhere"}} {
			_, err := s.List(ctx, mia, q)
			wantFault(t, err, "sort", "shelf", "cursor")
		}

		var seen []watch.ID
		q := watch.Query{Sort: watch.ByName, Shelf: watch.Both, Most: 2}
		first := must(s.List(ctx, mia, q))(t)
		seen, q.After = append(seen, ids(first)...), first.Next
		second := must(s.List(ctx, mia, q))(t)
		seen = append(seen, ids(second)...)
		if !slices.Equal(seen, []watch.ID{apple, boots, zebra}) || second.Next != "" {
			t.Errorf("pages hold %v, then %q", seen, second.Next)
		}
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Delete}, boots))(t)
		if got := ids(must(s.List(ctx, mia, q))(t)); len(got) != 0 && !slices.Equal(got, []watch.ID{zebra}) {
			t.Errorf("the page after a deleted watch holds %v", got)
		}

		tags := must(s.Tags(ctx, mia))(t)
		if want := []watch.Tag{{"food", 1, 1}, {"gifts", 0, 1}}; !slices.Equal(tags, want) {
			t.Errorf("tags %v, want %v", tags, want)
		}
	})
}

func TestViewsAreKept(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		view := watch.View{Name: "Late gifts", Query: watch.Query{Tags: []string{"gifts"}, Attention: []watch.Attention{watch.Silent}, Sort: watch.ByName}}
		view.ID = must(s.SaveView(ctx, mia, view))(t)
		view.Name = "Gifts"
		if id := must(s.SaveView(ctx, mia, view))(t); id != view.ID {
			t.Errorf("renamed view is %s, want %s", id, view.ID)
		}
		got := must(s.Views(ctx, mia))(t)
		if fmt.Sprint(got) != fmt.Sprint([]watch.View{view}) {
			t.Errorf("views %+v, want %+v", got, view)
		}
		if err := s.DeleteView(ctx, mia, view.ID); err != nil {
			t.Fatal(err)
		}
		wantFault(t, s.DeleteView(ctx, mia, view.ID), "view_not_found")
		for range 50 {
			must(s.SaveView(ctx, mia, watch.View{Name: "x"}))(t)
		}
		_, err := s.SaveView(ctx, mia, watch.View{Name: "one more"})
		wantFault(t, err, "views_full")
		_, err = s.SaveView(ctx, mia, watch.View{Name: " "})
		wantFault(t, err, "view_name")
	})
}
