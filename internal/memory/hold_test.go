package memory

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/figure"
)

// Who publishes what another program has published anew meanwhile takes nothing of
// that back: what was published last is what the next publication goes by.
func TestWhatWasPublishedLastIsHeld(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var books [2]*Book
		for i := range books {
			var err error
			if books[i], err = Open(t.Context(), d, figure.Gate{}, slog.New(slog.DiscardHandler)); err != nil {
				t.Fatal(err)
			}
		}
		late, early := books[0], books[1]
		learn := func(n int) {
			t.Helper()
			for i := range n {
				early.Learn(Lesson{Number: fmt.Sprintf("%03d482910375", i), Carrier: "lotus"})
			}
			if err := early.Exchange(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		learn(15)
		before, err := late.read(t.Context(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		for i := range before {
			before[i].n += 10
		}
		learn(12)
		if err := late.hold(t.Context(), before, late.publish(t.Context(), before)); !errors.Is(err, errOvertaken) {
			t.Errorf("it wasn't told that it came too late: %v", err)
		}
		if err := late.Exchange(t.Context()); err != nil {
			t.Fatal(err)
		}
		after, err := late.read(t.Context(), time.Now())
		if err != nil || len(after) == 0 || after[0].held != 27 {
			t.Errorf("held is %+v (%v), want what was published last", after, err)
		}
	})
}
