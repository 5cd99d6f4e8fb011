package engine

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"waypost/internal/carrier"
)

// A Difference is one thing that a vector expects of its answer and that did
// not come.
type Difference struct {
	Field     string // of the vector's is; "" where Text says all
	Want, Got string
	Text      string
	Near      string // what of the answer it was read from: a code, words, a number; "" unknown
	Line      int    // of the answer, where Near stands; 0 unknown
}

func (d Difference) String() string {
	if d.Field == "" {
		return d.Text
	}
	return fmt.Sprintf("%s is %s, expected %s", d.Field, d.Got, d.Want)
}

// placed finds the lines of the answer that the differences were read from.
func placed(all []Difference, answer []byte) []Difference {
	for i, d := range all {
		if at := bytes.Index(answer, []byte(d.Near)); d.Near != "" && at >= 0 {
			all[i].Line = 1 + bytes.Count(answer[:at], []byte("\n"))
		}
	}
	return all
}

// Expecting is what a vector may say of a report: what Compare finds no
// difference to. Words are left out, since they are long.
func Expecting(r carrier.Report) carrier.Expect {
	want := carrier.Expect{Number: &r.Number, Unknown: len(r.Unknown), Faults: len(r.Faults)}
	if r.Problem != nil {
		return carrier.Expect{Number: &r.Number, Problem: &r.Problem.Kind}
	}
	newest, status, events, at, eta := newestOf(r), StatusOf(r), len(r.Events), newestOf(r).Time.ISO(), r.ETA.ISO()
	want.Status, want.Events = &status, &events
	for _, f := range []struct {
		to    **string
		value string
	}{
		{&want.Newest, at},
		{&want.Code, newest.Code},
		{&want.Place, cmp.Or(newest.Place.City, newest.Place.Name)},
		{&want.Service, r.Service},
		{&want.ETA, eta},
	} {
		if f.value != "" {
			*f.to = &f.value
		}
	}
	return want
}

func newestOf(r carrier.Report) carrier.Event {
	var newest carrier.Event
	for _, e := range r.Events {
		if newest.Time.IsZero() || !before(e.Time, newest.Time) {
			newest = e
		}
	}
	return newest
}

// Compare is what is expected of a parcel and did not come.
func Compare(want carrier.Expect, got carrier.Report) []Difference {
	newest := newestOf(got)
	problem := carrier.ProblemKind("")
	if got.Problem != nil {
		problem = got.Problem.Kind
	}
	legs := []string{}
	for _, l := range got.Legs {
		legs = append(legs, l.Number)
	}
	event := cmp.Or(newest.Words, newest.Code)
	var c comparison
	equal(&c, "number", want.Number, got.Number, got.Number)
	equal(&c, "problem", want.Problem, problem, "")
	equal(&c, "events", want.Events, len(got.Events), "")
	equal(&c, "newest", want.Newest, newest.Time.ISO(), event)
	equal(&c, "code", want.Code, newest.Code, event)
	equal(&c, "service", want.Service, got.Service, got.Service)
	equal(&c, "words", want.Words, newest.Words, event)
	equal(&c, "place", want.Place, cmp.Or(newest.Place.City, newest.Place.Name), event)
	equal(&c, "eta", want.ETA, got.ETA.ISO(), "")
	equal(&c, "status", want.Status, StatusOf(got), event)
	if want.Legs != nil && !slices.Equal(*want.Legs, legs) {
		c.differ("legs", *want.Legs, legs, "")
	}
	if want.Problem == nil && got.Problem != nil {
		c.say("there is a problem, %v", got.Problem)
	}
	if problem != "" {
		return c.found // nothing else was to be read
	}
	if len(got.Unknown) != want.Unknown {
		c.say("%d codes are unknown, expected %d: %v", len(got.Unknown), want.Unknown, got.Unknown)
	}
	if len(got.Faults) != want.Faults {
		c.say("%d fields failed, expected %d: %v", len(got.Faults), want.Faults, got.Faults)
	}
	return c.found
}

// A comparison collects differences.
type comparison struct{ found []Difference }

func (c *comparison) differ(field string, want, got any, near string) {
	c.found = append(c.found, Difference{Field: field, Want: fmt.Sprint(want), Got: fmt.Sprint(got), Near: near})
}

func (c *comparison) say(format string, args ...any) {
	c.found = append(c.found, Difference{Text: fmt.Sprintf(format, args...)})
}

func equal[T comparable](c *comparison, field string, want *T, got T, near string) {
	if want != nil && *want != got {
		c.differ(field, *want, got, near)
	}
}

func before(a, b carrier.Time) bool {
	if !a.UTC.IsZero() && !b.UTC.IsZero() {
		return a.UTC.Before(b.UTC)
	}
	return a.Local < b.Local
}
