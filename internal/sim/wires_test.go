package sim_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"waypost/internal/sim"
)

// delivered is a plain story that ended an hour before noon.
func delivered() sim.Story {
	return sim.Story{Born: noon, Person: sim.People()[0], Steps: []sim.Step{
		{After: -50 * time.Hour, Kind: sim.Announced},
		{After: -40 * time.Hour, Kind: sim.PickedUp},
		{After: -30 * time.Hour, Kind: sim.Departed},
		{After: -20 * time.Hour, Kind: sim.Arrived},
		{After: -5 * time.Hour, Kind: sim.OutForDelivery},
		{After: -time.Hour, Kind: sim.Delivered},
		{After: time.Hour, Kind: sim.Noted},
	}}
}

func TestEveryWireTellsADeliveredParcelInItsOwnForm(t *testing.T) {
	s, base := start(t)
	for _, tc := range []struct {
		source string
		want   map[string]any // path in the answer to value
	}{
		{"ups", map[string]any{
			"trackResponse.shipment.0.inquiryNumber":                                   "1Z4A7B2C0364182055",
			"trackResponse.shipment.0.package.0.currentStatus.type":                    "D",
			"trackResponse.shipment.0.package.0.activity.0.status.statusCode":          "011",
			"trackResponse.shipment.0.package.0.activity.0.date":                       "20260304",
			"trackResponse.shipment.0.package.0.activity.0.time":                       "010000", // Honolulu
			"trackResponse.shipment.0.package.0.activity.0.gmtTime":                    "11:00:00",
			"trackResponse.shipment.0.package.0.activity.0.gmtOffset":                  "-10:00",
			"trackResponse.shipment.0.package.0.activity.5.status.type":                "M",
			"trackResponse.shipment.0.package.0.deliveryInformation.receivedBy":        "DOROTHEA QUILLFEATHER",
			"trackResponse.shipment.0.package.0.deliveryInformation.signature.image":   "c2ltdWxhdGVkIHNpZ25hdHVyZSBvZiBET1JPVEhFQSBRVUlMTEZFQVRIRVI=",
			"trackResponse.shipment.0.package.0.packageAddress.1.address.addressLine1": "4711 Marmalade Ct",
		}},
		{"fedex", map[string]any{
			"output.completeTrackResults.0.trackResults.0.latestStatusDetail.derivedCode": "DL",
			"output.completeTrackResults.0.trackResults.0.scanEvents.0.date":              "2026-03-04T01:00:00-10:00",
			"output.completeTrackResults.0.trackResults.0.scanEvents.1.eventType":         "OD",
			"output.completeTrackResults.0.trackResults.0.scanEvents.1.derivedStatusCode": "IT",
			"output.completeTrackResults.0.trackResults.0.scanEvents.5.scanLocation.city": nil,
			"output.completeTrackResults.0.trackResults.0.deliveryDetails.receivedByName": "DOROTHEA QUILLFEATHER",
			"output.completeTrackResults.0.trackResults.0.trackingNumberInfo.carrierCode": "FDXE",
		}},
		{"usps", map[string]any{
			"statusCategory": "Delivered", "trackingEvents.0.eventTimestamp": "2026-03-04T01:00:00", "trackingEvents.0.GMTTimestamp": "2026-03-04T11:00:00Z",
			"trackingEvents.0.GMTOffset": "-10:00", "trackingEvents.0.name": "DOROTHEA QUILLFEATHER", "trackingEvents.5.eventCode": "GX",
			"onTime": "true",
		}},
		{"dhl-unified", map[string]any{
			"shipments.0.service": "express", "shipments.0.id": 4829103753.0, "shipments.0.status.statusCode": "delivered", "shipments.0.events.0.status": "OK",
			"shipments.0.events.0.timestamp": "2026-03-04T12:00:00", "shipments.0.events.5.statusCode": "pre-transit",
			"shipments.0.details.proofOfDelivery.signed.name": "DOROTHEA QUILLFEATHER",
		}},
		{"australia-post", map[string]any{
			"tracking_results.0.status": "Delivered", "tracking_results.0.trackable_items.0.events.0.date": "2026-03-04T20:30:00+09:30",
			"tracking_results.0.trackable_items.0.events.0.location": "DARWIN NT",
		}},
		{"royal-mail", map[string]any{
			"mailPieces.summary.statusCategory": "DELIVERED", "mailPieces.events.0.eventCode": "EVKSP",
			"mailPieces.events.0.eventDateTime": "2026-03-04T11:00:00Z", "mailPieces.signature.recipientName": "DOROTHEA QUILLFEATHER", "mailPieces.events.5": nil,
		}},
		{"inpost", map[string]any{
			"status": "delivered", "tracking_details.0.status": "delivered", "tracking_details.0.datetime": "2026-03-04T12:00:00.000+01:00",
			"tracking_details.5.status": "confirmed",
		}},
		{"nova-poshta", map[string]any{
			"success": true, "data.0.StatusCode": "9", "data.0.DateCreated": "02-03-2026 12:00:00", "data.0.DateScan": "13:00 04.03.2026",
			"data.0.RecipientDateTime": "04.03.2026 13:00:00", "data.0.RecipientFullName": nil,
		}},
		{"la-poste-suivi", map[string]any{
			"returnCode": 200.0, "shipment.holder": 4.0, "shipment.event.0.code": "DI1", "shipment.event.0.date": "2026-03-04T12:00:00+01:00",
			"shipment.isFinal": true, "shipment.timeline.4.status": true, "shipment.event.5.code": "DR1",
		}},
		{"gls", map[string]any{
			"parcels.0.status": "DELIVERED", "parcels.0.events.0.code": "DELIVD.NORMAL", "parcels.0.events.0.eventDateTime": "2026-03-04T12:00:00+0100",
		}},
		{"postnord", map[string]any{
			"TrackingInformationResponse.shipments.0.status":                            "DELIVERED",
			"TrackingInformationResponse.shipments.0.items.0.events.0.eventTime":        "2026-03-02T11:00:00",
			"TrackingInformationResponse.shipments.0.items.0.events.5.status":           "DELIVERED",
			"TrackingInformationResponse.shipments.0.consignee.name":                    "DOROTHEA QUILLFEATHER",
			"TrackingInformationResponse.shipments.0.items.0.events.5.location.country": "Sweden",
		}},
		{"aramex", map[string]any{
			"HasErrors": false, "TrackingResults.0.Value.0.UpdateCode": "SH005", "TrackingResults.0.Value.0.UpdateDateTime": "/Date(1772622000000+0400)/",
			"TrackingResults.0.Value.0.Comments": "DOROTHEA QUILLFEATHER",
		}},
		{"correios", map[string]any{
			"objetos.0.eventos.0.codigo": "BDE", "objetos.0.eventos.0.tipo": "01", "objetos.0.eventos.0.dtHrCriado": "2026-03-04T08:00:00",
			"objetos.0.eventos.0.detalhe": "Recebido por: DOROTHEA QUILLFEATHER", "objetos.0.eventos.0.unidade.endereco.uf": "RS",
		}},
		{"generic", map[string]any{
			"parcels.0.state": "delivered", "parcels.0.eta": nil, "parcels.0.events.0.at": "2026-03-04T12:00:00+01:00", "parcels.0.events.0.code": "DELIVERED",
		}},
	} {
		t.Run(tc.source, func(t *testing.T) {
			number := numbers[tc.source]
			s.Set(number, delivered())
			got := dial(t, s, base, tc.source).track(tc.source, number)
			if got.status != 200 || got.header.Get("X-Simulated") != "waypost" {
				t.Fatalf("got %d %v\n%.300s", got.status, got.header, got.body)
			}
			for path, want := range tc.want {
				if v := got.at(t, path); v != want {
					t.Errorf("%s = %v, want %v", path, v, want)
				}
			}
			if t.Failed() {
				t.Logf("%.3000s", got.body)
			}
		})
	}
}

