package sim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// royalMail speaks Royal Mail's Tracking API v2.
//
// Source: https://developer.royalmail.net/royal-mail-tracking-v2-api.
func royalMail() wire {
	account := map[string]string{"client_id": "simulated-royal-mail-client", "client_secret": "simulated-royal-mail-secret"}
	return wire{
		name:    "royal-mail",
		base:    "/mailpieces/v2",
		account: account,
		travels: profile{home: "GB", others: []string{"DE", "US", "FR", "CN"}, abroad: 15, shops: 6},
		formed: anyOf(
			looks(`[0-9A-F]{21}`, nil),
			looks(`[0-9A-F]{16}`, nil),
			looks(`[A-Z]{2}\d{7}`, nil),
			postal("GB"),
		),
		asks: map[string]func(*call){
			"GET /summary":            royalMailSummary,
			"GET /{number}/events":    royalMailEvents,
			"GET /{number}/signature": royalMailSignature,
		},
		admits: func(c *call) bool {
			return c.r.Header.Get("X-IBM-Client-Id") == account["client_id"] &&
				c.r.Header.Get("X-IBM-Client-Secret") == account["client_secret"] && c.r.Header.Get("X-Accept-RMG-Terms") == "yes"
		},
		refuse: func(c *call) {
			if c.r.Header.Get("X-Accept-RMG-Terms") != "yes" {
				royalMailError(c, http.StatusBadRequest, royalMailFault("E0004", "Failure to accept the terms and conditions", "The header X-Accept-RMG-Terms is missing", "Send it with the value yes"))
				return
			}
			c.json(http.StatusUnauthorized, obj{"httpCode": "401", "httpMessage": "Unauthorized", "moreInformation": "Client id not registered or secret not valid"})
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			c.json(http.StatusTooManyRequests, obj{"httpCode": "429", "httpMessage": "Too Many Requests", "moreInformation": "Rate Limit exceeded"})
		},
	}
}

func royalMailError(c *call, status int, fault obj) {
	c.json(status, obj{"httpCode": fmt.Sprint(status), "httpMessage": http.StatusText(status), "errors": []obj{fault}})
}

func royalMailFault(code, description, cause, resolution string) obj {
	return obj{"errorCode": code, "errorDescription": description, "errorCause": cause, "errorResolution": resolution}
}

// royalMailWords are an event's code and name and the category of the status
// that follows. Royal Mail says nothing of items that were only announced.
var royalMailWords = map[Kind]struct{ code, name, category string }{
	PickedUp:       {"EVPPA", "Accepted at Post Office", "IN TRANSIT"},
	Departed:       {"EVODO", "Item Despatched", "IN TRANSIT"},
	Arrived:        {"EVORI", "Arrived at Mail Centre", "IN TRANSIT"},
	Export:         {"EVAIP", "Processed at International Distribution Centre", "IN TRANSIT"},
	Import:         {"EVAIE", "With customs", "IN TRANSIT"},
	Held:           {"EVNKS", "Held by customs, fee or information required", "IN TRANSIT"},
	Released:       {"EVDAV", "Released from customs", "IN TRANSIT"},
	Delayed:        {"EVNDD", "Item Delayed", "IN TRANSIT"},
	OutForDelivery: {"EVGPD", "Out for Delivery", "IN TRANSIT"},
	Attempted:      {"EVKNA", "Delivery Attempted - No Answer", "DELIVERY ATTEMPTED"},
	BadAddress:     {"EVKAI", "Delivery Attempted - Address Inaccessible", "DELIVERY ATTEMPTED"},
	Refused:        {"EVKNR", "Delivery Attempted - Refused", "DELIVERY ATTEMPTED"},
	ReadyForPickup: {"EVNDA", "Available for Redelivery or Collection", "AVAILABLE FOR COLLECTION"},
	Collected:      {"EVPLC", "Collected from Local Branch", "DELIVERED"},
	Delivered:      {"EVKSP", "Delivered and Signed", "DELIVERED"},
	Returning:      {"EVNRT", "Item Being Returned to Sender", "RETURN TO SENDER"},
	Returned:       {"EVNRT", "Item Returned to Sender", "RETURN TO SENDER"},
	Damaged:        {"EVNKS", "Item Damaged", "IN TRANSIT"},
	Lost:           {"EVNDD", "Item Can't Be Located", "IN TRANSIT"},
}

