package rhythm

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/status"
)

func open(t *testing.T, d *db.DB) *Book {
	t.Helper()
	b, err := Open(t.Context(), d, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func exchange(t *testing.T, books ...*Book) {
	t.Helper()
	for _, b := range books {
		if err := b.Exchange(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// seen is what a book's database holds of a key.
func seen(t *testing.T, b *Book, k Key) (events, waited float64) {
	t.Helper()
	rows, err := b.load(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Key == k {
			return total(r.counts)
		}
	}
	return 0, 0
}

func TestProgramsLearnFromEachOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		one, other := open(t, d), open(t, d)
		one.Learn(nightly(4, 1)...)
		other.Learn(nightly(4, 1)...)
		if one.Rates(transit) != Expected(transit) {
			t.Error("what was learned is used before it was exchanged")
		}
		var both sync.WaitGroup
		for _, b := range []*Book{one, other} {
			both.Go(func() { exchange(t, b) })
		}
		both.Wait()
		exchange(t, one, other)
		if events, _ := seen(t, one, transit); events < 47.9 || events > 48 {
			t.Errorf("48 events were learned, %v are stored", events)
		}
		for name, b := range map[string]*Book{"one": one, "other": other, "one that is opened later": open(t, d)} {
			if got := b.Rates(transit); *got == *Expected(transit) {
				t.Errorf("%s knows nothing", name)
			}
			departed := Key{transit.Carrier, transit.Leg, status.InTransitDeparture}
			if *b.Rates(departed) == *Expected(departed) {
				t.Errorf("%s expects of a sub-status that was never seen what is expected of any carrier", name)
			}
			if b.Rates(Key{"lotus", Home, status.InTransitOther}) != Expected(transit) {
				t.Errorf("%s takes one carrier for another", name)
			}
		}
	})
}

// InfoReceived is a main status and a sub-status of its own: what is seen of it
// counts once.
func TestAStatusWithoutSubStatusesIsCountedOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		announced := Key{"fjordpost", Home, status.InfoReceivedOnly}
		var gaps []Gap
		for range 10 {
			gaps = append(gaps, Gap{announced, monday, monday.Add(5 * time.Hour)})
		}
		b := open(t, d)
		b.Learn(gaps...)
		exchange(t, b)
		m := Moment{Last: monday, Now: monday, Worth: Worth, Most: 12 * time.Hour}
		if got, want := b.Rates(announced).Wait(m), learned(announced, gaps...).Wait(m); (got - want).Abs() > time.Second {
			t.Errorf("waits %v, want %v", got, want)
		}
	})
}

func TestWhatCantBeWrittenIsKept(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(nightly(1, 1)...)
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := b.Exchange(ended); err == nil {
			t.Fatal("wrote in no time")
		}
		b.Learn(nightly(1, 1)...)
		exchange(t, b)
		if events, _ := seen(t, b, transit); events != 12 {
			t.Errorf("%v events are stored, want 12", events)
		}
		exchange(t, b)
		if events, _ := seen(t, b, transit); events != 12 {
			t.Errorf("%v events after they were exchanged twice", events)
		}
	})
}

func TestDamagedCountsBeginAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(nightly(1, 1)...)
		exchange(t, b)
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			_, err := tx.ExecContext(t.Context(), "UPDATE rhythm SET counts = $1", `{"v":1,"cells":[[0,`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b.Learn(nightly(1, 1)...)
		exchange(t, b, open(t, d))
		if events, _ := seen(t, b, transit); events != 6 {
			t.Errorf("%v events are stored, want the six that came after", events)
		}
	})
}

func TestRhythmsOfSilentCarriersAreForgotten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Learn(nightly(1, 1)...)
		exchange(t, b)
		for _, tc := range []struct{ days, gone int }{{359, 0}, {361, 1}, {362, 0}} {
			if gone, err := b.Expire(t.Context(), inventory.Purge{Now: time.Now().AddDate(0, 0, tc.days)}); err != nil || gone.Rows() != tc.gone {
				t.Errorf("after %d days: %d forgotten, %v; want %d", tc.days, gone.Rows(), err, tc.gone)
			}
		}
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		dbtest.Declared(t, d, b.Fields())
		if err := b.Export(t.Context(), "", io.Discard); err != nil {
			t.Error(err)
		}
		if err := b.Erase(t.Context(), ""); err != nil {
			t.Error(err)
		}
	})
}
