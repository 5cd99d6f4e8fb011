// Package policy is the privacy policy: written from templates, whose facts are
// what rooms declare and an operator set, so that it can't say other than what is
// done. It keeps each version that was published, says in words what changed
// between two, and knows for each promise which test holds it. It doesn't know
// how pages or letters look.
package policy

import (
	"cmp"
	"embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"waypost/internal/inventory"
)

// Langs are the languages that the policy is written in, BCP 47; the first is
// that of readers of any other.
var Langs = []string{"en", "zh"}

// Notice is how long before it applies a change that lessens rights is announced.
const Notice = 30 * 24 * time.Hour

// A Document is the policy in one language.
type Document struct {
	Lang     string    `json:"lang"`
	Sections []Section `json:"sections"`
}

// A Section is one subject.
type Section struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Parts []Part `json:"parts"`
}

// A Part is a paragraph, or a table.
type Part struct {
	Sentences []Sentence `json:"sentences,omitempty"`
	Table     *Table     `json:"table,omitempty"`
}

// A Sentence promises something, or is plain.
type Sentence struct {
	Promise string `json:"promise,omitempty"` // its id, "" plain
	Text    string `json:"text"`
}

// A Table is facts.
type Table struct {
	Head []string `json:"head"`
	Rows []Row    `json:"rows"`
}

// A Row is one of them. Each cell is one item or several.
type Row struct {
	Cells [][]Item `json:"cells"`
}

// An Item is a fact in words.
type Item struct {
	Text      string `json:"text"`
	Sensitive bool   `json:"sensitive,omitempty"`
}

// Facts are what the policy is filled with.
type Facts struct {
	Operator  Operator
	Fields    []inventory.Field
	Parties   []Party
	Regions   []Region // by name
	HTTPS     bool
	Transfers []Transfer // what crosses a border, by region
	Now       time.Time  // reviews of days before it are overdue
	// Backups is how long a backup of the data is kept at most.
	Backups time.Duration
	// Under is the age in years under which a guardian is asked.
	Under int
	// Training is after how long the staff take theirs again.
	Training time.Duration
}

// An Operator is who runs the installation, as they say; "" is unsaid.
type Operator struct {
	Company, Address, Officer, Mail, Phone string
}

// A Party is somebody outside who gets something when they are on.
type Party struct {
	Code    string // mail, sms, provider, hosting, carriers, acme
	Service string // a provider's name in the configuration
	Name    string // who it is; "" unsaid
	Where   string // the country, ISO 3166-1 alpha-2; "" unsaid
	On      bool   // set up
}

// A Transfer is something that goes from a region to another country.
type Transfer struct {
	From string // the region's name
	// Party is who gets it. Its Code is teams where it goes to another region, for
	// business accounts, and copies where standbys and backups are kept.
	Party    Party
	To       string    // ISO 3166-1 alpha-2
	Ground   string    // adequacy, standard_contractual_clauses, consent
	Record   string    // where that is on record; "" unsaid
	Level    string    // of protection there: adequate, safeguarded, lower
	Assessed string    // the day when that was assessed, 2026-03-02
	Review   time.Time // the day by which it is assessed again: its beginning, UTC
}

// Overdue reports whether that day is over.
func (t Transfer) Overdue(now time.Time) bool { return !now.Before(t.Review.AddDate(0, 0, 1)) }

// A Region is one of those in which people's data lives.
type Region struct {
	Name      string
	Place     string   // as the operator says; "" unsaid
	Country   string   // that its machines are in, ISO 3166-1 alpha-2; "" unsaid
	Countries []string // ISO 3166-1 alpha-2; "*" all that no region names
	Copies    []string // the countries where standbys and backups of it are kept
}

//go:embed text
var files embed.FS

// words is a text by language, and under "many" the English plural.
type words map[string]string

type section struct {
	ID    string
	Title words
	Parts []part
}

// A part is sentences, or {facts: TABLE}.
type part struct {
	sentences []sentence
	facts     string
}

type sentence struct {
	Is, When, En, Zh string
}

func (p *part) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.SequenceNode {
		return n.Decode(&p.sentences)
	}
	var table struct{ Facts string }
	err := n.Decode(&table)
	p.facts = table.Facts
	return err
}

func (s sentence) text(lang string) string {
	if lang == "zh" {
		return s.Zh
	}
	return s.En
}

