package carrier

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// A Catalogue is all carriers and sources that were read. It doesn't change.
type Catalogue struct {
	carriers map[Code]*Carrier
	keys     map[int]*Carrier
	sources  map[SourceCode]*Source
	edition  string
}

// document is a carrier or source file as it is written.
type document struct {
	Carrier Code              `yaml:"carrier"`
	Source  SourceCode        `yaml:"source"`
	Key     int               `yaml:"key"`
	Names   map[string]string `yaml:"names"`
	Country string            `yaml:"country"`
	Kind    Kind              `yaml:"kind"`
	Site    string            `yaml:"site"`
	Phone   string            `yaml:"phone"`
	Colour  string            `yaml:"colour"`
	Link    string            `yaml:"link"`
	Prior   float64           `yaml:"prior"`
	Cross   bool              `yaml:"cross"`
	Needs   []Need            `yaml:"needs"`
	Hints   struct {
		Hosts  []string `yaml:"hosts"`
		Params []string `yaml:"params"`
		Words  []string `yaml:"words"`
	} `yaml:"hints"`
	Numbers []struct {
		Name     string            `yaml:"name"`
		Pattern  string            `yaml:"pattern"`
		Check    string            `yaml:"check"`
		Trust    Trust             `yaml:"trust"`
		Service  string            `yaml:"service"`
		At       [2]int            `yaml:"at"`
		Services map[string]string `yaml:"services"`
		Good     []string          `yaml:"good"`
		Bad      []string          `yaml:"bad"`
	} `yaml:"numbers"`
	Via []struct {
		Source SourceCode        `yaml:"source"`
		With   map[string]string `yaml:"with"`
	} `yaml:"via"`
	Hide     []string               `yaml:"hide"`
	Connect  *Connect               `yaml:"connect"`
	Probe    bool                   `yaml:"probe"`
	Fallback bool                   `yaml:"fallback"`
	Read     Read                   `yaml:"read"`
	Push     *Push                  `yaml:"push"`
	Status   Statuses               `yaml:"status"`
	Problems map[string]ProblemKind `yaml:"problems"`
	Vectors  []Vector               `yaml:"vectors"`
}

// Load reads carrier files, source files, and overlay folders: their carrier
// files, and source files in their folder sources. A file of the same name
// takes an earlier one's place. A file with a mistake is left out.
func Load(carriers, sources fs.FS, overlay ...fs.FS) (*Catalogue, []Mistake) {
	docs := map[string]entry{} // by place and name, so that an overlay replaces
	var mistakes []Mistake
	mistakes = append(mistakes, readFolder(docs, carriers, "carriers", "carriers")...)
	mistakes = append(mistakes, readFolder(docs, sources, "sources", "sources")...)
	for _, o := range overlay {
		mistakes = append(mistakes, readFolder(docs, o, "carriers", "overlay")...)
		if sub, err := fs.Sub(o, "sources"); err == nil {
			mistakes = append(mistakes, readFolder(docs, sub, "sources", "overlay/sources")...)
		}
	}
	names := slices.Sorted(maps.Keys(docs))
	c := &Catalogue{map[Code]*Carrier{}, map[int]*Carrier{}, map[SourceCode]*Source{}, editionOf(docs, names)}
	for _, name := range names {
		mistakes = append(mistakes, c.add(docs[name])...)
	}
	for _, name := range names {
		mistakes = append(mistakes, c.connectVia(docs[name])...)
	}
	return c, mistakes
}

// editionOf tells these files from any others.
func editionOf(docs map[string]entry, names []string) string {
	all := sha256.New()
	for _, name := range names {
		sum := docs[name].sum
		all.Write(sum[:])
	}
	return hex.EncodeToString(all.Sum(nil))
}

// An entry is a document and where it is from.
type entry struct {
	file    string
	sum     [sha256.Size]byte
	lines   lines
	doc     *document
	answers fs.FS // of its vectors: the folder beside, named after the file
}

func readFolder(docs map[string]entry, folder fs.FS, place, shown string) []Mistake {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return []Mistake{{File: shown, Text: err.Error()}}
	}
	var mistakes []Mistake
	for _, name := range names {
		file := path.Join(shown, name)
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			mistakes = append(mistakes, Mistake{File: file, Text: "can't be read"})
			continue
		}
		e, wrong := readDocument(file, text)
		if len(wrong) > 0 {
			mistakes = append(mistakes, wrong...)
			continue
		}
		if e.answers, err = fs.Sub(folder, strings.TrimSuffix(name, path.Ext(name))); err != nil {
			return append(mistakes, Mistake{File: file, Text: err.Error()})
		}
		docs[place+"/"+name] = e
	}
	return mistakes
}

// readDocument reads and checks one file by itself.
func readDocument(file string, text []byte) (entry, []Mistake) {
	e := entry{file: file, sum: sha256.Sum256(text), doc: &document{}}
	var mistakes []Mistake
	e.lines, mistakes = parse(file, text, e.doc)
	if len(mistakes) > 0 {
		return e, mistakes
	}
	return e, e.check()
}

