package sim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// australiaPost speaks the tracking part of Australia Post's Shipping and
// Tracking API.
//
// Source: https://developers.auspost.com.au/apis/shipping-and-tracking/reference/track-items.
func australiaPost() wire {
	account := map[string]string{"key": "simulated-auspost-key", "password": "simulated-auspost-password", "account_number": "0000123456"}
	return wire{
		name:    "australia-post",
		base:    "/shipping/v1",
		account: account,
		travels: profile{home: "AU", others: []string{"CN", "GB", "US"}, abroad: 12, shops: 12},
		formed: anyOf(
			looks(`3[A-Z0-9]{2,4}\d{14,20}`, nil),
			looks(`[A-Z0-9]{3,5}\d{7}`, nil),
			looks(`[A-Z0-9]{3,4}Z?\d{8}(?:[A-Z]{3}\d{5})?`, nil),
			postal("AU"),
		),
		asks: map[string]func(*call){"GET /track": australiaPostTrack},
		admits: func(c *call) bool {
			return c.basic(account["key"], account["password"]) && c.r.Header.Get("Account-Number") == account["account_number"]
		},
		refuse: func(c *call) {
			australiaPostError(c, http.StatusUnauthorized, "API_001", "Unauthenticated", "The request failed authentication.")
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			australiaPostError(c, http.StatusTooManyRequests, "API_002", "Too many requests", "The number of requests allowed in a minute has been exceeded.")
		},
	}
}

func australiaPostError(c *call, status int, code, name, message string) {
	c.json(status, obj{"errors": []obj{{"code": code, "name": name, "message": message}}})
}

// australiaPostWords are an event's text and the status of the article that
// follows.
var australiaPostWords = map[Kind]struct{ status, text string }{
	Announced:      {"Created", "Shipping information received by Australia Post"},
	PickedUp:       {"In transit", "Received by Australia Post"},
	Departed:       {"In transit", "In transit to next facility"},
	Arrived:        {"In transit", "Item processed at facility"},
	Export:         {"In transit", "Cleared for export"},
	Import:         {"In transit", "With customs for clearance"},
	Held:           {"Held by courier", "Held by customs, more information needed"},
	Released:       {"In transit", "Cleared by customs"},
	Delayed:        {"Possible delay", "Possible delay due to severe weather"},
	OutForDelivery: {"On Board for Delivery", "Onboard for delivery"},
	Attempted:      {"Unsuccessful Delivery", "Delivery attempted, receiver not at home"},
	BadAddress:     {"Unsuccessful Delivery", "Delivery attempted, address incomplete"},
	Refused:        {"Cannot be delivered", "Refused by receiver"},
	ReadyForPickup: {"Awaiting collection", "Awaiting collection at post office"},
	Collected:      {"Delivered", "Delivered, collected from post office"},
	Delivered:      {"Delivered", "Delivered"},
	Returning:      {"Cannot be delivered", "Returning to sender"},
	Returned:       {"Delivered", "Returned to sender"},
	Damaged:        {"Article damaged", "Article damaged"},
	Lost:           {"Unknown", "Article can't be located, investigation started"},
	Cancelled:      {"Cancelled", "Cancelled by sender"},
	Noted:          {"Delivered", "Proof of delivery available"},
}

func australiaPostTrack(c *call) {
	ids := list(c.r.URL.Query().Get("tracking_ids"))
	if len(ids) > 10 {
		c.fail()
		australiaPostError(c, http.StatusBadRequest, "51101", "TOO_MANY_AP_TRACKING_IDS", "The request must contain 10 or less AP article ids, consignment ids, or barcode ids.")
		return
	}
	results := []obj{}
	for _, id := range ids {
		t, ok := c.tell(id)
		if !ok {
			results = append(results, obj{"tracking_id": id, "errors": []obj{{"code": "ESB-10001", "name": "Invalid tracking ID"}}})
			continue
		}
		results = append(results, australiaPostResult(t))
	}
	c.json(http.StatusOK, obj{"tracking_results": results})
}

// australiaPostResult is one article, or a consignment with its articles.
func australiaPostResult(t telling) obj {
	status := australiaPostWords[t.last().kind].status
	if t.Pieces == 1 {
		return obj{"tracking_id": t.number, "status": status, "trackable_items": []obj{australiaPostItem(t, t.number)}}
	}
	items := []obj{}
	for n := range t.Pieces {
		items = append(items, australiaPostItem(t.piece(n), fmt.Sprintf("%s%02d", t.number, n+1)))
	}
	return obj{"tracking_id": t.number, "status": status, "trackable_items": []obj{
		{"consignment_id": t.number, "number_of_items": t.Pieces, "items": items},
	}}
}

func australiaPostItem(t telling, article string) obj {
	events := []obj{}
	for _, e := range said(t.newest(), australiaPostWords) {
		events = append(events, obj{
			"location": australiaPostPlace(e.place), "description": e.or(australiaPostWords[e.kind].text), "date": e.at.Format(time.RFC3339),
		})
	}
	product := "Parcel Post"
	if t.Express {
		product = "Express Post"
	}
	return obj{"article_id": article, "product_type": product, "status": australiaPostWords[t.last().kind].status, "events": events}
}

// australiaPostPlace is "MELBOURNE VIC", abroad the country.
func australiaPostPlace(p Place) string {
	if p.Country != "AU" {
		return strings.ToUpper(countryName(p.Country))
	}
	return strings.ToUpper(p.City) + " " + p.Region
}
