package member

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/watch"
	"waypost/internal/web/ui"
)

const (
	// mostAtOnce is how many numbers the box takes without a preview.
	mostAtOnce = 40

	// maxPaste bounds a form with a pasted text, in bytes.
	maxPaste = 1 << 20
)

var errNothingPasted = fault.New(fault.Invalid, "nothing_pasted", "There is no tracking number in it. Most have 8 to 35 letters and digits.")

// addParcels serves POST /parcels: text holds anything with numbers in it; or
// num and fc, as often as there are parcels, are those of a list of results.
func (p *Pages) addParcels(w http.ResponseWriter, r *http.Request, s shelf) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if f.values.Has("num") {
		return p.addNumbers(w, r, s, f)
	}
	return p.addText(w, r, s, f)
}

// addText keeps what a text holds. Where something needs a look first, a carrier
// wants to know more, or there is more than a handful, the preview of an import
// says what each becomes.
func (p *Pages) addText(w http.ResponseWriter, r *http.Request, s shelf, f *form) error {
	text := strings.ToValidUTF8(f.values.Get("text"), " ")
	again := func(err error) error {
		return p.parcelsPage(w, r, s, watch.Query{}, addBox{Open: true, Text: text}, err)
	}
	if strings.TrimSpace(text) == "" {
		return again(errNothingPasted)
	}
	preview, err := s.Import(r.Context(), s.owner, watch.File{Content: []byte(text), Pasted: true})
	if err != nil {
		return again(err)
	}
	made := taken(preview)
	switch n := preview.Counts[watch.AlreadyThere]; {
	case made+n+doubtful(preview) == 0:
		if err := s.Discard(r.Context(), s.owner, preview.Import); err != nil {
			return err
		}
		return again(errNothingPasted)
	case made > mostAtOnce || doubtful(preview) > 0 || preview.Counts[watch.NeedsMore] > 0:
		return p.goTo(w, r, s.at("/import/")+string(preview.Import))
	}
	done, err := s.Commit(r.Context(), s.owner, preview.Import, preview.Revision)
	if err != nil {
		return again(err)
	}
	return p.goTo(w, r, s.added(done, preview.Counts[watch.AlreadyThere], 0))
}

// taken is how many lines of a preview become parcels.
func taken(p watch.Preview) int {
	return p.Counts[watch.WillBeNew] + p.Counts[watch.Ambiguous] + p.Counts[watch.NeedsMore]
}

// doubtful is how many lines of a preview would not become what their owner
// might mean: numbers that something is wrong with, but not the words between.
func doubtful(p watch.Preview) int {
	n := p.Cut + p.Counts[watch.Unusable] + p.Counts[watch.NoRoom]
	for _, l := range p.Lines {
		if l.Outcome == watch.NotANumber && l.Reason == nil {
			n++
		}
	}
	return n
}

// added leads to where the list says what was added: the newest first.
func (s shelf) added(done watch.Done, there, left int) string {
	v := url.Values{
		"sort": {string(watch.BySaving)}, "did": {"add"}, "n": {strconv.Itoa(done.Changed)},
		"there": {strconv.Itoa(there)}, "left": {strconv.Itoa(left)},
	}
	if done.Undo != "" {
		v.Set("undo", string(done.Undo))
	}
	return s.at("?") + ui.Query(v)
}

// addNumbers keeps the parcels of a list of results, and leads back to it.
func (p *Pages) addNumbers(w http.ResponseWriter, r *http.Request, s shelf, f *form) error {
	source := watch.ByHand
	if f.text("taken") != "" {
		source = watch.Taken
	}
	var made watch.Done
	there, left := 0, 0
	nums, codes, known := f.values["num"], f.values["fc"], p.door.Known(r)
	for i, num := range nums[:min(len(nums), mostAtOnce)] {
		n := watch.New{Number: num, Source: source}
		if i < len(codes) {
			n.Carrier = carrier.Code(codes[i])
		}
		n.Mark = known[num]
		saved, err := s.Save(r.Context(), s.owner, n)
		if errors.Is(err, watch.ErrForgotten) {
			n.Mark = "" // it is seen at another carrier, or long ago
			saved, err = s.Save(r.Context(), s.owner, n)
		}
		switch {
		case fault.KindOf(err) == fault.Invalid:
			left++
		case err != nil:
			return p.parcelsPage(w, r, s, watch.Query{}, addBox{}, err)
		case saved[0].Made:
			made.Changed++
		default:
			there++
		}
	}
	if next := f.next(""); next != "" {
		return p.goTo(w, r, next)
	}
	return p.goTo(w, r, s.added(made, there, left))
}
