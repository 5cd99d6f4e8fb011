package v1_test

import (
	"net/http"
	"strings"
	"testing"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
	"waypost/internal/status"
)

func TestRecognise(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.ask("POST /v1/recognise", `{"text": "Your parcel 1Z 4A7B2C 03 6418 2055, order 2026-0311"}`).want(t, 200,
			`"number":"1Z4A7B2C0364182055"`, `"carrier":{"code":"ups","name":"UPS"}`, `"code":"check_right"`, `"more":0`)
		w.ask("POST /v1/recognise", `{"text": "nothing here"}`).want(t, 200, `"numbers":[]`)
	})
}

func TestCarriersArePaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		seen, next := map[string]bool{}, ""
		for pages := 0; ; pages++ {
			r := w.ask("GET /v1/carriers?limit=200&after="+next, "").want(t, 200)
			for i := range strings.Count(r.text, `"formats"`) {
				code := r.field(t, "items", i, "code")
				if seen[code] {
					t.Fatalf("%s comes twice", code)
				}
				seen[code] = true
			}
			if next = r.field(t, "next"); next == "" {
				break
			}
		}
		if all := len(known().Catalogue.Carriers()); len(seen) != all {
			t.Errorf("%d carriers on all pages, want %d", len(seen), all)
		}
		w.ask("GET /v1/carriers?q=canada+post", "").want(t, 200, `"code":"canada-post"`)
		w.ask("GET /v1/carriers/dhl-express", "").want(t, 200, `"name":"DHL Express"`)
		w.ask("GET /v1/carriers/nowhere", "").want(t, 404, `"code":"not_found"`, `There is no carrier \"nowhere\".`)
		w.ask("GET /v1/carriers?after=!", "").want(t, 422, `"code":"cursor"`, `"parameter":"after"`)
	})
}

func TestAParcelIsLookedUpAndReadAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.ask("POST /v1/parcels", `{"number": "1z 4a7b2c 0364182055"}`).want(t, 200,
			`"number":"1Z4A7B2C0364182055"`, `"revision":0`, `"status":"NotFound"`, `"state":"waiting"`)
		id := first.field(t, "id")
		w.tell(ups, status.OutForDeliveryOther)
		read := w.ask("GET /v1/parcels/"+id, "").want(t, 200,
			`"carrier":{"code":"ups","name":"UPS"}`, `"revision":1`, `"sub_status":"OutForDelivery_Other"`, `"city":"Testhafen"`, `"milestones":[`)
		tag := read.header.Get("ETag")
		again := w.ask("GET /v1/parcels/"+id, "", "If-None-Match", tag).want(t, 304)
		if again.text != "" || again.header.Get("ETag") != tag {
			t.Errorf("304 with ETag %q and body %q, want %q and none", again.header.Get("ETag"), again.text, tag)
		}
		w.tell(ups, status.DeliveredOther)
		w.ask("GET /v1/parcels/"+id, "", "If-None-Match", tag).want(t, 200, `"status":"Delivered"`)
		w.ask("GET /v1/parcels?number="+ups, "").want(t, 200, `"id":"`+id+`"`)
		w.ask("GET /v1/parcels?number="+dhl, "").want(t, 200, `"items":[]`)
	})
}

func TestWhatCantBeLookedUpSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct{ name, body, code, says string }{
			{"a check digit that is wrong", `{"number": "1Z4A7B2C0364182056"}`, "number", "its check digit is wrong"},
			{"no number at all", `{"number": "---"}`, "number", `"pointer":"#/number"`},
			{"a carrier that isn't connected", `{"number": "RR409172635CA"}`, "carrier_unavailable", "is connected here"},
			{"a carrier that there isn't", `{"number": "1Z4A7B2C0364182055", "carrier": "nowhere"}`, "carrier", `"pointer":"#/carrier"`},
		} {
			t.Run(tc.name, func(t *testing.T) {
				w.ask("POST /v1/parcels", tc.body).want(t, 422, `"code":"`+tc.code+`"`, tc.says)
			})
		}
	})
}

func TestWatchesAreKeptChangedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		made := w.ask("POST /v1/watches", `{"items": [{"number": "`+ups+`", "name": "Lamp", "tags": ["home"]}, {"number": "`+dhl+`", "carrier": "dhl-express"}]}`).want(t, 201, `"made":true`)
		id := made.field(t, "items", 0, "id")
		w.ask("POST /v1/watches", `{"items": [{"number": "`+ups+`"}]}`).want(t, 201, `{"id":"`+id+`","made":false}`)
		w.ask("GET /v1/watches?limit=1", "").want(t, 200, `"total":2`, `"next":"`)
		w.ask("GET /v1/watches?tag=HOME", "").want(t, 200, `"total":1`, `"name":"Lamp"`, `"source":"api"`)
		w.ask("GET /v1/watches/"+id, "").want(t, 200, `"name":"Lamp"`, `"parcel":{"id":"`)
		w.ask("PATCH /v1/watches/"+id, `{"note": "two of them", "archived": true}`).want(t, 200, `"name":"Lamp"`, `"note":"two of them"`, `"archived":"2`)
		w.ask("GET /v1/watches?archived=only", "").want(t, 200, `"total":1`)
		w.ask("DELETE /v1/watches/"+id, "").want(t, 204)
		w.ask("GET /v1/watches/"+id, "").want(t, 404, `"code":"not_found"`)
		w.ask("DELETE /v1/watches/"+id, "").want(t, 404)
	})
}

func TestWhichOfSeveralCantBeKeptIsSaid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.ask("POST /v1/watches", `{"items": [{"number": "`+ups+`"}, {"number": "1Z4A7B2C0364182056"}]}`).want(t, 422, `"code":"number"`, `"pointer":"#/items/1"`)
		w.ask("POST /v1/watches", `{"items": [{"number": "`+ups+`", "given": {"ship_date": "March"}}]}`).want(t, 422, `"code":"given"`, `"pointer":"#/items/0/given/ship_date"`)
		w.ask("GET /v1/watches", "").want(t, 200, `"total":0`)
	})
}

func TestARepeatedRequestIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lamp := `{"items": [{"number": "` + ups + `", "name": "Lamp"}]}`
		first := w.ask("POST /v1/watches", lamp, "Idempotency-Key", "order 7").want(t, 201, `"made":true`)
		again := w.ask("POST /v1/watches", lamp, "Idempotency-Key", "order 7").want(t, 201)
		if again.text != first.text || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("the second time it is %s, want %s", again.text, first.text)
		}
		w.ask("POST /v1/watches", `{"items": [{"number": "`+dhl+`"}]}`, "Idempotency-Key", "order 7").want(t, 422, `"code":"idempotency_key_used"`)
		w.ask("POST /v1/watches", lamp, "Idempotency-Key", "", "X-Y", "z").want(t, 201, `"made":false`)
		w.ask("POST /v1/watches", lamp, "Idempotency-Key", "é").want(t, 422, `"header":"Idempotency-Key"`)
		w.ask("POST /v1/watches", `{"items": []}`, "Idempotency-Key", "order 8").want(t, 422, `"code":"invalid"`)
		w.ask("POST /v1/watches", lamp, "Idempotency-Key", "order 8").want(t, 201)
		other := w.key(noah, quota.Scopes...)
		w.ask("POST /v1/watches", lamp, "Idempotency-Key", "order 7", "Authorization", "Bearer "+other).want(t, 201, `"made":true`)
	})
}

func TestNobodySeesAnothersWatches(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.ask("POST /v1/watches", `{"items": [{"number": "`+ups+`", "name": "Lamp"}]}`).want(t, 201).field(t, "items", 0, "id")
		other := []string{"Authorization", "Bearer " + w.key(noah, quota.Scopes...)}
		w.ask("GET /v1/watches", "", other...).want(t, 200, `"items":[]`, `"total":0`)
		w.ask("GET /v1/watches/"+id, "", other...).want(t, 404)
		w.ask("PATCH /v1/watches/"+id, `{"name": "Mine"}`, other...).want(t, 404)
		w.ask("DELETE /v1/watches/"+id, "", other...).want(t, 404)
		w.ask("GET /v1/watches/"+id, "").want(t, 200, `"name":"Lamp"`)
	})
}

func TestAKeyIsWantedAndHeldToItsScopes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.ask("GET /v1/account", "", "Authorization", "").want(t, 401, `"code":"no_key"`, `"type":"https://waypost.example/developer/errors/no_key"`)
		if got := r.header.Get("WWW-Authenticate"); !strings.HasPrefix(got, "Bearer") {
			t.Errorf("WWW-Authenticate is %q", got)
		}
		if got := r.header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("Content-Type is %q", got)
		}
		w.ask("GET /v1/account", "", "Authorization", "Bearer eu_"+strings.Repeat("x", 36)).want(t, 401, `"code":"key_unknown"`)
		reads := []string{"Authorization", "bearer " + w.key(mia, quota.Read)}
		w.ask("GET /v1/account", "", reads...).want(t, 200, `"id":"`+string(mia)+`"`, `"scopes":["read"]`, `"remain":100`, `"daily":40`)
		w.ask("POST /v1/watches", `{"items": [{"number": "`+ups+`"}]}`, reads...).want(t, 403, `"code":"key_scope"`, `\"write\"`)
	})
}

