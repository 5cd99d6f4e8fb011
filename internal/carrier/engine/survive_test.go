package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"waypost/internal/carrier"
	"waypost/internal/status"
)

// A sample of all cases is tried; WAYPOST_SOAK tries all of them.
const (
	mostCuts   = 40  // of one answer
	mostSpoil  = 8   // fields and changes of one answer
	mostOthers = 150 // answers of other carriers that one source reads
)

// some are at most so many numbers below n: all of them in a soak, else a
// sample that is the same each time.
func some(n, most int) []int {
	all := rand.New(rand.NewPCG(4, uint64(n))).Perm(n)
	if os.Getenv("WAYPOST_SOAK") == "" {
		all = all[:min(n, most)]
	}
	return all
}

// Each field of each answer is left out, emptied, of another type, or hostile. A
// delivery is false when the untouched answer tells of none of that number: not
// to its receiver, to a shop or locker, nor back to the sender. To whom it was
// may hang on the one field; without it, the answer is one of a delivery.
func TestSpoiledAnswersAreSurvived(t *testing.T) {
	for _, s := range shippedAnswers(t) {
		t.Run(string(s.code), func(t *testing.T) {
			t.Parallel()
			for _, a := range s.answers {
				spots := spotsOf(s.format, a.body)
				untouched := s.read(a.body, a.http, a.asked)
				for _, i := range some(len(spots)*len(changes), mostSpoil) {
					spot, c := spots[i/len(changes)], changes[i%len(changes)]
					s.survives(t, fmt.Sprintf("%s: %s is %s", a.file, spot.name, c.name), spot.with(c), a, untouched)
				}
			}
		})
	}
}

func TestCutAnswersAreSurvived(t *testing.T) {
	for _, s := range shippedAnswers(t) {
		t.Run(string(s.code), func(t *testing.T) {
			t.Parallel()
			for _, a := range s.answers {
				untouched := s.read(a.body, a.http, a.asked)
				for _, at := range some(len(a.body), mostCuts) {
					s.survives(t, fmt.Sprintf("%s: cut at byte %d", a.file, at), a.body[:at], a, untouched)
				}
			}
		})
	}
}

// Each source reads the answers of every other, asked for a number that stands
// in none of them.
func TestOtherCarriersAnswersAreSurvived(t *testing.T) {
	all := shippedAnswers(t)
	const stranger = "WPZ0000000000"
	for _, s := range all {
		t.Run(string(s.code), func(t *testing.T) {
			t.Parallel()
			var others []saved
			for _, other := range all {
				if other.code != s.code {
					others = append(others, other.answers...)
				}
			}
			for _, i := range some(len(others), mostOthers) {
				a := others[i]
				a.asked = []string{stranger}
				s.survives(t, a.file, a.body, a, reading{})
			}
		})
	}
}

// FuzzRead lets every source read anything, asked for anything.
func FuzzRead(f *testing.F) {
	all := shippedAnswers(f)
	for i, s := range all {
		for _, a := range s.answers {
			f.Add(i, a.http, a.body, strings.Join(a.asked, " "))
		}
	}
	f.Fuzz(func(t *testing.T, source, http int, body []byte, numbers string) {
		if len(body) > 64<<10 || source < 0 || !plainText(numbers, 80) {
			t.Skip("an answer that costs more than it shows, or numbers that nobody asks for")
		}
		asked := strings.Fields(numbers)
		for _, wrong := range all[source%len(all)].read(body, http, asked).unsound(asked) {
			t.Error(wrong)
		}
	})
}

// A reading is what came of an answer.
type reading struct {
	reports []carrier.Report
	err     error
}

func (s shipped) read(body []byte, http int, asked []string) reading {
	reports, err := s.Read(body, http, asked)
	return reading{reports, err}
}

// tells reports whether any report of a number says so, of the parcel or of an event.
func (r reading) tells(number string, said func(status.Sub) bool) bool {
	return slices.ContainsFunc(r.reports, func(one carrier.Report) bool {
		return one.Number == number && (said(one.State) ||
			slices.ContainsFunc(one.Events, func(e carrier.Event) bool { return said(e.Status) }))
	})
}

