package sim

import (
	"net/http"
	"time"
)

// generic is the simulator's own wire form, as plain as one can be: what the
// guide to new carriers takes as its example.
//
//	GET /generic/track?numbers=A,B        (at most 20)
//	X-Api-Key: simulated-generic-key
//
// answers, in the order of the numbers:
//
//	{"parcels": [
//	  {"number": "A", "state": "moving", "service": "Standard", "eta": "2026-03-05", "events": [
//	    {"at": "2026-03-02T14:11:00+01:00", "code": "HUB_OUT", "text": "Left the hub", "city": "Leipzig", "country": "DE"}]},
//	  {"number": "B", "error": "not_found"}
//	]}
//
// Events are newest first; eta is null when no delivery is expected. state is
// one of announced, moving, delivering, waiting, failed, delivered, returning,
// returned, trouble. Errors are {"error": "unauthorised"} with 401,
// "too_many_numbers" with 400, "limited" with 429 and Retry-After.
func generic() wire {
	account := map[string]string{"api_key": "simulated-generic-key"}
	return wire{
		name:    "generic",
		account: account,
		travels: profile{home: "NL", others: []string{"DE", "FR", "GB", "CN", "US"}, abroad: 35},
		formed:  anyOf(looks(`[A-Z0-9-]*\d[A-Z0-9-]*`, func(n string) bool { return len(n) >= 5 && len(n) <= 50 })),
		asks:    map[string]func(*call){"GET /track": genericTrack},
		admits:  func(c *call) bool { return c.r.Header.Get("X-Api-Key") == account["api_key"] },
		refuse:  func(c *call) { c.json(http.StatusUnauthorized, obj{"error": "unauthorised"}) },
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			c.json(http.StatusTooManyRequests, obj{"error": "limited"})
		},
	}
}

// genericWords are a step's code, the state that follows from it, and the text.
var genericWords = map[Kind]struct{ code, state, text string }{
	Announced:      {"DATA", "announced", "Shipment data received"},
	PickedUp:       {"PICKUP", "moving", "Picked up from the sender"},
	Departed:       {"HUB_OUT", "moving", "Left the hub"},
	Arrived:        {"HUB_IN", "moving", "Arrived at the hub"},
	Export:         {"CUSTOMS_OUT", "moving", "In export customs"},
	Import:         {"CUSTOMS_IN", "moving", "In import customs"},
	Held:           {"CUSTOMS_ASK", "moving", "Customs need more information"},
	Released:       {"CUSTOMS_OK", "moving", "Released by customs"},
	Delayed:        {"DELAY", "trouble", "Delayed"},
	OutForDelivery: {"ROUND", "delivering", "Out for delivery"},
	Attempted:      {"NOT_HOME", "failed", "Nobody was at home"},
	BadAddress:     {"ADDRESS", "failed", "The address could not be found"},
	Refused:        {"REFUSED", "failed", "The receiver refused the parcel"},
	ReadyForPickup: {"SHOP_IN", "waiting", "Waiting at the pick-up point"},
	Collected:      {"SHOP_OUT", "delivered", "Collected by the receiver"},
	Delivered:      {"DELIVERED", "delivered", "Delivered"},
	Returning:      {"RETURN", "returning", "On the way back to the sender"},
	Returned:       {"RETURNED", "returned", "Back with the sender"},
	Damaged:        {"DAMAGE", "trouble", "Damaged"},
	Lost:           {"LOST", "trouble", "Lost"},
	Cancelled:      {"CANCEL", "trouble", "Cancelled by the sender"},
	Noted:          {"PROOF", "delivered", "Proof of delivery stored"},
}

func genericTrack(c *call) {
	numbers := list(c.r.URL.Query().Get("numbers"))
	if len(numbers) > 20 {
		c.fail()
		c.json(http.StatusBadRequest, obj{"error": "too_many_numbers"})
		return
	}
	parcels := []obj{}
	for _, number := range numbers {
		t, ok := c.tell(number)
		if !ok {
			parcels = append(parcels, obj{"number": number, "error": "not_found"})
			continue
		}
		service := "Standard"
		if t.Express {
			service = "Express"
		}
		var eta any
		if !t.over() {
			eta = t.due().Format(time.DateOnly)
		}
		events := []obj{}
		for _, e := range said(t.newest(), genericWords) {
			words := genericWords[e.kind]
			events = append(events, obj{
				"at": e.at.Format(time.RFC3339), "code": words.code, "text": e.or(words.text),
				"city": e.place.City, "country": e.place.Country,
			})
		}
		parcels = append(parcels, obj{
			"number": number, "state": genericWords[t.last().kind].state, "service": service, "eta": eta, "events": events,
		})
	}
	c.json(http.StatusOK, obj{"parcels": parcels})
}
