package sim

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// ups speaks UPS Track API v1.
//
// Source: https://github.com/UPS-API/api-documentation (Tracking.yaml,
// OAuthClientCredentials.yaml), https://developer.ups.com/api/reference/tracking.
func ups() wire {
	account := map[string]string{"client_id": "simulated-ups-client", "client_secret": "simulated-ups-secret"}
	return wire{
		name:    "ups",
		base:    "/api",
		account: account,
		travels: profile{home: "US", others: []string{"CA", "GB", "DE", "CN", "FR"}, abroad: 30, shops: 5},
		formed: anyOf(
			looks(`1Z[0-9A-Z]{16}`, func(n string) bool { return n[17] >= '0' && n[17] <= '9' && upsHolds(n[2:]) }),
			looks(`[AHJKTV]\d{10}`, func(n string) bool { return upsHolds(n[1:]) }),
			looks(`92748\d{17}(?:\d{4})?`, gs1Holds),
			looks(`MI\d{6}[0-9A-Z]{1,22}`, nil),
		),
		tokens: map[string]func(*call){"POST /security/v1/oauth/token": func(c *call) { upsToken(c, account) }},
		asks:   map[string]func(*call){"GET /track/v1/details/{number}": upsTrack},
		admits: (*call).bearer,
		refuse: func(c *call) { upsError(c, http.StatusUnauthorized, "250002", "Invalid Authentication Information.") },
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			upsError(c, http.StatusTooManyRequests, "10429", "Too Many Requests")
		},
	}
}

func upsError(c *call, status int, code, message string) {
	c.json(status, obj{"response": obj{"errors": []obj{{"code": code, "message": message}}}})
}

// upsTokenLasts is about four hours; UPS writes it as text.
const upsTokenLasts = 14399 * time.Second

func upsToken(c *call, account map[string]string) {
	if c.r.PostFormValue("grant_type") != "client_credentials" {
		c.fail()
		upsError(c, http.StatusBadRequest, "10400", "Invalid/Missing Authorization Header")
		return
	}
	if !c.basic(account["client_id"], account["client_secret"]) {
		c.fail()
		upsError(c, http.StatusUnauthorized, "10401", "ClientId is Invalid")
		return
	}
	c.json(http.StatusOK, obj{
		"token_type": "Bearer", "issued_at": strconv.FormatInt(time.Now().UnixMilli(), 10), "client_id": account["client_id"],
		"access_token": c.grant(upsTokenLasts), "scope": "", "expires_in": strconv.Itoa(int(upsTokenLasts.Seconds())),
		"refresh_count": "0", "status": "approved",
	})
}

// upsWords are a status's type, code, statusCode and text.
var upsWords = map[Kind]struct{ typ, code, status, text string }{
	Announced:      {"M", "MP", "003", "Shipper created a label, UPS has not received the package yet. "},
	PickedUp:       {"P", "OR", "038", "Origin Scan"},
	Departed:       {"I", "DP", "005", "Departed from Facility"},
	Arrived:        {"I", "AR", "005", "Arrived at Facility"},
	Export:         {"I", "EP", "005", "Export Scan"},
	Import:         {"I", "IP", "012", "Your package is being processed for clearance."},
	Held:           {"X", "GG", "057", "Your package is on hold. We need additional information from the receiver for clearance."},
	Released:       {"X", "SR", "014", "Your package was released by the clearing agency."},
	Delayed:        {"X", "L1", "048", "Severe weather conditions have delayed delivery."},
	OutForDelivery: {"I", "OT", "021", "Out For Delivery Today"},
	Attempted:      {"X", "48", "022", "The receiver was not available for delivery. We'll make a second attempt the next business day."},
	BadAddress:     {"X", "30", "013", "The street number is incorrect. This may delay delivery. We're attempting to update this information."},
	Refused:        {"X", "A5", "064", "The receiver does not want the product and refused this delivery."},
	ReadyForPickup: {"I", "2Q", "161", "Delivered to UPS Access Point™ "},
	Collected:      {"D", "KM", "011", "Delivered"},
	Delivered:      {"D", "FS", "011", "DELIVERED "},
	Returning:      {"RS", "PL", "035", "Returning to Sender"},
	Returned:       {"D", "RS", "011", "Returned to shipper"},
	Damaged:        {"X", "G7", "059", "The package was damaged in transit. All merchandise was discarded. UPS will notify the sender with details."},
	Lost:           {"X", "57", "013", "The package is missing. An investigation has been opened."},
	Cancelled:      {"MV", "VP", "007", "A shipping label was voided by the sender."},
	Noted:          {"D", "PD", "011", "Proof of delivery is available."},
}

