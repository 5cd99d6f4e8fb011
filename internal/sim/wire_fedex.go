package sim

import (
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// fedex speaks FedEx Track API v1.
//
// Source: https://developer.fedex.com/api/en-us/catalog/track/v1/docs.html.
func fedex() wire {
	account := map[string]string{"client_id": "simulated-fedex-client", "client_secret": "simulated-fedex-secret"}
	return wire{
		name:    "fedex",
		account: account,
		travels: profile{home: "US", others: []string{"CA", "GB", "DE", "CN", "JP", "FR"}, abroad: 35, shops: 4},
		formed: anyOf(
			looks(`\d{12}`, fedexHolds),
			looks(`\d{15}`, gs1Holds),
			looks(`96\d{20}`, func(n string) bool { return gs1Holds(n[7:]) }),
			looks(`(?:61|41)\d{18}`, func(n string) bool { return gs1Holds("92" + n) }),
			looks(`02\d{18}`, func(n string) bool { return gs1Holds("91" + n) }),
			looks(`92\d{20}(?:\d{4})?`, gs1Holds),
			looks(`DT\d{12}`, nil),
		),
		tokens: map[string]func(*call){"POST /oauth/token": func(c *call) { fedexToken(c, account) }},
		asks:   map[string]func(*call){"POST /track/v1/trackingnumbers": fedexTrack},
		admits: (*call).bearer,
		refuse: func(c *call) {
			fedexError(c, http.StatusUnauthorized, "NOT.AUTHORIZED.ERROR", "Access token expired. Please modify your request and try again.")
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			fedexError(c, http.StatusTooManyRequests, "TOO.MANY.REQUESTS", "We have received too many requests in a short duration. Please wait a while to try again.")
		},
	}
}

func fedexError(c *call, status int, code, message string) {
	c.json(status, obj{"transactionId": fedexTransaction(c), "errors": []obj{{"code": code, "message": message}}})
}

func fedexTransaction(c *call) string {
	d := roll("transaction", string(c.body), c.now.String())
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", uint32(d.next()), d.next()&0xffffffffffff)
}

func fedexToken(c *call, account map[string]string) {
	if !c.clientCredentials(account["client_id"], account["client_secret"]) {
		c.fail()
		fedexError(c, http.StatusUnauthorized, "NOT.AUTHORIZED.ERROR", "The given client credentials were not valid. Please modify your request and try again.")
		return
	}
	c.json(http.StatusOK, obj{"access_token": c.grant(time.Hour), "token_type": "bearer", "expires_in": 3599, "scope": "CXS"})
}

// fedexWords are an event's type, the derived status of the whole parcel, the
// description, and the code and text of an exception.
var fedexWords = map[Kind]struct{ event, derived, text, exception, why string }{
	Announced:      {"OC", "IN", "Shipment information sent to FedEx", "", ""},
	PickedUp:       {"PU", "PU", "Picked up", "", ""},
	Departed:       {"DP", "IT", "Departed FedEx location", "", ""},
	Arrived:        {"AR", "IT", "Arrived at FedEx location", "", ""},
	Export:         {"EA", "IT", "Export approved", "", ""},
	Import:         {"CP", "CP", "Clearance in progress", "", ""},
	Held:           {"CD", "CD", "Clearance delay - Import", "60", "Customs requires additional information from the recipient"},
	Released:       {"CC", "CC", "International shipment release - Import", "", ""},
	Delayed:        {"DY", "DY", "Delay", "17", "A weather delay has occurred"},
	OutForDelivery: {"OD", "OD", "On FedEx vehicle for delivery", "", ""},
	Attempted:      {"DE", "DE", "Delivery exception", "08", "Recipient not in/business closed"},
	BadAddress:     {"DE", "DE", "Delivery exception", "03", "Incorrect address - Street number"},
	Refused:        {"DE", "DE", "Delivery exception", "07", "Shipment Refused by Recipient"},
	ReadyForPickup: {"HL", "HL", "Ready for recipient pickup", "", ""},
	Collected:      {"DL", "DL", "Delivered", "", ""},
	Delivered:      {"DL", "DL", "Delivered", "", ""},
	Returning:      {"RS", "RS", "Returning package to shipper", "", ""},
	Returned:       {"DL", "DL", "Delivered", "", ""},
	Damaged:        {"SE", "SE", "Shipment exception", "12", "Damaged, handling per shipper instructions"},
	Lost:           {"SE", "SE", "Shipment exception", "71", "Package not found, tracing in progress"},
	Cancelled:      {"CA", "CA", "Shipment cancelled by sender", "", ""},
}

// fedexDerived are the words of derived statuses.
var fedexDerived = map[string]string{
	"IN": "Label created", "PU": "Picked up", "IT": "In transit", "CP": "Clearance in progress", "CD": "Clearance delay",
	"CC": "Cleared customs", "DY": "Delayed", "OD": "Out for delivery", "DE": "Delivery exception", "HL": "Ready for pickup",
	"DL": "Delivered", "RS": "Return initiated", "SE": "Shipment exception", "CA": "Cancelled",
}

// fedexNumber is what FedEx takes for a tracking number at all.
var fedexNumber = regexp.MustCompile(`^(?:\d{9,34}|DT\d{12})$`)

type fedexRequest struct {
	IncludeDetailedScans bool `json:"includeDetailedScans"`
	TrackingInfo         []struct {
		TrackingNumberInfo struct {
			TrackingNumber         string `json:"trackingNumber"`
			TrackingNumberUniqueID string `json:"trackingNumberUniqueId"`
		} `json:"trackingNumberInfo"`
	} `json:"trackingInfo"`
}

func fedexTrack(c *call) {
	var in fedexRequest
	switch {
	case !c.read(&in):
		c.fail()
		fedexError(c, http.StatusBadRequest, "INVALID.INPUT.EXCEPTION", "Invalid field value in the input")
		return
	case len(in.TrackingInfo) == 0:
		c.fail()
		fedexError(c, http.StatusBadRequest, "TRACKING.TRACKINGNUMBER.EMPTY", "Please provide tracking number.")
		return
	case len(in.TrackingInfo) > 30:
		c.fail()
		fedexError(c, http.StatusBadRequest, "TRACKING.TRACKINGNUMBER.LIMITEXCEEDED", "The maximum number of packages within a single track transaction is limited to 30.")
		return
	}
	results := []obj{}
	for _, asked := range in.TrackingInfo {
		info := asked.TrackingNumberInfo
		results = append(results, obj{
			"trackingNumber": info.TrackingNumber,
			"trackResults":   fedexResults(c, info.TrackingNumber, info.TrackingNumberUniqueID, in.IncludeDetailedScans),
		})
	}
	c.json(http.StatusOK, obj{
		"transactionId": fedexTransaction(c), "customerTransactionId": c.r.Header.Get("x-customer-transaction-id"),
		"output": obj{"completeTrackResults": results},
	})
}

// fedexResults are the shipments that have or had the number, the newest
// first; with unique the one of that id.
func fedexResults(c *call, number, unique string, detailed bool) []obj {
	t, ok := c.tell(number)
	if !ok {
		code, message := "TRACKING.TRACKINGNUMBER.NOTFOUND", "Tracking number cannot be found. Please correct the tracking number and try again."
		if !fedexNumber.MatchString(number) {
			code, message = "TRACKING.TRACKINGNUMBER.INVALID", "Invalid tracking numbers.   Please check the following format and/or correct and resubmit."
		}
		return []obj{{
			"trackingNumberInfo": obj{"trackingNumber": number, "trackingNumberUniqueId": "", "carrierCode": ""},
			"error":              obj{"code": code, "message": message},
		}}
	}
	tellings := []telling{t}
	if t.Reused {
		tellings = append(tellings, t.former())
	}
	var results []obj
	for _, t := range tellings {
		if unique == "" || unique == fedexUnique(t) {
			results = append(results, fedexResult(t, detailed))
		}
	}
	return results
}

func fedexUnique(t telling) string { return fmt.Sprintf("%d~%s~FDEG", 2459000+t.Generation, t.number) }

func fedexResult(t telling, detailed bool) obj {
	last := t.last()
	words := fedexWords[last.kind]
	carrier, service := "FDXG", obj{"type": "FEDEX_GROUND", "description": "FedEx Ground", "shortDescription": "FG"}
	switch {
	case len(t.number) == 12:
		carrier, service = "FDXE", obj{"type": "PRIORITY_OVERNIGHT", "description": "FedEx Priority Overnight", "shortDescription": "P-1"}
	case len(t.number) >= 20:
		carrier, service = "FXSP", obj{"type": "SMART_POST", "description": "FedEx Ground Economy", "shortDescription": "SP"}
	}
	result := obj{
		"trackingNumberInfo": obj{"trackingNumber": t.number, "trackingNumberUniqueId": fedexUnique(t), "carrierCode": carrier},
		"latestStatusDetail": obj{
			"code": words.event, "derivedCode": words.derived, "statusByLocale": fedexDerived[words.derived],
			"description": words.text, "scanLocation": fedexLocation(last), "ancillaryDetails": fedexAncillary(words.exception, words.why),
			"delayDetail": obj{"status": "ON_TIME"},
		},
		"dateAndTimes":            fedexDates(t),
		"scanEvents":              fedexScans(t, detailed),
		"serviceDetail":           service,
		"packageDetails":          obj{"packagingDescription": obj{"type": "YOUR_PACKAGING", "description": "Package"}, "count": "1", "sequenceNumber": "1"},
		"shipmentDetails":         obj{"possessionStatus": last.kind != Announced},
		"shipperInformation":      obj{"contact": obj{}, "address": fedexAddress(t.From)},
		"recipientInformation":    obj{"contact": obj{}, "address": fedexAddress(t.To)},
		"deliveryDetails":         obj{"deliveryAttempts": "0", "receivedByName": "", "signedByName": ""},
		"availableImages":         []obj{},
		"goodsClassificationCode": "",
	}
	if _, late := t.of(Delayed); late && !t.over() {
		result["latestStatusDetail"].(obj)["delayDetail"] = obj{"type": "WEATHER", "subType": "SNOW", "status": "DELAYED"}
	}
	if e, ok := t.arrived(); ok {
		result["deliveryDetails"] = obj{
			"deliveryAttempts": "1", "receivedByName": t.Person.Name, "signedByName": t.Person.Name,
			"locationDescription": "Front Door", "locationType": "RESIDENCE",
			"actualDeliveryAddress": with(fedexAddress(e.place), "streetLines", []string{t.Person.Street}),
		}
		result["availableImages"] = []obj{{"type": "SIGNATURE_PROOF_OF_DELIVERY"}}
	}
	if !t.over() {
		result["estimatedDeliveryTimeWindow"] = obj{
			"description": "Description field",
			"window":      obj{"begins": t.due().Add(-4 * hour).Format(time.RFC3339), "ends": t.due().Format(time.RFC3339)},
		}
	}
	return result
}

func fedexAncillary(code, why string) []obj {
	if code == "" {
		return []obj{}
	}
	return []obj{{"reason": code, "reasonDescription": why, "action": "No action is required.", "actionDescription": ""}}
}

// fedexDates are the named dates; a date that isn't known may be there as an
// empty text.
func fedexDates(t telling) []obj {
	dates := []obj{{"type": "SHIP", "dateTime": t.first().at.Format(time.DateOnly + "T00:00:00-07:00")}}
	if e, ok := t.of(PickedUp); ok {
		dates = append(dates, obj{"type": "ACTUAL_PICKUP", "dateTime": e.at.Format(time.RFC3339)})
	} else {
		dates = append(dates, obj{"type": "ANTICIPATED_TENDER", "dateTime": ""})
	}
	if e, ok := t.arrived(); ok {
		dates = append(dates, obj{"type": "ACTUAL_DELIVERY", "dateTime": e.at.Format(time.RFC3339)})
	} else if !t.over() {
		dates = append(dates, obj{"type": "ESTIMATED_DELIVERY", "dateTime": t.due().Format(time.RFC3339)})
	}
	return dates
}

// fedexScans are the events, newest first; without details only the newest.
func fedexScans(t telling, detailed bool) []obj {
	scans := []obj{}
	for _, e := range said(t.newest(), fedexWords) {
		words := fedexWords[e.kind]
		derived := words.derived
		if words.event == "OD" {
			derived = "IT" // as FedEx does on this scan
		}
		scans = append(scans, obj{
			"date": e.at.Format(time.RFC3339), "eventType": words.event, "eventDescription": e.or(words.text),
			"exceptionCode": words.exception, "exceptionDescription": words.why,
			"derivedStatusCode": derived, "derivedStatus": fedexDerived[derived],
			"scanLocation": fedexLocation(e), "locationType": "FEDEX_FACILITY", "locationId": "",
		})
		if !detailed {
			break
		}
	}
	return scans
}

// fedexLocation is an event's place, of which the first event of all has none.
func fedexLocation(e event) obj {
	if e.kind == Announced {
		return obj{"streetLines": []string{""}, "residential": false}
	}
	return with(fedexAddress(e.place), "streetLines", []string{""})
}

func fedexAddress(p Place) obj {
	return obj{
		"city": p.City, "stateOrProvinceCode": p.Region, "postalCode": p.Postcode,
		"countryCode": p.Country, "countryName": countryName(p.Country), "residential": false,
	}
}
