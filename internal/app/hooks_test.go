package app

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// here lets webhooks call this machine.
func here(c *config.Config) { c.Webhooks.Allow = []string{"127.0.0.1"} }

// deliverHooks runs the queues, and has webhooks delivered, until the test ends.
func deliverHooks(t *testing.T, s *server) {
	t.Helper()
	deliver(t, s)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.hooks.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A hooked is a request that a program's server got.
type hooked struct {
	header http.Header
	body   []byte
}

// settled waits until no job of a kind is left to do.
func settled(t *testing.T, s *server, kind string) {
	t.Helper()
	soon(t, "an end of "+kind, func() (bool, bool) {
		var left int
		err := s.databases.Parcels.Read(t.Context(), func(tx *db.Tx) error {
			return tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM river_job WHERE kind = $1 AND state <> 'completed'`, kind).Scan(&left)
		})
		if err != nil {
			t.Fatal(err)
		}
		return true, left == 0
	})
}

// hookReceiver is a program's server, and what it got so far.
func hookReceiver(t *testing.T) (address string, all func() []hooked) {
	t.Helper()
	var mu sync.Mutex
	var got []hooked
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		got = append(got, hooked{r.Header.Clone(), body})
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []hooked {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(got)
	}
}

// What carriers tell of a registered and of a saved parcel goes through the real
// queues to the account's program, signed, as the cursor has it, too.
func TestProgramsAreToldOfParcels(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		cfg := settings(t, map[string]any{"url": "http://track.example", "database.parcels": address})
		here(&cfg)
		s, err := newServer(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.close)
		deliverHooks(t, s)
		mia, noah := newMember(t, s, "mia@mail.example"), newMember(t, s, "noah@mail.example")
		owner := mia.Account.Subject()
		const number = "1Z4A7B2C0364182055"
		keep(t, s, noah.Account.Subject(), number, "noah's kettle")
		told(t, s, number, status.InTransitOther, 0)
		settled(t, s, "webhook.parcel_changed") // or mia, who keeps it next, hears of it, too

		at, got := hookReceiver(t)
		hooks, err := s.hooks.Of(owner)
		if err != nil {
			t.Fatal(err)
		}
		e, err := hooks.Create(t.Context(), owner, webhook.Settings{Name: "Shop", URL: at})
		if err != nil {
			t.Fatal(err)
		}
		keep(t, s, owner, number, "mia's kettle")
		told(t, s, number, status.OutForDeliveryOther, 1)
		soon(t, "news", func() (bool, bool) { return true, len(got()) == 1 })
		told(t, s, number, status.DeliveredOther, 2)
		soon(t, "more news", func() (bool, bool) { return true, len(got()) == 2 })

		verify, err := standardwebhooks.NewWebhook(e.Secrets[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		events, err := hooks.After(t.Context(), owner, 0, 10)
		if err != nil || len(events) != 2 {
			t.Fatalf("the cursor has %d events: %v", len(events), err)
		}
		for i, g := range got() {
			if err := verify.Verify(g.body, g.header); err != nil {
				t.Error(err)
			}
			m, err := s.writeEvent(webhook.Own, events[i])
			if err != nil {
				t.Fatal(err)
			}
			if body, _ := m.Sign(""); string(body) != string(g.body) {
				t.Errorf("the webhook carried\n%s\nand the cursor has\n%s", g.body, body)
			}
			var said struct {
				Type     string
				Sequence int
				Data     struct {
					Item   struct{ Name, Source string }
					Parcel struct {
						Number, Status string
						Events         []any
					}
				}
			}
			if err := json.Unmarshal(g.body, &said); err != nil {
				t.Fatal(err)
			}
			want := []status.Main{status.OutForDelivery, status.Delivered}[i]
			if d := said.Data; said.Type != "parcel.updated" || said.Sequence != i+1 || d.Item.Name != "mia's kettle" || d.Item.Source != "hand" ||
				d.Parcel.Number != number || d.Parcel.Status != string(want) || len(d.Parcel.Events) != i+2 {
				t.Errorf("the webhook says %s", g.body)
			}
		}
		theirs, err := s.hooks.Of(noah.Account.Subject())
		if err != nil {
			t.Fatal(err)
		}
		if events, err := theirs.After(t.Context(), noah.Account.Subject(), 0, 10); err != nil || len(events) != 0 {
			t.Errorf("noah, whose programs never asked, has %d events: %v", len(events), err)
		}
	})
}

// Who registers a parcel hears of it, at once when it is known already, and when
// its registration ends.
func TestProgramsAreToldOfRegistrations(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, here)
		deliverHooks(t, s)
		mia := newMember(t, s, "mia@mail.example")
		owner := mia.Account.Subject()
		hooks, err := s.hooks.Of(owner)
		if err != nil {
			t.Fatal(err)
		}
		at, got := hookReceiver(t)
		if _, err := hooks.Create(t.Context(), owner, webhook.Settings{URL: at}); err != nil {
			t.Fatal(err)
		}
		watches, err := s.watches.Of(owner)
		if err != nil {
			t.Fatal(err)
		}
		const number = "1Z4A7B2C0364182055"
		for _, tag := range []string{"order 1", "order 2"} {
			made, err := watches.Register(t.Context(), owner, watch.Registering{Number: number, Carrier: "ups", Details: watch.Details{Tag: tag}})
			if err != nil || made[0].Err != nil {
				t.Fatal(err, made[0].Err)
			}
			hears(t, got, "parcel.updated", tag)
			soon(t, "word of it beside the registration", func() (bool, bool) {
				r, err := watches.Registration(t.Context(), owner, made[0].ID)
				return true, err == nil && r.Push.Status == watch.PushTaken && r.Push.Code == http.StatusOK
			})
			ref := watch.Reference{Number: number}
			if _, err := watches.Stop(t.Context(), owner, ref); err != nil {
				t.Fatal(err)
			}
			hears(t, got, "parcel.stopped", tag)
			if _, err := watches.Unregister(t.Context(), owner, ref); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// hears waits until a program was told something of what has a tag.
func hears(t *testing.T, got func() []hooked, what, tag string) {
	t.Helper()
	soon(t, what+" of "+tag, func() (bool, bool) {
		return true, slices.ContainsFunc(got(), func(g hooked) bool {
			var said struct {
				Type string
				Data struct{ Item struct{ Tags []string } }
			}
			return json.Unmarshal(g.body, &said) == nil && said.Type == what && slices.Equal(said.Data.Item.Tags, []string{tag})
		})
	})
}
