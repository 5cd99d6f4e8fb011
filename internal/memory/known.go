package memory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/recognise"
)

// Known is what was counted, faded to one moment, as it passed the gate of
// figure.Learned or was read. It doesn't change.
type Known map[kind]recognise.Tally

var _ recognise.Memory = Known(nil)

// Tally implements recognise.Memory.
func (k Known) Tally(l recognise.Likeness, country string) recognise.Tally {
	return k[kind{l, country}]
}

// add adds numbers to a tally, whose sum is that of its parts and nothing else.
func (k Known) add(e entry, n float64) {
	t, ok := k[e.kind]
	if !ok {
		t.By = map[carrier.Code]float64{}
	}
	t.By[e.carrier] += n
	t.All += n
	k[e.kind] = t
}

// An Entry is a tally as others may have it.
type Entry struct {
	Likeness recognise.Likeness       `json:"likeness"`          // @ is a letter, # a digit
	Country  string                   `json:"country,omitempty"` // where the parcels were
	Numbers  float64                  `json:"numbers"`
	Carriers map[carrier.Code]float64 `json:"carriers"`
}

// Entries are the tallies of enough numbers, the largest first.
func (k Known) Entries() []Entry {
	entries := []Entry{}
	for at, t := range k {
		if t.All < recognise.Fewest {
			continue
		}
		e := Entry{at.likeness, at.country, rounded(t.All), map[carrier.Code]float64{}}
		for code, n := range t.By {
			if n >= recognise.Fewest {
				e.Carriers[code] = rounded(n)
			}
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(b.Numbers, a.Numbers), cmp.Compare(a.Likeness, b.Likeness), cmp.Compare(a.Country, b.Country))
	})
	return entries
}

func rounded(n float64) float64 { return math.Round(n*10) / 10 }

// Read reads entries that were written as JSON.
func Read(in io.Reader) (Known, error) {
	var entries []Entry
	if err := json.NewDecoder(in).Decode(&entries); err != nil {
		return nil, fault.New(fault.Invalid, "memory_form", "This is not what waypost carrier learned --json writes.").Because(err)
	}
	known := Known{}
	for i, e := range entries {
		if err := e.check(); err != nil {
			return nil, fault.New(fault.Invalid, "memory_entry", "Entry %d of what was learned can't be: %s.").With(i+1, err.Error())
		}
		known[kind{e.Likeness, e.Country}] = recognise.Tally{All: e.Numbers, By: e.Carriers}
	}
	return known, nil
}

func (e Entry) check() error {
	sum := 0.0
	for code, n := range e.Carriers {
		if n < 0 {
			return fmt.Errorf("%s has %v numbers", code, n)
		}
		sum += n
	}
	if sum > e.Numbers+0.1*float64(len(e.Carriers)+1) { // they are rounded
		return fmt.Errorf("its carriers have %v numbers, together it has %v", sum, e.Numbers)
	}
	return nil
}
