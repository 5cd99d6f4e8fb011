package sim

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// usps speaks USPS Tracking v3.
//
// Source: https://developers.usps.com/trackingv3 (specification 3.2.6).
func usps() wire {
	account := map[string]string{"client_id": "simulated-usps-client", "client_secret": "simulated-usps-secret"}
	return wire{
		name:    "usps",
		base:    "/tracking/v3",
		account: account,
		travels: profile{home: "US", others: []string{"CN", "GB", "CA"}, abroad: 10, shops: 6},
		formed: anyOf(
			looks(`(?:420\d{5}(?:\d{4})?)?9[1-5]\d{20}`, func(n string) bool { return gs1Holds(n[len(n)-22:]) }),
			looks(`(?:420\d{5}(?:\d{4})?)?9[2-5]\d{24}`, func(n string) bool { return gs1Holds(n[len(n)-26:]) }),
			looks(`\d{20}`, func(n string) bool { return gs1Holds(n) || gs1Holds("91"+n) }),
			looks(`82\d{8}`, nil),
			postal("US"),
		),
		tokens: map[string]func(*call){"POST /oauth2/v3/token": func(c *call) { uspsToken(c, account) }},
		asks:   map[string]func(*call){"GET /tracking/{number}": uspsTrack},
		admits: (*call).bearer,
		refuse: func(c *call) {
			uspsError(c, http.StatusUnauthorized, "Unauthorized", "The access token is invalid or has expired.")
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			uspsError(c, http.StatusTooManyRequests, "Too Many Requests", "The quota of requests for this application has been used up.")
		},
	}
}

func uspsError(c *call, status int, title, detail string) {
	code := fmt.Sprint(status)
	c.json(status, obj{"apiVersion": "/tracking/v3", "error": obj{
		"code": code, "message": detail,
		"errors": []obj{{
			"status": code, "code": "160" + code, "title": title, "detail": detail,
			"source": obj{"parameter": "trackingNumber", "example": "string"},
		}},
	}})
}

const uspsTokenLasts = 28799 * time.Second

// uspsToken takes the client's words as JSON or as a form.
func uspsToken(c *call, account map[string]string) {
	in := struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
		Grant  string `json:"grant_type"`
	}{c.r.PostFormValue("client_id"), c.r.PostFormValue("client_secret"), c.r.PostFormValue("grant_type")}
	if strings.HasPrefix(c.r.Header.Get("Content-Type"), "application/json") && !c.read(&in) {
		c.fail()
		c.json(http.StatusBadRequest, obj{"error": "invalid_request", "error_description": "The request body can't be read.", "error_uri": ""})
		return
	}
	if in.Grant != "client_credentials" || in.ID != account["client_id"] || in.Secret != account["client_secret"] {
		c.fail()
		c.json(http.StatusUnauthorized, obj{"error": "invalid_client", "error_description": "The client's credentials are wrong.", "error_uri": ""})
		return
	}
	c.json(http.StatusOK, obj{
		"access_token": c.grant(uspsTokenLasts), "token_type": "Bearer", "issued_at": time.Now().UnixMilli(),
		"expires_in": int(uspsTokenLasts.Seconds()), "status": "approved", "scope": "tracking", "issuer": "https://keyc.usps.com/realms/USPS",
		"client_id": in.ID, "application_name": "simulated", "api_products": "[Shipping-Silver]", "public_key": "",
	})
}

// uspsWords are an event's code and text and the category of the parcel's
// status that follows. USPS publishes no codes for customs: the words say it.
var uspsWords = map[Kind]struct{ code, text, category string }{
	Announced:      {"GX", "Shipping Label Created, USPS Awaiting Item", "Pre-Shipment"},
	PickedUp:       {"03", "USPS in possession of item", "Accepted"},
	Departed:       {"EF", "Departed USPS Regional Facility", "In Transit"},
	Arrived:        {"A1", "Arrived at USPS Regional Facility", "In Transit"},
	Export:         {"89", "Processed Through Facility, Customs Clearance", "In Transit"},
	Import:         {"89", "Inbound Into Customs", "In Transit"},
	Held:           {"89", "Held in Customs, Additional Information Required", "Alert"},
	Released:       {"89", "Inbound Out of Customs", "In Transit"},
	Delayed:        {"NT", "In Transit to Next Facility, Arriving Late", "In Transit"},
	OutForDelivery: {"OF", "Out for Delivery, Expected Delivery by 9:00pm", "Out for Delivery"},
	Attempted:      {"02", "Notice Left (No Authorized Recipient Available)", "Delivery Attempt"},
	BadAddress:     {"05", "Undeliverable as Addressed", "Alert"},
	Refused:        {"04", "Refused", "Alert"},
	ReadyForPickup: {"14", "Available for Pickup", "Available for Pickup"},
	Collected:      {"01", "Delivered, Individual Picked Up at Post Office", "Delivered"},
	Delivered:      {"01", "Delivered, Left with Individual", "Delivered"},
	Returning:      {"09", "Return to Sender", "Return to Sender"},
	Returned:       {"01", "Delivered, To Original Sender", "Delivered"},
	Damaged:        {"DG", "Damaged in Transit", "Alert"},
	Lost:           {"LX", "Item Can't Be Located, Search Begun", "Alert"},
}

