// Package carrier is what Waypost knows of carriers: who they are, how their
// numbers look, and which sources can be asked about them. A carrier is a file;
// this package reads such files, checks them and keeps them in a catalogue. It
// knows nothing of HTTP (carrier/engine asks the sources), nor of anybody's
// parcels.
package carrier

// A Code names a carrier in files, addresses and programs: lower case with
// hyphens, "canada-post".
type Code string

// A Kind is what sort of carrier it is.
type Kind string

// Kinds of carriers.
const (
	Postal      Kind = "postal"
	Express     Kind = "express"
	ParcelKind  Kind = "parcel"
	Lockers     Kind = "lockers"
	LastMile    Kind = "last-mile"
	Freight     Kind = "freight"
	Marketplace Kind = "marketplace"
)

// Kinds are all of them.
var Kinds = []Kind{Postal, Express, ParcelKind, Lockers, LastMile, Freight, Marketplace}

// A Need is something that a carrier wants to know besides the number.
type Need string

// What carriers need (tracking-numbers, section 4 of the field's usage).
const (
	PostalCode         Need = "postal_code"
	PhoneLast4         Need = "phone_last4"
	Phone              Need = "phone"
	ShipDate           Need = "ship_date" // YYYY-MM-DD
	Account            Need = "account"
	DestinationCountry Need = "destination_country" // ISO 3166-1 alpha-2
)

// A Carrier is one carrier's identity: the upper part of its file.
type Carrier struct {
	Code    Code
	Key     int               // numeric key of the compatible API, 0 if it has none
	Names   map[string]string // by BCP 47 language; "en" is always there
	Country string            // ISO 3166-1 alpha-2, "" if it is of no one country
	Kind    Kind
	Site    string  // https://…
	Phone   string  // E.164, "" unknown
	Colour  string  // of its logo, #rrggbb
	Link    string  // address of its tracking page, with {number}, {lang}, {postal_code}
	Prior   float64 // log10 of its share of the world's parcels against the largest carriers; 0 to −2
	Cross   bool    // carries across borders as its trade, so a foreign country says nothing against it
	Needs   []Need  // without these it does not answer
	Formats []Format
	Hints   Hints
	Via     []Via    // sources to ask, best first
	Hide    []string // regular expressions: text cut from words and place
}

// A Format is one form that a carrier's numbers have.
type Format struct {
	Name    string // within the carrier: "parcel", "ground-96"
	Pattern string // RE2, anchored by the reader, over upper-case text without separators

	// Check is the check digit's rule: "none", or a rule's name (s10, gs1, ups,
	// fedex12, fedex14, mod7, mod37_36, luhn, ident49, ontrac), "?" behind it when the
	// rule is not certain, ":+92" when digits go in front before computing,
	// alternatives separated by "|". It is computed over the group (?P<number>…)
	// of the pattern where there is one, else over the whole.
	Check    string
	Trust    Trust
	Service  string            // what such a number says of the service: "registered letter post"
	At       [2]int            // the service code's place in the number: offset, length; zeros: none
	Services map[string]string // service code → name
	Good     []string          // invented numbers of this form
	Bad      []string          // invented numbers that look like it and are not
}

// Trust says how sure a format is.
type Trust string

// Degrees of trust.
const (
	Standard  Trust = "standard"  // a standards body's or the carrier's own document
	Published Trust = "published" // several independent public collections agree
	Observed  Trust = "observed"  // seen, or in one collection only: may add a candidate, never exclude one
)

// Hints are what names a carrier beside a number's form.
type Hints struct {
	Hosts  []string // hosts of its tracking pages; subdomains count
	Params []string // query parameters of those pages that hold numbers
	Words  []string // what people write in front of its numbers: "DHL", "顺丰"
}

// Via is a source that can be asked about a carrier's parcels.
type Via struct {
	Source SourceCode
	With   map[string]string // fills {with.x} of the source's request: service: express
}

// A SourceCode names a source: the carrier's own code where the source stands
// in the carrier's file, else the name of a file in sources/.
type SourceCode string

// Name returns the carrier's name in the best of the languages, else in English.
func (c *Carrier) Name(langs ...string) string {
	for _, l := range langs {
		if n, ok := c.Names[l]; ok {
			return n
		}
	}
	return c.Names["en"]
}

// An AccountCode names one account at a source, the unit that budgets, breakers
// and health are kept for: "ups/main".
type AccountCode string
