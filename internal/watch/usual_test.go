package watch_test

import (
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// What an account's own parcels came with shifts the order for that account, and
// for no other.
func TestAnAccountLearnsForItself(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const many, next = "273645019283", "273645019294" // twelve digits, of many carriers
		first := func() carrier.Code {
			t.Helper()
			p := must(w.store().Import(t.Context(), mia, watch.File{Content: []byte(many), Pasted: true}))(t)
			return p.Lines[0].Candidates[0]
		}
		for i, number := range []string{ups, ups2, ups3} {
			if got := first(); got == "ups" {
				t.Errorf("UPS is first after %d of its parcels", i)
			}
			w.save(mia, number, "")
			w.tell(number, status.InTransitOther, day)
		}
		if got := first(); got != "ups" {
			t.Errorf("%s is first after three parcels of UPS", got)
		}
		w.save(noah, many, "")
		w.save(mia, next, "")
		for number, usual := range map[string]bool{many: false, next: true} {
			p := must(w.parcels.Find(t.Context(), parcel.Key{Number: number}))(t)
			if asked := p[0].Asks[0].Carrier; (asked == "ups") != usual {
				t.Errorf("%s is asked first about %s", asked, number)
			}
		}
	})
}
