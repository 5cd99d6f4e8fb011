package sim

import (
	"fmt"
	"net/http"
	"time"
)

// novaPoshta speaks Nova Poshta's API 2.0: one address, the method named in
// the body, and a snapshot instead of a list of events.
//
// Source: https://developers.novaposhta.ua, TrackingDocument.getStatusDocuments.
func novaPoshta() wire {
	return wire{
		name:    "nova-poshta",
		travels: profile{home: "UA", shops: 60},
		formed:  anyOf(looks(`(?:59|20|1\d|4\d)\d{12}`, nil)),
		asks: map[string]func(*call){
			"POST /v2.0/json/{$}": novaPoshtaCall,
			"POST /v2.0/json":     novaPoshtaCall,
		},
		limited: func(c *call, after time.Duration) {
			c.retryAfter(after)
			novaPoshtaAnswer(c, http.StatusTooManyRequests, nil, "Too many requests", "20000900746")
		},
	}
}

// novaPoshtaAnswer wraps data, or says what is wrong.
func novaPoshtaAnswer(c *call, status int, data []obj, wrong, code string) {
	answer := obj{
		"success": wrong == "", "data": data, "errors": []string{}, "warnings": []string{}, "info": []string{},
		"messageCodes": []string{}, "errorCodes": []string{}, "warningCodes": []string{}, "infoCodes": []string{},
	}
	if wrong != "" {
		answer["data"], answer["errors"], answer["errorCodes"] = []obj{}, []string{wrong}, []string{code}
	}
	c.json(status, answer)
}

// novaPoshtaWords are a state's code and text. What has none leaves the
// snapshot as it was.
var novaPoshtaWords = map[Kind]struct{ code, text string }{
	Announced:      {"1", "Відправник самостійно створив цю накладну, але ще не надав до відправки"},
	PickedUp:       {"4", "Відправлення у місті відправника"},
	Departed:       {"5", "Відправлення прямує до міста отримувача"},
	Arrived:        {"6", "Відправлення у місті отримувача, орієнтовна доставка до відділення"},
	OutForDelivery: {"101", "На шляху до одержувача"},
	Attempted:      {"111", "Невдала спроба доставки через відсутність одержувача на адресі або зв'язку з ним"},
	BadAddress:     {"104", "Змінено адресу"},
	Refused:        {"102", "Відмова від отримання (Відправником створено замовлення на повернення)"},
	ReadyForPickup: {"7", "Прибув на відділення"},
	Collected:      {"9", "Відправлення отримано"},
	Delivered:      {"9", "Відправлення отримано"},
	Delayed:        {"112", "Дата доставки перенесена Одержувачем"},
	Returning:      {"102", "Відмова від отримання (Відправником створено замовлення на повернення)"},
	Returned:       {"103", "Відмова одержувача: відправлення повернуто відправнику"},
	Cancelled:      {"2", "Видалено"},
}

type novaPoshtaRequest struct {
	Model      string `json:"modelName"`
	Method     string `json:"calledMethod"`
	Properties struct {
		Documents []struct {
			Number string `json:"DocumentNumber"`
			Phone  string `json:"Phone"`
		} `json:"Documents"`
	} `json:"methodProperties"`
}

func novaPoshtaCall(c *call) {
	var in novaPoshtaRequest
	documents := func() int { return len(in.Properties.Documents) }
	switch {
	case !c.read(&in):
		c.fail()
		novaPoshtaAnswer(c, http.StatusOK, nil, "Data is not valid JSON", "20000100001")
		return
	case in.Model != "TrackingDocument" || in.Method != "getStatusDocuments":
		c.fail()
		novaPoshtaAnswer(c, http.StatusOK, nil, "Method not exists", "20000100002")
		return
	case documents() == 0 || documents() > 100:
		c.fail()
		novaPoshtaAnswer(c, http.StatusOK, nil, "Documents count must be from 1 to 100", "20000200417")
		return
	}
	var data []obj
	for _, document := range in.Properties.Documents {
		data = append(data, novaPoshtaDocument(c, document.Number, document.Phone))
	}
	novaPoshtaAnswer(c, http.StatusOK, data, "", "")
}

func novaPoshtaDocument(c *call, number, phone string) obj {
	t, ok := c.tell(number)
	events := said(t.events, novaPoshtaWords)
	if !ok || len(events) == 0 {
		return obj{"Number": number, "StatusCode": "3", "Status": "Номер не знайдено"}
	}
	kyiv := zones["Europe/Kyiv"]
	last := events[len(events)-1]
	words := novaPoshtaWords[last.kind]
	text := last.or(words.text)
	if last.kind == Arrived && last.place != t.To {
		words, text = novaPoshtaWords[Departed], last.or(novaPoshtaWords[Departed].text)
	}
	document := obj{
		"Number": number, "StatusCode": words.code, "Status": text, "Redelivery": 0, "DocumentWeight": 2, "CargoType": "Parcel",
		"DateCreated":           events[0].at.In(kyiv).Format("02-01-2006 15:04:05"),
		"DateScan":              last.at.In(kyiv).Format("15:04 02.01.2006"),
		"TrackingUpdateDate":    last.at.In(kyiv).Format(time.DateTime),
		"ScheduledDeliveryDate": t.due().In(kyiv).Format("02-01-2006 15:04:05"),
		"ActualDeliveryDate":    "", "RecipientDateTime": "", "DateFirstDayStorage": "", "DateReturnCargo": "", "UndeliveryReasons": "",
		"UndeliveryReasonsSubtypeDescription": "", "LastCreatedOnTheBasisNumber": "", "LastCreatedOnTheBasisDocumentType": "",
		"CitySender": t.From.City, "CityRecipient": t.To.City,
		"WarehouseSender": "Відділення №7", "WarehouseRecipient": "Відділення №12 (до 30 кг)", "WarehouseRecipientNumber": 12,
		"PaymentMethod": "Cash", "PayerType": "Recipient", "ServiceType": "WarehouseWarehouse",
	}
	if e, ready := t.of(ReadyForPickup); ready {
		document["ActualDeliveryDate"] = e.at.In(kyiv).Format(time.DateTime)
		document["DateFirstDayStorage"] = e.at.In(kyiv).AddDate(0, 0, 5).Format(time.DateOnly)
	}
	if e, arrived := t.arrived(); arrived {
		document["RecipientDateTime"] = e.at.In(kyiv).Format("02.01.2006 15:04:05")
		document["ActualDeliveryDate"] = e.at.In(kyiv).Format(time.DateTime)
	}
	if _, back := t.of(Returning, Returned); back {
		document["LastCreatedOnTheBasisNumber"] = fmt.Sprintf("100%011d", roll(number).below(1e11))
		document["LastCreatedOnTheBasisDocumentType"] = "CargoReturn"
	}
	if phone != "" {
		document["RecipientFullName"], document["RecipientFullNameEW"] = t.Person.Name, t.Person.Name
		document["PhoneRecipient"], document["RecipientAddress"] = t.Person.Phone, t.Person.Street
		document["DocumentCost"], document["AnnouncedPrice"] = "70", 1500
	}
	return document
}
