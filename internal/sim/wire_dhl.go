package sim

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dhlUnified speaks DHL's Shipment Tracking – Unified, which serves many of
// its divisions.
//
// Source: https://developer.dhl.com/api-reference/shipment-tracking.
func dhlUnified() wire {
	account := map[string]string{"api_key": "simulated-dhl-key"}
	return wire{
		name:    "dhl-unified",
		base:    "/track",
		account: account,
		travels: profile{home: "DE", others: []string{"US", "GB", "FR", "CN", "NL", "AE"}, abroad: 40, shops: 8},
		formed:  func(number string) bool { return len(dhlServices(number)) > 0 },
		asks:    map[string]func(*call){"GET /shipments": dhlTrack},
		admits:  func(c *call) bool { return c.r.Header.Get("DHL-API-Key") == account["api_key"] },
		refuse: func(c *call) {
			dhlError(c, http.StatusUnauthorized, "Unauthorized", "Unauthorized for given resource.")
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			dhlError(c, http.StatusTooManyRequests, "Too Many Requests", "Too many requests within defined time period, please try again later.")
		},
	}
}

func dhlError(c *call, status int, title, detail string) {
	c.jsonAs("application/problem+json", status, obj{"status": status, "title": title, "detail": detail, "instance": c.r.URL.Path})
}

// dhlShapes are the divisions' numbers, the likeliest division first.
var dhlShapes = []struct {
	service string
	formed  func(string) bool
}{
	{"express", anyOf(looks(`\d{10,11}`, mod7Holds), looks(`JD\d{18}`, nil), looks(`JJD0[01]\d{6,18}`, nil), looks(`000\d{7,10}`, nil))},
	{"parcel-de", anyOf(looks(`(?:00)?340434\d{12}`, gs1Holds), looks(`0034\d{16}`, gs1Holds), looks(`JJD\d{13,22}`, nil), looks(`\d{12}`, ident49Holds))},
	{"post-de", anyOf(postal("DE"), looks(`[0-9A-F]{20}`, nil), looks(`R[A-Z]\d{9}DE\d{3}`, func(n string) bool { return s10Holds(n[:13]) }))},
	{"parcel-nl", anyOf(looks(`(?:3S|JVGL|JJD)[0-9A-Z]{8,24}`, nil))},
	{"ecommerce", anyOf(
		looks(`(?:GM|LX|RX|UV|CN|SG|TH|IN|HK|MY)[0-9A-Z]{10,39}`, nil), looks(`\d{14}`, nil),
		looks(`(?:420\d{5}(?:\d{4})?)?9[23]\d{20}`, func(n string) bool { return gs1Holds(n[len(n)-22:]) }),
	)},
	{"freight", anyOf(looks(`[A-Z]{2,3}-?[A-Z]{2}-?\d{7}`, nil), looks(`\d{4,5}|\d{9,10}|\d{14}`, nil))},
}

// dhlServices are the divisions that can have the number.
func dhlServices(number string) []string {
	var services []string
	for _, s := range dhlShapes {
		if s.formed(number) {
			services = append(services, s.service)
		}
	}
	return services
}

