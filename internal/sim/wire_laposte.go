package sim

import (
	"net/http"
	"strings"
	"time"
)

// laPoste speaks La Poste's Suivi v2, which serves its letters, Colissimo and
// Chronopost.
//
// Source: https://developer.laposte.fr/products/suivi/2.
func laPoste() wire {
	account := map[string]string{"okapi_key": "simulated-okapi-key"}
	return wire{
		name:    "la-poste-suivi",
		base:    "/suivi/v2",
		account: account,
		travels: profile{home: "FR", others: []string{"DE", "GB", "US", "CN"}, abroad: 20, shops: 15},
		formed: anyOf(
			postal("FR"),
			looks(`\d[A-Z]\d{11}`, nil),
			looks(`\d?[A-Z]{2}\d{9,11}FR`, nil),
			looks(`\d{14,15}`, nil),
			looks(`X[A-Z]\d{9}(?:JB|FR|EE|TS|JF)`, nil),
			looks(`[A-Z]{2}\d{9}(?:JB|EE|TS|JF)`, nil),
		),
		asks:   map[string]func(*call){"GET /idships/{numbers}": laPosteTrack},
		admits: func(c *call) bool { return c.r.Header.Get("X-Okapi-Key") == account["okapi_key"] },
		refuse: func(c *call) {
			c.json(http.StatusUnauthorized, obj{"code": "UNAUTHORIZED", "message": "Votre requête n'est pas autorisée : clé inconnue ou révoquée"})
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			c.json(http.StatusTooManyRequests, obj{"code": "TOO_MANY_REQUESTS", "message": "Le quota d'appels est dépassé"})
		},
	}
}

// laPosteWords are an event's code, the step of the timeline that it belongs
// to (0 for none) and the text in French and English.
var laPosteWords = map[Kind]struct {
	code   string
	step   int
	fr, en string
}{
	Announced:      {"DR1", 1, "Votre envoi est en préparation chez l'expéditeur.", "Your item is being prepared by the sender."},
	PickedUp:       {"PC1", 2, "Votre envoi a été pris en charge par La Poste.", "Your item has been taken over by La Poste."},
	Departed:       {"ET2", 3, "Votre envoi a quitté le site de traitement.", "Your item has left the sorting centre."},
	Arrived:        {"ET1", 3, "Votre envoi est en cours d'acheminement.", "Your item is on its way."},
	Export:         {"ET3", 3, "Votre envoi est en cours de traitement dans le pays d'expédition.", "Your item is being processed in the country of origin."},
	Import:         {"DO1", 3, "Votre envoi est entré en douane.", "Your item has entered customs."},
	Held:           {"DO3", 3, "Votre envoi est retenu par la douane : des informations sont attendues du destinataire.", "Your item is held by customs: information is awaited from the receiver."},
	Released:       {"DO2", 3, "Votre envoi est sorti de douane.", "Your item has left customs."},
	Delayed:        {"PB1", 3, "Un problème est en cours de résolution : la livraison est retardée.", "A problem is being solved: delivery is delayed."},
	OutForDelivery: {"MD2", 4, "Votre envoi est en cours de distribution.", "Your item is out for delivery."},
	Attempted:      {"ND1", 4, "Votre envoi n'a pas pu vous être remis : destinataire absent.", "Your item couldn't be delivered: nobody was in."},
	BadAddress:     {"AN1", 4, "L'adresse de votre envoi est incomplète.", "Your item's address is incomplete."},
	Refused:        {"ND1", 4, "Votre envoi a été refusé par le destinataire.", "Your item was refused by the receiver."},
	ReadyForPickup: {"AG1", 4, "Votre envoi est à votre disposition au point de retrait.", "Your item waits at the pick-up point."},
	Collected:      {"DI1", 5, "Votre envoi a été remis au destinataire au point de retrait.", "Your item was handed over at the pick-up point."},
	Delivered:      {"DI1", 5, "Votre envoi a été distribué à son destinataire ou remis à son représentant.", "Your item was delivered to the receiver."},
	Returning:      {"RE1", 4, "Votre envoi est renvoyé à l'expéditeur.", "Your item is being returned to the sender."},
	Returned:       {"DI2", 5, "Votre envoi a été distribué à l'expéditeur.", "Your item was delivered to the sender."},
	Damaged:        {"PB1", 3, "Votre envoi a été endommagé.", "Your item was damaged."},
	Lost:           {"PB1", 3, "Votre envoi est introuvable, une recherche est en cours.", "Your item can't be found, a search is going on."},
}