func TestCanadaPostAnswersInXML(t *testing.T) {
	s, base := start(t)
	number := numbers["canada-post"]
	s.Set(number, delivered())
	got := dial(t, s, base, "canada-post").track("canada-post", number)
	var detail struct {
		XMLName xml.Name
		PIN     string `xml:"pin"`
		Events  []struct {
			ID       string `xml:"event-identifier"`
			Date     string `xml:"event-date"`
			Time     string `xml:"event-time"`
			Zone     string `xml:"event-time-zone"`
			Signed   string `xml:"signatory-name"`
			Province string `xml:"event-province"`
		} `xml:"significant-events>occurrence"`
	}
	if err := xml.Unmarshal(got.body, &detail); err != nil {
		t.Fatalf("%v\n%s", err, got.body)
	}
	if detail.XMLName.Local != "tracking-detail" || detail.PIN != number || len(detail.Events) != 6 {
		t.Fatalf("got %+v", detail)
	}
	newest := detail.Events[0]
	if want := "1496 2026-03-04 07:30:00 NST NL DOROTHEA QUILLFEATHER"; fmt.Sprintf("%s %s %s %s %s %s", newest.ID, newest.Date, newest.Time, newest.Zone, newest.Province, newest.Signed) != want {
		t.Errorf("got %+v, want %s", newest, want)
	}
}