// dhlWords are a status's code, the division's own codes (Express, Paket) and
// the text in English and German.
var dhlWords = map[Kind]struct{ status, express, paket, en, de string }{
	Announced:      {"pre-transit", "SD", "VA", "Shipment information received", "Die Sendung wurde elektronisch angekündigt."},
	PickedUp:       {"transit", "PU", "AE", "Shipment picked up", "Die Sendung wurde abgeholt."},
	Departed:       {"transit", "DF", "AA", "Shipment has departed from a DHL facility", "Die Sendung wurde im Start-Paketzentrum bearbeitet."},
	Arrived:        {"transit", "AF", "EE", "Arrived at DHL Sort Facility", "Die Sendung ist in der Region des Empfängers angekommen."},
	Export:         {"transit", "PL", "", "Processed for export clearance", "Die Sendung wird zum Export verzollt."},
	Import:         {"transit", "IC", "", "Customs clearance in progress", "Die Sendung wird verzollt."},
	Held:           {"transit", "CD", "", "Clearance event - further details are required from the receiver", "Für die Verzollung werden weitere Angaben des Empfängers benötigt."},
	Released:       {"transit", "CR", "", "Clearance processing complete", "Die Verzollung ist abgeschlossen."},
	Delayed:        {"transit", "TD", "", "Shipment is delayed due to severe weather", "Die Zustellung verzögert sich wegen der Wetterlage."},
	OutForDelivery: {"transit", "WC", "PO", "Shipment is out with courier for delivery", "Die Sendung wurde in das Zustellfahrzeug geladen."},
	Attempted:      {"failure", "NH", "", "Delivery attempted; recipient not home", "Der Empfänger wurde nicht angetroffen."},
	BadAddress:     {"failure", "BA", "", "Address information needed", "Die Anschrift ist nicht zu ermitteln."},
	Refused:        {"failure", "RD", "", "Recipient refused delivery", "Der Empfänger hat die Annahme verweigert."},
	ReadyForPickup: {"transit", "CC", "ZF", "Awaiting collection by recipient", "Die Sendung liegt zur Abholung bereit."},
	Collected:      {"delivered", "OK", "ZU", "Collected by recipient", "Der Empfänger hat die Sendung abgeholt."},
	Delivered:      {"delivered", "OK", "ZU", "Delivered", "Die Sendung wurde erfolgreich zugestellt."},
	Returning:      {"transit", "RT", "RE", "Returning to shipper", "Die Sendung wird zurückgesandt."},
	Returned:       {"delivered", "RT", "GT", "Returned to shipper", "Die Sendung wurde dem Absender zugestellt."},
	Damaged:        {"failure", "DM", "", "Shipment damaged", "Die Sendung wurde beschädigt."},
	Lost:           {"failure", "OH", "", "Shipment cannot be located, search initiated", "Die Sendung ist nicht auffindbar, eine Suche läuft."},
	Cancelled:      {"failure", "SS", "", "Shipment cancelled by shipper", "Der Auftrag wurde storniert."},
}

func dhlTrack(c *call) {
	query := c.r.URL.Query()
	number := query.Get("trackingNumber")
	if number == "" {
		c.fail()
		dhlError(c, http.StatusBadRequest, "Bad Request", "trackingNumber is missing.")
		return
	}
	t, ok := c.tell(number)
	services := dhlServices(number)
	if len(services) == 0 {
		services = []string{"express"} // a number whose story was set
	}
	service := query.Get("service")
	if service == "" {
		service = services[0]
	}
	if !ok || !slices.Contains(services, service) {
		dhlError(c, http.StatusNotFound, "Not Found", "No shipment with given tracking number found.")
		return
	}
	german := speaks(query.Get("language"), "de") || query.Get("language") == "" && speaks(c.r.Header.Get("Accept-Language"), "de")
	tellings := []telling{t}
	if t.Reused {
		tellings = append(tellings, t.former())
	}
	limit, offset := max(1, queryInt(query.Get("limit"), 5)), queryInt(query.Get("offset"), 0)
	shipments := []obj{}
	for i, t := range tellings {
		if i >= offset && i < offset+limit {
			shipments = append(shipments, dhlShipment(t, service, german, query.Get("recipientPostalCode") == t.To.Postcode))
		}
	}
	page := func(offset int) string {
		q := url.Values{"trackingNumber": {number}, "service": {service}, "offset": {strconv.Itoa(offset)}, "limit": {strconv.Itoa(limit)}}
		return "/track/shipments?" + q.Encode()
	}
	others := []string{}
	for _, other := range services {
		if other != service {
			others = append(others, "/track/shipments?"+url.Values{"trackingNumber": {number}, "service": {other}}.Encode())
		}
	}
	answer := obj{"url": page(offset), "firstUrl": page(0), "shipments": shipments, "possibleAdditionalShipmentsUrl": others}
	if offset+limit < len(tellings) {
		answer["nextUrl"] = page(offset + limit)
	}
	c.json(http.StatusOK, answer)
}