func isDelivered(s status.Sub) bool { return s.Main() == status.Delivered }

func isHandedOver(s status.Sub) bool {
	return isDelivered(s) || s == status.ExceptionReturned || s == status.AvailableForPickupOther
}

// survives reads an answer and holds what comes to what a Connector promises.
func (s shipped) survives(t *testing.T, what string, body []byte, a saved, untouched reading) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("%s: panic: %v", what, p)
		}
	}()
	r := s.read(body, a.http, a.asked)
	for _, wrong := range r.unsound(a.asked) {
		t.Errorf("%s: %s", what, wrong)
	}
	for _, one := range r.reports {
		if r.tells(one.Number, isDelivered) && !untouched.tells(one.Number, isHandedOver) {
			t.Errorf("%s: %s is delivered, and the untouched answer doesn't say so", what, one.Number)
		}
	}
}

// unsound is what is wrong with a reading, whatever was read.
func (r reading) unsound(asked []string) []string {
	if r.err != nil {
		var problem *carrier.Problem
		if !errors.As(r.err, &problem) {
			return []string{fmt.Sprintf("the error is no problem: %v", r.err)}
		}
		return unclear(problem)
	}
	var all []string
	if len(asked) > 0 && !slices.EqualFunc(r.reports, asked, func(r carrier.Report, n string) bool { return r.Number == n }) {
		all = append(all, fmt.Sprintf("%d reports don't name the %d numbers asked, in order", len(r.reports), len(asked)))
	}
	for _, one := range r.reports {
		all = append(all, unclear(one.Problem)...)
		if one.Problem == nil && len(one.Events) == 0 && one.State == "" {
			all = append(all, "a report holds neither events nor state nor problem")
		}
		all = append(all, unfit(one)...)
	}
	return all
}

func unclear(p *carrier.Problem) []string {
	if p != nil && (p.Kind == "" || p.Text == "" || !plainText(p.Text, 200)) {
		return []string{fmt.Sprintf("the problem is unclear: %q", p)}
	}
	return nil
}

// unfit is what a report holds that nobody can store or show.
func unfit(r carrier.Report) []string {
	var all []string
	hold := func(field, text string, most int) {
		if !plainText(text, most) {
			all = append(all, fmt.Sprintf("%s is %d bytes: %.60q", field, len(text), text))
		}
	}
	hold("number", r.Number, 80)
	hold("unique", r.Unique, 80)
	hold("service", r.Service, 4*500)
	for _, l := range r.Legs {
		hold("leg", l.Number, 50)
		hold("leg's carrier", l.Carrier, 80)
	}
	for _, u := range r.Unknown {
		hold("unknown code", u.Code, 80)
		hold("unknown code's words", u.Words, 4*500)
	}
	for _, f := range r.Faults {
		hold("fault", f.Field+" "+f.Form, 120)
	}
	if len(r.Legs) > 10 || len(r.Unknown) > 20 || len(r.Faults) > 20 {
		all = append(all, "a list is too long")
	}
	for _, e := range r.Events {
		if e.Time.IsZero() || e.Status != "" && !e.Status.Known() {
			all = append(all, fmt.Sprintf("an event of no time, or status %q", e.Status))
		}
		hold("code", e.Code, 80)
		hold("words", e.Words, 4*500)
		hold("time", e.Time.Local, 19)
		for _, part := range []string{e.Place.Name, e.Place.City, e.Place.Region, e.Place.Postcode, e.Place.Country} {
			hold("place", part, 4*500)
		}
	}
	return all
}

// plainText reports whether a text is one short line that does no harm: no
// control or bidirectional signs, no tags, valid UTF-8.
func plainText(text string, most int) bool {
	return len(text) <= most && utf8.ValidString(text) && !strings.Contains(text, "<script") &&
		!strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
		})
}