// A Policy is the templates. It is safe for concurrent use.
type Policy struct {
	sections []section
	words    map[string]words
	fields   map[string]string // Chinese words of fields, by table.column
}

// Read reads the templates. It fails only when one is wrong.
func Read() (*Policy, error) {
	p := &Policy{}
	for name, to := range map[string]any{"policy": &p.sections, "words": &p.words, "fields": &p.fields} {
		source, err := files.ReadFile("text/" + name + ".yaml")
		if err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal(source, to); err != nil {
			return nil, fmt.Errorf("policy: %s.yaml: %w", name, err)
		}
	}
	for _, s := range p.sections {
		if len(s.Title) != len(Langs) {
			return nil, fmt.Errorf("policy: policy.yaml: the title of %s isn't one text in each language", s.ID)
		}
	}
	return p, nil
}

// A Template is a sentence before it is filled in.
type Template struct {
	Section string // its title in English
	Promise string // the id of what it promises, "" plain
	En, Zh  string
	When    string // the fact that it depends on, "!" before it where it is said without; "" none
}

// Templates are all sentences, in reading order.
func (p *Policy) Templates() []Template {
	var all []Template
	for _, s := range p.sections {
		for _, one := range s.Parts {
			for _, t := range one.sentences {
				all = append(all, Template{s.Title["en"], promised(t.Is), t.En, t.Zh, t.When})
			}
		}
	}
	return all
}

// Write writes the policy in a language of Langs.
func (p *Policy) Write(lang string, f Facts) Document {
	w := p.writer(lang, f)
	d := Document{Lang: lang}
	for _, s := range p.sections {
		to := Section{ID: s.ID, Title: s.Title[lang]}
		for _, one := range s.Parts {
			if made, ok := w.part(one); ok {
				to.Parts = append(to.Parts, made)
			}
		}
		d.Sections = append(d.Sections, to)
	}
	return d
}

func (p *Policy) writer(lang string, f Facts) *writer {
	w := &writer{p: p, lang: lang, facts: f, land: display.Regions(language.Make(lang))}
	w.collect()
	return w
}

// A writer fills the templates in one language.
type writer struct {
	p      *Policy
	lang   string
	facts  Facts
	land   display.Namer
	fields []inventory.Field // of people
	places *strings.Replacer
	so     map[string]bool
}

// collect works out what sentences are filled with and depend on.
func (w *writer) collect() {
	for _, f := range w.facts.Fields {
		if f.Whose != inventory.Nobody {
			w.fields = append(w.fields, f)
		}
	}
	o, counted := w.facts.Operator, w.retention("tally.bucket")
	w.places = strings.NewReplacer("{company}", o.Company, "{address}", o.Address, "{officer}", o.Officer, "{mail}", o.Mail, "{phone}", o.Phone,
		"{regions}", w.regions(), "{copies}", w.copies(), "{counted}", w.length(counted.For+counted.Most), "{guardian_age}", fmt.Sprint(w.facts.Under),
		"{guardian_wait}", w.length(w.retention("guardian.contact").For), "{notice}", w.length(Notice), "{backups}", w.length(w.facts.Backups),
		"{look}", w.length(w.retention("look.made_ms").For), "{training}", w.length(w.facts.Training))
	w.so = map[string]bool{
		"company": o.Company != "", "address": o.Address != "", "officer": o.Officer != "", "mail": o.Mail != "", "phone": o.Phone != "",
		"reachable": o.Mail != "" || o.Phone != "", "https": w.facts.HTTPS,
		"transfers": len(w.facts.Transfers) > 0, "none_cross": len(w.facts.Transfers) == 0 && w.facts.located(), "unlocated": !w.facts.located(),
		"copies":  slices.ContainsFunc(w.facts.Regions, func(r Region) bool { return len(r.Copies) > 0 }),
		"several": len(w.facts.Regions) > 1, "one_place": len(w.facts.Regions) == 1 && w.facts.Regions[0].Place != "",
		"providers": slices.ContainsFunc(w.facts.Parties, func(p Party) bool { return p.Code == "provider" && p.On }),
	}
}

// located reports whether it is said of every region in which country its machines are.
func (f Facts) located() bool {
	return !slices.ContainsFunc(f.Regions, func(r Region) bool { return r.Country == "" })
}

