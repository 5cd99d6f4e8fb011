package sim

import (
	"net/http"
	"strings"
	"time"
)

// gls speaks the GLS Group's Track & Trace v1.
//
// Source: https://dev-portal.gls-group.net, specification 1.0.7.
func gls() wire {
	account := map[string]string{"client_id": "simulated-gls-client", "client_secret": "simulated-gls-secret"}
	return wire{
		name:    "gls",
		base:    "/track-and-trace-v1",
		account: account,
		travels: profile{home: "DE", others: []string{"FR", "NL", "PL", "DK"}, abroad: 35, shops: 20},
		formed: anyOf(
			looks(`\d{11,12}`, nil),
			looks(`\d{14}`, nil),
			looks(`[0-9A-Z]{8}`, nil),
		),
		tokens: map[string]func(*call){"POST /oauth2/v2/token": func(c *call) { glsToken(c, account) }},
		asks:   map[string]func(*call){"GET /tracking/simple/trackids/{numbers}": glsTrack},
		admits: (*call).bearer,
		refuse: func(c *call) {
			glsFault(c, http.StatusUnauthorized, "Invalid Access Token", "keymanagement.service.invalid_access_token")
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			glsFault(c, http.StatusTooManyRequests, "Rate limit quota violation. Quota limit exceeded.", "policies.ratelimit.QuotaViolation")
		},
	}
}

// glsFault is what the gateway before the API says.
func glsFault(c *call, status int, text, code string) {
	c.json(status, obj{"fault": obj{"faultstring": text, "detail": obj{"errorcode": code}}})
}

// glsToken takes the client's words as HTTP Basic or in the form.
func glsToken(c *call, account map[string]string) {
	id, secret := account["client_id"], account["client_secret"]
	granted := c.r.PostFormValue("grant_type") == "client_credentials" && c.basic(id, secret)
	if !granted && !c.clientCredentials(id, secret) {
		c.fail()
		c.json(http.StatusUnauthorized, obj{"error": "invalid_client", "error_description": "Invalid client identifier"})
		return
	}
	c.json(http.StatusOK, obj{"access_token": c.grant(4 * hour), "token_type": "Bearer", "expires_in": int((4 * hour).Seconds())})
}