func TestKeysAreMadeRotatedAndRevoked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		made := w.ask("POST /v1/keys", `{"name": "Shop", "scopes": ["read"], "from": ["127.0.0.0/8"]}`).want(t, 201, `"scopes":["read"]`, `"from":["127.0.0.0/8"]`)
		id, secret := made.field(t, "id"), made.field(t, "secret")
		shop := []string{"Authorization", "Bearer " + secret}
		w.ask("GET /v1/account", "", shop...).want(t, 200, `"key":"`+id+`"`)
		if list := w.ask("GET /v1/keys", "").want(t, 200, `"name":"Shop"`, `"last":"`+secret[len(secret)-4:]+`"`); strings.Contains(list.text, secret) {
			t.Error("the list tells a secret")
		}
		w.ask("PATCH /v1/keys/"+id, `{"name": "Shop 2"}`).want(t, 200, `"name":"Shop 2"`, `"from":["127.0.0.0/8"]`)
		fresh := w.ask("POST /v1/keys/"+id+"/rotate", `{"overlap_hours": 1}`).want(t, 200, `"ends":"2`).field(t, "secret")
		for _, works := range []string{secret, fresh} {
			w.ask("GET /v1/account", "", "Authorization", "Bearer "+works).want(t, 200)
		}
		w.ask("POST /v1/keys", `{"name": "X", "scopes": ["read"], "from": ["192.0.2.1/24"]}`).want(t, 422, `"pointer":"#/from"`)
		w.ask("DELETE /v1/keys/"+id, "").want(t, 204)
		w.ask("GET /v1/account", "", shop...).want(t, 401, `"code":"key_unknown"`)
		w.ask("DELETE /v1/keys/"+nobody, "").want(t, 404)
		w.ask("DELETE /v1/keys/"+id, "", "Authorization", "Bearer "+w.key(noah, quota.Scopes...)).want(t, 404)
	})
}

// From the first scan to the last, as a program is tried out: a key for tests, a
// number, and its events one by one.
func TestATestNumberMovesWhenItIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		secret := w.ask("POST /v1/keys", `{"name": "CI", "scopes": ["read", "write"], "test": true}`).want(t, 201, `"test":true`).field(t, "secret")
		with := []string{"Authorization", "Bearer " + secret}
		number := w.ask("POST /v1/test/numbers", `{"story": "delivered"}`, with...).want(t, 201, `"code":"waypost-test"`, `"Delivered_Other"]`).field(t, "number")
		next := "POST /v1/test/numbers/" + number + "/next"
		w.ask(next, `{}`, with...).want(t, 404)
		id := w.ask("POST /v1/watches", `{"items": [{"number": "`+number+`"}]}`, with...).want(t, 201).field(t, "items", 0, "id")
		w.ask("GET /v1/watches/"+id, "", with...).want(t, 200, `"status":"NotFound"`)
		for _, sub := range []string{"InfoReceived", "InTransit_PickedUp", "InTransit_Departure", "InTransit_Arrival", "OutForDelivery_Other", "Delivered_Other"} {
			w.ask(next, `{}`, with...).want(t, 200, `"sub_status":"`+sub+`"`)
		}
		w.ask(next, `{}`, with...).want(t, 409, `"code":"test_end"`)
		w.ask("GET /v1/watches/"+id, "", with...).want(t, 200, `"status":"Delivered"`, `"revision":6`)
		w.ask("GET /v1/account", "", with...).want(t, 200, `"test":true`, `"used":0`)
	})
}

func TestATestNumberCanDemandAPostalCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		number := w.ask("POST /v1/test/numbers", `{"story": "postal_code"}`).want(t, 201, `"needs":["postal_code"]`).field(t, "number")
		w.ask("POST /v1/parcels", `{"number": "`+number+`"}`).want(t, 422, `"code":"needs_more"`, "postal_code")
		w.ask("POST /v1/parcels", `{"number": "`+number+`", "given": {"postal_code": "0150"}}`).want(t, 200, `"status":"NotFound"`)
		w.ask("POST /v1/test/numbers/"+number+"/next", `{}`).want(t, 404)
		w.ask("POST /v1/test/numbers/"+number+"/next", `{"given": {"postal_code": "0150"}}`).want(t, 200, `"status":"InfoReceived"`)
		w.ask("POST /v1/test/numbers/"+ups+"/next", `{}`).want(t, 404)
	})
}

func TestAKeyForTestsWorksWithTestNumbersAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		store := must(w.keys.Of(mia))(t)
		fresh := must(store.MakeTest(t.Context(), mia, quota.Settings{Name: "CI", Scopes: quota.Scopes}, false))(t)
		with := []string{"Authorization", "Bearer " + fresh.Secret}
		w.ask("POST /v1/watches", `{"items": [{"number": "WPTL000000000018"}, {"number": "`+ups+`"}]}`, with...).want(t, 403, `"code":"test_key"`, `"pointer":"#/items/1/number"`)
		w.ask("POST /v1/parcels", `{"number": "`+ups+`"}`, with...).want(t, 403, `"code":"test_key"`)
		w.ask("POST /v1/keys", `{"name": "X", "scopes": ["read"]}`, with...).want(t, 403, `"code":"key_grant"`)
		w.ask("POST /v1/keys", `{"name": "X", "scopes": ["read"], "test": true}`, with...).want(t, 201)
	})
}

