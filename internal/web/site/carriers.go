package site

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

type catalogueView struct {
	Query            string
	For              string // a number whose carrier is being chosen, "" if none is
	Keep             []field
	Total, Connected int
	Recognised       int // of whose numbers something is known
	Found            int
	Groups           []letterGroup
	Letters          bool // so many are shown that a way to each letter helps
}

// A field is a hidden input of a form.
type field struct{ Name, Value string }

type catalogueRow struct {
	Badge               tell.Badge
	Name, Kind, Country string
	Can, Icon, Tone     string
	Href                string
	Take                string // address that chooses it for For
	code, text          string
}

// serveCatalogue serves GET /carriers?q=WORDS. With of=NUMBER&nums=A,B&fc=…
// it is where that number's carrier is chosen.
func (s *Site) serveCatalogue(w http.ResponseWriter, r *http.Request) error {
	reader, k, values := s.kit.Reader(r), s.know(), r.URL.Query()
	view := catalogueView{Query: strings.TrimSpace(values.Get("q")), For: limited(values.Get("of"))}
	list := query{}
	if view.For != "" {
		list = readQuery(values, k)
		view.Keep = append(view.Keep, field{"of", view.For}, field{"nums", list.nums()}, field{"fc", list.carriers()})
	}
	if reader.Named {
		view.Keep = append(view.Keep, field{"lang", reader.Lang})
	}
	var rows []catalogueRow
	for _, c := range k.Catalogue.Carriers() {
		can, _, _ := abilityOf(k, c)
		view.Total++
		if len(c.Formats) > 0 {
			view.Recognised++
		}
		if can == "connected" || can == "simulated" {
			view.Connected++
		}
		if row := newRow(reader, k, c); matches(row, view.Query) {
			if view.For != "" {
				row.Take = list.choosing(view.For, c.Code).address("/track")
			}
			rows = append(rows, row)
		}
	}
	view.Found, view.Groups = len(rows), byLetter(rows, reader.Lang)
	view.Letters = len(rows) > manyRows
	head := ui.Head{
		Title: reader.Say("catalogue.title"), About: reader.Say("catalogue.about"), Section: "carriers",
		Here: "/carriers", Private: view.For != "" || view.Query != "",
	}
	if view.Query != "" || view.For != "" {
		values.Del("lang")
		head.Here += "?" + ui.Query(values)
	}
	return s.carriers.Reply(w, r, http.StatusOK, reader, head, view)
}

func newRow(reader ui.Reader, k Knowledge, c *carrier.Carrier) catalogueRow {
	can, _, _ := abilityOf(k, c)
	look := abilityLook[can]
	row := catalogueRow{
		Badge: tell.BadgeOf(c), Name: c.Name(reader.Lang), Kind: reader.Say("kind." + string(c.Kind)),
		Can: reader.Say("can." + can), Icon: look.Icon, Tone: look.Tone,
		Href: "/carriers/" + url.PathEscape(string(c.Code)), code: string(c.Code),
	}
	if c.Country != "" {
		row.Country = reader.Country(c.Country)
	}
	words := []string{row.code, row.Name, row.Country, c.Country, strconv.Itoa(c.Key)}
	for _, name := range c.Names {
		words = append(words, name)
	}
	row.text = strings.ToLower(strings.Join(words, "\n"))
	return row
}

// matches reports whether every word of a search is in a carrier's names,
// code, key or country.
func matches(row catalogueRow, search string) bool {
	for _, word := range strings.Fields(strings.ToLower(limited(search))) {
		if !strings.Contains(row.text, word) {
			return false
		}
	}
	return true
}

// abilityOf is what this Waypost can do with a carrier, and for one that needs
// an account of the operator, at which source and with which values.
func abilityOf(k Knowledge, c *carrier.Carrier) (can string, source carrier.SourceCode, values []string) {
	if can = "recognised"; len(c.Formats) == 0 {
		can = "listed"
	}
	for _, via := range c.Via {
		known, ok := k.Catalogue.Source(via.Source)
		if !ok {
			continue
		}
		switch connected, simulated := k.Connected(via.Source); {
		case simulated:
			return "simulated", via.Source, nil
		case connected:
			return "connected", via.Source, nil
		case source == "":
			can, source, values = "account", via.Source, known.Account
		}
	}
	return can, source, values
}

