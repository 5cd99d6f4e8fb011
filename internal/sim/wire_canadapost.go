package sim

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"time"
)

// canadaPost speaks Canada Post's Tracking web service, in XML.
//
// Source: https://www.canadapost-postescanada.ca/info/mc/business/productsservices/developers/services/tracking.
func canadaPost() wire {
	account := map[string]string{"user": "simulated-canada-post-user", "password": "simulated-canada-post-password"}
	return wire{
		name:    "canada-post",
		account: account,
		travels: profile{home: "CA", others: []string{"US", "CN", "GB"}, abroad: 20, shops: 8},
		formed: anyOf(
			looks(`\d{16}`, gs1Holds),
			looks(`\d{12,13}`, nil),
			looks(`\d{15}`, nil),
			postal("CA"),
		),
		asks: map[string]func(*call){
			"GET /vis/track/pin/{number}/detail":  canadaPostDetail,
			"GET /vis/track/dnc/{number}/detail":  canadaPostDetail,
			"GET /vis/track/pin/{number}/summary": canadaPostSummary,
			"GET /vis/track/dnc/{number}/summary": canadaPostSummary,
		},
		admits: func(c *call) bool { return c.basic(account["user"], account["password"]) },
		refuse: func(c *call) {
			c.Header().Set("WWW-Authenticate", `Basic realm="canadapost"`)
			canadaPostError(c, http.StatusUnauthorized, "E002", "AAA Authentication Failure")
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			canadaPostError(c, http.StatusInternalServerError, "Server", "Rejected by SLM Monitor")
		},
	}
}

const canadaPostType = "application/vnd.cpc.track-v2+xml"

type canadaPostMessages struct {
	XMLName  xml.Name `xml:"http://www.canadapost.ca/ws/messages messages"`
	Messages []struct {
		Code        string `xml:"code"`
		Description string `xml:"description"`
	} `xml:"message"`
}

func canadaPostError(c *call, status int, code, description string) {
	var m canadaPostMessages
	m.Messages = append(m.Messages, struct {
		Code        string `xml:"code"`
		Description string `xml:"description"`
	}{code, description})
	c.xml(canadaPostType, status, m)
}

// canadaPostWords are an event's identifier (with or without leading zeros, as
// they come) and its text in English and French.
var canadaPostWords = map[Kind]struct{ id, en, fr string }{
	Announced:      {"3000", "Electronic information submitted by shipper", "Renseignements électroniques soumis par l'expéditeur"},
	PickedUp:       {"1401", "Item accepted at the Post Office", "Article accepté au bureau de poste"},
	Departed:       {"105", "Item in transit", "Article en transit"},
	Arrived:        {"0100", "Item processed", "Article traité"},
	Export:         {"0101", "Item processed for export", "Article traité pour l'exportation"},
	Import:         {"0117", "Item has arrived in Canada and was sent to the Canada Border Services Agency for review", "L'article est arrivé au Canada et a été envoyé à l'Agence des services frontaliers pour examen"},
	Held:           {"0120", "Item held by customs: information required from the receiver", "Article retenu par la douane : renseignements requis du destinataire"},
	Released:       {"0125", "Item was released by customs and is now with Canada Post for processing", "L'article a été dédouané et est maintenant traité par Postes Canada"},
	Delayed:        {"0159", "Item delayed due to bad weather", "Article retardé en raison du mauvais temps"},
	OutForDelivery: {"0174", "Item out for delivery", "Article en cours de livraison"},
	Attempted:      {"1417", "Attempted delivery. Notice card left indicating where and when to pick up item", "Tentative de livraison. Carte d'avis laissée"},
	BadAddress:     {"1420", "Item cannot be delivered as addressed; address is incomplete", "Article non livrable : adresse incomplète"},
	Refused:        {"0150", "Item refused by recipient", "Article refusé par le destinataire"},
	ReadyForPickup: {"1488", "Item available for pickup at Post Office", "Article prêt pour le ramassage au bureau de poste"},
	Collected:      {"1498", "Item successfully delivered at the Post Office", "Article livré au bureau de poste"},
	Delivered:      {"1496", "Item successfully delivered", "Article livré"},
	Returning:      {"1493", "Item being returned to sender", "Article retourné à l'expéditeur"},
	Returned:       {"1483", "Item returned to sender; received by the sender", "Article retourné; reçu par l'expéditeur"},
	Damaged:        {"1491", "Item damaged", "Article endommagé"},
	Lost:           {"1492", "Item can't be located", "Article introuvable"},
	Noted:          {"20", "Signature image recorded for Online viewing", "Image de la signature enregistrée aux fins de visualisation en ligne"},
}

type canadaPostOccurrence struct {
	ID          string `xml:"event-identifier"`
	Date        string `xml:"event-date"`
	Time        string `xml:"event-time"`
	Zone        string `xml:"event-time-zone"`
	Description string `xml:"event-description"`
	Signatory   string `xml:"signatory-name"`
	Site        string `xml:"event-site"`
	Province    string `xml:"event-province"`
	OfficeID    string `xml:"event-retail-location-id"`
	OfficeName  string `xml:"event-retail-name"`
}

