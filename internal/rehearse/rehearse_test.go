package rehearse_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"waypost/internal/carrier/builtin"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/rehearse"
	"waypost/internal/status"
)

// index is read once for all tests.
var index = sync.OnceValue(func() *recognise.Index {
	catalogue, _ := builtin.Catalogue()
	return recognise.New(catalogue.Carriers())
})

func TestNumbersAreRecognisedAndTellTheirStory(t *testing.T) {
	for _, s := range rehearse.Stories {
		number, err := rehearse.Number(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		n := index().Number(number, recognise.Hints{})
		if len(n.Candidates) == 0 || n.Candidates[0].Carrier != rehearse.Carrier || n.Candidates[0].Score < recognise.Certain {
			t.Errorf("%s isn't recognised for certain: %+v", number, n.Candidates)
		}
		if got, ok := rehearse.Of(number); !ok || got.Name != s.Name {
			t.Errorf("%s is of %q, want %q", number, got.Name, s.Name)
		}
	}
	for _, other := range []string{"", "WPTD", "WPTD000000000019", "WPTX000000000018", "1Z4A7B2C0364182055", "WPTD0000000000018"} {
		if s, ok := rehearse.Of(other); ok {
			t.Errorf("%q is of %q, want none", other, s.Name)
		}
	}
	if _, err := rehearse.Number("nothing"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a number of no story: %v", err)
	}
}

// keep wants the parcel of a test number, as whoever keeps it does.
func keep(t *testing.T, store *parcel.Store, number string) {
	t.Helper()
	plan, ok := rehearse.Plan(index().Number(number, recognise.Hints{}), "", nil)
	if !ok {
		t.Fatalf("%s is no test number", number)
	}
	_, err := store.Want(t.Context(), []parcel.Want{{Key: plan.Key, Askings: plan.Askings, Choice: plan.Choice, Until: time.Now().Add(time.Hour)}})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachStoryIsToldToItsEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		store, err := parcel.Open(t.Context(), d, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range rehearse.Stories {
			if len(s.Needs) > 0 {
				continue
			}
			number, err := rehearse.Number(s.Name)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := rehearse.Move(t.Context(), store, number, nil); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s moves before anybody keeps it: %v", number, err)
			}
			keep(t, store, number)
			for i, step := range s.Steps {
				p, err := rehearse.Move(t.Context(), store, number, nil)
				if err != nil {
					t.Fatalf("%s, step %d: %v", s.Name, i, err)
				}
				if got := p.Standing(time.Now()).Status; got != step.Status || len(p.History.Events) != i+1 {
					t.Errorf("%s, step %d: %s with %d events, want %s", s.Name, i, got, len(p.History.Events), step.Status)
				}
			}
			if _, err := rehearse.Move(t.Context(), store, number, nil); fault.KindOf(err) != fault.Conflict {
				t.Errorf("%s moves beyond its end: %v", s.Name, err)
			}
		}
	})
}

// Two who move a parcel at the same time never tell the same step twice.
func TestAtTheSameTimeItMovesInOrder(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		store, err := parcel.Open(t.Context(), d, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		number, err := rehearse.Number("delivered")
		if err != nil {
			t.Fatal(err)
		}
		keep(t, store, number)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 6 {
					if _, err := rehearse.Move(t.Context(), store, number, nil); err != nil && fault.KindOf(err) != fault.Conflict {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		found, err := store.Find(t.Context(), parcel.Key{Number: number})
		if err != nil || len(found) != 1 {
			t.Fatal(errors.Join(err, errors.New("no parcel")))
		}
		story, _ := rehearse.Of(number)
		if len(found[0].History.Events) != len(story.Steps) {
			t.Errorf("%d events, want %d", len(found[0].History.Events), len(story.Steps))
		}
		for i, e := range found[0].History.Events {
			if e.Status != story.Steps[i].Status {
				t.Errorf("event %d is %s, want %s", i, e.Status, story.Steps[i].Status)
			}
		}
		if found[0].Standing(time.Now()).Status != status.DeliveredOther {
			t.Error("it isn't delivered")
		}
	})
}
