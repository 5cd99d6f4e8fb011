package v1_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/internal/quota"
	"waypost/internal/status"
)

// keep has mia keep a number, and returns its watch and parcel.
func (w *world) keep(number string) (watch, parcel string) {
	w.t.Helper()
	id := w.ask("POST /v1/watches", `{"items": [{"number": "`+number+`", "tags": ["home"]}]}`).want(w.t, 201).field(w.t, "items", 0, "id")
	return id, w.ask("GET /v1/watches/"+id, "").want(w.t, 200).field(w.t, "parcel_id")
}

func TestEventsAreListedWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.ask("GET /v1/events", "").want(t, 200, `"items":[]`, `"next":"0"`, `"last":0`)
		id, _ := w.keep(ups)
		w.keep(dhl)
		for _, step := range []status.Sub{status.InTransitPickedUp, status.InTransitDeparture, status.OutForDeliveryOther} {
			w.tell(ups, step)
		}
		w.tell(dhl, status.InTransitPickedUp)
		first := w.ask("GET /v1/events?limit=3", "").want(t, 200, `"type":"parcel.updated"`, `"sequence":1`, `"sequence":3`, `"item":{"id":"`+id+`"`, `"tags":["home"]`, `"sub_status":"OutForDelivery_Other"`, `"next":"3"`, `"last":4`)
		if strings.Contains(first.text, dhl) {
			t.Error("a page of three has four")
		}
		w.ask("GET /v1/events?after=3", "").want(t, 200, `"sequence":4`, dhl, `"next":"4"`)
		w.ask("GET /v1/events?after=4", "").want(t, 200, `"items":[]`, `"next":"4"`)
		w.ask("GET /v1/events?after=x", "").want(t, 422, `"parameter":"after"`)
		w.ask("GET /v1/events", "", "Authorization", "Bearer "+w.key(noah, quota.Read)).want(t, 200, `"items":[]`, `"last":0`)
	})
}

// A heard is a server-sent event.
type heard struct{ id, name, data string }

// A listener follows a stream.
type listener struct {
	t      *testing.T
	events chan heard
	hangUp context.CancelFunc
}

// listen opens a stream; last is the Last-Event-ID, "" none.
func (w *world) listen(path, last string) *listener {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	w.t.Cleanup(cancel)
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, w.base+path, nil))(w.t)
	r.Header.Set("Authorization", "Bearer "+w.secret)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		text, _ := io.ReadAll(resp.Body)
		w.t.Fatalf("%s answers %d %s", path, resp.StatusCode, text)
	}
	l := &listener{w.t, make(chan heard, 100), cancel}
	go func() {
		defer close(l.events)
		var e heard
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.name = value
			case "data":
				e.data = value
			case "":
				if e.name != "" {
					l.events <- e
				}
				e = heard{}
			}
		}
	}()
	return l
}

// want fails the test unless the next event has an id, a name and texts.
func (l *listener) want(id, name string, texts ...string) {
	l.t.Helper()
	select {
	case e := <-l.events:
		if e.id != id || e.name != name {
			l.t.Fatalf("heard %s %s, want %s %s: %s", e.id, e.name, id, name, e.data)
		}
		for _, text := range texts {
			if !strings.Contains(e.data, text) {
				l.t.Errorf("%s is not in %s", text, e.data)
			}
		}
	case <-time.After(20 * time.Second):
		l.t.Fatalf("nothing is heard, want %s %s", id, name)
	}
}

func TestAParcelIsFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, id := w.keep(ups)
		l := w.listen("/v1/parcels/"+id+"/stream", "")
		l.want("0", "parcel", `"revision":0`)
		w.tell(ups, status.InTransitPickedUp)
		l.want("1", "parcel", `"sub_status":"InTransit_PickedUp"`)
		l.hangUp()
		w.tell(ups, status.DeliveredOther)
		l = w.listen("/v1/parcels/"+id+"/stream", "1")
		l.want("2", "parcel", `"status":"Delivered"`)
		w.ask("GET /v1/parcels/"+nobody+"/stream", "").want(t, 404)
	})
}

