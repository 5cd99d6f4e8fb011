package member_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/vault"
	"waypost/internal/webhook"
)

// noItems are those of nobody: these pages' events are tests.
type noItems struct{}

func (noItems) Keeping(context.Context, string, parcel.ID, string) ([]webhook.Item, string, error) {
	return nil, "", nil
}

func (noItems) Open(_ context.Context, i webhook.Item) (webhook.Item, error) { return i, nil }

// signers are the keys of the world's members.
type signers struct{ w *world }

func (s signers) Signing(ctx context.Context, owner inventory.Subject, key string) (string, error) {
	return "", fault.New(fault.NotFound, "key_missing", "There is no such key.")
}

// openHooks opens webhooks that may call this machine, and delivers them.
func openHooks(t *testing.T, w *world, d *db.DB, keys *vault.Vault) *webhook.Hooks {
	t.Helper()
	h, err := webhook.Open(t.Context(), webhook.Options{
		Regions: []webhook.Region{{Name: "eu", DB: d, Vault: keys, Jobs: w.post}}, Parcels: w.parcels, Items: noItems{}, Keys: signers{w}, Allow: []string{"127.0.0.1"},
		Write: func(f webhook.Form, e webhook.Event) (webhook.Message, error) {
			body, err := json.Marshal(map[string]any{"form": f, "number": e.Parcel.Number})
			return webhook.Body(body), err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return h
}

// hookIn is the address of the first endpoint of a list.
func hookIn(p page) string {
	p.t.Helper()
	found := regexp.MustCompile(`href="([^"?]+/webhooks/[0-9a-f-]{36})"`).FindStringSubmatch(p.body)
	if found == nil {
		p.t.Fatalf("%s lists no endpoint; %s", p.at, p.said())
	}
	return found[1]
}

// Whoever has no server sees a first webhook in an inspector.
func TestAFirstWebhookIsSeenWithoutAServer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/developer").says("See and change webhooks")
		b.get("/developer/webhooks").is(http.StatusOK).says("There is no endpoint yet").says("Make an endpoint")
		b.get("/developer/webhooks/log").is(http.StatusOK).says("Nothing was delivered yet")
		b.post("/developer/webhooks/new", "to", "inspector", "form", "own", "schedule", "patient").says("The endpoint is made").says("Inspector").says("Send a test event")
		at := hookIn(b.get("/developer/webhooks"))
		b.get(at + "/replay").says("There is no event that could be replayed yet")
		sent := b.post(at + "/test").is(http.StatusOK).says("What a program would receive").says("WAYPOSTTEST1").says("webhook-signature").says("taken")
		if strings.Contains(sent.body, "What was answered") {
			t.Error("an inspector shows an answer that nobody gave")
		}
		b.get("/developer/webhooks").says("works")
		b.get("/developer/webhooks/log?number=wayposttest1").says("Test event").says("event 1")
		b.get("/developer/webhooks/log?state=failed").says("Nothing in the log fits this")
	})
}

func TestAnEndpointFromMakingToDeleting(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var status atomic.Int64
		status.Store(http.StatusOK)
		receiver := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
			out.WriteHeader(int(status.Load()))
			_, _ = io.WriteString(out, "thanks, mia@mail.example")
		}))
		t.Cleanup(receiver.Close)
		b := w.join()
		const at = "/developer/webhooks/new"
		b.post(at, "to", "url", "url", "receiver.example", "form", "own", "schedule", "patient").is(http.StatusBadRequest).says("Give a whole address").says(`value="receiver.example"`)
		b.post(at, "to", "url", "url", "http://receiver.example", "form", "own", "schedule", "patient").is(http.StatusBadRequest).says("so that nobody reads along")
		b.post(at, "to", "url", "url", "https://192.168.0.1/", "form", "own", "schedule", "patient").is(http.StatusBadRequest).says("one of the public internet")
		b.post(at, "to", "url", "url", receiver.URL, "form", "v2.4", "schedule", "compatible", "name", "Shop", "status", "Delivered", "tags", "spring, autumn").
			says("The endpoint is made").says(receiver.URL).says("Delivered · spring · autumn").says("Try again after 10, 30 and 60 minutes")
		hook := hookIn(b.get("/developer/webhooks").says("Shop").says("Compatible, v2.4"))

		b.get(hook + "/edit").says(`value="spring, autumn"`).says(`value="Delivered" checked`)
		b.post(hook+"/edit", "url", receiver.URL, "form", "own", "schedule", "patient", "name", "Store", "ed25519", "yes").isAt(hook + "?done=edited").says("Store").says("everything")

		b.post(hook + "/test").says("taken").says("status 200").says("thanks, …").says("WAYPOSTTEST1")
		status.Store(http.StatusBadGateway)
		b.post(hook + "/test").says("is tried again").says("status 502")
		b.get(hook).says("fails since")
		status.Store(http.StatusOK)
		b.post(hook+"/replay", "first", "1", "last", "1").isAt(hook + "/deliveries/1?done=replayed").says("It is being sent again")
		b.get(hook + "/replay").says("from 1 to 2")
		b.post(hook+"/replay", "first", "2", "last", "1").is(http.StatusBadRequest).says("Give the first and the last event")
		b.post(hook+"/replay", "first", "1", "last", "2").isAt(hook + "?done=replayed")
		b.get(hook + "/deliveries/3").is(http.StatusNotFound)
		b.get(hook + "/deliveries/x").is(http.StatusNotFound)

		secret := secretIn(b.get(hook + "/secret").says("whpk_"))
		b.get(hook + "/rotate").says("both sign each event")
		rotated := b.post(hook+"/rotate", "overlap", "hour").isAt(hook + "/secret?done=rotated").says("Signs until")
		if secretIn(rotated) == secret || !strings.Contains(rotated.body, secret) {
			t.Error("there is no new secret in front, or the old one is gone")
		}
		b.post(hook+"/rotate", "overlap", "ever").is(http.StatusBadRequest)

		b.post(hook+"/switch", "on", "no").isAt(hook + "?done=off").says("Turn on")
		b.post(hook + "/test").is(http.StatusBadRequest).says("This endpoint is off")
		b.post(hook+"/switch", "on", "yes").isAt(hook + "?done=on").says("Turn off")

		b.get(hook + "/delete").says("Delete Store").says("Nothing more is sent there")
		b.post(hook + "/delete").isAt("/developer/webhooks?done=deleted").says("The endpoint is deleted").says("There is no endpoint yet")
		for _, gone := range []string{"", "/edit", "/secret", "/rotate", "/delete", "/replay"} {
			b.get(hook + gone).is(http.StatusNotFound).says("There is no such endpoint")
		}
	})
}
