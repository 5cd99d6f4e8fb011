package poll

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// benchFreshness names the folder whose freshness.svg and freshness.md are
// written; `make bench` sets it.
const benchFreshness = "WAYPOST_BENCH_FRESHNESS"

// How many parcels of each lane the figures learn from, and are counted on.
const (
	figuresTrain = 300
	figuresTest  = 150
)

func TestFreshnessFigures(t *testing.T) {
	folder := os.Getenv(benchFreshness)
	if folder == "" {
		t.Skip("only for the figures")
	}
	w := newWorld(t, figuresTrain, figuresTest)
	marks := []mark{
		{"every 2 h (Karrio)", w.every(2*time.Hour, 2*time.Hour)},
		{"every 4–6 h (TrackingMore)", w.every(4*time.Hour, 6*time.Hour)},
		{"every 6–12 h (17TRACK)", w.every(6*time.Hour, 12*time.Hour)},
	}
	var likewise []tally
	for _, m := range marks {
		likewise = append(likewise, w.likewise(w.book, m.at))
	}
	about := fmt.Sprintf("Mean delay of news against calls, of %d parcels that were made", len(w.parcels))
	write(t, filepath.Join(folder, "freshness.svg"), chart(about, w.curves(), marks, likewise[0]))

	page := filepath.Join(folder, "freshness.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const line = "<!-- figures -->\n"
	above, _, found := strings.Cut(string(text), line)
	if !found {
		t.Fatalf("%s has no line %q", page, line)
	}
	write(t, page, above+line+w.table(marks, likewise)+w.lanes())
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil { //nolint:gosec // it is published
		t.Fatal(err)
	}
}

func (w *world) curves() []curve {
	all := []curve{{name: "at a fixed interval", class: "fixed"}, {name: "by what is expected of any", class: "expected"}, {name: "by the carrier's rhythm", class: "rhythm"}}
	for _, hours := range []float64{0.9, 1.25, 2, 3, 4, 6, 9, 12} {
		interval := time.Duration(hours * float64(time.Hour))
		all[0].points = append(all[0].points, w.every(interval, interval))
	}
	for _, slow := range []float64{0.35, 0.5, 0.7, 1, 1.4, 2, 2.8, 4} {
		all[1].points = append(all[1].points, w.slowed(nil, slow))
		all[2].points = append(all[2].points, w.slowed(w.book, slow))
	}
	return all
}

// table compares policies with ours, at their number of calls.
func (w *world) table(marks []mark, likewise []tally) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nSeed %d; learned from %d parcels, counted on %d others.\n\n", freshnessSeed, figuresTrain*len(lanes), len(w.parcels))
	b.WriteString("| asked | calls a parcel | mean delay | nine of ten within | of the delivery |\n| --- | ---: | ---: | ---: | ---: |\n")
	row := func(name string, at tally, after string) {
		fmt.Fprintf(&b, "| %s | %.1f | %s%s | %s | %s |\n", name, at.Calls, short(at.Mean), after, short(at.P90), short(at.Delivered))
	}
	for i, m := range marks {
		row(m.name, m.at, "")
		row("by rhythm, as often", likewise[i], " ("+less(m.at, likewise[i])+")")
	}
	row("by rhythm, as it is with budget to spare", w.slowed(w.book, 1), "")
	row("the same, before anything is learned", w.slowed(nil, 1), "")
	return b.String()
}

// lanes compares each lane by itself with an interval of two hours.
func (w *world) lanes() string {
	var b strings.Builder
	b.WriteString("\nEach carrier by itself, at as many calls as every two hours:\n\n")
	b.WriteString("| carrier | calls a parcel | every 2 h | by rhythm | |\n| --- | ---: | ---: | ---: | ---: |\n")
	for i, l := range lanes {
		one := *w
		one.parcels = w.parcels[i*figuresTest : (i+1)*figuresTest]
		fixed := one.every(2*time.Hour, 2*time.Hour)
		ours := one.likewise(w.book, fixed)
		fmt.Fprintf(&b, "| %s | %.1f | %s | %s | %s |\n", l.code, fixed.Calls, short(fixed.Mean), short(ours.Mean), less(fixed, ours))
	}
	return b.String()
}
