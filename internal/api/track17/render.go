package track17

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// A rendering is a registration as a version shows it, at a moment. What it
// writes follows from these alone.
type rendering struct {
	version   Version
	catalogue *carrier.Catalogue
	watch.Registration
	number   string // as the program wrote it
	now      time.Time
	standing parcel.Standing
	from22   bool // version is V22 or later, which each event asks for
}

func newRendering(v Version, catalogue *carrier.Catalogue, r watch.Registration, number string, now time.Time) *rendering {
	return &rendering{v, catalogue, r, number, now, r.Parcel.Standing(now), v.from(V22)}
}

// item writes the members of an accepted item of gettrackinfo.
func (r *rendering) item(t *text) {
	t.str("number", r.number)
	if r.version == V1 {
		t.opt("tag", r.Tag)
		t.object("track", func() { r.track(t) })
		return
	}
	t.num("carrier", keyOf(r.catalogue, r.Carrier))
	t.opt("param", r.Param)
	t.opt("tag", r.Tag)
	if r.version.from(V24) {
		t.opt("lang", r.Lang)
		r.facts(t)
	}
	t.object("track_info", func() { r.trackInfo(t) })
}

// facts writes what v2.4 says beside: what the program said when it registered.
func (r *rendering) facts(t *text) {
	for _, f := range []struct {
		name string
		fact watch.Fact
	}{
		{"destination_postal_code", watch.DestinationPostalCode}, {"origin_country", watch.OriginCountry},
		{"destination_country", watch.DestinationCountry}, {"destination_city", watch.DestinationCity},
		{"ship_date", watch.ShipDate}, {"shipper", watch.Shipper}, {"consignee", watch.Consignee},
		{"phone_number_last_4", watch.PhoneEnd}, {"phone_number", watch.Phone}, {"cpf_or_cnpj", watch.TaxNumber},
	} {
		t.opt(f.name, r.Facts[f.fact])
	}
	if r.Facts[watch.SpecialType] == "" && r.Facts[watch.SpecialValue] == "" {
		t.null("special_tracking_info")
		return
	}
	t.object("special_tracking_info", func() {
		t.opt("number_type", r.Facts[watch.SpecialType])
		t.opt("parameter", r.Facts[watch.SpecialValue])
	})
}

// trackInfo writes the detail of v2 and later: every key, always.
func (r *rendering) trackInfo(t *text) {
	from, to := r.ends()
	t.object("shipping_info", func() {
		t.object("shipper_address", func() { address(t, from) })
		t.object("recipient_address", func() { address(t, to) })
	})
	t.object("latest_status", func() {
		t.str("status", string(r.standing.Status.Main()))
		t.str("sub_status", string(r.standing.Status))
		t.null("sub_status_descr")
	})
	if e := r.standing.Newest; e != nil {
		t.object("latest_event", func() { r.event(t, e) })
	} else {
		t.null("latest_event")
	}
	t.object("time_metrics", func() { r.metrics(t) })
	t.array("milestone", func() {
		for _, m := range r.standing.Milestones {
			t.object("", func() { r.milestone(t, m) })
		}
	})
	t.object("misc_info", func() { r.misc(t) })
	t.object("tracking", func() { r.tracking(t) })
}

// address writes a place. There are neither streets nor coordinates: a parcel
// has none.
func address(t *text, p place.Place) {
	t.opt("country", p.Country)
	t.opt("state", p.Region)
	t.opt("city", p.City)
	t.null("street")
	t.opt("postal_code", p.Postcode)
	t.object("coordinates", func() { t.null("longitude", "latitude") })
}

// ends are from where to where the parcel goes, as far as the program, the
// carriers or the events say.
func (r *rendering) ends() (from, to place.Place) {
	to.City, to.Postcode = r.Facts[watch.DestinationCity], r.Facts[watch.DestinationPostalCode]
	from.Country, to.Country = strings.ToUpper(r.Facts[watch.OriginCountry]), strings.ToUpper(r.Facts[watch.DestinationCountry])
	legs, events := r.Parcel.History.Legs, r.Parcel.History.Events
	for i := range events {
		if from.Country != "" {
			break
		}
		from.Country = events[i].Place.Country
	}
	if n := len(legs); to.Country == "" && n > 1 && legs[n-1].Role == parcel.Destination {
		if known, ok := r.catalogue.Carrier(legs[n-1].Carrier); ok {
			to.Country = known.Country
		}
	}
	if n := len(events); to.Country == "" && n > 0 && r.standing.Status.Main() == status.Delivered {
		to.Country = events[n-1].Place.Country
	}
	return from, to
}

