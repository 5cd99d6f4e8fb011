package engine

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/gist"
	"waypost/internal/place"
	"waypost/internal/status"
)

const (
	maxEvents  = 10_000 // that are read of one parcel's answer; the newest stay
	maxUnknown = 20     // that one report names
	maxLegs    = 10
	minNumber  = 5 // characters; shorter ones name no parcel
)

// Read reads an answer. Asked are the numbers that were asked for; with none,
// the answer's own are taken. Every asked number comes back, in that order.
// The error is a *carrier.Problem when the answer as a whole is of no use.
func (p *Program) Read(answer []byte, httpStatus int, asked []string) ([]carrier.Report, error) {
	reports, _, err := p.readWith(answer, httpStatus, asked, nil)
	return reports, err
}

// readWith is Read with what the carrier needs besides the number; it returns
// the answer's tree too, nil where it is none.
func (p *Program) readWith(answer []byte, httpStatus int, asked []string, params map[string]any) ([]carrier.Report, any, error) {
	v, err := tree(p.source.Read.Format, answer)
	if err != nil {
		if kind, ok := problemOf(httpStatus); ok {
			reports, err := spread(asked, &carrier.Problem{Kind: kind, Text: fmt.Sprintf("HTTP %d", httpStatus)})
			return reports, nil, err
		}
		return nil, nil, unreadable("the answer %v", err)
	}
	reports, err := p.readTree(v, httpStatus, asked, params)
	return reports, v, err
}

func (p *Program) readTree(v any, httpStatus int, asked []string, params map[string]any) ([]carrier.Report, error) {
	out, err := p.run(v, httpStatus, asked, params)
	if err != nil {
		return nil, err
	}
	list, listed := out["parcels"].([]any)
	if problem := p.wholeProblem(texts(out["problem"]), httpStatus, len(list) > 0); problem != nil {
		return spread(asked, problem)
	}
	var found []item
	for _, one := range list {
		if fields, ok := one.(map[string]any); ok {
			found = append(found, p.item(fields))
		}
	}
	if !slices.ContainsFunc(found, item.readable) {
		if kind, ok := gatewayProblem(v); ok {
			return nil, &carrier.Problem{Kind: kind, Text: "an error in words, and no parcel"}
		}
	}
	if !listed {
		return nil, unreadable("read.parcels finds nothing where the parcels should be")
	}
	return match(found, asked)
}

// run runs the program over the tree.
func (p *Program) run(v any, httpStatus int, asked []string, params map[string]any) (map[string]any, error) {
	numbers := make([]any, len(asked))
	for i, n := range asked {
		numbers[i] = n
	}
	if params == nil {
		params = map[string]any{}
	}
	result, ok := p.read.Run(v, numbers, map[string]any{"status": httpStatus}, params, nil).Next()
	if !ok {
		return nil, unreadable("read gives nothing")
	}
	if _, failed := result.(error); failed {
		return nil, unreadable("the answer is not built as read expects")
	}
	out, ok := result.(map[string]any)
	if !ok {
		return nil, unreadable("read gives no object")
	}
	return out, nil
}

func unreadable(format string, args ...any) *carrier.Problem {
	return &carrier.Problem{Kind: carrier.Unreadable, Text: fmt.Sprintf(format, args...)}
}

// An item is one parcel of an answer, and the number that it names.
type item struct {
	number   string // "" where the answer names none
	nameless bool   // and none is expected
	report   carrier.Report
	empty    bool // its list of events is there, and empty
}

func (it item) readable() bool {
	return it.report.Problem == nil || it.report.Problem.Kind != carrier.Unreadable
}