// royalMailPiece is the mail piece without its events, or the fault that says
// why there is none.
func royalMailPiece(c *call, id string) (t telling, piece, fault obj) {
	t, ok := c.tell(id)
	if !ok {
		return t, nil, royalMailFault("E1142", fmt.Sprintf("Barcode reference %s isn't recognised", id), "A mail item with that barcode cannot be located", "Check barcode and resubmit")
	}
	t.events = said(t.events, royalMailWords)
	if len(t.events) == 0 {
		return t, nil, royalMailFault("E1308", "Tracking information isn't available yet", "The mail item has not been scanned yet", "Try again later")
	}
	last := t.last()
	words := royalMailWords[last.kind]
	office := royalMailOffice(last)
	piece = obj{
		"mailPieceId": id, "carrierShortName": "RM", "carrierFullName": "Royal Mail Group Ltd",
		"summary": obj{
			"uniqueItemId": fmt.Sprintf("%X", roll(id).next()), "oneDBarcode": id, "productId": "SD2", "productName": "Special Delivery Guaranteed by 1pm",
			"productDescription": "Our guaranteed next working day service", "productCategory": "NON-INTERNATIONAL",
			"destinationCountryCode": alpha3[t.To.Country], "destinationCountryName": countryName(t.To.Country),
			"originCountryCode": alpha3[t.From.Country], "originCountryName": countryName(t.From.Country),
			"lastEventCode": words.code, "lastEventName": last.or(words.name), "lastEventDateTime": last.at.Format(time.RFC3339), "lastEventLocationName": office,
			"statusDescription": royalMailStatus(words.category), "statusCategory": words.category, "statusHelpText": "",
			"summaryLine": fmt.Sprintf("Item %s: %s, %s on %s.", id, last.or(words.name), office, last.at.Format(time.DateOnly)),
		},
	}
	if e, delivered := t.arrived(); delivered {
		piece["signature"] = obj{"recipientName": t.Person.Name, "signatureDateTime": e.at.Format(time.RFC3339), "imageId": "simulated"}
	}
	if !t.over() {
		due := t.due()
		piece["estimatedDelivery"] = obj{
			"date": due.Format(time.DateOnly), "startOfEstimatedWindow": due.Add(-4 * hour).Format("15:04:05Z07:00"), "endOfEstimatedWindow": due.Format("15:04:05Z07:00"),
		}
	}
	return t, piece, nil
}

// royalMailStatus is the category as a sentence has it.
func royalMailStatus(category string) string {
	return category[:1] + strings.ToLower(category[1:])
}

func royalMailEvents(c *call) {
	id := c.r.PathValue("number")
	t, piece, fault := royalMailPiece(c, id)
	if fault != nil {
		royalMailError(c, http.StatusNotFound, fault)
		return
	}
	events := []obj{}
	for _, e := range t.newest() {
		words := royalMailWords[e.kind]
		events = append(events, obj{
			"eventCode": words.code, "eventName": e.or(words.name), "eventDateTime": e.at.Format(time.RFC3339), "locationName": royalMailOffice(e),
		})
	}
	piece["events"] = events
	piece["links"] = obj{"summary": obj{"href": "/mailpieces/v2/summary?mailPieceId=" + id, "title": "Summary", "description": "Get summary"}}
	c.json(http.StatusOK, obj{"mailPieces": piece})
}

func royalMailSummary(c *call) {
	ids := list(c.r.URL.Query().Get("mailPieceId"))
	if len(ids) == 0 || len(ids) > 30 {
		c.fail()
		royalMailError(c, http.StatusBadRequest, royalMailFault("E1144", "The number of mail piece ids isn't valid", "There are none, or more than 30", "Send from 1 to 30"))
		return
	}
	pieces := []obj{}
	for _, id := range ids {
		_, piece, fault := royalMailPiece(c, id)
		if fault != nil {
			pieces = append(pieces, obj{"mailPieceId": id, "status": "404", "error": fault})
			continue
		}
		piece["status"] = "200"
		piece["links"] = obj{"events": obj{"href": "/mailpieces/v2/" + id + "/events", "title": "Events", "description": "Get events"}}
		pieces = append(pieces, piece)
	}
	c.json(http.StatusOK, obj{"mailPieces": pieces})
}

func royalMailSignature(c *call) {
	id := c.r.PathValue("number")
	t, piece, fault := royalMailPiece(c, id)
	if fault == nil && piece["signature"] == nil {
		fault = royalMailFault("E1145", "Proof of delivery isn't available", "The mail item has no signature", "Try again later")
	}
	if fault != nil {
		royalMailError(c, http.StatusNotFound, fault)
		return
	}
	e, _ := t.arrived()
	c.json(http.StatusOK, obj{"mailPieces": obj{
		"mailPieceId": id, "carrierShortName": "RM",
		"signature": obj{
			"uniqueItemId": id, "oneDBarcode": id, "recipientName": t.Person.Name, "signatureDateTime": e.at.Format(time.RFC3339),
			"imageFormat": "image/svg+xml", "imageId": "simulated", "height": 530, "width": 660, "image": "<svg/>",
		},
	}})
}

// royalMailOffice is where an event happens.
func royalMailOffice(e event) string {
	switch {
	case e.place.Country != "GB":
		return countryName(e.place.Country)
	case e.kind == Arrived || e.kind == Departed || e.kind == Export:
		return e.place.City + " Mail Centre"
	}
	return e.place.City + " Delivery Office"
}