type canadaPostTracking struct {
	XMLName         xml.Name               `xml:"http://www.canadapost.ca/ws/track-v2 tracking-detail"`
	PIN             string                 `xml:"pin"`
	ActiveExists    string                 `xml:"active-exists"`
	ArchiveExists   string                 `xml:"archive-exists"`
	ChangedExpected string                 `xml:"changed-expected-date"`
	DestinationID   string                 `xml:"destination-postal-id"`
	Expected        string                 `xml:"expected-delivery-date"`
	ChangedReason   string                 `xml:"changed-expected-delivery-reason"`
	MailedBy        string                 `xml:"mailed-by-customer-number"`
	ServiceName     string                 `xml:"service-name"`
	ServiceName2    string                 `xml:"service-name-2"`
	Reference       string                 `xml:"customer-ref-1"`
	ReturnPIN       string                 `xml:"return-pin"`
	HasSignature    string                 `xml:"signature-image-exists"`
	NoSignature     string                 `xml:"suppress-signature"`
	Options         string                 `xml:"delivery-options"`
	Events          []canadaPostOccurrence `xml:"significant-events>occurrence"`
}

// canadaPostFind is what is known of the PIN in the path, else it answers why
// there is nothing.
func canadaPostFind(c *call) (telling, bool) {
	if accept := c.r.Header.Get("Accept"); !strings.Contains(accept, canadaPostType) && accept != "*/*" {
		c.fail()
		canadaPostError(c, http.StatusNotAcceptable, "Client", "The Accept header names no media type of this service")
		return telling{}, false
	}
	t, ok := c.tell(c.r.PathValue("number"))
	if !ok {
		canadaPostError(c, http.StatusNotFound, "004", "No Pin History")
	}
	return t, ok
}

func canadaPostDetail(c *call) {
	t, ok := canadaPostFind(c)
	if !ok {
		return
	}
	_, arrived := t.arrived()
	answer := canadaPostTracking{
		PIN: t.number, ActiveExists: "1", DestinationID: t.To.Postcode,
		Expected: t.Born.Add(t.Due).In(t.To.Location()).Format(time.DateOnly), ServiceName: "Expedited Parcels", ServiceName2: "Colis accélérés",
		Reference: "SIM", HasSignature: yes(arrived), NoSignature: yes(false),
	}
	if promised := t.due().Format(time.DateOnly); promised != answer.Expected && !t.over() {
		answer.ChangedExpected, answer.ChangedReason = promised, "Delayed"
	}
	if t.Express {
		answer.ServiceName, answer.ServiceName2 = "Xpresspost", "Xpresspost"
	}
	for _, e := range canadaPostOrder(said(t.newest(), canadaPostWords)) {
		answer.Events = append(answer.Events, canadaPostEvent(t, e, speaks(c.r.Header.Get("Accept-Language"), "fr")))
	}
	c.xml(canadaPostType, http.StatusOK, answer)
}

// canadaPostOrder is newest first, mostly: what two systems wrote within the
// same hours can come the other way round.
func canadaPostOrder(newest []event) []event {
	if n := len(newest); n > 3 && newest[n-2].at.Sub(newest[n-1].at) < 12*hour {
		newest = slices.Clone(newest)
		newest[n-2], newest[n-1] = newest[n-1], newest[n-2]
	}
	return newest
}

func canadaPostEvent(t telling, e event, french bool) canadaPostOccurrence {
	words := canadaPostWords[e.kind]
	o := canadaPostOccurrence{
		ID: words.id, Date: e.at.Format(time.DateOnly), Time: e.at.Format(time.TimeOnly),
		Description: e.or(words.en), Site: strings.ToUpper(e.place.City), Province: e.place.Region,
	}
	if french {
		o.Description = e.or(words.fr)
	}
	if e.place.Country == "CA" {
		o.Zone = e.at.Format("MST") // EST, PDT … as the zone says at that time
	} else {
		o.Province = ""
		o.Site += ", " + countryName(e.place.Country)
	}
	switch e.kind {
	case Delivered, Collected:
		o.Signatory = t.Person.Name
	case ReadyForPickup:
		o.OfficeID, o.OfficeName = "102946", "SIMULATED PHARMACY #4"
	}
	return o
}

type canadaPostSummaryAnswer struct {
	XMLName  xml.Name `xml:"http://www.canadapost.ca/ws/track-v2 tracking-summary"`
	PIN      string   `xml:"pin-summary>pin"`
	Origin   string   `xml:"pin-summary>origin-postal-id"`
	Target   string   `xml:"pin-summary>destination-postal-id"`
	Expected string   `xml:"pin-summary>expected-delivery-date"`
	Actual   string   `xml:"pin-summary>actual-delivery-date"`
	ID       string   `xml:"pin-summary>event-type"`
	At       string   `xml:"pin-summary>event-date-time"`
	Event    string   `xml:"pin-summary>event-description"`
	Place    string   `xml:"pin-summary>event-location"`
	Service  string   `xml:"pin-summary>service-name"`
	Signed   string   `xml:"pin-summary>signatory-name"`
}

func canadaPostSummary(c *call) {
	t, ok := canadaPostFind(c)
	if !ok {
		return
	}
	o := canadaPostEvent(t, t.last(), speaks(c.r.Header.Get("Accept-Language"), "fr"))
	answer := canadaPostSummaryAnswer{
		PIN: t.number, Origin: t.From.Postcode, Target: t.To.Postcode, Expected: t.due().Format(time.DateOnly),
		ID: o.ID, At: t.last().at.Format("20060102:150405"), Event: o.Description, Place: o.Site + ", " + o.Province,
		Service: "Expedited Parcels", Signed: o.Signatory,
	}
	if e, delivered := t.arrived(); delivered {
		answer.Actual = e.at.Format(time.DateOnly)
	}
	c.xml(canadaPostType, http.StatusOK, answer)
}

func yes(is bool) string {
	if is {
		return "true"
	}
	return "false"
}
