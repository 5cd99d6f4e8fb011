package sim

import (
	"fmt"
	"net/http"
	"time"
)

// aramex speaks the JSON form of Aramex's Shipments Tracking API, whose
// credentials stand in the body.
//
// Source: https://www.aramex.com/developers, Tracking, Service_1_0.
func aramex() wire {
	account := map[string]string{
		"user_name": "simulated@aramex.example", "password": "simulated-aramex-password", "account_number": "20016",
		"account_pin": "331421", "account_entity": "AMM", "account_country": "JO",
	}
	return wire{
		name:    "aramex",
		base:    "/ShippingAPI.V2/Tracking/Service_1_0.svc/json",
		account: account,
		travels: profile{home: "AE", others: []string{"SA", "IN", "GB", "CN"}, abroad: 60, shops: 5},
		formed:  anyOf(looks(`\d{10,12}|\d{20}`, nil)),
		asks:    map[string]func(*call){"POST /TrackShipments": func(c *call) { aramexTrack(c, account) }},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			aramexFault(c, http.StatusTooManyRequests, "ERR52", "Too many requests")
		},
		refuse: func(c *call) { aramexFault(c, http.StatusOK, "ERR01", "ClientInfo - Invalid username or password") },
	}
}

func aramexFault(c *call, status int, code, message string) {
	c.json(status, obj{
		"Transaction": nil, "HasErrors": true, "Notifications": []obj{{"Code": code, "Message": message}},
		"TrackingResults": []obj{}, "NonExistingWaybills": []string{},
	})
}

// aramexWords are an update's code and text. The list of all codes is with the
// account; these are known outside, so of the rest nothing is said.
var aramexWords = map[Kind]struct{ code, text string }{
	Announced:      {"SH014", "Record created."},
	PickedUp:       {"SH047", "Picked up from shipper"},
	Departed:       {"SH022", "Departed Operations facility - In Transit"},
	Arrived:        {"SH001", "Received at Operations Facility"},
	Delayed:        {"SH043", "Shipment on hold due to bad weather"},
	OutForDelivery: {"SH003", "Out for Delivery"},
	Attempted:      {"SH033", "Attempted delivery - consignee not available"},
	Collected:      {"SH006", "Collected by Consignee"},
	Delivered:      {"SH005", "Delivered"},
	Returned:       {"SH069", "Returned to Shipper"},
}

type aramexRequest struct {
	Client struct {
		UserName, Password, Version, AccountNumber, AccountPin, AccountEntity, AccountCountryCode string
	} `json:"ClientInfo"`
	Shipments []string
	LastOnly  bool `json:"GetLastTrackingUpdateOnly"`
}

func aramexTrack(c *call, account map[string]string) {
	var in aramexRequest
	if !c.read(&in) || len(in.Shipments) == 0 {
		c.fail()
		aramexFault(c, http.StatusOK, "ERR06", "Shipments - No waybill numbers given")
		return
	}
	who := in.Client
	if who.UserName != account["user_name"] || who.Password != account["password"] || who.AccountNumber != account["account_number"] ||
		who.AccountPin != account["account_pin"] || who.AccountEntity != account["account_entity"] || who.AccountCountryCode != account["account_country"] {
		c.fail()
		c.desk.refuse(c)
		return
	}
	results, missing := []obj{}, []string{}
	for _, number := range in.Shipments {
		t, ok := c.tell(number)
		if !ok {
			missing = append(missing, number)
			continue
		}
		updates := []obj{}
		for _, e := range said(t.newest(), aramexWords) {
			updates = append(updates, aramexUpdate(t, e))
			if in.LastOnly {
				break
			}
		}
		results = append(results, obj{"Key": number, "Value": updates})
	}
	c.json(http.StatusOK, obj{
		"Transaction": obj{"Reference1": "", "Reference2": "", "Reference3": "", "Reference4": "", "Reference5": nil},
		"HasErrors":   false, "Notifications": []obj{}, "TrackingResults": results, "NonExistingWaybills": missing,
	})
}

func aramexUpdate(t telling, e event) obj {
	words := aramexWords[e.kind]
	comments, problem := "", ""
	switch e.kind {
	case Delivered, Collected:
		comments = t.Person.Name
	case Attempted:
		problem = "A8"
	}
	return obj{
		"WaybillNumber": t.number, "UpdateCode": words.code, "UpdateDescription": e.or(words.text),
		"UpdateDateTime": fmt.Sprintf("/Date(%d%s)/", e.at.UnixMilli(), e.at.Format("-0700")),
		"UpdateLocation": aramexPlace(e.place), "Comments": comments, "ProblemCode": problem, "GrossWeight": "1.5", "ChargeableWeight": "1.5", "WeightUnit": "KG",
	}
}

func aramexPlace(p Place) string {
	if p.City == "" {
		return countryName(p.Country)
	}
	return p.City + ", " + countryName(p.Country)
}