// glsWords are an event's code, the parcel's status that follows, and the text
// in English and German. The documentation names some of the codes; the others
// are made after their pattern.
var glsWords = map[Kind]struct{ code, status, en, de string }{
	Announced:      {"INTIAL.PREADVICE", "PREADVICE", "The parcel data was entered into the GLS IT system; the parcel was not yet handed over to GLS.", "Die Paketdaten wurden im GLS IT-System erfasst; das Paket wurde noch nicht an GLS übergeben."},
	PickedUp:       {"INTIAL.NORMAL", "INTRANSIT", "The parcel was handed over to GLS.", "Das Paket wurde an GLS übergeben."},
	Departed:       {"OUTBOUND.NORMAL", "INTRANSIT", "The parcel has left the parcel center.", "Das Paket hat das Paketzentrum verlassen."},
	Arrived:        {"INBOUND.NORMAL", "INTRANSIT", "The parcel has reached the parcel center.", "Das Paket ist im Paketzentrum eingetroffen."},
	Export:         {"EXPORT.CUSTOMS", "INTRANSIT", "The parcel is being cleared for export.", "Das Paket wird für die Ausfuhr verzollt."},
	Import:         {"CUSTOMS.NORMAL", "INTRANSIT", "The parcel is with customs.", "Das Paket befindet sich beim Zoll."},
	Held:           {"CUSTOMS.HELD", "INWAREHOUSE", "The parcel is held by customs, documents are missing.", "Das Paket wird vom Zoll zurückgehalten, es fehlen Unterlagen."},
	Released:       {"CUSTOMS.RELEASED", "INTRANSIT", "The parcel was released by customs.", "Das Paket wurde vom Zoll freigegeben."},
	Delayed:        {"INBOUND.DELAY", "INTRANSIT", "The parcel is delayed.", "Das Paket verspätet sich."},
	OutForDelivery: {"INDELIVERY.NORMAL", "INDELIVERY", "The parcel is expected to be delivered during the day.", "Das Paket wird voraussichtlich im Laufe des Tages zugestellt."},
	Attempted:      {"NODELI.NOTHOME", "NOTDELIVERED", "The parcel could not be delivered as the consignee was absent.", "Das Paket konnte nicht zugestellt werden, der Empfänger war nicht anwesend."},
	BadAddress:     {"NODELI.ADDRESS", "NOTDELIVERED", "The parcel could not be delivered as the address is wrong.", "Das Paket konnte nicht zugestellt werden, die Anschrift ist falsch."},
	Refused:        {"NODELI.REFUSED", "NOTDELIVERED", "The parcel could not be delivered as the consignee refused it.", "Das Paket konnte nicht zugestellt werden, der Empfänger hat die Annahme verweigert."},
	ReadyForPickup: {"DELIVD.PARCELSHOP", "DELIVEREDPS", "The parcel has been delivered at the ParcelShop.", "Das Paket wurde im PaketShop zugestellt."},
	Collected:      {"DELIVD.PICKUP", "DELIVERED", "The parcel was picked up by the consignee at the ParcelShop.", "Das Paket wurde vom Empfänger im PaketShop abgeholt."},
	Delivered:      {"DELIVD.NORMAL", "DELIVERED", "The parcel has been delivered.", "Das Paket wurde zugestellt."},
	Returning:      {"RETURN.NORMAL", "INTRANSIT", "The parcel is being returned to the sender.", "Das Paket wird an den Absender zurückgesandt."},
	Returned:       {"DELIVD.RETURN", "FINAL", "The parcel was returned to the sender.", "Das Paket wurde an den Absender zurückgegeben."},
	Damaged:        {"INBOUND.DAMAGE", "INWAREHOUSE", "The parcel was damaged.", "Das Paket wurde beschädigt."},
	Lost:           {"SEARCH.NORMAL", "INWAREHOUSE", "The parcel is being searched for.", "Nach dem Paket wird gesucht."},
	Cancelled:      {"CANCEL.NORMAL", "CANCELED", "The parcel was cancelled by the sender.", "Das Paket wurde vom Absender storniert."},
	Noted:          {"DELIVD.POD", "DELIVERED", "The proof of delivery is available.", "Der Zustellnachweis liegt vor."},
}

func glsTrack(c *call) {
	numbers := list(c.r.PathValue("numbers"))
	if len(numbers) > 10 {
		c.fail()
		c.json(http.StatusBadRequest, obj{"errors": []obj{{"errorCode": "E_400_02", "errorMessage": "Maximum number of 10 ids exceeded"}}})
		return
	}
	german := speaks(c.r.Header.Get("Accept-Language"), "de")
	parcels := []obj{}
	for _, number := range numbers {
		t, ok := c.tell(number)
		switch {
		case ok:
			parcels = append(parcels, glsParcel(t, german))
		case !c.desk.formed(number):
			parcels = append(parcels, obj{"requested": number, "errorCode": "E_400_01", "errorMessage": "Invalid id"})
		default:
			parcels = append(parcels, obj{"requested": number, "errorCode": "E_404_01", "errorMessage": "Parcel not found"})
		}
	}
	c.json(http.StatusOK, obj{"parcels": parcels})
}

func glsParcel(t telling, german bool) obj {
	events := []obj{}
	for _, e := range said(t.newest(), glsWords) {
		words := glsWords[e.kind]
		text := e.or(words.en)
		if german {
			text = e.or(words.de)
		}
		events = append(events, obj{
			"code": words.code, "city": e.place.City, "postalCode": e.place.Postcode, "country": e.place.Country,
			"description": text, "eventDateTime": glsTime(e.at),
		})
	}
	last := t.last()
	return obj{
		"requested": t.number, "unitno": strings.TrimLeft(t.number, "0"), "status": glsWords[last.kind].status,
		"statusDateTime": glsTime(last.at.UTC()), "statusDateTimeLocal": glsTime(last.at), "events": events,
	}
}

// glsTime has an offset without colon.
func glsTime(t time.Time) string { return t.Format("2006-01-02T15:04:05-0700") }
