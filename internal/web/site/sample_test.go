package site

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/live"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/poll"
	"waypost/internal/recognise"
	"waypost/internal/status"
	"waypost/internal/web/ui"
)

// The world that the tests of the pages show: invented carriers, invented
// numbers, a parcel in each state that a page can show.
type world struct {
	mu      sync.Mutex
	broker  *live.Broker
	numbers map[string]recognise.Number
	plans   map[string]poll.Plan
	parcels map[parcel.Key]parcel.Parcel
	wanted  []parcel.Want
}

var sampleCarriers = []*carrier.Carrier{
	{Code: "fjordpost", Key: 91001, Names: map[string]string{"en": "Fjord Post", "zh": "峡湾邮政", "nb": "Fjordpost"}, Country: "NO", Kind: carrier.Postal, Colour: "#c8102e",
		Site: "https://post.example", Link: "https://post.example/{lang}/find?n={number}", Phone: "+4721000000", Via: []carrier.Via{{Source: "fjordpost"}},
		Formats: []carrier.Format{
			{Name: "parcel", Pattern: `FP\d{10}`, Check: "gs1", Trust: carrier.Standard, Good: []string{"FP1234567895"}, Services: map[string]string{"12": "home delivery"}},
			{Name: "letter", Pattern: `\d{12}`, Check: "none", Trust: carrier.Observed, Good: []string{"123456789012"}},
		}},
	{Code: "kite", Names: map[string]string{"en": "Kite Parcel", "zh": "风筝包裹"}, Country: "DE", Kind: carrier.ParcelKind, Colour: "#ffcc00", Site: "https://kite.example", Via: []carrier.Via{{Source: "kite-api"}}},
	{Code: "nordsky", Key: 91003, Names: map[string]string{"en": "NordSky Express"}, Kind: carrier.Express, Colour: "#3d1f78", Link: "https://sky.example/#{number}", Via: []carrier.Via{{Source: "nordsky"}}, Needs: []carrier.Need{carrier.PostalCode}},
	{Code: "lantern", Names: map[string]string{"en": "Lantern Lockers"}, Country: "CN", Kind: carrier.Lockers},
}

var sampleSources = map[carrier.SourceCode]*carrier.Source{
	"fjordpost": {Code: "fjordpost"},
	"kite-api":  {Code: "kite-api"},
	"nordsky":   {Code: "nordsky", Account: []string{"client_id", "client_secret"}},
}

func newWorld() *world {
	w := &world{broker: live.New(), numbers: map[string]recognise.Number{}, plans: map[string]poll.Plan{}, parcels: map[parcel.Key]parcel.Parcel{}}
	for _, s := range samples() {
		w.add(s)
	}
	return w
}

func (w *world) add(s sample) {
	w.numbers[s.number.Text] = s.number
	s.plan.Key = parcel.Key{Number: s.number.Text}
	w.plans[s.number.Text] = s.plan
	if len(s.plan.Askings) == 0 {
		return
	}
	p := s.parcel
	p.ID, p.Key, p.Created = parcel.ID("id-"+s.number.Text), s.plan.Key, cmpTime(p.Created, time.Now().Add(-48*time.Hour))
	w.parcels[s.plan.Key] = p
}

func cmpTime(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}

func (w *world) knowledge() Knowledge {
	return Knowledge{
		Catalogue: w, Index: w,
		Plan: func(n recognise.Number, named carrier.Code, _ carrier.Given) poll.Plan {
			p := w.plans[n.Text]
			p.Key = parcel.Key{Number: n.Text, Carrier: named}
			if named != "" {
				p.Askings, p.Choice, p.Missing = []parcel.Asking{asking(named)}, parcel.ByHand, nil
			} else if n.Problem != "" {
				p.Missing = []poll.Missing{{Why: poll.InvalidNumber}}
			}
			return p
		},
		Connected: func(s carrier.SourceCode) (bool, bool) { return s != "nordsky", s == "kite-api" },
		Simulated: func(a carrier.AccountCode) bool { return strings.HasPrefix(string(a), "kite-api/") },
	}
}

func (w *world) Carriers() []*carrier.Carrier { return sampleCarriers }

func (w *world) Carrier(code carrier.Code) (*carrier.Carrier, bool) {
	i := slices.IndexFunc(sampleCarriers, func(c *carrier.Carrier) bool { return c.Code == code })
	if i < 0 {
		return nil, false
	}
	return sampleCarriers[i], true
}

func (w *world) ByKey(key int) (*carrier.Carrier, bool) {
	i := slices.IndexFunc(sampleCarriers, func(c *carrier.Carrier) bool { return c.Key == key })
	if i < 0 {
		return nil, false
	}
	return sampleCarriers[i], true
}

func (w *world) Source(code carrier.SourceCode) (*carrier.Source, bool) {
	s, ok := sampleSources[code]
	return s, ok
}

