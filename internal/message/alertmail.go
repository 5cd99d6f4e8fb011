package message

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/locale"
	"waypost/internal/mail"
	"waypost/internal/parcel"
)

// How much a message tells.
const (
	mostEvents  = 5
	mostParcels = 20
)

// alert is a letter about one parcel.
func (m *Messages) alert(w *locale.Words, n news) mail.Letter {
	state := w.Say("status." + string(n.status))
	l := mail.Letter{
		Lang: w.Lang, Dir: w.Dir, Name: w.Say("brand"),
		Title:      w.Say("alert.title", "name", called(n), "status", state),
		Paragraphs: []string{m.sentence(w, n)},
		Events:     events(w, n.Parcel.History),
		Button:     mail.Button{Text: w.Say("alert.button"), URL: m.page(n)},
		Data:       m.delivery(w, n),
	}
	if eta := n.ETA; !eta.UTC.IsZero() && !n.status.Final() {
		l.Paragraphs = append(l.Paragraphs, w.Say("alert.eta", "when", w.Day(eta.UTC)))
	}
	return l
}

// digest is a letter about several parcels.
func (m *Messages) digest(w *locale.Words, all []news) mail.Letter {
	l := mail.Letter{
		Lang: w.Lang, Dir: w.Dir, Name: w.Say("brand"), Title: w.Say("alert.digest", "n", len(all)),
		Button: mail.Button{Text: w.Say("alert.list"), URL: m.link("parcels")},
	}
	for _, n := range all[:min(len(all), mostParcels)] {
		l.Events = append(l.Events, mail.Event{When: called(n), What: m.sentence(w, n)})
	}
	if more := len(all) - mostParcels; more > 0 {
		l.Paragraphs = append(l.Paragraphs, w.Say("alert.more", "n", more))
	}
	return l
}

// sentence says how a parcel stands.
func (m *Messages) sentence(w *locale.Words, n news) string {
	key, carrierName := "alert.sentence_bare", ""
	if code := n.By(); code != "" && m.carrier != nil {
		key, carrierName = "alert.sentence", m.carrier(code, w.Lang)
	}
	return w.Say(key, "status", w.Say("status."+string(n.status)), "carrier", carrierName, "number", n.Number)
}

// called is what a parcel is called: its name, else its number.
func called(n news) string {
	if n.Name != "" {
		return n.Name
	}
	return n.Number
}

// page is where the parcel is shown.
func (m *Messages) page(n news) string {
	values := url.Values{"nums": {n.Number}}
	if n.Carrier != "" {
		values.Set("fc", string(n.Carrier))
	}
	return m.link("track") + "?" + values.Encode()
}

// events are the last happenings, newest first, in the carriers' words.
func events(w *locale.Words, h parcel.History) []mail.Event {
	var all []mail.Event
	for _, e := range slices.Backward(h.Events) {
		if len(all) == mostEvents {
			break
		}
		what := strings.TrimSpace(e.Words)
		if what == "" {
			what = w.Say("status." + string(e.Status))
		}
		if where := e.Place.City; where != "" && !strings.Contains(strings.ToLower(what), strings.ToLower(where)) {
			what += w.Say("list.comma") + where
		}
		all = append(all, mail.Event{When: when(w, e.Time), What: what})
	}
	return all
}

// when writes a carrier's time as the carrier gave it: the local time of the place.
func when(w *locale.Words, t carrier.Time) string {
	if day, err := time.Parse(time.DateOnly, t.Local); err == nil {
		return w.Day(day)
	}
	if at, err := time.Parse("2006-01-02T15:04:05", t.Local); err == nil {
		return w.Moment(at)
	}
	return t.Local
}

// A delivery is a parcel as programs that read mail understand it
// (https://schema.org/ParcelDelivery).
type delivery struct {
	Context  string        `json:"@context"`
	Type     string        `json:"@type"`
	Number   string        `json:"trackingNumber"`
	URL      string        `json:"trackingUrl"`
	Carrier  *organisation `json:"carrier,omitempty"`
	Item     *item         `json:"itemShipped,omitempty"`
	Expected string        `json:"expectedArrivalUntil,omitempty"` // ISO 8601
}

type organisation struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

type item struct {
	Type string `json:"@type"`
	Name string `json:"name"`
}

func (m *Messages) delivery(w *locale.Words, n news) delivery {
	d := delivery{Context: "https://schema.org", Type: "ParcelDelivery", Number: n.Number, URL: m.page(n)}
	if code := n.By(); code != "" && m.carrier != nil {
		d.Carrier = &organisation{"Organization", m.carrier(code, w.Lang)}
	}
	if n.Name != "" {
		d.Item = &item{"Product", n.Name}
	}
	if eta := n.ETA.UTC; !eta.IsZero() && !n.status.Final() {
		d.Expected = eta.UTC().Format(time.RFC3339)
	}
	return d
}