func uspsTrack(c *call) {
	number := c.r.PathValue("number")
	if len(number) < 10 || len(number) > 38 {
		uspsError(c, http.StatusBadRequest, "Invalid Tracking Number", "The tracking number's length is not valid.")
		return
	}
	t, ok := c.tell(number)
	events := said(t.newest(), uspsWords)
	if !ok || len(events) == 0 {
		uspsError(c, http.StatusNotFound, "Not Found", "A status update is not yet available on your item. The tracking number may be incorrect or the status update is not yet available.")
		return
	}
	words := uspsWords[events[0].kind]
	class := "<SUP>&#174;</SUP>"
	if t.Express {
		class = "Priority Mail Express" + class
	} else {
		class = "USPS Ground Advantage<SUP>&#8482;</SUP>"
	}
	answer := obj{
		"trackingNumber": number, "uniqueMailPieceID": fmt.Sprintf("5.1.%d.%s", t.Born.Unix(), number[len(number)-6:]),
		"mailPieceIntakeDate": t.first().at.Format("2006-01-02 15:04:05.000000"), "approximateIntakeDate": t.first().at.Format(time.DateOnly),
		"mailClass": class, "mailType": "DM", "serviceTypeCode": "748", "services": []string{"USPS Tracking<SUP>&#174;</SUP>"},
		"originCity": strings.ToUpper(t.From.City), "originState": t.From.Region, "originZIP": t.From.Postcode, "originCountry": t.From.Country,
		"destinationCity": strings.ToUpper(t.To.City), "destinationState": t.To.Region, "destinationZIP": t.To.Postcode, "destinationCountryCode": t.To.Country,
		"status": events[0].or(words.text), "statusCategory": words.category,
		"statusSummary": fmt.Sprintf("%s. %s, %s.", events[0].or(words.text), uspsPlace(events[0].place), events[0].at.Format("January 2, 2006, 3:04 pm")),
		"onTime":        "true", "proofOfDeliveryEnabled": "false", "emailEnabled": "true", "RREEnabled": "false", "RRAMEnabled": "false",
		"restoreEnabled": "false", "kahalaIndicator": "false", "itemShape": "Parcel", "tableCode": "T",
	}
	if !t.over() {
		answer["expectedDeliveryDate"], answer["expectedDeliveryTimeStamp"] = t.due().Format(time.DateOnly), t.due().Format("2006-01-02T15:04:05")
		answer["predictedDeliveryDate"] = t.due().Format(time.DateOnly)
	}
	if c.r.URL.Query().Get("expand") == "DETAIL" {
		scans := []obj{}
		for _, e := range events {
			scans = append(scans, uspsEvent(t, e))
		}
		answer["trackingEvents"] = scans
	}
	c.json(http.StatusOK, answer)
}

// uspsEvent has the local time without zone, GMT, and the offset beside it.
func uspsEvent(t telling, e event) obj {
	words := uspsWords[e.kind]
	scan := obj{
		"eventType": e.or(words.text), "eventTimestamp": e.at.Format("2006-01-02T15:04:05"),
		"GMTTimestamp": e.at.UTC().Format("2006-01-02T15:04:05Z"), "GMTOffset": e.at.Format("-07:00"),
		"eventCity": strings.ToUpper(e.place.City), "eventState": e.place.Region, "eventZIP": e.place.Postcode, "eventCountry": nil,
		"firm": nil, "name": nil, "authorizedAgent": "false", "eventCode": words.code, "actionCode": nil, "reasonCode": nil,
	}
	if e.place.Country != "US" {
		scan["eventCountry"] = strings.ToUpper(countryName(e.place.Country))
	}
	if e.kind == Delivered || e.kind == Collected {
		scan["name"] = t.Person.Name
	}
	return scan
}

func uspsPlace(p Place) string {
	return strings.TrimSpace(strings.ToUpper(p.City) + ", " + p.Region + " " + p.Postcode)
}