// event writes one event.
func (r *rendering) event(t *text, e *parcel.Event) {
	r.times(t, e.Time)
	t.str("description", e.Words)
	if r.from22 {
		r.translation(t, e)
	}
	t.opt("location", located(e.Place))
	t.opt("stage", string(e.Status.Milestone()))
	if r.from22 {
		t.opt("sub_status", string(e.Status))
	}
	t.object("address", func() { address(t, e.Place) })
}

// times writes a moment in the forms that a version has.
func (r *rendering) times(t *text, at carrier.Time) {
	iso, zulu := "", ""
	if !at.UTC.IsZero() && !at.DayOnly() {
		iso, zulu = written(at), utc(at.UTC)
	}
	t.opt("time_iso", iso)
	t.opt("time_utc", zulu)
	if r.from22 {
		date, clock, _ := strings.Cut(at.Local, "T")
		t.object("time_raw", func() {
			t.opt("date", date)
			t.opt("time", clock)
			t.null("timezone")
		})
	}
}

// written is a moment with its offset, +00:00 too; the bare time or day where the
// zone isn't known.
func written(at carrier.Time) string {
	iso := at.ISO()
	if cut, ok := strings.CutSuffix(iso, "Z"); ok {
		return cut + "+00:00"
	}
	return iso
}

// translation writes an event's words in the language that was asked for, where
// that is one in which the carrier is asked. No other is made up.
func (r *rendering) translation(t *text, e *parcel.Event) {
	if r.Lang == "" || !sameLanguage(r.langOf(e.Source), r.Lang) {
		t.null("description_translation")
		return
	}
	t.object("description_translation", func() {
		t.str("lang", r.Lang)
		t.str("description", e.Words)
	})
}

// langOf is the language that a source is asked in, "" unknown.
func (r *rendering) langOf(code carrier.SourceCode) string {
	if source, ok := r.catalogue.Source(code); ok && len(source.Langs) > 0 {
		return source.Langs[0]
	}
	return ""
}

func sameLanguage(a, b string) bool {
	a, _, _ = strings.Cut(strings.ToLower(a), "-")
	b, _, _ = strings.Cut(strings.ToLower(b), "-")
	return a == b
}