func TestNoKeyGetsMoreThanItHas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		store := must(w.keys.Of(mia))(t)
		strong := must(store.List(t.Context(), mia))(t)[0].ID
		writes := []string{"Authorization", "Bearer " + w.key(mia, quota.Read, quota.Write)}
		w.ask("POST /v1/keys", `{"name": "X", "scopes": ["realtime"]}`, writes...).want(t, 403, `"code":"key_grant"`)
		w.ask("PATCH /v1/keys/"+string(strong), `{"name": "X"}`, writes...).want(t, 403, `"code":"key_grant"`)
		w.ask("POST /v1/keys/"+string(strong)+"/rotate", `{"overlap_hours": 0}`, writes...).want(t, 403, `"code":"key_grant"`)
		w.ask("POST /v1/keys", `{"name": "X", "scopes": ["read", "write"]}`, writes...).want(t, 201)
	})
}

func TestWhatIsWrongIsPointedAt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct {
			name, route, body string
			status            int
			says              []string
		}{
			{"a field of the wrong type", "POST /v1/watches", `{"items": [{"number": "1Z4A7B2C0364182055"}, {"number": 7}]}`, 422, []string{`"pointer":"#/items/1/number"`, `"code":"invalid"`}},
			{"a field that there isn't", "POST /v1/recognise", `{"text": "x", "tekst": "y"}`, 422, []string{`"pointer":"#/tekst"`}},
			{"a field that is missing", "POST /v1/recognise", `{}`, 422, []string{`"pointer":"#"`, `text`}},
			{"a parameter that there isn't", "GET /v1/watches?limti=5", "", 422, []string{`"parameter":"limti"`}},
			{"a parameter out of its bounds", "GET /v1/watches?limit=5000", "", 422, []string{`"parameter":"limit"`}},
			{"an id that is none", "GET /v1/parcels/7", "", 422, []string{`"parameter":"parcel"`}},
			{"an id that nothing has", "GET /v1/parcels/" + nobody, "", 404, []string{`"code":"not_found"`}},
			{"no JSON", "POST /v1/recognise", `{"text": `, 400, []string{`"code":"malformed"`}},
			{"no body", "POST /v1/recognise", ``, 400, []string{`"code":"malformed"`}},
			{"an order that there isn't", "GET /v1/watches?sort=colour", "", 422, []string{`"parameter":"sort"`}},
			{"a status that there isn't", "GET /v1/watches?status=Lost", "", 422, []string{`"parameter":"status`}},
			{"nothing at the address", "GET /v1/nowhere", "", 404, []string{`"code":"no_route"`}},
			{"another method", "PUT /v1/watches", "", 405, []string{`"code":"method_not_allowed"`, "GET, HEAD, POST"}},
			{"far too much", "POST /v1/recognise", `{"text": "` + strings.Repeat("x", 2<<20) + `"}`, 413, []string{`"code":"too_large"`}},
		} {
			t.Run(tc.name, func(t *testing.T) { w.ask(tc.route, tc.body).want(t, tc.status, tc.says...) })
		}
		w.ask("POST /v1/recognise", `text=x`, "Content-Type", "application/x-www-form-urlencoded").want(t, 415, `"code":"media_type"`)
	})
}

func TestTooManyRequestsAreToldWhenToComeAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 1)
		var last reply
		for range 50 {
			if last = w.ask("GET /v1/account", ""); last.status == http.StatusTooManyRequests {
				break
			}
		}
		last.want(t, 429, `"code":"rate_limited"`)
		if last.header.Get("Retry-After") != "1" || last.header.Get("RateLimit") != `"key";r=0;t=1` {
			t.Errorf("Retry-After is %q and RateLimit %q", last.header.Get("Retry-After"), last.header.Get("RateLimit"))
		}
	})
}

func TestTheDocumentIsForEverybody(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.ask("GET /v1/openapi.json", "", "Authorization", "").want(t, 200, `"openapi":"3.1.0"`)
		if r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("pages of other sites can't read the document")
		}
		w.ask("GET /v1/openapi.json", "", "If-None-Match", r.header.Get("ETag")).want(t, 304)
		if got := w.ask("GET /v1/account", "", "Origin", "https://elsewhere.example").header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("pages of other sites may read an account: %q", got)
		}
	})
}