func dhlShipment(t telling, service string, german, unlocked bool) obj {
	events := []obj{}
	for _, e := range said(t.newest(), dhlWords) {
		events = append(events, dhlEvent(t, e, service, german))
	}
	last := t.last()
	details := obj{
		"carrier": obj{"@type": "Organization", "organizationName": "DHL"}, "product": obj{"productName": dhlProduct(t, service)},
		"totalNumberOfPieces": t.Pieces, "pieceIds": []string{"JD01" + fmt.Sprintf("%016d", roll(t.number).below(1<<50))},
		"weight": obj{"value": 1.5, "unitText": "kg"}, "references": []obj{{"number": fmt.Sprintf("SIM-%d", t.Generation), "type": "customer-reference"}},
	}
	if service == "parcel-de" {
		details["references"] = obj{"number": fmt.Sprintf("SIM-%d", t.Generation), "type": "customer-reference"}
	}
	if unlocked {
		details["receiver"] = obj{"@type": "Person", "name": t.Person.Name, "address": obj{"streetAddress": t.Person.Street}}
	}
	if e, ok := t.arrived(); ok {
		details["proofOfDelivery"] = obj{
			"timestamp": dhlTime(e, service), "documentUrl": "https://webpod.dhl.com/simulated",
			"signed": obj{"@type": "Person", "familyName": t.Person.Name, "name": t.Person.Name},
		}
	}
	shipment := obj{
		"id": dhlID(t.number, service), "service": service, "serviceUrl": "https://www.dhl.com/tracking?id=" + t.number,
		"origin": obj{"address": dhlAddress(t.From)}, "destination": obj{"address": dhlAddress(t.To)},
		"status": with(dhlEvent(t, last, service, german), "remark", ""), "details": details, "events": events,
		"returnFlag": last.kind == Returning || last.kind == Returned,
	}
	if !t.over() {
		due := t.due()
		shipment["estimatedTimeOfDelivery"] = due.Format(time.RFC3339)
		shipment["estimatedDeliveryTimeFrame"] = obj{"estimatedFrom": due.Add(-4 * hour).Format(time.RFC3339), "estimatedThrough": due.Format(time.RFC3339)}
		shipment["estimatedTimeOfDeliveryRemark"] = "By End of Day"
	}
	return shipment
}

func dhlEvent(t telling, e event, service string, german bool) obj {
	words := dhlWords[e.kind]
	text := words.en
	if german {
		text = words.de
	}
	if e.kind == Delivered {
		text = dhlHandedTo(t, text, service, german)
	}
	status := strings.ToUpper(words.en)
	switch {
	case service == "express":
		status = words.express
	case service == "parcel-de" && words.paket != "":
		status = words.paket
	}
	return obj{
		"timestamp": dhlTime(e, service), "location": obj{"address": dhlAddress(e.place)},
		"statusCode": words.status, "status": status, "description": e.or(text),
	}
}

// dhlHandedTo names who took the parcel in: Express the one who signed, Paket
// now and then a neighbour.
func dhlHandedTo(t telling, text, service string, german bool) string {
	switch {
	case service == "express":
		return "Delivered - Signed for by: " + t.Person.Name
	case service == "parcel-de" && german && roll("neighbour", t.number).chance(30):
		return "Die Sendung wurde dem Nachbarn " + t.Person.Name + " zugestellt."
	case service == "parcel-de" && roll("neighbour", t.number).chance(30):
		return "Delivered to the neighbour " + t.Person.Name
	}
	return text
}

// dhlTime is local; only Paket's division writes the zone.
func dhlTime(e event, service string) string {
	if service == "parcel-de" {
		return e.at.Format(time.RFC3339)
	}
	return e.at.Format("2006-01-02T15:04:05")
}

// dhlID is a number in some divisions' answers, a text in the others'.
func dhlID(number, service string) any {
	if service == "express" || service == "freight" {
		if n, err := strconv.ParseUint(number, 10, 64); err == nil && number[0] != '0' {
			return n
		}
	}
	return number
}

func dhlProduct(t telling, service string) string {
	switch service {
	case "express":
		return "EXPRESS WORLDWIDE"
	case "parcel-de":
		if t.From.Country != t.To.Country {
			return "DHL PAKET INTERNATIONAL"
		}
		return "DHL PAKET"
	case "post-de":
		return "Einschreiben"
	}
	return "DHL " + strings.ToUpper(service)
}

func dhlAddress(p Place) obj {
	address := obj{"countryCode": p.Country, "addressLocality": p.City}
	if p.Postcode != "" {
		address["postalCode"] = p.Postcode
	}
	return address
}