func TestSFPutsJSONTextIntoJSON(t *testing.T) {
	s, base := start(t)
	number := numbers["sf-express"]
	s.Set(number, delivered())
	got := dial(t, s, base, "sf-express").trackSF("0", "", number)
	if code := got.at(t, "apiResultCode"); code != "A1000" {
		t.Fatalf("got %v\n%s", code, got.body)
	}
	inner := answer{body: []byte(got.at(t, "apiResultData").(string))}
	for path, want := range map[string]any{
		"success": true, "errorCode": "S0000", "msgData.routeResps.0.mailNo": number,
		"msgData.routeResps.0.routes.0.opCode": "50", "msgData.routeResps.0.routes.0.acceptTime": "2026-03-03 04:00:00",
		"msgData.routeResps.0.routes.4.remark": "您的快件已签收,签收人：DOROTHEA QUILLFEATHER,感谢使用顺丰,期待再次为您服务",
	} {
		if v := inner.at(t, path); v != want {
			t.Errorf("%s = %v, want %v", path, v, want)
		}
	}
}

func TestSFWantsThePhoneOfSomeWaybills(t *testing.T) {
	s, base := start(t)
	st := delivered()
	st.PhoneEnd = "0138"
	s.Set("SF1234567890123", st)
	c := dial(t, s, base, "sf-express")
	for phone, want := range map[string]bool{"": false, "9999": false, "0138": true} {
		got := c.trackSF("2", phone, "SF1234567890123")
		if told := strings.Contains(string(got.body), "opCode"); told != want {
			t.Errorf("with phone %q: told %v, want %v", phone, told, want)
		}
	}
}

func TestAnUnknownNumberIsSaidToBeOne(t *testing.T) {
	s, base := start(t)
	for _, tc := range []struct {
		source, path string
		status       int
		want         any
	}{
		{"ups", "trackResponse.shipment.0.warnings.0.code", 200, "TW0001"},
		{"fedex", "output.completeTrackResults.0.trackResults.0.error.code", 200, "TRACKING.TRACKINGNUMBER.NOTFOUND"},
		{"usps", "error.code", 404, "404"},
		{"dhl-unified", "status", 404, 404.0},
		{"australia-post", "tracking_results.0.errors.0.code", 200, "ESB-10001"},
		{"royal-mail", "errors.0.errorCode", 404, "E1142"},
		{"inpost", "error", 404, "resource_not_found"},
		{"nova-poshta", "data.0.StatusCode", 200, "3"},
		{"la-poste-suivi", "returnCode", 404, 404.0},
		{"gls", "parcels.0.errorCode", 200, "E_404_01"},
		{"postnord", "TrackingInformationResponse.shipments.0", 200, nil},
		{"aramex", "NonExistingWaybills.0", 200, "1234567890"},
		{"correios", "objetos.0.mensagem", 200, "SRO-020: Objeto não encontrado na base de dados dos Correios."},
		{"generic", "parcels.0.error", 200, "not_found"},
	} {
		t.Run(tc.source, func(t *testing.T) {
			s.Set(numbers[tc.source], sim.Story{Unknown: true})
			got := dial(t, s, base, tc.source).track(tc.source, numbers[tc.source])
			if v := got.at(t, tc.path); got.status != tc.status || v != tc.want {
				t.Errorf("got %d %v, want %d %v\n%.400s", got.status, v, tc.status, tc.want, got.body)
			}
		})
	}
	t.Run("canada-post", func(t *testing.T) {
		s.Set(numbers["canada-post"], sim.Story{Unknown: true})
		got := dial(t, s, base, "canada-post").track("canada-post", numbers["canada-post"])
		if got.status != 404 || !strings.Contains(string(got.body), "<code>004</code><description>No Pin History</description>") {
			t.Errorf("got %d %s", got.status, got.body)
		}
	})
}

