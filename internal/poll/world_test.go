package poll

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/recognise"
	"waypost/internal/status"
)

// The carriers of these tests: fjordpost and polarpost are posts with a source
// of their own, prairie and lotus share the source hub, mute has none. What herald
// does it tells by itself, and files tell of any carrier but posts.
const identity = `
carrier: %s
names: {en: %s}
country: '%s'
kind: %s
numbers:
  - {name: s10, pattern: '[A-Z]{2}\d{9}[A-Z]{2}', check: s10, trust: standard, good: [RR123456785NO], bad: [RR123456784NO]}
`

const connection = `
connect:
  base: https://%[1]s.example
  account: [%[2]s]
  budget: {calls: 60, per: 1h}
  ask: {get: '/{number}'}
probe: %[3]s
read:
  parcels: '.'
  events: '.events'
  event: {at: '.at', code: '.code'}
status: {'1': InTransit_Other}
`

// telling is a source that can't be asked.
const telling = `push:
  read:
    parcels: '.'
    parcel: {number: '.number'}
    events: '.events'
    event: {at: '.at', code: '.code'}
`

func catalogue(t testing.TB) *carrier.Catalogue {
	t.Helper()
	carriers := fstest.MapFS{}
	add := func(code, name, country, kind, more string) {
		carriers[code+".yaml"] = &fstest.MapFile{Data: []byte(strings.TrimSpace(fmt.Sprintf(identity, code, name, country, kind)) + more)}
	}
	add("fjordpost", "Fjord Post", "NO", "postal", fmt.Sprintf(connection, "fjordpost", "key", "no"))
	add("polarpost", "Polar Post", "CA", "postal", fmt.Sprintf(connection, "polarpost", "key", "yes"))
	add("prairie", "Prairie", "US", "parcel", "\nvia: [{source: hub, with: {service: prairie}}]\n")
	add("lotus", "Lotus", "CN", "express", "\nvia: [{source: hub}]\n")
	add("mute", "Mute", "DE", "parcel", "")
	add("wary", "Wary", "DE", "parcel", "\nneeds: [postal_code]"+fmt.Sprintf(connection, "wary", "key", "yes"))
	add("herald", "Herald", "DE", "parcel", "\n"+telling+"  account: [secret]\n  signed: {header: X-Signed, is: '.account.secret'}\n")
	add("shy", "Shy", "DE", "parcel", "\nneeds: [postal_code]\nvia: [{source: hub}]\n")
	sources := fstest.MapFS{
		"anyone.yaml": &fstest.MapFile{Data: []byte("source: anyone\nfallback: yes" + fmt.Sprintf(connection, "anyone", "key", "no"))},
		"files.yaml":  &fstest.MapFile{Data: []byte("source: files\n" + telling + "  kinds: [express, parcel]\n")},
		"hub.yaml":    &fstest.MapFile{Data: []byte("source: hub" + fmt.Sprintf(connection, "hub", "user, password", "yes"))},
	}
	cat, mistakes := carrier.Load(carriers, sources)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return cat
}

// account makes an account with a connector.
func account(t testing.TB, cat *carrier.Catalogue, code carrier.AccountCode, c carrier.Connector) Account {
	t.Helper()
	name, _, _ := strings.Cut(string(code), "/")
	source, ok := cat.Source(carrier.SourceCode(name))
	if !ok {
		t.Fatalf("there is no source %s", name)
	}
	return Account{Code: code, Source: source, Connector: c}
}

func number(text string, scores map[carrier.Code]float64, order ...carrier.Code) recognise.Number {
	n := recognise.Number{Text: text, Typed: text}
	for _, c := range order {
		n.Candidates = append(n.Candidates, recognise.Candidate{Carrier: c, Number: text, Score: scores[c]})
	}
	return n
}

// A fake is a source: it knows some numbers, and answers as it is told to.
type fake struct {
	batch int
	took  time.Duration // how long an answer takes

	mu     sync.Mutex
	knows  map[string]carrier.Report
	answer func(call int, asks []carrier.Ask) ([]carrier.Report, error) // instead of what it knows; nil, nil goes on
	asked  []asking
}

// An asking is one call that a fake got.
type asking struct {
	at      time.Time
	numbers []string
}

func (f *fake) Batch() int { return max(f.batch, 1) }

func (f *fake) Track(ctx context.Context, asks []carrier.Ask) ([]carrier.Report, error) {
	f.mu.Lock()
	call := len(f.asked)
	a := asking{at: time.Now()}
	for _, ask := range asks {
		a.numbers = append(a.numbers, ask.Number)
	}
	f.asked = append(f.asked, a)
	answer := f.answer
	f.mu.Unlock()
	if f.took > 0 {
		select {
		case <-time.After(f.took):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if answer != nil {
		if reports, err := answer(call, asks); reports != nil || err != nil {
			return reports, err
		}
	}
	reports := make([]carrier.Report, len(asks))
	for i, ask := range asks {
		r, known := f.knows[ask.Number]
		if !known {
			r.Problem = &carrier.Problem{Kind: carrier.Missing, Text: "not known"}
		}
		r.Number = ask.Number
		reports[i] = r
	}
	return reports, nil
}

// calls returns what was asked so far.
func (f *fake) calls() []asking {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]asking(nil), f.asked...)
}

// times counts how often each number was asked.
func (f *fake) times() map[string]int {
	all := map[string]int{}
	for _, c := range f.calls() {
		for _, n := range c.numbers {
			all[n]++
		}
	}
	return all
}

// moved is a report of one event.
func moved(at time.Time, s status.Sub) carrier.Report {
	at = at.UTC().Truncate(time.Second)
	return carrier.Report{Events: []carrier.Event{{
		Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: "1", Status: s, Words: "moved",
	}}}
}