func (p *Program) item(fields map[string]any) item {
	r := carrier.Report{Latest: p.source.Read.History == "latest"}
	r.Unique = p.brief(p.text(&r, fields["unique"]))
	r.Service = p.said(p.text(&r, fields["service"]))
	it := item{number: short(plain(p.text(&r, fields["number"]))), nameless: p.source.Read.Parcel.Number == ""}
	events, listed := fields["events"].([]any)
	it.empty = listed && len(events) == 0
	if _, lined := fields["line"]; lined && it.number == "" {
		fault(&r, "parcel.number", nil)
	}
	dated := p.readEvents(&r, events)
	p.readState(&r, p.candidates(&r, fields["state"]))
	broughtBack(&r)
	p.readETA(&r, fields)
	p.readLegs(&r, fields["legs"])
	if !listed && p.source.Read.Events != "" {
		p.text(&r, fields["events"])
		r.Problem = unreadable("read.events finds no list where the events should be")
	}
	if r.State != "" && !dated {
		r.Problem = nil // the answer says how the parcel stands, if not how and when it got there
	}
	if len(r.Events) == 0 {
		if problem := p.ownProblem(p.candidates(&r, fields["problem"]), r.State != ""); problem != nil {
			r.Problem = problem
		}
	}
	atLine(r.Faults, fields["line"])
	it.report = r
	return it
}

// atLine notes where those of the faults stand that aren't placed yet.
func atLine(faults []carrier.Fault, line any) {
	n, ok := line.(int)
	for i := range faults {
		if ok && faults[i].Line == 0 {
			faults[i].Line = n
		}
	}
}

func (p *Program) readState(r *carrier.Report, candidates []string) {
	if len(candidates) == 0 {
		return
	}
	words := ""
	if n := len(r.Events); n > 0 {
		words = r.Events[n-1].Words
	}
	for _, c := range candidates {
		if cases, known := p.codes[c]; known {
			if sub, ok := pick(cases, words); ok {
				r.State = sub
			}
			return
		}
	}
	unknown(r, carrier.Unknown{Code: p.brief(candidates[0])})
}

func (p *Program) readETA(r *carrier.Report, fields map[string]any) {
	zone := p.text(r, fields["etazone"])
	for _, text := range p.candidates(r, fields["eta"]) {
		if t, ok := p.eta.read(text, zone, place.Place{}); ok {
			r.ETA = t
			return
		}
		fault(r, "parcel.eta", text)
	}
}

func (p *Program) readLegs(r *carrier.Report, v any) {
	list, _ := v.([]any)
	for _, one := range list {
		fields, ok := one.(map[string]any)
		if !ok || len(r.Legs) == maxLegs {
			continue
		}
		if name, failed := failure(fields); failed {
			fault(r, name, nil)
			continue
		}
		number := normal(scalar(fields["number"]))
		if len(number) >= minNumber && len(number) <= 50 {
			r.Legs = append(r.Legs, carrier.Leg{Number: number, Carrier: p.brief(scalar(fields["carrier"]))})
		}
	}
}

// readEvents reads the events, and reports whether the answer dates any of
// them, readably or not.
func (p *Program) readEvents(r *carrier.Report, rows []any) (dated bool) {
	if len(rows) > maxEvents {
		rows = newest(rows)
		fault(r, "events", fmt.Sprintf("more than %d", maxEvents))
	}
	timed := 0
	for _, row := range rows {
		fields, ok := row.(map[string]any)
		if !ok {
			continue
		}
		e, told := p.event(r, fields)
		dated = dated || told
		if !e.Time.IsZero() {
			timed++
		}
		r.Events = append(r.Events, e)
	}
	if len(r.Events) > 0 && timed == 0 {
		r.Events = nil
		r.Problem = unreadable("no event's time can be read")
		return dated
	}
	r.Events = slices.DeleteFunc(r.Events, func(e carrier.Event) bool { return e.Time.IsZero() })
	if backwards(r.Events) {
		slices.Reverse(r.Events)
	}
	return dated
}

// newest is the part of a too long list that is kept: its newer end, which the
// first and last time tell.
func newest(rows []any) []any {
	at := func(row any) string {
		fields, _ := row.(map[string]any)
		return first(texts(fields["at"]))
	}
	if at(rows[0]) > at(rows[len(rows)-1]) {
		return rows[:maxEvents]
	}
	return rows[len(rows)-maxEvents:]
}

