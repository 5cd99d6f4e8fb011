package sim

import (
	"net/http"
	"time"
)

// postNord speaks PostNord's Track & Trace v5.
//
// Source: https://developer.postnord.com, findByIdentifier.
func postNord() wire {
	account := map[string]string{"api_key": "simulated-postnord-key"}
	return wire{
		name:    "postnord",
		base:    "/rest/shipment",
		account: account,
		travels: profile{home: "SE", others: []string{"DK", "DE", "CN", "GB"}, abroad: 30, shops: 35},
		formed: anyOf(
			looks(`\d{11}(?:SE|DK)`, nil),
			looks(`(?:00)?37\d{16}`, gs1Holds),
			postal("SE", "DK", "NO", "FI"),
		),
		asks: map[string]func(*call){
			"GET /v5/trackandtrace/findByIdentifier.json": postNordTrack,
			"GET /v7/trackandtrace/id/{number}/public":    postNordTrack,
		},
		admits: func(c *call) bool { return c.r.URL.Query().Get("apikey") == account["api_key"] },
		refuse: func(c *call) {
			c.json(http.StatusForbidden, obj{"message": "Invalid API key", "status": http.StatusForbidden})
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			c.json(http.StatusTooManyRequests, obj{"message": "API rate limit exceeded", "status": http.StatusTooManyRequests})
		},
	}
}

// postNordWords are an event's code, the status that follows, and the text in
// English and Swedish. That a parcel is out for delivery is in the code and
// the words only.
var postNordWords = map[Kind]struct{ code, status, en, sv string }{
	Announced:      {"8", "INFORMED", "The sender has sent the electronic information for the shipment", "Avsändaren har skickat information om försändelsen"},
	PickedUp:       {"10", "EN_ROUTE", "The shipment item has been accepted from the sender", "Försändelsen har mottagits från avsändaren"},
	Departed:       {"21", "EN_ROUTE", "The shipment item has left the terminal", "Försändelsen har lämnat terminalen"},
	Arrived:        {"20", "EN_ROUTE", "The shipment item has arrived at the terminal", "Försändelsen har kommit till terminalen"},
	Export:         {"25", "EN_ROUTE", "The shipment item is being cleared for export", "Försändelsen förtullas för export"},
	Import:         {"26", "EN_ROUTE", "The shipment item is under customs processing", "Försändelsen är under tullbehandling"},
	Held:           {"27", "EN_ROUTE", "Customs need more information from the recipient", "Tullen behöver mer information från mottagaren"},
	Released:       {"28", "EN_ROUTE", "The shipment item has been released by customs", "Försändelsen har lämnat tullen"},
	Delayed:        {"45", "DELAYED", "The shipment item is delayed", "Försändelsen är försenad"},
	OutForDelivery: {"31", "EN_ROUTE", "The shipment item is under transportation: out for delivery", "Försändelsen lastas ut för utkörning"},
	Attempted:      {"36", "DELIVERY_IMPOSSIBLE", "Delivery attempt: the recipient was not at home", "Leveransförsök: mottagaren var inte hemma"},
	BadAddress:     {"37", "DELIVERY_IMPOSSIBLE", "The address is incomplete", "Adressen är ofullständig"},
	Refused:        {"38", "DELIVERY_REFUSED", "The recipient has refused the shipment item", "Mottagaren har nekat försändelsen"},
	ReadyForPickup: {"40", "AVAILABLE_FOR_DELIVERY", "The shipment item has arrived at the service point", "Försändelsen finns att hämta på serviceställe"},
	Collected:      {"50", "DELIVERED", "The shipment item has been picked up by the recipient", "Försändelsen har hämtats av mottagaren"},
	Delivered:      {"50", "DELIVERED", "The shipment item has been delivered", "Försändelsen har levererats"},
	Returning:      {"60", "OTHER", "The shipment item is being returned to the sender", "Försändelsen returneras till avsändaren"},
	Returned:       {"61", "RETURNED", "The shipment item has been returned to the sender", "Försändelsen har returnerats till avsändaren"},
	Damaged:        {"70", "STOPPED", "The shipment item is damaged", "Försändelsen är skadad"},
	Lost:           {"71", "STOPPED", "The shipment item is missing, a search has begun", "Försändelsen saknas, efterforskning pågår"},
	Cancelled:      {"72", "STOPPED", "The shipment was cancelled by the sender", "Försändelsen har annullerats av avsändaren"},
	Noted:          {"90", "DELIVERED", "Proof of delivery is available", "Leveranskvitto finns"},
}