func upsTrack(c *call) {
	if c.r.Header.Get("transId") == "" || c.r.Header.Get("transactionSrc") == "" {
		c.fail()
		upsError(c, http.StatusBadRequest, "TV1001", "Missing transId or transactionSrc")
		return
	}
	number := c.r.PathValue("number")
	if len(number) < 7 || len(number) > 34 {
		upsError(c, http.StatusBadRequest, "TV1002", "Invalid inquiry number")
		return
	}
	shipment := obj{"inquiryNumber": number}
	t, ok := c.tell(number)
	if ok {
		packages := []obj{}
		for n := range t.Pieces {
			if p := t.piece(n); len(p.events) > 0 {
				packages = append(packages, upsPackage(c, p, n))
			}
		}
		shipment["package"], shipment["userRelation"] = packages, []string{"SHIPPER"}
	} else {
		shipment["warnings"] = []obj{{"code": "TW0001", "message": "Tracking Information Not Found"}}
	}
	c.json(http.StatusOK, obj{"trackResponse": obj{"shipment": []obj{shipment}}})
}

func upsPackage(c *call, t telling, n int) obj {
	last := upsWords[t.last().kind]
	p := obj{
		"trackingNumber": upsSibling(t.number, n),
		"deliveryDate":   []obj{},
		"currentStatus":  obj{"type": last.typ, "code": last.status, "statusCode": last.status, "description": last.text, "simplifiedTextDescription": last.text},
		"activity":       upsActivity(t),
		"packageCount":   t.Pieces,
		"service":        obj{"code": "518", "levelCode": "003", "description": "UPS Ground"},
		"weight":         obj{"unitOfMeasurement": "LBS", "weight": "4.40"},
		"referenceNumber": []obj{
			{"type": "PACKAGE", "number": fmt.Sprintf("SIM-%d", t.Generation)},
		},
		"packageAddress": []obj{
			{"type": "ORIGIN", "address": upsAddress(t.From)},
			{"type": "DESTINATION", "name": t.Person.Name, "attentionName": t.Person.Name,
				"address": with(upsAddress(t.To), "addressLine1", t.Person.Street)},
		},
	}
	if t.Express {
		p["service"] = obj{"code": "001", "levelCode": "1DA", "description": "UPS Next Day Air®"}
	}
	if t.From.Country != t.To.Country {
		p["service"] = obj{"code": "065", "levelCode": "065", "description": "UPS Worldwide Saver®"}
	}
	switch e, delivered := t.arrived(); {
	case delivered:
		p["deliveryDate"] = []obj{{"type": "DEL", "date": e.at.Format("20060102")}}
		p["deliveryTime"] = obj{"type": "DEL", "endTime": e.at.Format("150405")}
		information := obj{"receivedBy": t.Person.Name, "location": "Front Door"}
		if c.r.URL.Query().Get("returnSignature") == "true" {
			information["signature"] = obj{"image": base64.StdEncoding.EncodeToString([]byte("simulated signature of " + t.Person.Name))}
		}
		p["deliveryInformation"] = information
	case t.last().kind == ReadyForPickup:
		p["accessPointInformation"] = obj{"pickupByDate": t.last().at.AddDate(0, 0, 7).Format("20060102")}
	case !t.over():
		kind := "SDD"
		if _, late := t.of(Delayed, Attempted, BadAddress, Held); late {
			kind = "RDD"
		}
		p["deliveryDate"] = []obj{{"type": kind, "date": t.due().Format("20060102")}}
		p["deliveryTime"] = obj{"type": "EDW", "startTime": "140000", "endTime": "180000"}
	}
	return p
}

// upsActivity lists the events newest first, each with its local time and GMT.
func upsActivity(t telling) []obj {
	var activity []obj
	for _, e := range said(t.newest(), upsWords) {
		words, gmt := upsWords[e.kind], e.at.UTC()
		activity = append(activity, obj{
			"location": obj{"slic": fmt.Sprintf("%04d", 1000+roll(e.place.City).below(8000)), "address": upsAddress(e.place)},
			"status":   obj{"type": words.typ, "code": words.code, "statusCode": words.status, "description": e.or(words.text)},
			"date":     e.at.Format("20060102"), "time": e.at.Format("150405"),
			"gmtDate": gmt.Format("20060102"), "gmtTime": gmt.Format("15:04:05"), "gmtOffset": e.at.Format("-07:00"),
		})
	}
	return activity
}

func upsAddress(p Place) obj {
	address := obj{"city": p.City, "countryCode": p.Country, "country": p.Country}
	if p.Region != "" {
		address["stateProvince"] = p.Region
	}
	if p.Postcode != "" {
		address["postalCode"] = p.Postcode
	}
	return address
}

// upsSibling is the number of the nth package of a 1Z number's shipment.
func upsSibling(number string, n int) string {
	if n == 0 || len(number) != 18 {
		return number
	}
	serial, err := strconv.Atoi(number[10:17])
	if err != nil {
		return number
	}
	body := number[2:10] + fmt.Sprintf("%07d", (serial+n)%10_000_000)
	return "1Z" + body + string(upsCheck(body))
}

// with is o with one more field.
func with(o obj, key string, value any) obj {
	o[key] = value
	return o
}
