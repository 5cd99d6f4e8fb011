package watch_test

import (
	"reflect"
	"testing"
	"time"

	"waypost/internal/status"
	"waypost/internal/watch"
)

func TestEveryChangeCanBeUndone(t *testing.T) {
	name, tags := "new name", []string{"x"}
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		first, second := w.save(mia, ups, "boots", "gifts"), w.save(mia, ups2, "")
		must(s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, second))(t)
		for _, tc := range []struct {
			name string
			do   func() (watch.Done, error)
		}{
			{"edit", func() (watch.Done, error) {
				return s.Edit(ctx, mia, first, watch.Edit{Name: &name, Tags: &tags, Alerts: &watch.Alerts{Own: true}})
			}},
			{"archive", func() (watch.Done, error) {
				return s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, first, second)
			}},
			{"unarchive", func() (watch.Done, error) {
				return s.Apply(ctx, mia, watch.Change{Do: watch.Unarchive}, first, second)
			}},
			{"delete", func() (watch.Done, error) {
				return s.Apply(ctx, mia, watch.Change{Do: watch.Delete}, first, second)
			}},
			{"tag", func() (watch.Done, error) {
				return s.Apply(ctx, mia, watch.Change{Do: watch.AddTag, Tag: "Gifts"}, first, second)
			}},
			{"untag", func() (watch.Done, error) {
				return s.Apply(ctx, mia, watch.Change{Do: watch.RemoveTag, Tag: "GIFTS"}, first, second)
			}},
			{"alerts", func() (watch.Done, error) {
				return s.Apply(ctx, mia, watch.Change{Do: watch.SetAlerts, Alerts: watch.Alerts{Own: true, On: []status.Main{status.Delivered}}}, first)
			}},
		} {
			before := [2]watch.Watch{w.get(mia, first), w.get(mia, second)}
			done := must(tc.do())(t)
			after := must(s.List(ctx, mia, watch.Query{Shelf: watch.Both}))(t)
			if tc.name != "delete" && reflect.DeepEqual(before, [2]watch.Watch{w.get(mia, first), w.get(mia, second)}) || tc.name == "delete" && after.Total != 0 {
				t.Errorf("%s changed nothing", tc.name)
			}
			undone := must(s.Undo(ctx, mia, done.Undo))(t)
			if undone.Restored != done.Changed || undone.Left != 0 || done.Changed == 0 {
				t.Errorf("%s of %d: undone %+v", tc.name, done.Changed, undone)
			}
			if got := [2]watch.Watch{w.get(mia, first), w.get(mia, second)}; !reflect.DeepEqual(got, before) {
				t.Errorf("%s undone: got\n%+v\nwant\n%+v", tc.name, got, before)
			}
			_, err := s.Undo(ctx, mia, done.Undo)
			wantFault(t, err, "undo_not_found")
		}
	})
}

func TestUndoingLeavesWhatWasChangedSince(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		first, second, name := w.save(mia, ups, "boots"), w.save(mia, ups2, "socks"), "wool socks"
		done := must(s.Apply(ctx, mia, watch.Change{Do: watch.Archive}, first, second))(t)
		must(s.Edit(ctx, mia, second, watch.Edit{Name: &name}))(t)
		if got := must(s.Undo(ctx, mia, done.Undo))(t); got != (watch.Undone{Restored: 1, Left: 1}) {
			t.Errorf("undone %+v", got)
		}
		if p := w.get(mia, second); p.Name != name || p.Archived.IsZero() {
			t.Errorf("%+v is not as it was edited", p)
		}

		done = must(s.Apply(ctx, mia, watch.Change{Do: watch.Delete}, first))(t)
		again := w.save(mia, ups, "saved again")
		if got := must(s.Undo(ctx, mia, done.Undo))(t); got != (watch.Undone{Left: 1}) || w.get(mia, again).Name != "saved again" {
			t.Errorf("undone %+v", got)
		}

		done = must(s.Apply(ctx, mia, watch.Change{Do: watch.Delete}, again))(t)
		w.ahead = 16 * time.Minute
		_, err := s.Undo(ctx, mia, done.Undo)
		wantFault(t, err, "undo_not_found")
	})
}

func TestChangesThatSayNothingAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		id, long := w.save(mia, ups, "boots"), longText(2001)
		_, err := s.Edit(ctx, mia, id, watch.Edit{Note: &long})
		wantFault(t, err, "too_long")
		_, err = s.Apply(ctx, mia, watch.Change{Do: watch.AddTag, Tag: " "}, id)
		wantFault(t, err, "tag_empty")
		_, err = s.Apply(ctx, mia, watch.Change{Do: "burn"}, id)
		wantFault(t, err, "action")
		_, err = s.Apply(ctx, mia, watch.Change{Do: watch.Archive})
		wantFault(t, err, "watch_not_found")
		if done := must(s.Edit(ctx, mia, id, watch.Edit{}))(t); done.Undo != "" || done.Changed != 0 {
			t.Errorf("an edit of nothing: %+v", done)
		}
	})
}