var abilityLook = map[string]tell.Look{
	"connected":  {Icon: "st-delivered", Tone: "good"},
	"simulated":  {Icon: "st-intransit", Tone: "near"},
	"account":    {Icon: "st-inforeceived", Tone: "move"},
	"recognised": {Icon: "search", Tone: "calm"},
	"listed":     {Icon: "info", Tone: "calm"},
}

type carrierView struct {
	Badge               tell.Badge
	Name, Kind, Country string
	Can, Icon, Tone     string
	Needs               []string
	Box                 box
	Facts               []tell.Fact
	Site                *outside
	Phone               string
	Formats             []formatView
}

var errNoCarrier = fault.New(fault.NotFound, "carrier_unknown", "There is no such carrier.")

// serveCarrier serves GET /carriers/{code}; the code may be the numeric key.
func (s *Site) serveCarrier(w http.ResponseWriter, r *http.Request) error {
	reader, k := s.kit.Reader(r), s.know()
	code := (&query{}).carrier(r.PathValue("code"), k)
	c, ok := k.Catalogue.Carrier(code)
	if !ok {
		return errNoCarrier
	}
	if r.PathValue("code") != string(c.Code) {
		http.Redirect(w, r, reader.Link("/carriers/"+string(c.Code)), http.StatusMovedPermanently)
		return nil
	}
	view := newCarrierView(reader, k, c)
	head := ui.Head{
		Title: view.Name, About: reader.Say("carrier.about_text", "carrier", view.Name),
		Here: "/carriers/" + string(c.Code), Section: "carriers",
	}
	return s.carrier.Reply(w, r, http.StatusOK, reader, head, view)
}

func newCarrierView(reader ui.Reader, k Knowledge, c *carrier.Carrier) carrierView {
	row := newRow(reader, k, c)
	can, source, values := abilityOf(k, c)
	view := carrierView{
		Badge: row.Badge, Name: row.Name, Kind: row.Kind, Country: row.Country, Icon: row.Icon, Tone: row.Tone,
		Can: reader.Say("carrier."+can, "source", source, "values", strings.Join(values, ", ")),
		Box: box{Rows: 2}, Phone: c.Phone, Facts: []tell.Fact{{Name: reader.Say("carrier.code"), Value: string(c.Code)}},
	}
	for _, n := range c.Needs {
		if key := needWords[n]; key != "" {
			view.Needs = append(view.Needs, reader.Say(key, "carrier", row.Name))
		}
	}
	if c.Key != 0 {
		view.Facts = append(view.Facts, tell.Fact{Name: reader.Say("carrier.key"), Value: strconv.Itoa(c.Key)})
	}
	if others := otherNames(c, row.Name); others != "" {
		view.Facts = append(view.Facts, tell.Fact{Name: reader.Say("carrier.other_names"), Value: others})
	}
	if webAddress(c.Site) {
		u, _ := url.Parse(c.Site) // webAddress has parsed it
		view.Site = &outside{c.Site, u.Host}
	}
	for i := range c.Formats {
		view.Formats = append(view.Formats, newFormatView(reader, &c.Formats[i]))
	}
	return view
}

func otherNames(c *carrier.Carrier, shown string) string {
	var names []string
	for _, name := range c.Names {
		if name != shown && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// needWords say why carriers want to know more than the number.
var needWords = map[carrier.Need]string{
	carrier.PostalCode:         "notice.needs_postcode",
	carrier.PhoneLast4:         "notice.needs_phone",
	carrier.Phone:              "notice.needs_phone",
	carrier.ShipDate:           "notice.needs_ship_date",
	carrier.Account:            "notice.needs_account",
	carrier.DestinationCountry: "notice.needs_country",
}