// laPosteTrack answers one number with an object and its own HTTP status,
// several with a list and 207.
func laPosteTrack(c *call) {
	numbers := list(c.r.PathValue("numbers"))
	lang := c.r.URL.Query().Get("lang")
	if lang == "" {
		lang = "fr_FR"
	}
	switch {
	case len(numbers) > 10:
		c.fail()
		c.json(http.StatusBadRequest, obj{"lang": lang, "scope": "open", "returnCode": 400, "returnMessage": "Le nombre d'identifiants est limité à 10"})
	case len(numbers) == 1:
		status, answer := laPosteOne(c, numbers[0], lang)
		c.json(status, answer)
	default:
		answers := []obj{}
		for _, number := range numbers {
			_, answer := laPosteOne(c, number, lang)
			answers = append(answers, answer)
		}
		c.json(http.StatusMultiStatus, answers)
	}
}

func laPosteOne(c *call, number, lang string) (status int, answer obj) {
	answer = obj{"lang": lang, "scope": "open", "returnCode": http.StatusOK, "idShip": number}
	t, ok := c.tell(number)
	events := said(t.newest(), laPosteWords)
	switch {
	case len(number) < 11 || len(number) > 15:
		answer["returnCode"], answer["returnMessage"] = http.StatusBadRequest, "Le numéro de suivi est invalide"
		return http.StatusBadRequest, answer
	case !ok || len(events) == 0:
		answer["returnCode"], answer["returnMessage"] = http.StatusNotFound, "Nous ne trouvons pas d'information concernant cet envoi"
		return http.StatusNotFound, answer
	}
	answer["shipment"] = laPosteShipment(t, events, speaks(lang, "fr"))
	return http.StatusOK, answer
}

func laPosteShipment(t telling, events []event, french bool) obj {
	label := func(e event) string {
		if french {
			return e.or(laPosteWords[e.kind].fr)
		}
		return e.or(laPosteWords[e.kind].en)
	}
	listed := []obj{}
	for i, e := range events {
		listed = append(listed, obj{"code": laPosteWords[e.kind].code, "label": label(e), "date": laPosteTime(e.at), "order": 100 + len(events) - i})
	}
	holder, product := laPosteHolder(t.number)
	shipment := obj{
		"idShip": t.number, "holder": holder, "product": product, "urlDetail": "https://www.laposte.fr/outils/suivre-vos-envois?code=" + t.number,
		"isFinal": false, "entryDate": laPosteTime(t.first().at), "event": listed, "timeline": laPosteTimeline(t, label),
		"contextData": obj{
			"originCountry": t.From.Country, "arrivalCountry": t.To.Country, "deliveryChoice": obj{"deliveryChoice": 0},
			"partner": obj{"name": "", "network": "", "reference": ""},
		},
	}
	if e, arrived := t.of(Delivered, Collected, Returned); arrived {
		shipment["isFinal"], shipment["deliveryDate"] = true, laPosteTime(e.at)
	} else if !t.over() {
		shipment["estimDate"] = laPosteTime(t.due())
	}
	if e, waits := t.of(ReadyForPickup); waits {
		shipment["contextData"].(obj)["removalPoint"] = obj{"name": "Bureau de poste simulé de " + e.place.City, "type": "A2P"}
	}
	return shipment
}

// laPosteTimeline has five steps, of which those behind have a date.
func laPosteTimeline(t telling, label func(event) string) []obj {
	var steps []obj
	for n := 1; n <= 5; n++ {
		step := obj{"id": n, "type": 1, "status": false, "shortLabel": "", "longLabel": ""}
		for _, e := range t.events {
			if laPosteWords[e.kind].step == n {
				step["status"], step["shortLabel"], step["date"], step["country"] = true, label(e), laPosteTime(e.at), e.place.Country
			}
		}
		steps = append(steps, step)
	}
	return steps
}

// laPosteHolder is who of the group carries the number: 1 letters, 2
// Chronopost, 4 Colissimo.
func laPosteHolder(number string) (holder int, product string) {
	switch {
	case strings.HasPrefix(number, "X") || strings.HasPrefix(number, "E") && s10.MatchString(number):
		return 2, "chronopost"
	case len(number) == 13 && number[0] <= '9' || strings.HasPrefix(number, "C"):
		return 4, "colissimo"
	}
	return 1, "courrier"
}

func laPosteTime(t time.Time) string { return t.Format(time.RFC3339) }
