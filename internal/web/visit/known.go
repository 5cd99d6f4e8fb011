package visit

import (
	"net/http"
	"strings"

	"waypost/internal/parcel"
)

// mostKnown is how many parcels a browser has shown to know more of than the
// number; earlier ones are asked for again.
const mostKnown = 8

// A mark is one parcel that a browser knows more of.
type mark struct {
	number string // capital letters and digits
	mark   parcel.Mark
}

// Known are the marks of those parcels of which the browser has given what their
// carriers demand, by number. What it gave isn't in them.
func (d *Door) Known(r *http.Request) map[string]parcel.Mark {
	known := map[string]parcel.Mark{}
	for _, m := range d.begun(r).known {
		known[m.number] = m.mark
	}
	return known
}

// Learn has the browser know a parcel by its mark.
func (d *Door) Learn(w http.ResponseWriter, r *http.Request, number string, of parcel.Mark) {
	b := d.begun(r)
	known := []mark{{number, of}}
	for _, m := range b.known {
		if m.number != number && len(known) < mostKnown {
			known = append(known, m)
		}
	}
	b.known = known
	d.carry(w, b)
}

// Remind has the browser know for another while what it knows.
func (d *Door) Remind(w http.ResponseWriter, r *http.Request) {
	if b := d.begun(r); len(b.known) > 0 {
		d.carry(w, b)
	}
}

// spellKnown writes marks as number.mark.number.mark; neither has a dot in it.
func spellKnown(known []mark) string {
	var parts []string
	for _, m := range known {
		parts = append(parts, m.number, string(m.mark))
	}
	return strings.Join(parts, ".")
}

func readKnown(text string) []mark {
	parts := strings.Split(text, ".")
	var known []mark
	for i := 0; i+1 < len(parts) && len(known) < mostKnown; i += 2 {
		if parts[i] != "" && parts[i+1] != "" {
			known = append(known, mark{parts[i], parcel.Mark(parts[i+1])})
		}
	}
	return known
}
