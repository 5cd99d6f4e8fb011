package carrier

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"waypost/internal/status"
)

var (
	codeForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	colourForm  = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	phoneForm   = regexp.MustCompile(`^\+[0-9]{5,15}$`)
	needs       = []Need{PostalCode, PhoneLast4, Phone, ShipDate, Account, DestinationCountry}
	trusts      = []Trust{Standard, Published, Observed}
)

// check says what is wrong in a file by itself. The expressions are checked by
// the engine, which runs them.
func (e entry) check() []Mistake {
	d := e.doc
	var mistakes []Mistake
	wrong := e.reportTo(&mistakes)
	switch {
	case d.Carrier == "" && d.Source == "":
		wrong("carrier", "is missing: a file says carrier: or source:")
	case d.Carrier != "" && d.Source != "":
		wrong("source", "a file is a carrier's or a source's, not both")
	case d.Source != "" && !codeForm.MatchString(string(d.Source)):
		wrong("source", "%q is not lower case with hyphens", d.Source)
	case d.Carrier != "" && d.Fallback:
		wrong("fallback", "is for a source of its own: a carrier's answers for that carrier")
	case d.Source != "" && !d.hasSource():
		wrong("connect", "is missing: a source says how it is asked, or with push: what it sends by itself")
	case d.Carrier != "":
		e.checkIdentity(wrong)
		e.checkNumbers(wrong)
	}
	if d.Connect != nil {
		e.checkConnect(wrong)
	}
	if d.hasSource() {
		e.checkPush(wrong)
		e.checkStatus(wrong)
	}
	for i, h := range d.Hide {
		if _, err := regexp.Compile(h); err != nil {
			wrong(fmt.Sprintf("hide[%d]", i), "%v", err)
		}
	}
	return mistakes
}

type report func(path, format string, args ...any)

func (e entry) reportTo(mistakes *[]Mistake) report {
	return func(path, format string, args ...any) {
		*mistakes = append(*mistakes, Mistake{e.file, e.lines.of(path), path + ": " + fmt.Sprintf(format, args...)})
	}
}

func (e entry) checkIdentity(wrong report) {
	d := e.doc
	if !codeForm.MatchString(string(d.Carrier)) {
		wrong("carrier", "%q is not lower case with hyphens", d.Carrier)
	}
	if d.Names["en"] == "" {
		wrong("names", "the English name (en) is missing")
	}
	if d.Country != "" && !countryForm.MatchString(d.Country) {
		wrong("country", "%q is not two capital letters (quote 'NO')", d.Country)
	}
	if !slices.Contains(Kinds, d.Kind) {
		wrong("kind", "%q is none of %v", d.Kind, Kinds)
	}
	if d.Site != "" && !isWeb(d.Site) {
		wrong("site", "%q is not an https address", d.Site)
	}
	if d.Link != "" && !isWeb(strings.NewReplacer("{number}", "1", "{lang}", "en", "{postal_code}", "1").Replace(d.Link)) {
		wrong("link", "%q is not an https address with {number}, {lang} and {postal_code} only", d.Link)
	}
	if d.Colour != "" && !colourForm.MatchString(d.Colour) {
		wrong("colour", "%q is not like '#ffcc00'", d.Colour)
	}
	if d.Phone != "" && !phoneForm.MatchString(d.Phone) {
		wrong("phone", "%q is not in the international form, '+4930…'", d.Phone)
	}
	if d.Prior > 0 || d.Prior < -4 {
		wrong("prior", "%v is not between -4 and 0", d.Prior)
	}
	for _, n := range d.Needs {
		if !slices.Contains(needs, n) {
			wrong("needs", "%q is none of %v", n, needs)
		}
	}
}

