package health_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/health"
	"waypost/internal/inventory"
)

func open(t *testing.T, d *db.DB) *health.Book {
	t.Helper()
	b, err := health.Open(t.Context(), d, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// answer is the shape of one with so many events, whose fields have these
// forms; of what a name begins with "!" the reading knows.
func answer(events int, fields ...string) carrier.Shape {
	s := carrier.Shape{Paths: []carrier.Path{
		{Forms: carrier.Object, In: 1, Objects: 1},
		{Name: "events", Forms: carrier.List | carrier.Object, In: 1, Objects: events, Used: true},
	}}
	for _, f := range fields {
		name, used := strings.CutPrefix(f, "!")
		name, list := strings.CutSuffix(name, "[]")
		p := carrier.Path{Name: "events." + name, Forms: carrier.Text, In: events, Used: used}
		if list {
			p.Forms = carrier.List
		}
		s.Paths = append(s.Paths, p)
	}
	return s
}

// some is the shape where so many objects have a path.
func some(s carrier.Shape, path string, in int) carrier.Shape {
	for i, p := range s.Paths {
		if p.Name == path {
			s.Paths[i].In = in
		}
	}
	return s
}

// told are the changes that a book tells of.
func told(t *testing.T, b *health.Book) (all []string) {
	t.Helper()
	if err := b.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	changes, err := b.Changes(t.Context(), "fjordpost", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s %s loud=%v", c.Path, c.Change, c.Loud()))
	}
	return all
}

func equal(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: it tells %q, want %q", what, got, want)
	}
}

func TestAChangeIsToldByOneAnswer(t *testing.T) {
	for _, tc := range []struct {
		name string
		then carrier.Shape
		want []string
	}{
		{"as before", answer(3, "!at", "!text", "note"), nil},
		{"a field that is read has another name", answer(3, "!at", "textV9", "note"), []string{"events.text gone loud=true", "events.textV9 new loud=false"}},
		{"a field that is read has another type", answer(3, "!at", "!text[]", "note"), []string{"events.text retyped loud=true"}},
		{"a field that nobody reads is gone", answer(3, "!at", "!text"), []string{"events.note gone loud=false"}},
		{"a field is new", answer(3, "!at", "!text", "note", "more"), []string{"events.more new loud=false"}},
		{"there is nothing to have fields", answer(0), nil},
		{"only some have a field", some(answer(3, "!at", "!text", "note"), "events.text", 1), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b := open(t, d)
				for range 20 {
					b.Shaped("fjordpost", answer(2, "!at", "!text", "note"))
				}
				equal(t, "before", told(t, b))
				b.Shaped("fjordpost", tc.then)
				equal(t, "then", told(t, b), tc.want...)
			})
		})
	}
}

func TestWhatSomebodyHasLookedAtIsQuiet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		for range 20 {
			b.Shaped("fjordpost", answer(2, "!at", "!text", "!office"))
		}
		b.Shaped("fjordpost", answer(2, "!at", "!office"))
		equal(t, "a field that is gone", told(t, b), "events.text gone loud=true")
		before, at := time.Now().Add(-time.Minute), time.UnixMilli(time.Now().UnixMilli()).UTC()
		if err := b.See(t.Context(), "fjordpost", before, at); err != nil {
			t.Fatal(err)
		}
		equal(t, "what came after the page", told(t, b), "events.text gone loud=true")
		if err := b.See(t.Context(), "fjordpost", time.Now(), at); err != nil {
			t.Fatal(err)
		}
		equal(t, "what was looked at", told(t, b), "events.text gone loud=false")
		changes, err := b.Changes(t.Context(), "fjordpost", time.Now())
		if err != nil || len(changes) != 1 || !changes[0].Seen.Equal(at) {
			t.Errorf("changes %+v, %v, want it looked at at %v", changes, err, at)
		}
		b.Shaped("fjordpost", answer(2, "!at", "!office[]"))
		equal(t, "another one", told(t, b), "events.office retyped loud=true", "events.text gone loud=false")
		b.Shaped("fjordpost", answer(2, "!at", "!text", "!office"))
		b.Shaped("fjordpost", answer(2, "!at", "!text[]", "!office"))
		now := told(t, b)
		slices.Sort(now)
		equal(t, "the same place in another way", now, "events.office retyped loud=true", "events.text retyped loud=true")
		if other, err := b.Changes(t.Context(), "inpost", time.Now()); err != nil || len(other) > 0 {
			t.Errorf("another source has %v, %v", other, err)
		}
	})
}

func TestWhatIsNoRuleIsNoNews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		b.Shaped("fjordpost", answer(2, "!at", "!text"))
		b.Shaped("fjordpost", answer(2, "!at")) // two answers make no rule
		equal(t, "few answers", told(t, b))
		for range 20 {
			b.Shaped("fjordpost", answer(2, "!at", "!text"))
		}
		b.Shaped("fjordpost", answer(2, "!at"))
		equal(t, "a field that was missing before", told(t, b))
	})
}

func TestWhatCameBackIsQuiet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		for range 20 {
			b.Shaped("fjordpost", answer(2, "!at", "!text"))
		}
		b.Shaped("fjordpost", answer(2, "!at"))
		b.Shaped("fjordpost", answer(2, "!at", "!text"))
		equal(t, "back", told(t, b), "events.text back loud=false")
		b.Shaped("fjordpost", answer(2, "!at"))
		equal(t, "what comes and goes", told(t, b), "events.text back loud=false")
	})
}