// event reads one event, and reports whether the answer dates it.
func (p *Program) event(r *carrier.Report, fields map[string]any) (e carrier.Event, dated bool) {
	before := len(r.Faults)
	defer func() { atLine(r.Faults[before:], fields["line"]) }()
	e = carrier.Event{Place: p.place(r, fields)}
	words := plain(p.text(r, fields["words"]))
	dates := p.candidates(r, fields["at"])
	for _, text := range dates {
		t, ok := p.at.read(text, p.text(r, fields["zone"]), e.Place)
		if ok {
			e.Time = t
			break
		}
		fault(r, "event.at", text)
	}
	candidates := p.candidates(r, fields["code"])
	sub, code, known := p.meaningOf(candidates, words)
	e.Status, e.Code, e.Words = sub, p.brief(code), clip(p.scrub(words))
	if !known {
		e.Status = gist.Of(words).Is
		e.FromWords = e.Status != ""
		unknown(r, carrier.Unknown{Code: e.Code, Words: e.Words, Means: e.Status})
	}
	if order := scalar(fields["order"]); order != "" {
		e.Order, _ = strconv.ParseInt(order, 10, 64) // no sequence where it is no number
	}
	return e, len(dates) > 0
}

func (p *Program) place(r *carrier.Report, fields map[string]any) place.Place {
	at := place.Place{
		Name:     p.said(p.text(r, fields["name"])),
		City:     p.said(p.text(r, fields["city"])),
		Region:   p.brief(p.text(r, fields["region"])),
		Postcode: p.brief(p.text(r, fields["postcode"])),
	}
	if text := plain(p.text(r, fields["country"])); text != "" {
		if country, ok := place.Country(text); ok {
			at.Country = country
		} else if at.Name == "" {
			at.Name = p.said(text)
		}
	}
	return at.Resolve()
}

// unknown adds what the status map doesn't have, each code once, and words once
// where there is no code.
func unknown(r *carrier.Report, u carrier.Unknown) {
	if u.Code == "" && u.Words == "" || len(r.Unknown) == maxUnknown {
		return
	}
	if !slices.ContainsFunc(r.Unknown, func(o carrier.Unknown) bool {
		return o.Code == u.Code && (u.Code != "" || o.Words == u.Words)
	}) {
		r.Unknown = append(r.Unknown, u)
	}
}

// broughtBack makes the delivery of what was on its way back one to the sender:
// few carriers have a word for it, and those that do may leave it out.
func broughtBack(r *carrier.Report) {
	back := false
	for i := range r.Events {
		e := &r.Events[i]
		back = back || e.Status == status.ExceptionReturning || e.Status == status.ExceptionReturned
		if back && e.Status.Main() == status.Delivered {
			e.Status = status.ExceptionReturned
		}
	}
	if back && r.State.Main() == status.Delivered {
		r.State = status.ExceptionReturned
	}
}

// backwards reports whether the list begins with its newest event.
func backwards(events []carrier.Event) bool {
	if len(events) < 2 {
		return false
	}
	a, b := events[0].Time, events[len(events)-1].Time
	if !a.UTC.IsZero() && !b.UTC.IsZero() {
		return a.UTC.After(b.UTC)
	}
	return a.Local > b.Local
}

// match puts an answer's parcels to the numbers that were asked for.
func match(found []item, asked []string) ([]carrier.Report, error) {
	if len(asked) == 0 {
		return ofAll(found), nil
	}
	if len(found) == 0 {
		return nil, unreadable("the answer names no parcel, and no problem")
	}
	reports := make([]carrier.Report, len(asked))
	for i, number := range asked {
		var own []item
		for _, it := range found {
			if it.isOf(number, asked, len(found)) {
				own = append(own, it)
			}
		}
		if len(own) == 0 {
			reports[i] = carrier.Report{Number: number, Problem: unreadable("the answer leaves this number out")}
			continue
		}
		reports[i] = latest(own).named(number)
	}
	return reports, nil
}