func (e entry) checkNumbers(wrong report) {
	seen := map[string]bool{}
	for i, n := range e.doc.Numbers {
		at := fmt.Sprintf("numbers[%d]", i)
		if n.Name == "" || seen[n.Name] {
			wrong(at, "each format has a name of its own")
		}
		seen[n.Name] = true
		if !slices.Contains(trusts, n.Trust) {
			wrong(at+".trust", "%q is none of %v", n.Trust, trusts)
		}
		pattern, err := regexp.Compile("^(?:" + n.Pattern + ")$")
		if err != nil {
			wrong(at+".pattern", "%v", err)
			continue
		}
		holds := func(string) bool { return true }
		if rule := strings.TrimSuffix(n.Check, "?"); rule != "" && rule != "none" {
			if holds, err = Check(rule); err != nil {
				wrong(at+".check", "%v", err)
				continue
			}
		}
		if len(n.Good) == 0 {
			wrong(at+".good", "an invented number of this form is missing")
		}
		for _, good := range n.Good {
			if part, ok := numberIn(pattern, good); !ok {
				wrong(at+".good", "%s does not match the pattern", good)
			} else if !holds(part) && !strings.HasSuffix(n.Check, "?") {
				wrong(at+".good", "%s matches, but its check digit does not hold", good)
			}
		}
		for _, bad := range n.Bad {
			if part, ok := numberIn(pattern, bad); ok && holds(part) {
				wrong(at+".bad", "%s is a good number by the pattern and the check digit", bad)
			}
		}
	}
}

// numberIn returns what the carrier is asked with: the group number, else all.
func numberIn(pattern *regexp.Regexp, text string) (string, bool) {
	m := pattern.FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	if i := pattern.SubexpIndex("number"); i >= 0 {
		return m[i], true
	}
	return text, true
}

func (e entry) checkConnect(wrong report) {
	c := e.doc.Connect
	if !isBase(c.Base) {
		wrong("connect.base", "%q is not an address; it holds scheme and host", c.Base)
	}
	if o := c.Auth.OAuth2; o != nil && o.Base != "" && !isBase(o.Base) {
		wrong("connect.auth.oauth2.base", "%q is not an address; it holds scheme and host", o.Base)
	}
	if l := c.Auth.Login; l != nil && l.Base != "" && !isBase(l.Base) {
		wrong("connect.auth.login.base", "%q is not an address; it holds scheme and host", l.Base)
	}
	if (c.Ask.Get == "") == (c.Ask.Post == "") {
		wrong("connect.ask", "says either get: or post:, with a path")
	}
	if c.Budget.Calls <= 0 || c.Budget.Per <= 0 {
		wrong("connect.budget", "is missing: {calls: 60, per: 1h}, what an account may use at the most")
	}
	for _, n := range c.Needs {
		if !slices.Contains(needs, n) {
			wrong("connect.needs", "%q is none of %v", n, needs)
		}
	}
}

func (e entry) checkPush(wrong report) {
	p, asked := e.doc.Push, e.doc.Connect
	switch {
	case p == nil:
		return
	case asked != nil && p.Signed == nil, p.Signed != nil && (p.Signed.Header == "" || p.Signed.Is == ""):
		wrong("push.signed", "is missing: {header: X-Signature, is: '.body | hmac_sha256_hex(…)'}, what shows who sent it")
	case asked == nil && p.Read == nil:
		wrong("push.read", "is missing: a source that can't be asked says here how all is read")
	case (p.Parcels == "") == (p.Read == nil):
		wrong("push", "says either parcels:, where the parcels are, or read:, how all is read")
	case p.Reading(e.doc.Read).Parcel.Number == "":
		wrong("push", "its parcels name no number, and nothing was asked")
	case asked != nil && len(p.Kinds) > 0:
		wrong("push.kinds", "is for a source that can't be asked; others tell of what they are asked about")
	}
	if s := p.Subscribe; s != nil {
		switch {
		case asked == nil:
			wrong("push.subscribe", "takes an account that asks: connect: is missing")
		case s.Post == "" && s.Get == "":
			wrong("push.subscribe", "says either get: or post:, with a path")
		case s.Lasts < 0 || s.Lasts > 0 && s.Lasts < time.Hour:
			wrong("push.subscribe.lasts", "%v is no time that a subscription holds", s.Lasts)
		}
	}
	for _, k := range p.Kinds {
		if !slices.Contains(Kinds, k) {
			wrong("push.kinds", "%q is none of %v", k, Kinds)
		}
	}
	for _, name := range p.Account {
		if asked != nil && slices.Contains(asked.Account, name) {
			wrong("push.account", "%s stands in connect.account already", name)
		}
	}
}