func TestAWrongAccountIsRefused(t *testing.T) {
	s, base := start(t)
	for _, tc := range []struct {
		source, path string
		status       int
		want         any
	}{
		{"ups", "response.errors.0.code", 401, "10401"},
		{"fedex", "errors.0.code", 401, "NOT.AUTHORIZED.ERROR"},
		{"usps", "error", 401, "invalid_client"},
		{"gls", "error", 401, "invalid_client"},
		{"correios", "method", 401, "POST"},
		{"dhl-unified", "title", 401, "Unauthorized"},
		{"canada-post", "", 401, nil},
		{"australia-post", "errors.0.code", 401, "API_001"},
		{"royal-mail", "httpCode", 401, "401"},
		{"sf-express", "apiResultCode", 200, "A1006"},
		{"la-poste-suivi", "code", 401, "UNAUTHORIZED"},
		{"postnord", "message", 403, "Invalid API key"},
		{"aramex", "Notifications.0.Code", 200, "ERR01"},
		{"generic", "error", 401, "unauthorised"},
	} {
		t.Run(tc.source, func(t *testing.T) {
			c := dial(t, s, base, tc.source)
			for name := range c.account {
				c.account[name] = "wrong"
			}
			got := c.login(tc.source)
			if got.status == 0 {
				got = c.track(tc.source, numbers[tc.source])
			}
			if got.status != tc.status || tc.path != "" && got.at(t, tc.path) != tc.want {
				t.Errorf("got %d, want %d with %s = %v\n%.300s", got.status, tc.status, tc.path, tc.want, got.body)
			}
			if refused := s.Stats()[tc.source].Refused; refused == 0 {
				t.Error("the refusal wasn't counted")
			}
		})
	}
}

func TestATokenIsNeeded(t *testing.T) {
	s, base := start(t)
	for source, status := range map[string]int{"ups": 401, "fedex": 401, "usps": 401, "gls": 401, "correios": 401} {
		c := dial(t, s, base, source)
		c.token = "made-up"
		if got := c.track(source, numbers[source]); got.status != status {
			t.Errorf("%s: got %d, want %d\n%s", source, got.status, status, got.body)
		}
	}
}

func TestTooManyNumbersAreRefused(t *testing.T) {
	s, base := start(t)
	for _, tc := range []struct {
		source, path string
		most, status int
		want         any
	}{
		{"fedex", "errors.0.code", 30, 400, "TRACKING.TRACKINGNUMBER.LIMITEXCEEDED"},
		{"australia-post", "errors.0.code", 10, 400, "51101"},
		{"royal-mail", "errors.0.errorCode", 30, 400, "E1144"},
		{"nova-poshta", "success", 100, 200, false},
		{"la-poste-suivi", "returnCode", 10, 400, 400.0},
		{"gls", "errors.0.errorCode", 10, 400, "E_400_02"},
		{"correios", "path", 50, 400, "/srorastro/v1/objetos"},
		{"generic", "error", 20, 400, "too_many_numbers"},
	} {
		t.Run(tc.source, func(t *testing.T) {
			c := dial(t, s, base, tc.source)
			many := make([]string, tc.most+1)
			for i := range many {
				many[i] = numbers[tc.source]
			}
			if got := c.track(tc.source, many[1:]...); got.status >= 300 || len(got.body) < 100*tc.most/2 {
				t.Errorf("with %d: got %d, %d bytes", tc.most, got.status, len(got.body))
			}
			if got := c.track(tc.source, many...); got.status != tc.status || got.at(t, tc.path) != tc.want {
				t.Errorf("with %d: got %d %v, want %d %v", len(many), got.status, got.at(t, tc.path), tc.status, tc.want)
			}
		})
	}
	t.Run("sf-express", func(t *testing.T) {
		many := strings.Split(strings.Repeat(numbers["sf-express"]+" ", 11), " ")[:11]
		got := dial(t, s, base, "sf-express").trackSF("0", "", many...)
		if !strings.Contains(got.at(t, "apiResultData").(string), `"success":false`) {
			t.Errorf("got %s", got.body)
		}
	})
}