func postNordTrack(c *call) {
	number := c.r.PathValue("number")
	if number == "" {
		number = c.r.URL.Query().Get("id")
	}
	if len(number) < 8 || len(number) > 35 {
		c.json(http.StatusBadRequest, obj{"TrackingInformationResponse": obj{"compositeFault": obj{"faults": []obj{
			{"faultCode": "INVALID_IDENTIFIER", "explanationText": "The identifier is not valid", "paramValues": []obj{{"param": "id", "value": number}}},
		}}}})
		return
	}
	shipments := []obj{}
	if t, ok := c.tell(number); ok {
		shipments = append(shipments, postNordShipment(t, speaks(c.r.URL.Query().Get("locale"), "sv")))
	}
	c.json(http.StatusOK, obj{"TrackingInformationResponse": obj{"shipments": shipments}})
}

func postNordShipment(t telling, swedish bool) obj {
	last := t.last()
	words := postNordWords[last.kind]
	items := []obj{}
	for n := range t.Pieces {
		items = append(items, postNordItem(t.piece(n), n, swedish))
	}
	shipment := obj{
		"shipmentId": t.number, "uri": "/ntt-service-rest/api/shipment/" + t.number, "assessedNumberOfItems": t.Pieces,
		"service": obj{"code": "19", "name": "PostNord MyPack Collect"}, "status": words.status,
		"consignor":  obj{"name": "Simulated sender", "address": postNordAddress(t.From)},
		"consignee":  obj{"name": t.Person.Name, "address": with(postNordAddress(t.To), "street1", t.Person.Street)},
		"statusText": obj{"header": postNordText(last, swedish), "body": postNordText(last, swedish)}, "totalWeight": obj{"value": "1.2", "unit": "kg"},
		"items": items,
	}
	if e, arrived := t.arrived(); arrived {
		shipment["deliveryDate"] = postNordTime(e.at)
	} else if !t.over() {
		shipment["estimatedTimeOfArrival"] = postNordTime(t.due())
	}
	return shipment
}

func postNordItem(t telling, n int, swedish bool) obj {
	events := []obj{}
	for _, e := range said(t.events, postNordWords) {
		words := postNordWords[e.kind]
		events = append(events, obj{
			"eventTime": postNordTime(e.at), "eventCode": words.code, "status": words.status, "eventDescription": postNordText(e, swedish),
			"location": obj{
				"displayName": e.place.City, "name": e.place.City + " terminal", "countryCode": e.place.Country, "country": countryName(e.place.Country),
				"postcode": e.place.Postcode, "city": e.place.City, "locationType": "HUB",
			},
		})
	}
	last := t.last()
	item := obj{
		"itemId": t.number, "status": postNordWords[last.kind].status, "events": events, "references": []obj{}, "previousItemStates": []string{},
		"statusText": obj{"header": postNordText(last, swedish), "body": ""},
	}
	if n > 0 {
		item["itemId"] = postNordSibling(t.number, n)
	}
	if e, arrived := t.arrived(); arrived {
		item["deliveryDate"] = postNordTime(e.at)
	}
	return item
}

// postNordSibling is the number of another item of the shipment.
func postNordSibling(number string, n int) string { return number + "-" + string(rune('0'+n)) }

func postNordText(e event, swedish bool) string {
	if swedish {
		return e.or(postNordWords[e.kind].sv)
	}
	return e.or(postNordWords[e.kind].en)
}

// postNordTime is local, without a zone.
func postNordTime(t time.Time) string { return t.Format("2006-01-02T15:04:05") }

func postNordAddress(p Place) obj {
	return obj{"city": p.City, "countryCode": p.Country, "country": countryName(p.Country), "postCode": p.Postcode}
}