// Whoever comes back with the id of the last event that came misses nothing, and
// hears nothing twice.
func TestAStreamGoesOnWithoutGaps(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, _ := w.keep(ups)
		w.keep(dhl)
		l := w.listen("/v1/events/stream", "")
		w.tell(ups, status.InTransitPickedUp)
		l.want("1", "parcel.updated", ups)
		l.hangUp()
		w.tell(dhl, status.InTransitPickedUp)
		w.tell(ups, status.OutForDeliveryOther)
		l = w.listen("/v1/events/stream", "1")
		l.want("2", "parcel.updated", dhl)
		l.want("3", "parcel.updated", ups)
		w.tell(ups, status.DeliveredOther)
		l.want("4", "parcel.updated", `"status":"Delivered"`)
		l = w.listen("/v1/events/stream?after=0&item="+id, "")
		l.want("1", "parcel.updated", ups)
		l.want("3", "parcel.updated", ups)
		w.ask("GET /v1/events/stream?after=x", "").want(t, 422)
		w.door.Close()
		select {
		case _, open := <-l.events:
			if _, still := <-l.events; open && still {
				t.Error("a stream goes on when the server stops")
			}
		case <-time.After(20 * time.Second):
			t.Error("a stream doesn't end when the server stops")
		}
	})
}

func TestWebhooksAreMadeTriedReplayedAndDeleted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		made := w.ask("POST /v1/webhooks", `{"name": "Shop", "url": "http://127.0.0.1:9/in", "filter": {"status": ["Delivered"]}}`).want(t, 201,
			`"state":"on"`, `"secret":"whsec_`, `"public":"whpk_`, `"form":"own"`)
		id := made.field(t, "id")
		if list := w.ask("GET /v1/webhooks", "").want(t, 200, `"name":"Shop"`); strings.Contains(list.text, "whsec_") {
			t.Error("the list tells secrets")
		}
		w.ask("GET /v1/webhooks/"+id, "").want(t, 200, `"secret":"whsec_`)
		w.ask("GET /v1/webhooks/"+id, "", "Authorization", "Bearer "+w.key(mia, quota.Read)).want(t, 403, `"code":"key_scope"`)
		w.ask("PATCH /v1/webhooks/"+id, `{"name": "Store", "on": false}`).want(t, 200, `"name":"Store"`, `"state":"off"`, `"status":["Delivered"]`)
		w.ask("PATCH /v1/webhooks/"+id, `{"on": true}`).want(t, 200, `"state":"on"`)
		w.ask("POST /v1/webhooks/"+id+"/rotate", `{"overlap_hours": 24}`).want(t, 200, `"ends":"2`)
		w.ask("POST /v1/webhooks/"+id+"/test", "").want(t, 202, `"sequence":1`)
		w.keep(ups)
		w.tell(ups, status.InTransitPickedUp)
		w.ask("POST /v1/webhooks/"+id+"/replay", `{"first": 2, "last": 2}`).want(t, 202, `"events":1`)
		w.ask("GET /v1/webhooks/"+id+"/deliveries", "").want(t, 200, `"sequence":2`, `"type":"endpoint.test"`, `"state":"waiting"`)
		w.ask("GET /v1/webhooks/"+id+"/deliveries?limit=1", "").want(t, 200, `"next":"`)
		w.ask("POST /v1/webhooks", `{"url": "http://user:pw@shop.example"}`).want(t, 422, `"pointer":"#/url"`)
		w.ask("DELETE /v1/webhooks/"+id, "").want(t, 204)
		w.ask("GET /v1/webhooks/"+id, "").want(t, 404)
		w.ask("GET /v1/webhooks/"+id, "", "Authorization", "Bearer "+w.key(noah, quota.Scopes...)).want(t, 404)
	})
}