// located is a place as one line.
func located(p place.Place) string {
	if p.Name != "" {
		return p.Name
	}
	var parts []string
	for _, part := range []string{p.City, p.Region, p.Country} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func (r *rendering) metrics(t *text) {
	r.days(t)
	t.object("estimated_delivery_date", func() {
		if r.standing.ETA.IsZero() {
			t.null("source", "from", "to")
			return
		}
		at := written(r.standing.ETA)
		t.str("source", "Official")
		t.str("from", at)
		t.str("to", at)
	})
}

func (r *rendering) days(t *text) {
	t.num("days_after_order", int64(r.standing.DaysAfterOrder))
	t.num("days_of_transit", int64(r.standing.DaysOfTransit))
	t.num("days_of_transit_done", int64(r.standing.DaysOfTransitDone))
	t.num("days_after_last_update", int64(r.standing.DaysAfterLastUpdate))
}

func (r *rendering) milestone(t *text, m parcel.Milestone) {
	t.str("key_stage", string(m.Name))
	var at carrier.Time
	if m.Event != nil {
		at = m.Event.Time
	}
	r.times(t, at)
}

func (r *rendering) misc(t *text) {
	t.num("risk_factor", 0)
	service := ""
	var last *parcel.Leg
	legs := r.Parcel.History.Legs
	for i := range legs {
		if legs[i].Service != "" && service == "" {
			service = legs[i].Service
		}
		if legs[i].Role == parcel.Destination {
			last = &legs[i]
		}
	}
	t.opt("service_type", service)
	t.null("weight_raw", "weight_kg", "pieces", "dimensions", "customer_number", "reference_number")
	if last == nil {
		t.null("local_number", "local_provider")
		t.num("local_key", keyOf(r.catalogue, r.Final))
		return
	}
	t.opt("local_number", last.Number)
	t.opt("local_provider", nameOf(r.catalogue, last.Carrier))
	t.num("local_key", keyOf(r.catalogue, last.Carrier))
}

func nameOf(catalogue *carrier.Catalogue, code carrier.Code) string {
	if known, ok := catalogue.Carrier(code); ok {
		return known.Name()
	}
	return string(code)
}

// A provider is a carrier and what it told, or was asked.
type provider struct {
	carrier carrier.Code
	source  carrier.SourceCode
	service string
	events  []*parcel.Event // newest first
	asked   time.Time       // UTC; zero never
	failed  bool            // the last time
}

// providers are those who told of the parcel, the newest leg first; the
// registration's own carrier where nobody did.
func (r *rendering) providers() []provider {
	p := r.Parcel
	asks := make(map[parcel.Asking]parcel.Ask, len(p.Asks))
	var last parcel.Ask
	for _, a := range p.Asks {
		asks[parcel.Asking{Source: a.Source, Carrier: a.Carrier, Number: a.Number}] = a
		if a.Asked.After(last.Asked) {
			last = a
		}
	}
	var all []provider
	for _, leg := range p.History.Legs {
		who := parcel.Asking{Source: leg.Source, Carrier: leg.Carrier, Number: leg.Number}
		one := provider{carrier: leg.Carrier, source: leg.Source, service: leg.Service, asked: leg.Answered, events: p.History.Told(who)}
		if a, ok := asks[who]; ok && !a.Asked.IsZero() {
			one.asked, one.failed = a.Asked, a.Failures > 0
		}
		slices.Reverse(one.events)
		all = append(all, one)
	}
	slices.Reverse(all)
	if len(all) == 0 {
		all = []provider{{carrier: r.Carrier, source: last.Source, asked: last.Asked, failed: last.Failures > 0 && last.Problem != carrier.Missing}}
	}
	return all
}

func (r *rendering) tracking(t *text) {
	all := r.providers()
	hash := fnv.New32a()
	for _, p := range all {
		hash.Write([]byte(p.carrier + "\n"))
	}
	t.num("providers_hash", int64(int32(hash.Sum32())))
	t.array("providers", func() {
		for _, p := range all {
			t.object("", func() { r.provider(t, p) })
		}
	})
}

func (r *rendering) provider(t *text, p provider) {
	t.object("provider", func() {
		known, ok := r.catalogue.Carrier(p.carrier)
		if !ok {
			known = &carrier.Carrier{Names: map[string]string{"en": string(p.carrier)}}
		}
		t.num("key", int64(known.Key))
		t.str("name", known.Name())
		t.str("alias", known.Name())
		t.opt("tel", known.Phone)
		t.opt("homepage", known.Site)
		t.opt("country", known.Country)
	})
	if r.from22 {
		t.opt("provider_lang", r.langOf(p.source))
	}
	if r.version.from(V24) {
		t.null("provider_tips")
	}
	t.opt("service_type", p.service)
	t.str("latest_sync_status", map[bool]string{false: "Success", true: "Failure"}[p.failed])
	t.opt("latest_sync_time", utc(p.asked))
	t.num("events_hash", int64(eventsHash(p.events)))
	t.array("events", func() {
		for _, e := range p.events {
			t.object("", func() { r.event(t, e) })
		}
	})
}

// utc is a moment of the API's own, "" for none.
func utc(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// eventsHash changes when what the events say does.
func eventsHash(events []*parcel.Event) int32 {
	hash := fnv.New32a()
	var said []byte
	for _, e := range events {
		said = said[:0]
		for _, part := range [...]string{e.Time.Local, string(e.Status), e.Words, located(e.Place)} {
			said = append(append(said, part...), 0)
		}
		hash.Write(said)
	}
	return int32(hash.Sum32())
}