func TestShippedAnswersAreNoNews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		names := map[string]bool{"events": true, "at": true, "text": true}
		source := health.Source{
			Code: "fjordpost", Uses: func(name string) bool { return names[name] },
			Shapes: func() []carrier.Shape { return slices.Repeat([]carrier.Shape{answer(3, "!at", "!text")}, 20) },
		}
		use := func(b *health.Book) {
			t.Helper()
			if err := b.Use(t.Context(), []health.Source{source}); err != nil {
				t.Fatal(err)
			}
		}
		use(b)
		equal(t, "before an answer", told(t, b))
		b.Shaped("fjordpost", answer(2, "!at", "words"))
		equal(t, "the first answer", told(t, b), "events.text gone loud=true", "events.words new loud=false")

		other := open(t, d) // another program, or this one started again
		use(other)
		other.Shaped("fjordpost", answer(2, "!at", "words"))
		equal(t, "the same answer elsewhere", told(t, other), "events.text gone loud=true", "events.words new loud=false")

		delete(names, "text") // the file was mended
		use(other)
		other.Shaped("fjordpost", answer(2, "!at", "words"))
		equal(t, "with another file", told(t, other), "events.text gone loud=false", "events.words new loud=false")
	})
}

func TestFiguresAddUpOverPrograms(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		now := time.Now()
		ok := carrier.Report{}
		missing := carrier.Report{Problem: &carrier.Problem{Kind: carrier.Missing}}
		unmapped := carrier.Report{Unknown: []carrier.Unknown{{Code: "X1"}, {Code: "X2"}}}
		for _, b := range []*health.Book{open(t, d), open(t, d)} {
			b.Answered(health.Call{Account: "fjordpost/main", At: now, Took: 90 * time.Millisecond, Numbers: 4, Reports: []carrier.Report{ok, missing, unmapped, {Same: true}}})
			b.Answered(health.Call{Account: "fjordpost/main", At: now.Add(-5 * time.Hour), Took: 2 * time.Second, Numbers: 3, Problem: &carrier.Problem{Kind: carrier.LimitedKind}})
			b.Answered(health.Call{Account: "fjordpost/main", At: now.Add(-50 * time.Hour), Took: time.Second, Numbers: 1, Problem: &carrier.Problem{Kind: carrier.Auth}})
			if err := b.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		b := open(t, d)
		all, err := b.Accounts(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		a := all["fjordpost/main"]
		for _, tc := range []struct {
			what      string
			got, want int64
		}{
			{"found in the hour", a.Hour.Of(health.Found), 4},
			{"unchanged", a.Hour.Of(health.Same), 2},
			{"not found", a.Hour.Of(string(carrier.Missing)), 2},
			{"unmapped codes", a.Hour.Of(health.Unmapped), 4},
			{"limited in the hour", a.Hour.Of(string(carrier.LimitedKind)), 0},
			{"limited in the day", a.Day.Of(string(carrier.LimitedKind)), 6},
			{"refused two days ago", a.Day.Of(string(carrier.Auth)), 0},
			{"asked in the day", a.Day.Asked(), 14},
			{"calls in the day", a.Day.Of(health.Calls), 4},
			{"median of the hour", a.Hour.Latency(.5).Milliseconds(), 100},
			{"p95 of the day", a.Day.Latency(.95).Milliseconds(), 2200},
		} {
			if tc.got != tc.want {
				t.Errorf("%s: %d, want %d", tc.what, tc.got, tc.want)
			}
		}
		if got := a.Success.UnixMilli(); got != now.UnixMilli() {
			t.Errorf("last success %v, want %v", a.Success, now)
		}
		if gone, err := b.Expire(t.Context(), inventory.Purge{Now: now.Add(25 * time.Hour)}); gone.Rows() != 3 || err != nil {
			t.Errorf("%d rows expired (%v), want those of the oldest hour: calls, latency, outcome", gone.Rows(), err)
		}
	})
}

func TestNothingNewIsNotWritten(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		for range 200 {
			b.Shaped("fjordpost", answer(2, "!at", "!text"))
		}
		told(t, b)
		before := d.Statements()
		for range 1_000 {
			b.Shaped("fjordpost", answer(2, "!at", "!text"))
		}
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := d.Statements() - before; n != 0 {
			t.Errorf("%d statements for a thousand answers that are built as before", n)
		}
	})
}

func TestMetricsTellOfChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, now := open(t, d), time.Now()
		b.Answered(health.Call{Account: "fjordpost/main", At: now, Numbers: 1, Reports: []carrier.Report{{}}})
		for range 20 {
			b.Shaped("fjordpost", answer(2, "!at", "!text"))
		}
		b.Shaped("fjordpost", answer(2, "!at"))
		told(t, b)
		registry := prometheus.NewRegistry()
		registry.MustRegister(b)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, f := range families {
			got[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
		}
		if got["waypost_carrier_shape_changes"] != 1 || got["waypost_carrier_last_success_timestamp_seconds"] != float64(now.UnixMilli())/1000 {
			t.Errorf("the metrics are %v", got)
		}
	})
}

func TestEveryColumnIsDeclaredAndNobodys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := open(t, d)
		dbtest.Declared(t, d, b.Fields())
		for _, f := range b.Fields() {
			if f.Whose != inventory.Nobody {
				t.Errorf("%s.%s is %s's", f.Table, f.Column, f.Whose)
			}
		}
	})
}
