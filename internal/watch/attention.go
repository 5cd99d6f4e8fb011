package watch

import (
	"slices"
	"time"

	"waypost/internal/status"
)

// An Attention is why somebody should look at a parcel.
type Attention string

// Why, the more urgent first: a pick-up ends by itself within days, a failed
// delivery is tried again or goes back, customs wait for an answer, an exception
// and silence wait for nobody.
const (
	NoAttention Attention = ""
	PickUp      Attention = "pick_up"   // lies ready, the longest first: it goes back one day
	Failed      Attention = "failed"    // could not be delivered
	Customs     Attention = "customs"   // customs want to know something
	Exceptional Attention = "exception" // returned, damaged, lost, delayed …
	Silent      Attention = "silent"    // nothing new for longer than its status usually lasts
)

// Attentions are all reasons, the more urgent first.
var Attentions = []Attention{PickUp, Failed, Customs, Exceptional, Silent}

// Attention says whether somebody should look at the parcel. It depends on
// the clock, so it is found when it is shown and not stored.
func (s Summary) Attention(now time.Time) Attention {
	switch s.Status.Main() {
	case status.AvailableForPickup:
		return PickUp
	case status.DeliveryFailure:
		return Failed
	case status.Exception:
		return Exceptional
	case status.Expired:
		return Silent
	}
	switch {
	case s.Status == status.InTransitCustomsRequiringInfo:
		return Customs
	case !s.Stale.IsZero() && now.After(s.Stale):
		return Silent
	}
	return NoAttention
}

// rank is the place in Attentions, the last for none.
func (a Attention) rank() int {
	if i := slices.Index(Attentions, a); i >= 0 {
		return i
	}
	return len(Attentions)
}
