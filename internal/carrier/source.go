package carrier

import (
	"io/fs"
	"time"

	"waypost/internal/status"
)

// A Source is one API that can be asked about parcels: how to ask, how to read
// what it answers, and what its codes mean.
type Source struct {
	Code     SourceCode
	File     string   // where it stands: carriers/ups.yaml
	Shared   bool     // it stands in sources/ and serves several carriers
	Asked    bool     // it can be asked; else it only sends by itself
	Account  []string // names of the values that the operator supplies; none: open to all
	Batch    int      // most numbers in one call, 1 or more
	Budget   Budget   // what an account may use when nothing else is said
	Probe    bool     // it may be asked on a guess
	Fallback bool     // it answers for any carrier, and is asked where no source of the carrier's own is connected
	Needs    []Need   // without these it does not answer
	Takes    []Need   // these, and what else besides the number it can be told
	Langs    []string // BCP 47, the first is the default
	Connect  Connect
	Read     Read
	Push     *Push // nil where it sends nothing by itself
	Status   Statuses
	Problems map[string]ProblemKind
	Hide     []string // regular expressions: text cut from words and place
	Vectors  []Vector
	Answers  fs.FS // of the vectors

	lines lines
}

// A Budget is how many calls an account may make in how long.
type Budget struct {
	Calls int           `yaml:"calls"`
	Per   time.Duration `yaml:"per"`
}

// Connect is how a source is asked. Braces hold names, filled in and escaped
// for where they stand.
type Connect struct {
	Base    string   `yaml:"base"`
	Account []string `yaml:"account"`
	Auth    AuthSpec `yaml:"auth"`
	Budget  Budget   `yaml:"budget"`
	Langs   []string `yaml:"langs"`
	Needs   []Need   `yaml:"needs"`
	Ask     Request  `yaml:"ask"`
}

// AuthSpec is how a source knows the caller; at most one of the three.
type AuthSpec struct {
	Basic  string  `yaml:"basic"`
	OAuth2 *OAuth2 `yaml:"oauth2"`
	Login  *Login  `yaml:"login"`
}

// OAuth2 is the client-credentials grant.
type OAuth2 struct {
	Base   string `yaml:"base"` // scheme and host, where they are not Connect's
	Post   string `yaml:"post"`
	Client string `yaml:"client"` // how id and secret are given: basic, form or json
	Scope  string `yaml:"scope"`
}

// Login is a homemade way to a token.
type Login struct {
	Request `yaml:",inline"`
	Base    string `yaml:"base"`  // scheme and host, where they are not Connect's
	Token   string `yaml:"token"` // jq on the answer
	Lasts   string `yaml:"lasts"` // jq: seconds; absent: an hour
}

// A Request is one HTTP request.
type Request struct {
	Get     string              `yaml:"get"`
	Post    string              `yaml:"post"`
	Delete  string              `yaml:"delete"`
	Basic   string              `yaml:"basic"`
	Numbers int                 `yaml:"numbers"`
	Let     []map[string]string `yaml:"let"` // one pair each: name and jq, in order
	Query   map[string]string   `yaml:"query"`
	Headers map[string]string   `yaml:"headers"`
	JSON    string              `yaml:"json"` // jq
	Form    map[string]string   `yaml:"form"`
	XML     string              `yaml:"xml"`
	Text    string              `yaml:"text"`
	Each    string              `yaml:"each"`  // repeated once a number, put in at {each}
	Next    string              `yaml:"next"`  // jq on the answer: the next page's path, or nothing
	Pages   int                 `yaml:"pages"` // most pages, default 10
	First   *First              `yaml:"first"`
}

// First is a request made before the one that counts.
type First struct {
	Request `yaml:",inline"`
	Take    map[string]string `yaml:"take"` // name → jq on its answer
}

// Push is how what a source sends by itself is known to be its own, and read. An
// account without one of its values is sent nothing.
type Push struct {
	Account []string `yaml:"account"` // names of values that the operator supplies, beside Connect's
	Kinds   []Kind   `yaml:"kinds"`   // of carriers that a source which can't be asked tells of, beside those whose files name it
	Signed  *Signed  `yaml:"signed"`  // nil: what isn't signed comes as files only
	Parcels string   `yaml:"parcels"` // in place of the reading's, where the rest is read as an answer is
	Read    *Read    `yaml:"read"`    // in place of the whole reading

	Subscribe *Subscribe `yaml:"subscribe"` // nil where it sends news of all that it knows
}

// Subscribe is how a source is told which numbers to send news of, and whereto.
type Subscribe struct {
	Request `yaml:",inline"` // knows push_url, too
	Takes   string           `yaml:"takes"`   // regular expression of the numbers it takes; none: all
	Lasts   time.Duration    `yaml:"lasts"`   // how long a subscription holds; 0: until it is ended
	Problem string           `yaml:"problem"` // jq: error codes of the whole answer
	Made    string           `yaml:"made"`    // jq: numbers, or {number, id}; none: all that aren't refused
	Refused string           `yaml:"refused"` // jq: numbers, or {number, problem}
	End     *Request         `yaml:"end"`     // knows remote, the ids; none: they can't be ended
}

