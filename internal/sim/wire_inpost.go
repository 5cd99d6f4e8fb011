package sim

import (
	"net/http"
	"time"
)

// inpost speaks the public tracking part of InPost's ShipX API (Poland).
//
// Source: https://dokumentacja-inpost.atlassian.net, "Tracking".
func inpost() wire {
	return wire{
		name:    "inpost",
		travels: profile{home: "PL", shops: 60},
		formed:  anyOf(looks(`\d{24}`, nil)),
		asks: map[string]func(*call){
			"GET /v1/tracking/{number}": inpostTrack,
			"GET /v1/statuses":          inpostStatuses,
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			inpostError(c, http.StatusTooManyRequests, "too_many_requests", "Too many requests.")
		},
	}
}

func inpostError(c *call, status int, name, message string) {
	c.json(status, obj{"status": status, "error": name, "message": message, "details": obj{}})
}

// inpostWords are a status's name and its title and description in Polish and
// English; the answer about a parcel has the name only.
var inpostWords = map[Kind]struct{ status, pl, en string }{
	Announced:      {"confirmed", "Przygotowana przez Nadawcę", "Prepared by the sender"},
	PickedUp:       {"collected_from_sender", "Odebrana od Nadawcy", "Collected from the sender"},
	Departed:       {"sent_from_source_branch", "W trasie", "Sent from the branch"},
	Arrived:        {"adopted_at_sorting_center", "Przyjęta w Sortowni", "Received at the sorting centre"},
	Delayed:        {"delay_in_delivery", "Możliwe opóźnienie doręczenia", "Delivery may be delayed"},
	OutForDelivery: {"out_for_delivery", "Przekazano do doręczenia", "Out for delivery"},
	Attempted:      {"undelivered", "Przekazanie do magazynu przesyłek niedoręczalnych", "Not delivered"},
	BadAddress:     {"undelivered_wrong_address", "Brak możliwości doręczenia w dniu dzisiejszym – błędne dane adresowe", "Not delivered: wrong address"},
	Refused:        {"rejected_by_receiver", "Odmowa przyjęcia", "Refused by the receiver"},
	ReadyForPickup: {"ready_to_pickup", "Umieszczona w Paczkomacie (odbiorczym)", "Placed in the parcel locker"},
	Collected:      {"delivered", "Dostarczona", "Delivered"},
	Delivered:      {"delivered", "Dostarczona", "Delivered"},
	Returning:      {"pickup_time_expired", "Upłynął termin odbioru", "The time to collect it has passed"},
	Returned:       {"returned_to_sender", "Zwrot do Nadawcy", "Returned to the sender"},
	Lost:           {"missing", "Przesyłka zaginiona", "Missing"},
	Cancelled:      {"canceled", "Anulowano etykietę", "Label cancelled"},
}

func inpostTrack(c *call) {
	number := c.r.PathValue("number")
	t, ok := c.tell(number)
	t.events = said(t.events, inpostWords)
	if !ok || len(t.events) == 0 {
		inpostError(c, http.StatusNotFound, "resource_not_found", "Shipment "+number+" was not found.")
		return
	}
	details := []obj{}
	for _, e := range t.newest() {
		// A text of its own has no field of its own here; the agency's comes nearest.
		details = append(details, obj{
			"status": inpostWords[e.kind].status, "origin_status": "SIM", "agency": e.or(""), "location": nilIfEmpty(e.place.City), "datetime": inpostTime(e.at),
		})
	}
	service, kind := "inpost_courier_standard", "inpost_courier_standard"
	attributes := obj{"size": obj{"width": nil, "height": nil, "length": nil}, "target_machine_id": nil, "dropoff_machine_id": nil, "end_of_week_collection": false}
	if _, locker := t.of(ReadyForPickup); locker {
		service, kind = "inpost_locker_standard", "inpost_locker_standard"
		attributes["target_machine_id"] = "SIM01M"
		attributes["target_machine_detail"] = obj{
			"name": "SIM01M", "opening_hours": "24/7", "location_description": "przy wejściu do sklepu",
			"location": obj{"latitude": 52.2297, "longitude": 21.0122},
			"address":  obj{"line1": "ul. Symulowana 1", "line2": t.To.Postcode + " " + t.To.City}, "type": []string{"parcel_locker"},
		}
	}
	c.json(http.StatusOK, obj{
		"tracking_number": number, "service": service, "type": kind, "status": inpostWords[t.last().kind].status,
		"custom_attributes": attributes, "tracking_details": details, "expected_flow": []obj{},
		"created_at": inpostTime(t.first().at), "updated_at": inpostTime(t.last().at),
	})
}

func inpostTime(t time.Time) string { return t.Format("2006-01-02T15:04:05.000-07:00") }

func nilIfEmpty(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// inpostStatuses lists what the statuses mean, in Polish unless asked
// otherwise.
func inpostStatuses(c *call) {
	items, seen := []obj{}, map[string]bool{}
	for _, kind := range Kinds {
		words, ok := inpostWords[kind]
		if !ok || seen[words.status] {
			continue
		}
		seen[words.status] = true
		text := words.pl
		if c.r.URL.Query().Get("lang") == "en_GB" || speaks(c.r.Header.Get("Accept-Language"), "en") {
			text = words.en
		}
		items = append(items, obj{"name": words.status, "title": text, "description": text})
	}
	c.json(http.StatusOK, obj{"href": "/v1/statuses", "items": items})
}
