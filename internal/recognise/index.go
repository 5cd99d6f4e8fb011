package recognise

import (
	"fmt"

	"waypost/internal/carrier"
)

// An Index answers which formats a number has. It is compiled once from the
// carriers' files and safe for concurrent use.
type Index struct {
	carriers map[carrier.Code]*carrier.Carrier
	hints    hints
	checks   []func(number string) bool // of the rules, by form.check
	tables   [maxLength + 1]table
	memory   Memory // nil without
}

// A table holds the forms of one length: for every place and every symbol the
// set of forms that allow the symbol there, as bits. The forms that a number
// has are the intersection of one set a place.
type table struct {
	width int // words of 64 bits a set
	sets  []uint64
	forms []form
}

// A form is one sequence of one format.
type form struct {
	sequence
	carrier *carrier.Carrier // nil for the international postal form itself
	format  *carrier.Format
	check   int // place of its rule in Index.checks, 0 for none
}

// New compiles the carriers' formats. One that can't be compiled is left out;
// CheckFormat says why.
func New(carriers []*carrier.Carrier) *Index {
	x := &Index{
		carriers: make(map[carrier.Code]*carrier.Carrier, len(carriers)),
		hints:    newHints(carriers),
		checks:   []func(string) bool{nil},
	}
	rules := map[string]int{"": 0, "none": 0}
	x.add(nil, &s10Format, rules)
	for _, c := range carriers {
		x.carriers[c.Code] = c
		for i := range c.Formats {
			x.add(c, &c.Formats[i], rules)
		}
	}
	for i := range x.tables {
		x.tables[i].compile()
	}
	return x
}

// CheckFormat says why a format can't be compiled; its examples are not looked at.
func CheckFormat(f *carrier.Format) error {
	if _, err := expand(f.Pattern); err != nil {
		return fmt.Errorf("format %s: %w", f.Name, err)
	}
	if _, err := carrier.Check(f.Check); err != nil {
		return fmt.Errorf("format %s: %w", f.Name, err)
	}
	return nil
}

func (x *Index) add(c *carrier.Carrier, f *carrier.Format, rules map[string]int) {
	sequences, err := expand(f.Pattern)
	check, checkErr := carrier.Check(f.Check)
	if err != nil || checkErr != nil {
		return
	}
	rule, known := rules[f.Check]
	if !known {
		rule = len(x.checks)
		rules[f.Check] = rule
		x.checks = append(x.checks, check)
	}
	for _, s := range sequences {
		t := &x.tables[len(s.classes)]
		t.forms = append(t.forms, form{sequence: s, carrier: c, format: f, check: rule})
	}
}

// compile turns the forms' classes into the sets.
func (t *table) compile() {
	if len(t.forms) == 0 {
		return
	}
	t.width = (len(t.forms) + 63) / 64
	t.sets = make([]uint64, len(t.forms[0].classes)*symbolCount*t.width)
	for n, f := range t.forms {
		for place, c := range f.classes {
			for s := range symbolCount {
				if c&(1<<s) != 0 {
					t.sets[(place*symbolCount+s)*t.width+n/64] |= 1 << (n % 64)
				}
			}
		}
	}
}