// ofAll are the reports of an answer that nothing was asked for: one a number,
// in the order of the answer.
func ofAll(found []item) []carrier.Report {
	same := map[string][]item{} // by number
	var numbers []string        // in the order of the answer
	for i, it := range found {
		number := normal(it.number)
		if it.number == "" {
			number = fmt.Sprintf("?%d", i) // none is the same as another
		}
		if same[number] == nil {
			numbers = append(numbers, number)
		}
		same[number] = append(same[number], it)
	}
	reports := make([]carrier.Report, len(numbers))
	for i, number := range numbers {
		own := same[number]
		reports[i] = latest(own).named(own[0].number)
	}
	return reports
}

// isOf reports whether an item is about number: by name, also as the carrier
// spells it, or because nothing else was asked.
func (it item) isOf(number string, asked []string, found int) bool {
	if it.number == "" {
		return len(asked) == 1 && it.nameless
	}
	own, want := normal(it.number), normal(number)
	if strings.TrimLeft(own, "0") == strings.TrimLeft(want, "0") {
		return true
	}
	return len(asked) == 1 && found == 1 && within(own, want)
}

// within reports whether one number is the other with more around it: a check
// digit, a country, a routing code.
func within(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return len(a) >= minNumber && strings.Contains(b, a)
}

// latest is the one of several parcels with one number that is meant: the one
// with the newest event. Where one of them has none, and may be newer, what is
// still on its way comes before what is at its end.
func latest(own []item) item {
	undated := slices.ContainsFunc(own, func(it item) bool { return it.newestEvent() == "" && it.report.State != "" })
	return slices.MaxFunc(own, func(a, b item) int {
		if undated && a.over() != b.over() {
			if a.over() {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.newestEvent(), b.newestEvent())
	})
}

func (it item) over() bool { return StatusOf(it.report).Final() }

func (it item) newestEvent() string {
	if n := len(it.report.Events); n > 0 {
		return it.report.Events[n-1].Time.Local
	}
	return ""
}

// named is the report under the number it was asked for. Without events it says
// why: by its problem, or because its empty list says that nothing is known.
func (it item) named(number string) carrier.Report {
	r := it.report
	r.Number = number
	if r.Problem == nil && len(r.Events) == 0 && r.State == "" {
		r.Problem = unreadable("the answer has no list of events")
		if it.empty {
			r.Problem = &carrier.Problem{Kind: carrier.Missing, Text: "an empty list of events"}
		}
	}
	return r
}

// normal is a number as it is compared: capital letters and digits.
func normal(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			return r
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return -1
	}, number)
}

// text is a field's text; a failed field is a fault.
func (p *Program) text(r *carrier.Report, v any) string {
	if fields, ok := v.(map[string]any); ok {
		if name, failed := failure(fields); failed {
			fault(r, name, nil)
		}
		return ""
	}
	return scalar(v)
}

// candidates are a field's texts, most specific first, without the empty ones.
func (p *Program) candidates(r *carrier.Report, v any) []string {
	list, _ := v.([]any)
	for _, one := range list {
		if fields, ok := one.(map[string]any); ok {
			if name, failed := failure(fields); failed {
				fault(r, name, nil)
			}
		}
	}
	return texts(v)
}

// failure is the name of the field that could not be computed.
func failure(fields map[string]any) (string, bool) {
	name, failed := fields["!"].(string)
	return name, failed
}

// texts are a list's scalars as texts, without the empty ones.
func texts(v any) []string {
	list, _ := v.([]any)
	var all []string
	for _, one := range list {
		if text := scalar(one); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// scalar is a text, a number or a truth value as a text; "" for all else.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case *big.Int:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// fault says that a field could not be read, with its form and not its value.
func fault(r *carrier.Report, field string, was any) {
	form := "could not be computed"
	if text, ok := was.(string); ok {
		form = fmt.Sprintf("text of %d characters", len(text))
	}
	f := carrier.Fault{Field: field, Form: form}
	if len(r.Faults) < maxUnknown && !slices.Contains(r.Faults, f) {
		r.Faults = append(r.Faults, f)
	}
}