func (e entry) checkStatus(wrong report) {
	for code, cases := range e.doc.Status.Codes {
		checkCases(wrong, "status."+code, cases)
	}
	checkCases(wrong, "status.words", e.doc.Status.Words)
	for code, kind := range e.doc.Problems {
		if !slices.Contains(ProblemKinds, kind) || kind == Unreadable {
			wrong("problems."+code, "%q is none of %v", kind, ProblemKinds[:len(ProblemKinds)-1])
		}
	}
}

func checkCases(wrong report, path string, cases []Case) {
	for i, c := range cases {
		if !c.Is.Known() {
			wrong(path, "%q is no sub-status%s", c.Is, didYouMean(c.Is))
		}
		if _, err := regexp.Compile(c.Words); err != nil {
			wrong(path, "%v", err)
		}
		if c.Words == "" && i < len(cases)-1 {
			wrong(path, "the cases behind a plain one are never reached")
		}
	}
}

// didYouMean names the sub-status that shares most with a wrong one.
func didYouMean(wrong status.Sub) string {
	best, most := status.Sub(""), 0
	for _, s := range status.Subs {
		if n := shared(strings.ToLower(string(s)), strings.ToLower(string(wrong))); n > most {
			best, most = s, n
		}
	}
	if most < 5 {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// shared counts the characters that two texts begin with together.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (e entry) checkVectors() []Mistake {
	d := e.doc
	if !d.hasSource() {
		return nil
	}
	var mistakes []Mistake
	wrong := e.reportTo(&mistakes)
	asked := d.Connect != nil
	shown := map[VectorKind]bool{}
	for i, v := range d.Vectors {
		at := fmt.Sprintf("vectors[%d]", i)
		// a request shows no answer, nor does what comes by itself where answers come too
		shown[v.Kind] = shown[v.Kind] || v.Answer != "" || v.Cannot != "" || v.Push != "" && !asked
		switch {
		case v.Kind != "" && !slices.Contains(VectorKinds, v.Kind):
			wrong(at, "kind %q is none of %v", v.Kind, VectorKinds)
		case v.Cannot != "" && v.Kind == "":
			wrong(at, "what can't occur has a kind")
		case v.Cannot+v.Answer+v.Push+v.Sends+v.Subscribes+v.Subscribed+v.Ends == "":
			wrong(at, "has neither answer:, push:, sends: nor cannot:")
		case v.Answer+v.Sends != "" && !asked:
			wrong(at, "the source isn't asked and answers nothing; what it sends stands in push:")
		case v.Answer+v.Push+v.Subscribed != "" && !slices.Contains([]Proof{Made, Documented, Recorded}, v.Proof):
			wrong(at, "proof is made, documented or recorded")
		case v.Proof == Documented && v.From == "":
			wrong(at, "a documented answer names its public source with from:")
		case v.Answer+v.Subscribed != "" && len(v.Is) == 0, v.Push != "" && v.Is == nil:
			wrong(at, "says nothing of what the answer must become (is:)")
		case v.Push != "" && v.Signed == "" && d.Push != nil && d.Push.Signed != nil:
			wrong(at, "says nothing of what stands in the header (signed:)")
		}
	}
	for _, kind := range VectorKinds {
		if !shown[kind] && (asked || !kind.OfQuestions()) {
			wrong("vectors", "none of kind %s; show one, or say with cannot: why there is none", kind)
		}
	}
	return mistakes
}

func isBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

func isWeb(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && !strings.ContainsAny(text, "{}")
}