func (c *Catalogue) add(e entry) []Mistake {
	d := e.doc
	wrong := func(path, format string, args ...any) []Mistake {
		return []Mistake{{e.file, e.lines.of(path), path + ": " + fmt.Sprintf(format, args...)}}
	}
	if d.Carrier != "" {
		if other, taken := c.carriers[d.Carrier]; taken {
			return wrong("carrier", "%s is taken by %s", d.Carrier, other.Name())
		}
		if other, taken := c.keys[d.Key]; taken && d.Key != 0 {
			return wrong("key", "%d is %s's", d.Key, other.Code)
		}
		known := e.carrier()
		c.carriers[d.Carrier] = known
		if d.Key != 0 {
			c.keys[d.Key] = known
		}
	}
	if d.hasSource() {
		s := e.source()
		if _, taken := c.sources[s.Code]; taken {
			return wrong("source", "%s is taken", s.Code)
		}
		c.sources[s.Code] = s
	}
	return nil
}

// connectVia checks that the sources that a carrier names are there; one that
// isn't is left out.
func (c *Catalogue) connectVia(e entry) []Mistake {
	known, ok := c.carriers[e.doc.Carrier]
	if !ok {
		return nil
	}
	var mistakes []Mistake
	known.Via = slices.DeleteFunc(known.Via, func(v Via) bool {
		_, there := c.sources[v.Source]
		if !there {
			mistakes = append(mistakes, Mistake{e.file, e.lines.of("via"), fmt.Sprintf("via: there is no source %s", v.Source)})
		}
		return !there
	})
	return mistakes
}

func (e entry) carrier() *Carrier {
	d := e.doc
	c := &Carrier{
		Code: d.Carrier, Key: d.Key, Names: d.Names, Country: d.Country, Kind: d.Kind, Site: d.Site, Phone: d.Phone,
		Colour: d.Colour, Link: d.Link, Prior: d.Prior, Cross: d.Cross, Needs: d.Needs, Hide: d.Hide,
		Hints: Hints{d.Hints.Hosts, d.Hints.Params, d.Hints.Words},
	}
	for _, n := range d.Numbers {
		c.Formats = append(c.Formats, Format{
			Name: n.Name, Pattern: n.Pattern, Check: cmp.Or(n.Check, "none"), Trust: n.Trust, Service: n.Service,
			At: n.At, Services: n.Services, Good: n.Good, Bad: n.Bad,
		})
	}
	if d.hasSource() {
		c.Via = append(c.Via, Via{Source: SourceCode(d.Carrier)})
	}
	for _, v := range d.Via {
		c.Via = append(c.Via, Via{v.Source, v.With})
	}
	return c
}

// hasSource reports whether the file describes a source: one that can be asked, or
// that sends by itself.
func (d *document) hasSource() bool { return d.Connect != nil || d.Push != nil }

func (e entry) source() *Source {
	d := e.doc
	var connect Connect
	if d.Connect != nil {
		connect = *d.Connect
	}
	s := &Source{
		Code: cmp.Or(d.Source, SourceCode(d.Carrier)), File: e.file, Shared: d.Source != "", Asked: d.Connect != nil,
		Account: connect.Account, Batch: max(1, connect.Ask.Numbers), Budget: connect.Budget, Probe: d.Probe, Fallback: d.Fallback,
		Needs: connect.Needs, Langs: connect.Langs, Connect: connect, Read: d.Read, Push: d.Push, Status: d.Status,
		Problems: d.Problems, Hide: d.Hide, Vectors: d.Vectors, Answers: e.answers, lines: e.lines,
	}
	if len(s.Langs) == 0 {
		s.Langs = []string{"en"}
	}
	s.Takes = takes(s)
	return s
}

// Edition tells catalogues apart that were read from different files.
func (c *Catalogue) Edition() string { return c.edition }

// Carriers are all carriers, sorted by code.
func (c *Catalogue) Carriers() []*Carrier {
	return slices.SortedFunc(maps.Values(c.carriers), func(a, b *Carrier) int {
		return strings.Compare(string(a.Code), string(b.Code))
	})
}

// Carrier returns the carrier of that code.
func (c *Catalogue) Carrier(code Code) (*Carrier, bool) {
	known, ok := c.carriers[code]
	return known, ok
}

// ByKey returns the carrier of that numeric key.
func (c *Catalogue) ByKey(key int) (*Carrier, bool) {
	known, ok := c.keys[key]
	return known, ok
}

// Sources are all sources, sorted by code.
func (c *Catalogue) Sources() []*Source {
	return slices.SortedFunc(maps.Values(c.sources), func(a, b *Source) int {
		return strings.Compare(string(a.Code), string(b.Code))
	})
}

// Source returns the source of that code.
func (c *Catalogue) Source(code SourceCode) (*Source, bool) {
	s, ok := c.sources[code]
	return s, ok
}

// LoadFile reads one file by itself, and more strictly than Load: a source that
// is handed on shows all kinds of vectors. The carrier is nil in a source's
// file, the source nil in a file without one.
func LoadFile(file string, text []byte) (*Carrier, *Source, []Mistake) {
	e, mistakes := readDocument(file, text)
	if len(mistakes) > 0 {
		return nil, nil, mistakes
	}
	if mistakes = e.checkVectors(); len(mistakes) > 0 {
		return nil, nil, mistakes
	}
	var known *Carrier
	var source *Source
	if e.doc.Carrier != "" {
		known = e.carrier()
	}
	if e.doc.hasSource() {
		source = e.source()
	}
	return known, source, nil
}