func (w *world) Number(text string, _ recognise.Hints) recognise.Number {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if n, ok := w.numbers[text]; ok {
		return n
	}
	return recognise.Number{Text: text, Typed: text, Problem: recognise.UnknownFormat}
}

func (w *world) Text(text string, _ recognise.Hints) recognise.Found {
	var f recognise.Found
	for _, word := range strings.Fields(text) {
		n, ok := w.numbers[strings.ToUpper(word)]
		switch {
		case !ok:
			f.Ignored = append(f.Ignored, recognise.Ignored{Text: word, Why: recognise.Reason{Code: recognise.IsWords, Args: []string{"1"}}})
		case len(f.Numbers) == maxNumbers:
			f.More++
		default:
			f.Numbers = append(f.Numbers, n)
		}
	}
	return f
}

func (w *world) Want(_ context.Context, wants []parcel.Want) ([]parcel.Parcel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wanted = append(w.wanted, wants...)
	var all []parcel.Parcel
	for _, want := range wants {
		p, ok := w.parcels[want.Key]
		if !ok {
			p = parcel.Parcel{ID: parcel.ID("id-" + want.Number + string(want.Carrier)), Key: want.Key, Choice: want.Choice, Created: time.Now()}
			for _, a := range want.Askings {
				p.Asks = append(p.Asks, parcel.Ask{Asking: a, State: parcel.Waiting, Due: time.Now()})
			}
			w.parcels[want.Key] = p
		}
		all = append(all, p)
	}
	return all, nil
}

func (w *world) Get(_ context.Context, ids ...parcel.ID) ([]parcel.Parcel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []parcel.Parcel
	for _, p := range w.parcels {
		if slices.Contains(ids, p.ID) {
			all = append(all, p)
		}
	}
	return all, nil
}

func (w *world) Find(_ context.Context, keys ...parcel.Key) ([]parcel.Parcel, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []parcel.Parcel
	for _, k := range keys {
		if p, ok := w.parcels[k]; ok {
			all = append(all, p)
		}
	}
	return all, nil
}

// change alters a parcel and tells the live pages.
func (w *world) change(number string, alter func(*parcel.Parcel)) {
	w.mu.Lock()
	key := parcel.Key{Number: number}
	p := w.parcels[key]
	p.Asks = slices.Clone(p.Asks)
	alter(&p)
	w.parcels[key] = p
	w.mu.Unlock()
	w.broker.Publish("parcel:" + string(p.ID))
}