// retention is how long a field is kept, by table.column.
func (w *writer) retention(name string) inventory.Retention {
	for _, f := range w.fields {
		if f.Table+"."+f.Column == name {
			return f.Retention
		}
	}
	return inventory.Retention{}
}

func (w *writer) part(one part) (Part, bool) {
	if one.facts != "" {
		t := w.table(one.facts)
		return Part{Table: &t}, len(t.Rows) > 0
	}
	var made Part
	for _, s := range one.sentences {
		if s.When == "" || w.so[strings.TrimPrefix(s.When, "!")] != strings.HasPrefix(s.When, "!") {
			made.Sentences = append(made.Sentences, Sentence{promised(s.Is), w.places.Replace(s.text(w.lang))})
		}
	}
	return made, len(made.Sentences) > 0
}

// promised is the id of what a sentence promises, "" nothing.
func promised(is string) string {
	id, _ := strings.CutPrefix(is, "promise:")
	if id == is {
		return ""
	}
	return id
}

func (w *writer) say(key string, pairs ...string) string {
	text, ok := w.p.words[key][w.lang]
	if !ok {
		return "⟦" + key + "⟧" // which tests look for
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// length is a time span in words, in the largest unit that it is whole in.
func (w *writer) length(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		name string
		of   time.Duration
	}{{"year", 365 * day}, {"day", day}, {"hour", time.Hour}, {"minute", time.Minute}} {
		n := d / u.of
		if n == 0 || d%u.of != 0 {
			continue
		}
		text := w.say("unit."+u.name, "{n}", fmt.Sprint(int(n)))
		if many := w.p.words["unit."+u.name]["many"]; n > 1 && w.lang == "en" {
			text = strings.ReplaceAll(many, "{n}", fmt.Sprint(int(n)))
		}
		return text
	}
	return d.String()
}

// Kept is how long something is kept, in words of a language of Langs.
func (p *Policy) Kept(lang string, r inventory.Retention) string {
	w := &writer{p: p, lang: lang}
	return w.kept(r)
}

func (w *writer) kept(r inventory.Retention) string {
	key := "rule." + string(r.Rule)
	if w.p.words[key+"_for"] != nil && r.For > 0 {
		key += "_for"
	}
	return w.say(key, "{for}", w.length(r.For), "{most}", w.length(r.Most), "{idle}", w.length(r.Idle))
}

// Field is what a field is, in words of a language of Langs.
func (p *Policy) Field(lang string, f inventory.Field) string {
	if words := p.fields[f.Table+"."+f.Column]; lang == "zh" && words != "" {
		return words
	}
	return f.What
}

// Kind is a kind of data, in words of a language of Langs.
func (p *Policy) Kind(lang string, k inventory.Kind) string { return p.say(lang, "kind."+string(k)) }

// Purpose is what something is held for, in words of a language of Langs.
func (p *Policy) Purpose(lang string, u inventory.Purpose) string {
	return p.say(lang, "purpose."+string(u))
}

// Basis is on what ground something is held, in words of a language of Langs.
func (p *Policy) Basis(lang string, b inventory.Basis) string { return p.say(lang, "basis."+string(b)) }

func (p *Policy) say(lang, key string) string { return (&writer{p: p, lang: lang}).say(key) }

// regions are where people's data lives.
func (w *writer) regions() string {
	var all []string
	for _, r := range w.facts.Regions {
		var countries []string
		for _, c := range r.Countries {
			countries = append(countries, w.country(c))
		}
		key := "region.countries"
		if len(countries) == 0 {
			key = "region.alone"
		}
		all = append(all, w.say(key, "{name}", r.Name, "{place}", cmp.Or(r.Place, w.say("unsaid")), "{countries}", w.list(countries)))
	}
	return strings.Join(all, "; ")
}

// copies are where copies of the regions' data are kept.
func (w *writer) copies() string {
	var all []string
	for _, r := range w.facts.Regions {
		var countries []string
		for _, c := range r.Copies {
			countries = append(countries, w.country(c))
		}
		if len(countries) > 0 {
			all = append(all, w.say("region.copies", "{name}", r.Name, "{countries}", w.list(countries)))
		}
	}
	return strings.Join(all, "; ")
}

func (w *writer) list(all []string) string { return strings.Join(all, w.say("list.comma")) }

func (w *writer) country(code string) string {
	if code == "*" {
		return w.say("countries.rest")
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return cmp.Or(w.land.Name(region), code)
}
