package site

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/status"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// A card is one parcel as the page shows it: plain values and words, escaped
// by the template. What carriers wrote is in it as they wrote it.
type card struct {
	ID, Number string
	Group      string // which filter it belongs to
	Tone, Icon string
	Label      string // the status in a word or two
	Truth      string // the status in one sentence
	ETA        string
	Carrier    *cardCarrier // nil while it isn't known
	Service    string
	Simulated  bool
	Notices    []notice
	Correction *correction
	Needs      *tell.NeedForm // nil while nothing more is wanted
	Steps      []tell.Step
	Facts      [][]tell.Fact
	Share      string
	Outside    *outside
	tell.History
	Keep    *keep // nil for visitors
	Choice  *choice
	Hidden  bool // by the filter
	Awaited bool // something may still change
}

type cardCarrier struct {
	Badge      tell.Badge
	Name, Href string
}

type notice struct{ Icon, Tone, Text string }

type correction struct{ Number, Href string }

type outside struct{ Href, Text string }

// A desk makes the cards of one list, for one reader.
type desk struct {
	tell.Teller
	keeping
	know  Knowledge
	list  query
	tried *tried // what was just filled in and can't be so, nil nothing
}

func newDesk(reader ui.Reader, k Knowledge, q query, of keeping) *desk {
	return &desk{tell.Teller{Reader: reader, Carriers: k.Catalogue, Now: time.Now()}, of, k, q, nil}
}

func (d *desk) card(r row) card {
	c := card{
		ID: "p-" + r.Text, Number: r.Text, Group: tell.Stuck,
		Share: d.list.only(item{r.Number, cmp.Or(r.named, r.carrierOf())}).address("/track"),
	}
	code := r.carrierOf()
	if known, ok := d.know.Catalogue.Carrier(code); ok {
		c.Carrier = &cardCarrier{tell.BadgeOf(known), known.Name(d.Lang), "/carriers/" + string(known.Code)}
		c.Outside = d.outside(known, d.numberAt(r, code))
	}
	switch {
	case r.parcel == nil:
		d.unasked(&c, r)
	case len(r.parcel.History.Legs) > 0:
		d.known(&c, r)
	default:
		d.unknown(&c, r)
	}
	look := tell.LookOf(c.Group)
	c.Icon, c.Tone = cmp.Or(c.Icon, look.Icon), cmp.Or(c.Tone, look.Tone)
	if r.parcel != nil {
		d.asks(&c, r.parcel)
	}
	d.needs(&c, r)
	c.Keep = d.keep(r)
	c.Choice = d.choice(r, c.Group == tell.Stuck)
	c.Choice.Open = c.Group == tell.Stuck && (len(d.list.items) == 1 || r.obstacle().Why == poll.NotOnAGuess)
	return c
}

// numberAt is what a carrier is asked with about a row.
func (d *desk) numberAt(r row, code carrier.Code) string {
	if r.parcel != nil {
		for _, a := range r.parcel.Asks {
			if a.Carrier == code {
				return a.Number
			}
		}
	}
	for _, c := range r.Candidates {
		if c.Carrier == code {
			return c.Number
		}
	}
	return r.Text
}

// outside is the carrier's own page, nil if it has none that a browser should go to.
func (d *desk) outside(c *carrier.Carrier, number string) *outside {
	address := strings.NewReplacer(
		"{number}", url.QueryEscape(number), "{lang}", d.Lang, "{postal_code}", "",
	).Replace(cmp.Or(c.Link, c.Site))
	if !webAddress(address) {
		return nil
	}
	return &outside{address, d.Say("card.outside", "carrier", c.Name(d.Lang))}
}

func webAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// known is a parcel with a history.
func (d *desk) known(c *card, r row) {
	h := r.parcel.History
	s := r.parcel.Standing(d.Now)
	state := d.State(*r.parcel)
	c.Group, c.Label, c.Truth = state.Group, state.Label, state.Truth
	c.ETA = d.ETA(s.ETA, s.ETABy)
	for _, l := range h.Legs {
		if l.Service != "" {
			c.Service = strings.ReplaceAll(l.Service, "_", " ") // some carriers send a code for a name
		}
	}
	c.Steps = d.Steps(s, h)
	whole := c.Share
	if len(d.list.items) == 1 {
		whole = ""
	}
	c.History = d.Teller.History(h, s, whole)
	c.Open = whole == ""
	if s.Stale && s.DaysAfterLastUpdate > 0 {
		c.note("st-expired", "warn", d.Say("notice.stale", "n", s.DaysAfterLastUpdate))
	}
	for _, o := range s.Onward {
		c.note("swap", "calm", d.Say("notice.onward", "number", o.Number))
	}
	if s.Newest != nil && s.Status.Main() != status.InfoReceived {
		c.Facts = append(c.Facts, []tell.Fact{{Name: d.Say("fact.transit"), Value: d.Say("fact.days", "n", s.DaysOfTransit)}})
	}
	d.troubles(c, r.parcel)
	if len(c.Notices) > 0 && trouble(r.parcel.Asks) {
		c.note("info", "calm", d.Say("notice.older"))
	}
}

func (c *card) note(icon, tone, text string) { c.Notices = append(c.Notices, notice{icon, tone, text}) }

// unknown is a parcel that no carrier has said anything about.
func (d *desk) unknown(c *card, r row) {
	s := d.State(*r.parcel)
	c.Group, c.Icon, c.Tone, c.Label, c.Truth = s.Group, s.Icon, s.Tone, s.Label, s.Truth
	if s.Needs != nil {
		return
	}
	if s.Unknown {
		c.note("clock", "calm", d.Say("notice.missing"))
	}
	d.troubles(c, r.parcel)
}

// troubles says what went wrong at the last try, each once.
func (d *desk) troubles(c *card, p *parcel.Parcel) {
	for _, a := range p.Asks {
		key := ""
		switch {
		case a.State == parcel.Dropped:
			continue
		case a.Problem == carrier.Unavailable:
			key = "notice.down"
		case a.Problem == carrier.LimitedKind || a.Problem == carrier.TooMany:
			key = "notice.limited"
		case a.Problem == carrier.Unreadable || a.Problem == carrier.BadRequest:
			key = "notice.unreadable"
		case a.Problem == carrier.Auth:
			key = "notice.auth"
		default:
			continue
		}
		n := notice{"st-exception", "warn", d.Say(key, "carrier", d.Name(a.Carrier))}
		if !slices.Contains(c.Notices, n) {
			c.Notices = append(c.Notices, n)
		}
	}
}

func trouble(asks []parcel.Ask) bool {
	return slices.ContainsFunc(asks, func(a parcel.Ask) bool {
		return a.State == parcel.Waiting && a.Problem != "" && a.Problem != carrier.Missing
	})
}

// asks is what asking is like: whether more may come, whether it is real, and
// for each carrier when it was and will be.
func (d *desk) asks(c *card, p *parcel.Parcel) {
	for _, a := range p.Asks {
		c.Awaited = c.Awaited || a.State == parcel.Waiting
		c.Simulated = c.Simulated || a.Active() && d.know.Simulated(a.Account)
	}
	rows := d.Asked(*p)
	if len(rows) == 1 && len(c.Facts) == 1 {
		c.Facts[0] = append(rows[0], c.Facts[0]...)
		return
	}
	c.Facts = append(c.Facts, rows...)
}