// Signed is what shows who sent a request.
type Signed struct {
	Header string `yaml:"header"`
	Is     string `yaml:"is"` // jq over body and account: what stands in the header
}

// Reading is how a push is read, where answers are read as r says.
func (p *Push) Reading(r Read) Read {
	if p.Read != nil {
		return *p.Read
	}
	r.Answer, r.Problem, r.Parcels = "", "", p.Parcels
	return r
}

// Read is how an answer is read. Everything in it is jq.
type Read struct {
	Format  string     `yaml:"format"` // json (default), xml, csv
	Answer  string     `yaml:"answer"`
	Problem string     `yaml:"problem"`
	Parcels string     `yaml:"parcels"`
	Parcel  ReadParcel `yaml:"parcel"`
	History string     `yaml:"history"` // whole (default) or latest
	Events  string     `yaml:"events"`
	Event   ReadEvent  `yaml:"event"`
}

// ReadParcel are the fields of a parcel.
type ReadParcel struct {
	Number  string   `yaml:"number"`
	Unique  string   `yaml:"unique"`
	Service string   `yaml:"service"`
	Problem string   `yaml:"problem"`
	State   string   `yaml:"state"`
	ETA     TimeSpec `yaml:"eta"`
	Legs    string   `yaml:"legs"`
}

// ReadEvent are the fields of an event.
type ReadEvent struct {
	At    TimeSpec  `yaml:"at"`
	Code  string    `yaml:"code"`
	Words string    `yaml:"words"`
	Place ReadPlace `yaml:"place"`
	Order string    `yaml:"order"`
}

// ReadPlace are the fields of a place: five, so that no street fits in.
type ReadPlace struct {
	City     string `yaml:"city"`
	Region   string `yaml:"region"`
	Postcode string `yaml:"postcode"`
	Country  string `yaml:"country"`
	Name     string `yaml:"name"`
}

// A TimeSpec says where a time stands and how it is written. In a file it may
// be the expression alone.
type TimeSpec struct {
	From     string
	As       []string // forms, tried in order; none: iso
	Zone     string   // IANA name, or "place"
	ZoneFrom string   // jq: an offset, an abbreviation or an IANA name
	Zones    map[string]string
	Midnight string // "day": 00:00:00 means that day
}

// Statuses are what codes mean.
type Statuses struct {
	Codes map[string][]Case // no case: the code is known and says nothing
	Words []Case            // for events whose code says nothing
}

// A Case is one meaning of a code.
type Case struct {
	Words string     `yaml:"words"` // regular expression; "": any
	Is    status.Sub `yaml:"is"`
}

// A Vector is an answer (or a request) and what it must become.
type Vector struct {
	Kind   VectorKind
	Proof  Proof
	From   string // the public source of a documented one
	Cannot string // why there can be none of this kind
	Answer string // file in the folder beside, named after the source
	Push   string // instead of Answer: a file with what the source sends by itself
	Signed string // what stands in its header then
	HTTP   int    // status, default 200
	Asked  []string
	Is     []Expect // what is named is compared
	Sends  string   // file with the request that must be sent

	Subscribes string // file with the request for subscriptions that must be sent
	Subscribed string // file with what is answered to one
	Ends       string // file with the request that must end subscriptions

	Params map[Need]string
	With   map[string]string // what a carrier's file gives a source that serves several
	Values map[string]string // account values for Sends
	UnixMS int64
	ID     string
	Lang   string
	Line   int
}

// A VectorKind is what a vector shows.
type VectorKind string

// VectorKinds are those that each source must show or explain. An "extra" one
// stands beside them.
var VectorKinds = []VectorKind{
	"in_transit", "delivered", "exception", "not_found", "needs_more", "limited", "broken", "private",
}

// OfQuestions reports whether it takes a question for such an answer to come.
func (k VectorKind) OfQuestions() bool {
	return k == "not_found" || k == "needs_more" || k == "limited"
}

// A Proof is where a vector's answer is from.
type Proof string

// Proofs, the best last.
const (
	Made       Proof = "made"
	Documented Proof = "documented"
	Recorded   Proof = "recorded"
)

// Proof is the best of the source's vectors; one that is only Made is unproven.
func (s *Source) Proof() Proof {
	best := Made
	for _, v := range s.Vectors {
		if v.Proof == Recorded || v.Proof == Documented && best == Made {
			best = v.Proof
		}
	}
	return best
}

// Expect is what one parcel of a vector's answer must become.
type Expect struct {
	Number  *string      `yaml:"number"`
	Status  *status.Sub  `yaml:"status"`
	Events  *int         `yaml:"events"`
	Newest  *string      `yaml:"newest"`
	Code    *string      `yaml:"code"`
	Service *string      `yaml:"service"`
	Words   *string      `yaml:"words"` // of the newest event
	Place   *string      `yaml:"place"` // of the newest event: city, else name
	ETA     *string      `yaml:"eta"`
	Legs    *[]string    `yaml:"legs"`
	Problem *ProblemKind `yaml:"problem"`
	Unknown int          `yaml:"unknown"`
	Faults  int          `yaml:"faults"`
}