func newSite(t *testing.T, w *world) *Site {
	t.Helper()
	kit, err := ui.New("https://waypost.example")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Options{
		Kit: kit, Knowledge: w.knowledge, Parcels: w, Live: w.broker,
		Examples: []Example{{"Fjord Post", "FP1000000001"}, {"An e-mail", "Your parcel FP1000000002 is on its way"}},
		Log:      slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

type sample struct {
	name   string
	number recognise.Number
	plan   poll.Plan
	parcel parcel.Parcel
}

func asking(code carrier.Code) parcel.Asking {
	source := carrier.SourceCode(code)
	if code == "kite" {
		source = "kite-api"
	}
	return parcel.Asking{Account: carrier.AccountCode(source + "/main"), Source: source, Carrier: code, Role: parcel.Origin}
}

func candidate1(code carrier.Code, score float64, reasons ...recognise.Reason) recognise.Candidate {
	return recognise.Candidate{Carrier: code, Format: "parcel", Score: score, Reasons: reasons}
}

func why(code recognise.ReasonCode, args ...string) recognise.Reason {
	return recognise.Reason{Code: code, Args: args}
}

// happening is an event of a sample: hours ago, its status, the carrier's words.
type happening struct {
	hours int
	is    status.Sub
	words string
	at    place.Place
}

// told makes a leg's events; with a zone of whole hours, or without one.
func told(code carrier.Code, zone *int, list ...happening) []parcel.Event {
	now := time.Now().UTC().Truncate(time.Hour)
	var events []parcel.Event
	for i, h := range list {
		at := now.Add(-time.Duration(h.hours) * time.Hour)
		e := parcel.Event{Source: asking(code).Source, Carrier: code, Number: "N" + string(code), List: i, Rank: at.UnixMilli(), Seen: at}
		e.Status, e.Words, e.Place = h.is, h.words, h.at
		if zone == nil {
			e.Time.Local = at.Format("2006-01-02T15:04:05")
		} else {
			e.Time = carrier.Time{Local: at.Add(time.Duration(*zone) * time.Hour).Format("2006-01-02T15:04:05"), UTC: at}
		}
		events = append(events, e)
	}
	return events
}

var (
	oslo     = place.Place{City: "Oslo", Country: "NO"}
	bergen   = place.Place{Name: "Bergen terminal", City: "Bergen", Country: "NO"}
	hamburg  = place.Place{City: "Hamburg", Postcode: "20095", Country: "DE"}
	shenzhen = place.Place{City: "深圳市", Region: "广东省", Country: "CN"}
	cairo    = place.Place{City: "القاهرة", Country: "EG"}
)

const hostile = `<script>alert("x")</script><img src=x onerror=alert(1)>`

func samples() []sample {
	one := 1
	eight := 8
	var all []sample
	next := 0
	number := func() string { next++; return fmt.Sprintf("FP%010d", 1000000000+next) }
	answered := func(code carrier.Code) []parcel.Ask {
		return []parcel.Ask{{Asking: asking(code), State: parcel.Waiting, Asked: time.Now().Add(-20 * time.Minute), Answered: time.Now().Add(-20 * time.Minute), Due: time.Now().Add(95 * time.Minute)}}
	}
	known := func(name string, code carrier.Code, events []parcel.Event, state parcel.State, more func(*parcel.Parcel)) {
		n := number()
		p := parcel.Parcel{Found: code, Choice: parcel.Only, Revision: 1, Asks: answered(code)}
		if state == parcel.Done {
			p.Asks[0].State, p.Asks[0].Due = parcel.Done, time.Time{}
		}
		p.History = parcel.History{Events: events, Legs: []parcel.Leg{{Source: asking(code).Source, Carrier: code, Number: "N" + string(code), Role: parcel.Origin, Answered: time.Now()}}}
		if more != nil {
			more(&p)
		}
		all = append(all, sample{name,
			recognise.Number{Text: n, Typed: n, Candidates: []recognise.Candidate{
				candidate1(code, 0.97, why(recognise.FitsForm, "parcel"), why(recognise.CheckRight), why(recognise.Above, "lantern", "Lantern Lockers", "check")),
				candidate1("lantern", 0.02, why(recognise.OnlyObserved), why(recognise.SameCountry, "CN")),
			}},
			poll.Plan{Askings: []parcel.Asking{asking(code)}, Choice: parcel.Only}, p})
	}
	open := func(name string, asks ...parcel.Ask) {
		n := number()
		num := recognise.Number{Text: n, Typed: n}
		plan := poll.Plan{}
		for _, a := range asks {
			num.Candidates = append(num.Candidates, candidate1(a.Carrier, 0.5, why(recognise.FitsForm, "parcel"), why(recognise.OfCountry, "NO", "Norway")))
			plan.Askings = append(plan.Askings, a.Asking)
		}
		all = append(all, sample{name, num, plan, parcel.Parcel{Asks: asks}})
	}
	stuck := func(name, text string, problem recognise.Problem, closest string, missing ...poll.Missing) {
		num := recognise.Number{Text: text, Typed: text, Problem: problem, Closest: closest}
		for _, m := range missing {
			if m.Carrier != "" {
				num.Candidates = append(num.Candidates, candidate1(m.Carrier, 0.6, why(recognise.FitsForm, "parcel"), why(recognise.LargeCarrier)))
			}
		}
		if problem == recognise.CheckDigit {
			num.Candidates = append(num.Candidates, candidate1("fjordpost", 0.3, why(recognise.FitsForm, "parcel"), why(recognise.CheckWrong)))
			num.Reasons = append(num.Reasons, why(recognise.IsS10, "NO", "Norway", "parcel"), why(recognise.SlipExplains, closest, "O for 0"))
		}
		all = append(all, sample{name, num, poll.Plan{Missing: missing}, parcel.Parcel{}})
	}
	asked := func(code carrier.Code, problem carrier.ProblemKind, state parcel.State) parcel.Ask {
		return parcel.Ask{Asking: asking(code), State: state, Asked: time.Now().Add(-9 * time.Minute), Due: time.Now().Add(50 * time.Minute), Problem: problem, Failures: 1}
	}

	known("delivered over two legs, one without zone, hostile words", "fjordpost", slices.Concat(
		told("lantern", &eight, happening{200, status.InfoReceivedOnly, "快件已下单", shenzhen}, happening{190, status.InTransitPickedUp, "【深圳市】快件已揽收", shenzhen}, happening{150, status.InTransitDeparture, "离开出口口岸", shenzhen}),
		told("fjordpost", nil, happening{60, status.InTransitArrival, "Ankommet Norge", oslo}, happening{40, status.InTransitCustomsReleased, hostile, place.Place{Name: hostile}}, happening{6, status.OutForDeliveryOther, "Sendingen er lastet for utkjøring", bergen}, happening{3, status.DeliveredOther, "Sendingen er utlevert", bergen}),
	), parcel.Done, func(p *parcel.Parcel) {
		p.History.Legs = append([]parcel.Leg{{Source: "lantern", Carrier: "lantern", Number: "Nlantern", Role: parcel.Origin, Answered: time.Now()}}, p.History.Legs...)
		p.History.Legs[1].Role = parcel.Destination
		p.History.Legs[1].Service = hostile
	})
	known("in transit, simulated, with a promised day", "kite", told("kite", &one, happening{50, status.InfoReceivedOnly, "Die Sendung wurde angekündigt.", place.Place{}}, happening{30, status.InTransitPickedUp, "Die Sendung wurde abgeholt.", hamburg}, happening{9, status.InTransitOther, "Die Sendung wird transportiert.", hamburg}), parcel.Waiting, func(p *parcel.Parcel) {
		p.History.Legs[0].ETA = carrier.Time{Local: time.Now().Add(30 * time.Hour).Format(time.DateOnly)}
		p.History.Legs[0].Service = "Kite Standard"
		p.History.Events[1].FromWords = true
	})
	known("out for delivery", "fjordpost", told("fjordpost", &one, happening{30, status.InTransitPickedUp, "Innlevert", oslo}, happening{2, status.OutForDeliveryOther, "Lastet for utkjøring", bergen}), parcel.Waiting, nil)
	known("ready for pick-up", "kite", told("kite", &one, happening{60, status.InTransitPickedUp, "Abgeholt", hamburg}, happening{20, status.AvailableForPickupOther, "Liegt in der Filiale bereit", hamburg}), parcel.Waiting, nil)
	known("delivery failed", "fjordpost", told("fjordpost", nil, happening{60, status.InTransitPickedUp, "Innlevert", oslo}, happening{22, status.OutForDeliveryOther, "Utkjøring", bergen}, happening{20, status.DeliveryFailureNoBody, "Ingen hjemme", bergen}), parcel.Waiting, nil)
	known("on the way back", "kite", told("kite", &one, happening{200, status.InTransitPickedUp, "Abgeholt", hamburg}, happening{80, status.ExceptionReturning, "Rücksendung eingeleitet", cairo}), parcel.Waiting, nil)
	known("announced only", "fjordpost", told("fjordpost", &one, happening{5, status.InfoReceivedOnly, "Elektronisk melding mottatt", place.Place{}}), parcel.Waiting, nil)
	known("silent for long, and the carrier is down", "fjordpost", told("fjordpost", &one, happening{24 * 40, status.InTransitPickedUp, "Innlevert", oslo}, happening{24 * 31, status.InTransitCustomsProcessing, "Til fortolling", oslo}), parcel.Waiting, func(p *parcel.Parcel) {
		p.Asks[0].Problem, p.Asks[0].Failures = carrier.Unavailable, 3
	})
	open("never asked yet", parcel.Ask{Asking: asking("fjordpost"), State: parcel.Waiting, Due: time.Now()}, parcel.Ask{Asking: asking("kite"), State: parcel.Later})
	open("not known to two carriers", asked("fjordpost", carrier.Missing, parcel.Waiting), asked("kite", carrier.Missing, parcel.Waiting))
	open("its carrier is down", asked("fjordpost", carrier.Unavailable, parcel.Waiting))
	open("its carrier's answers can't be read", asked("kite", carrier.Unreadable, parcel.Waiting))
	open("its carrier limits us", asked("kite", carrier.LimitedKind, parcel.Waiting))
	open("our credentials are refused", asked("nordsky", carrier.Auth, parcel.Waiting))
	open("its carrier wants a postal code", asked("nordsky", carrier.NeedsPostcode, parcel.Dropped))
	stuck("not connected", "SKY2000000001", "", "", poll.Missing{Why: poll.NotConnected, Carrier: "nordsky", Source: "nordsky", Values: []string{"client_id", "client_secret"}})
	stuck("no way to ask", "LL2000000002", "", "", poll.Missing{Why: poll.NoSource, Carrier: "lantern"})
	stuck("more is needed", "SKY2000000003", "", "", poll.Missing{Why: poll.NeedsMore, Carrier: "nordsky", Source: "nordsky", Needs: []carrier.Need{carrier.PostalCode, carrier.ShipDate}})
	stuck("asked only by choice", "900000000004", "", "", poll.Missing{Why: poll.NotOnAGuess, Carrier: "kite"}, poll.Missing{Why: poll.NotOnAGuess, Carrier: "fjordpost"})
	stuck("mistyped", "FPO000000001", recognise.CheckDigit, "FP1000000001")
	stuck("of no known form", "XXXXXXXX", recognise.UnknownFormat, "")
	stuck("too short", "FP10", recognise.TooShort, "")
	stuck("too long", "FP1000000001FP1000000001FP", recognise.TooLong, "")
	return all
}

func sampleNums() string {
	var nums []string
	for _, s := range samples() {
		nums = append(nums, s.number.Text)
	}
	return strings.Join(nums, ",")
}
