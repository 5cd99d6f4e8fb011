package v1_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/status"
)

// npm's prism stands between a program and the API, with the API's document in
// hand, and sees nothing that isn't as it says: in no answer, and in no request
// that was taken.
func TestAProxyThatValidatesSeesNoViolation(t *testing.T) {
	folder := os.Getenv("WAYPOST_TEST_PRISM")
	if folder == "" {
		t.Skip("WAYPOST_TEST_PRISM names no folder with npm's prism; tools/with-parts prepares one where there is node and npm")
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 10_000)
		seen := w.through(prism(t, folder, w.door.Document(), w.base))
		w.ask("POST /v1/recognise", `{"text": "1Z4A7B2C0364182055 and RR409172635CA", "country": "DE"}`).want(t, 200)
		w.ask("GET /v1/carriers?limit=200", "").want(t, 200)
		w.ask("GET /v1/carriers/dhl-express", "").want(t, 200)
		w.ask("GET /v1/carriers/nowhere", "").want(t, 404)
		watch, parcel := w.keep(ups)
		w.tell(ups, status.InTransitPickedUp)
		w.tell(ups, status.DeliveredOther)
		w.ask("POST /v1/parcels", `{"number": "`+dhl+`", "carrier": "dhl-express"}`).want(t, 200)
		w.ask("POST /v1/parcels", `{"number": "1Z4A7B2C0364182056"}`).want(t, 422)
		w.ask("GET /v1/parcels/"+parcel, "").want(t, 200)
		w.ask("GET /v1/parcels?number="+ups, "").want(t, 200)
		w.ask("GET /v1/watches?status=Delivered&sort=name", "").want(t, 200)
		w.ask("PATCH /v1/watches/"+watch, `{"name": "Lamp", "note": null}`).want(t, 200)
		w.ask("GET /v1/events?limit=1", "").want(t, 200)
		hook := w.ask("POST /v1/webhooks", `{"inspect": true, "filter": {"status": ["Delivered"]}}`).want(t, 201).field(t, "id")
		w.ask("POST /v1/webhooks/"+hook+"/test", "").want(t, 202)
		w.ask("GET /v1/webhooks/"+hook+"/deliveries", "").want(t, 200)
		w.ask("GET /v1/webhooks", "").want(t, 200)
		key := w.ask("POST /v1/keys", `{"name": "CI", "scopes": ["read"], "test": true}`).want(t, 201).field(t, "id")
		w.ask("POST /v1/keys/"+key+"/rotate", `{"overlap_hours": 1}`).want(t, 200)
		w.ask("GET /v1/keys", "").want(t, 200)
		w.ask("GET /v1/account", "").want(t, 200)
		number := w.ask("POST /v1/test/numbers", `{"story": "lost"}`).want(t, 201).field(t, "number")
		w.ask("POST /v1/parcels", `{"number": "`+number+`"}`).want(t, 200)
		w.ask("POST /v1/test/numbers/"+number+"/next", `{}`).want(t, 200)
		w.ask("DELETE /v1/watches/"+watch, "").want(t, 204)
		w.ask("GET /v1/watches/"+watch, "").want(t, 404)
		w.ask("GET /v1/watches?limit=0", "").want(t, 422)
		w.ask("DELETE /v1/keys/"+key, "").want(t, 204)
		if n := seen.Load(); n < 27 {
			t.Errorf("%d answers passed the proxy; does it stand between?", n)
		}
	})
}

// through has requests go by way of a proxy, and fails the test where it saw a
// violation. It counts the answers that came so.
func (w *world) through(proxy string) *atomic.Int64 {
	var seen atomic.Int64
	w.base = proxy
	w.saw = func(r reply) {
		seen.Add(1)
		violations := r.header.Get("Sl-Violations")
		if r.status >= http.StatusBadRequest { // what was refused may be anything
			violations = strings.Join(strings.Split(violations, `"location":["request"`), "")
			if !strings.Contains(violations, `"location":["response"`) {
				return
			}
		}
		if violations != "" {
			w.t.Errorf("%d %s: the proxy saw %s", r.status, r.text, violations)
		}
	}
	return &seen
}

// prism starts a proxy in front of an address, and returns its own.
func prism(t *testing.T, folder string, document []byte, upstream string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	free := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	_, port, err := net.SplitHostPort(free.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	ctx, cancel := context.WithCancel(t.Context())
	c := exec.CommandContext(ctx, "node", filepath.Join(folder, "node_modules", ".bin", "prism"), "proxy", file, upstream, "--host", "127.0.0.1", "--port", port)
	c.WaitDelay = 5 * time.Second
	out := must(c.StdoutPipe())(t)
	c.Stderr = t.Output()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		c.Wait() //nolint:errcheck // it was told to end
	})
	ready := make(chan bool, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if strings.Contains(lines.Text(), "is listening") {
				ready <- true
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(time.Minute):
		t.Fatal("prism doesn't begin")
	}
	return "http://127.0.0.1:" + port
}