func TestSeveralNumbersAtLaPosteAreAListWith207(t *testing.T) {
	s, base := start(t)
	s.Set("6A12345678901", delivered())
	s.Set("6A12345678902", sim.Story{Unknown: true})
	got := dial(t, s, base, "la-poste-suivi").track("la-poste-suivi", "6A12345678901", "6A12345678902")
	if got.status != 207 || got.at(t, "0.returnCode") != 200.0 || got.at(t, "1.returnCode") != 404.0 {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestTwoPackagesTravelUnderOneNumber(t *testing.T) {
	s, base := start(t)
	st := delivered()
	st.Pieces = 2
	for source, path := range map[string]string{
		"ups":            "trackResponse.shipment.0.package.1.trackingNumber",
		"australia-post": "tracking_results.0.trackable_items.0.items.1.article_id",
		"postnord":       "TrackingInformationResponse.shipments.0.items.1.itemId",
	} {
		s.Set(numbers[source], st)
		got := dial(t, s, base, source).track(source, numbers[source])
		if second, _ := got.at(t, path).(string); second == "" || second == numbers[source] {
			t.Errorf("%s: the second package has number %q\n%.500s", source, second, got.body)
		}
	}
}

func TestDHLPagesThroughTheShipmentsOfAReusedNumber(t *testing.T) {
	s, base := start(t)
	st := delivered()
	st.Reused = true
	number := numbers["dhl-unified"]
	s.Set(number, st)
	key := s.Credentials("dhl-unified")["api_key"]
	path := "/track/shipments?trackingNumber=" + number + "&limit=1"
	var years []string
	for range 3 {
		got := ask(t, "GET", base+"/dhl-unified"+path, "", "DHL-API-Key", key)
		years = append(years, got.at(t, "shipments.0.status.timestamp").(string)[:4])
		next, more := got.at(t, "nextUrl").(string)
		if !more {
			break
		}
		path = next
	}
	if got := strings.Join(years, " "); got != "2026 2025" {
		t.Errorf("shipments of %s, want of 2026 and 2025", got)
	}
}

func TestLanguagesAreSpoken(t *testing.T) {
	s, base := start(t)
	for source := range numbers {
		s.Set(numbers[source], delivered())
	}
	keys := func(source string) map[string]string { return s.Credentials(source) }
	for name, got := range map[string]answer{
		"in das Zustellfahrzeug geladen": ask(t, "GET", base+"/dhl-unified/track/shipments?language=de&trackingNumber="+numbers["dhl-unified"], "", "DHL-API-Key", keys("dhl-unified")["api_key"]),
		"was delivered to the receiver":  ask(t, "GET", base+"/la-poste-suivi/suivi/v2/idships/"+numbers["la-poste-suivi"]+"?lang=en_GB", "", "X-Okapi-Key", keys("la-poste-suivi")["okapi_key"]),
		"har levererats":                 ask(t, "GET", base+"/postnord/rest/shipment/v5/trackandtrace/findByIdentifier.json?locale=sv&id="+numbers["postnord"]+"&apikey="+keys("postnord")["api_key"], ""),
		"Article livré": ask(t, "GET", base+"/canada-post/vis/track/pin/"+numbers["canada-post"]+"/detail", "", "Accept", "application/vnd.cpc.track-v2+xml",
			"Accept-Language", "fr-CA", "Authorization", basicAuth(keys("canada-post")["user"], keys("canada-post")["password"])),
		"Delivered, signed by": dial(t, s, base, "sf-express").trackSF("2", "", numbers["sf-express"]),
	} {
		if !strings.Contains(string(got.body), name) {
			t.Errorf("no %q in\n%.600s", name, got.body)
		}
	}
}

func TestEveryKindOfStepHasAFormEverywhere(t *testing.T) {
	s, base := start(t)
	for source, number := range numbers {
		c := dial(t, s, base, source)
		for _, kind := range sim.Kinds {
			s.Set(number, sim.Story{Born: noon, Steps: []sim.Step{{After: -2 * time.Hour, Kind: sim.PickedUp}, {After: -time.Hour, Kind: kind}}})
			got := c.track(source, number)
			if got.status != 200 || source != "canada-post" && !json.Valid(got.body) {
				t.Errorf("%s, %s: got %d\n%.300s", source, kind, got.status, got.body)
			}
		}
	}
}
