package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestReadsAnswersAsTheyCome reads answers in forms that carriers document
// beside the usual one: with fields missing, null or empty, without the HTTP
// status, in a gateway's own form.
func TestReadsAnswersAsTheyCome(t *testing.T) {
	t.Parallel()
	const (
		upsScan    = `{"date": "20240310", "time": "143000", %s"status": {"type": "I", "code": "DP", "statusCode": "005", "description": "Departed"}, "location": {"address": {"city": "Köln", "countryCode": "DE"}}}`
		upsPackage = `{"trackingNumber": "%s", "activity": [%s]}`
		upsAnswer  = `{"trackResponse": {"shipment": [{"inquiryNumber": "1Z4A7B2C0364182055", "package": [%s]}]}}`
		fedex      = `{"output": {"completeTrackResults": [{"trackingNumber": "382174650910", "trackResults": [%s]}]}}`
		gls        = `{"parcels": [{"requested": "48210973605", "status": "%s", %s}]}`
		novaPoshta = `{"success": true, "errors": [], "data": [{"Number": "20450918273645", %s}]}`
		quota      = `{"fault": {"faultstring": "Rate limit quota violation. Quota limit exceeded.", "detail": {"errorcode": "policies.ratelimit.QuotaViolation"}}}`
	)
	scan := fmt.Sprintf(upsScan, `"gmtOffset": "+01:00", `)
	for _, tc := range []struct {
		name, carrier, answer string
		args                  []string
		want                  string // "number status time_utc-of-the-newest" a parcel, or "error kind"
	}{
		{"an old answer says what it said, not that it expired", "ups", fmt.Sprintf(upsAnswer, fmt.Sprintf(upsPackage, "1Z4A7B2C0364182055", scan)), nil,
			"1Z4A7B2C0364182055 InTransit_Other 2024-03-10T13:30:00Z"},
		{"UPS without an offset: the place's clock", "ups", fmt.Sprintf(upsAnswer, fmt.Sprintf(upsPackage, "1Z4A7B2C0364182055", fmt.Sprintf(upsScan, ""))), nil,
			"1Z4A7B2C0364182055 InTransit_Other 2024-03-10T13:30:00Z"},
		{"UPS: every package under its own number", "ups", fmt.Sprintf(upsAnswer, fmt.Sprintf(upsPackage, "1Z4A7B2C0364182055", scan)+","+fmt.Sprintf(upsPackage, "1Z4A7B2C0369004176", scan)), nil,
			"1Z4A7B2C0364182055 InTransit_Other 2024-03-10T13:30:00Z, 1Z4A7B2C0369004176 InTransit_Other 2024-03-10T13:30:00Z"},
		{"UPS: the package asked for", "ups", fmt.Sprintf(upsAnswer, fmt.Sprintf(upsPackage, "1Z4A7B2C0364182055", scan)+","+fmt.Sprintf(upsPackage, "1Z4A7B2C0369004176", scan)), []string{"--asked=1Z4A7B2C0369004176"},
			"1Z4A7B2C0369004176 InTransit_Other 2024-03-10T13:30:00Z"},
		{"UPS: a status without a history", "ups", fmt.Sprintf(upsAnswer, `{"trackingNumber": "1Z4A7B2C0364182055", "activity": null, "currentStatus": {"type": "M", "statusCode": "003"}}`), nil,
			"1Z4A7B2C0364182055 InfoReceived "},
		{"UPS: an HTTP status as the code", "ups", `{"response": {"errors": [{"code": "429", "message": "Slow down"}]}}`, nil, "error limited"},

		{"FedEx: an empty error is none", "fedex", fmt.Sprintf(fedex, `{"error": "", "scanEvents": [{"date": "2026-03-05T10:04:00-0600", "eventType": "OD", "eventDescription": "On its way"}]}`), nil,
			"382174650910 OutForDelivery_Other 2026-03-05T16:04:00Z"},
		{"FedEx: scans as an empty text", "fedex", fmt.Sprintf(fedex, `{"scanEvents": "", "latestStatusDetail": {"code": "OC", "derivedCode": "IN"}}`), nil, "382174650910 InfoReceived "},
		{"FedEx: a number used twice is the newer parcel", "fedex", fmt.Sprintf(fedex, `{"scanEvents": [{"date": "2024-03-05T10:04:00-06:00", "eventType": "DL"}]}, {"scanEvents": [{"date": "2026-03-05T10:04:00-06:00", "eventType": "IT"}]}`), nil,
			"382174650910 InTransit_Other 2026-03-05T16:04:00Z"},
		{"FedEx: too many requests, under another code", "fedex", `{"errors": [{"code": "TOO.MANY.REQUESTS.ERROR", "message": "Limit exceeded"}]}`, nil, "error limited"},

		{"USPS: not found, under another code", "usps", `{"error": {"code": "TRK", "message": "No record", "errors": [{"status": "404"}]}}`, nil, ""},
		{"USPS: a category without events", "usps", `{"trackingNumber": "9405510898765432101231", "statusCategory": "Pre-Shipment", "trackingEvents": []}`, nil, "9405510898765432101231 InfoReceived "},
		{"USPS: a gateway's quota", "usps", quota, nil, "error limited"},
		{"InPost: a gateway's refusal", "inpost", `{"message": "Unauthorized"}`, nil, "error auth"},

		{"DHL: the answer's own number", "dhl-express", `{"shipments": [{"id": 4829103753, "service": "express", "events": [], "status": {"timestamp": "2026-03-05T03:12:00", "statusCode": "transit", "status": "DF", "description": "Departed", "location": {"address": {"countryCode": "DE"}}}}]}`, nil,
			"4829103753 InTransit_Other 2026-03-05T02:12:00Z"},
		{"DHL: no shipments", "dhl-unified", `{"shipments": []}`, nil, ""},
		{"Canada Post: the answer's own number", "canada-post", `<tracking-detail><pin>2014567389123456</pin><significant-events><occurrence><event-identifier>0174</event-identifier><event-date>2026-06-05</event-date><event-time>08:11:00</event-time><event-time-zone>EDT</event-time-zone><event-description>Item out for delivery</event-description></occurrence></significant-events></tracking-detail>`, nil,
			"2014567389123456 OutForDelivery_Other 2026-06-05T12:11:00Z"},
		{"Australia Post: an empty list of errors is none", "australia-post", `{"tracking_results": [{"tracking_id": "7XX1000", "errors": [], "status": "In transit", "trackable_items": [{"article_id": "7XX1000634", "events": [{"location": "ALEXANDRIA NSW", "description": "Item processed", "date": "2026-03-05T10:00:00+11:00"}]}]}]}`, nil,
			"7XX1000 InTransit_Other 2026-03-04T23:00:00Z"},
		{"Royal Mail: a summary of several", "royal-mail", `{"mailPieces": [{"mailPieceId": "FQ087430672GB", "summary": {"statusCategory": "IN TRANSIT", "lastEventCode": "EVGPD", "lastEventName": "Due today", "lastEventDateTime": "2026-07-05T09:04:00+01:00"}}, {"mailPieceId": "RR409172658GB", "error": {"errorCode": "E1142"}}]}`, nil,
			"FQ087430672GB OutForDelivery_Other 2026-07-05T08:04:00Z"},
		{"Royal Mail: another answer", "royal-mail", `{"hello": 1}`, nil, "error broken"},

		{"La Poste: the number in the shipment", "colissimo", `{"returnCode": 200, "shipment": {"idShip": "6A18273640591", "event": [{"code": "DI1", "label": "Livré", "date": "2026-03-05T10:00:00+0100"}]}}`, nil,
			"6A18273640591 Delivered_Other 2026-03-05T09:00:00Z"},
		{"La Poste: the key is refused before the API", "la-poste-suivi", `{"code": "UNAUTHORIZED", "message": "Invalid API key"}`, nil, "error auth"},
		{"La Poste: another answer", "la-poste-suivi", `{"hello": 1}`, nil, "error broken"},
		{"GLS: delivered, by the status alone", "gls", fmt.Sprintf(gls, "DELIVERED", `"events": []`), nil, "48210973605 Delivered_Other "},
		{"GLS: delivered is also what came back", "gls", fmt.Sprintf(gls, "DELIVERED", `"events": [{"code": "DELIVD.NORMAL", "description": "Returned to the sender", "eventDateTime": "2026-03-05T10:00:00+0100"}]`), nil,
			"48210973605 Exception_Returned 2026-03-05T09:00:00Z"},
		{"GLS: an empty error code is none", "gls", fmt.Sprintf(gls, "INTRANSIT", `"errorCode": "", "events": [{"code": "INBOUND.NORMAL", "eventDateTime": "2026-03-05T10:00:00+0100"}]`), nil,
			"48210973605 InTransit_Other 2026-03-05T09:00:00Z"},
		{"GLS: an error of the whole answer", "gls", `{"errorCode": "E_404_01", "errorMessage": "Parcel not found"}`, nil, ""},
		{"PostNord: an item without events", "postnord", `{"TrackingInformationResponse": {"shipments": [{"shipmentId": "84620173946SE", "items": [{"itemId": "370735004481902764", "status": "INFORMED", "events": []}]}]}}`, nil,
			"370735004481902764 InfoReceived "},
		{"PostNord: a country by name", "postnord", `{"TrackingInformationResponse": {"shipments": [{"items": [{"itemId": "370735004481902764", "events": [{"eventTime": "2026-03-05T08:00:00", "status": "EN_ROUTE", "location": {"country": "Sweden"}}]}]}]}}`, nil,
			"370735004481902764 InTransit_Other 2026-03-05T07:00:00Z"},
		{"PostNord: a fault in words", "postnord", `{"TrackingInformationResponse": {"compositeFault": {"faults": [{"faultCode": "30", "explanationText": "Shipment not found"}]}}}`, nil, ""},
		{"Correios: both codes of not found", "correios", `{"objetos": [{"codObjeto": "OA000000005BR", "mensagem": "SRO-009: Objeto inválido"}]}`, nil, ""},
		{"Correios: an empty message is none", "correios", `{"objetos": [{"codObjeto": "OA517308465BR", "mensagem": "", "eventos": [{"codigo": "BDE", "tipo": 1, "dtHrCriado": {"date": "2026-03-05 10:00:00.000000"}, "descricao": "Objeto entregue"}]}]}`, nil,
			"OA517308465BR Delivered_Other 2026-03-05T13:00:00Z"},
		{"Nova Poshta: a status without a date", "nova-poshta", fmt.Sprintf(novaPoshta, `"StatusCode": "7", "Status": "Прибула"`), nil, "20450918273645 AvailableForPickup_Other "},
		{"Nova Poshta: not found, as a number", "nova-poshta", fmt.Sprintf(novaPoshta, `"StatusCode": 3, "DateCreated": null`), nil, ""},
		{"Aramex: a lone update, in ISO 8601", "aramex", `{"HasErrors": false, "TrackingResults": [{"Key": "48273910564", "Value": {"UpdateCode": "SH005", "UpdateDateTime": "2026-03-05T17:00:00", "UpdateLocation": "Dubai, United Arab Emirates"}}]}`, nil,
			"48273910564 Delivered_Other 2026-03-05T13:00:00Z"},
		{"Aramex: another answer", "aramex", `{"hello": 1}`, nil, "error broken"},
		{"SF: several that need the phone", "sf-express", `{"apiResultCode": "A1000", "apiResultData": "{\"success\": true, \"msgData\": {\"routeResps\": [{\"mailNo\": \"SF1402938475610\", \"routes\": []}, {\"mailNo\": \"SF1402938475611\", \"routes\": []}]}}"}`, nil,
			"error needs_more"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, errs := run(t, tc.answer, append([]string{"carrier", "read", "--json", tc.carrier, "-"}, tc.args...)...)
			if got := summary(t, code, out, errs); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

// summary is what `carrier read --json` said, in short.
func summary(t *testing.T, code int, out, errs string) string {
	t.Helper()
	if code == exitCarrier {
		var p problemJSON
		if err := json.Unmarshal([]byte(errs), &p); err != nil {
			t.Fatalf("%v in %q", err, errs)
		}
		return "error " + p.Error.Kind
	}
	var list []answerJSON
	if err := json.Unmarshal([]byte(out), &list); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
	}
	var all []string
	for _, a := range list {
		newest := ""
		if len(a.Events) > 0 {
			newest = a.Events[0].TimeUTC
		}
		all = append(all, fmt.Sprintf("%s %s %s", a.Number, a.SubStatus, newest))
	}
	return strings.Join(all, ", ")
}
