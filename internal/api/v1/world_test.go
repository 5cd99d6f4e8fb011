package v1_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	v1 "waypost/internal/api/v1"
	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/limit"
	"waypost/internal/once"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/poll"
	"waypost/internal/quota"
	"waypost/internal/recognise"
	"waypost/internal/rehearse"
	"waypost/internal/status"
	"waypost/internal/vault"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// Numbers that the carrier files invented.
const (
	ups = "1Z4A7B2C0364182055"
	dhl = "4829103753"
)

// mia and noah are two members.
const (
	mia  inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
	noah inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000002"
)

// nobody is an id that nothing has.
const nobody = "0190d5a0-0000-7000-8000-0000000000ff"

// known is read once for all tests.
var known = sync.OnceValue(func() v1.Knowledge {
	catalogue, _ := builtin.Catalogue()
	accounts := []poll.Account{}
	for _, code := range []carrier.SourceCode{"ups", "dhl-unified"} {
		source, _ := catalogue.Source(code)
		accounts = append(accounts, poll.Account{Code: carrier.AccountCode(code + "/main"), Source: source})
	}
	return v1.Knowledge{
		Catalogue: catalogue, Index: recognise.New(catalogue.Carriers()),
		Plan: func(n recognise.Number, named carrier.Code, given carrier.Given) poll.Plan {
			if p, ok := rehearse.Plan(n, named, given); ok {
				return p
			}
			return poll.MakePlan(catalogue, accounts, n, named, given)
		},
	}
})

// A world is the API with the rooms that it opens, of one region.
type world struct {
	t       *testing.T
	parcels *parcel.Store
	watches *watch.Watches
	keys    *quota.Stores
	hooks   *webhook.Hooks
	door    *v1.Door
	base    string
	secret  string // of mia's key that may do everything
	told    *contract
	saw     func(reply) // sees each answer; nil nobody does
}

// each runs test with the API on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d, 10_000)) })
}

// newWorld is a world where a key may call so often in a second.
func newWorld(t *testing.T, d *db.DB, rate int) *world {
	t.Helper()
	w := &world{t: t}
	ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
	safe := must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
	for _, who := range []inventory.Subject{mia, noah} {
		if err := safe.Create(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	w.parcels = must(parcel.Open(t.Context(), d, slog.New(slog.DiscardHandler)))(t)
	w.parcels.SealWith(safe)
	w.watches = must(watch.Open(t.Context(), watch.Options{
		Regions: []watch.Region{{Name: "eu", DB: d, Vault: safe}}, Parcels: w.parcels, Knowledge: watchable,
	}))(t)
	count := must(limit.Open(t.Context(), d, func(text string) string { return text }))(t)
	w.keys = must(quota.Open(t.Context(), quota.Options{
		Regions: []quota.Region{{Name: "eu", DB: d, Vault: safe, Count: count}}, Plan: quota.Plan{Total: 100, Daily: 40},
		Rates: map[quota.API]int{quota.Own: rate},
	}))(t)
	w.secret = w.key(mia, quota.Scopes...)
	w.hooks = must(webhook.Open(t.Context(), webhook.Options{
		Regions: []webhook.Region{{Name: "eu", DB: d, Vault: safe, Jobs: w}}, Parcels: w.parcels, Items: w,
		Write: func(_ webhook.Form, e webhook.Event) (webhook.Message, error) {
			return known().Happening(e, watch.Words{}).Message()
		},
		Allow: []string{"127.0.0.1"}, PlainHTTP: true,
	}))(t)
	requests := must(once.Open(t.Context(), once.Region{Name: "eu", DB: d, Vault: safe}))(t)
	w.door = must(v1.New(v1.Options{
		URL: "https://waypost.example", Version: "0.0.0", Keys: w.keys, Rate: rate, Once: requests, Knowledge: known, Parcels: w.parcels, Watches: w.watches,
		Hooks: w.hooks, Happening: func(e webhook.Event) (v1.Happening, error) { return known().Happening(e, watch.Words{}), nil },
		Live: d.Live(), Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}))(t)
	w.told = newContract(t, w.door.Document())
	server := httptest.NewServer(w.told.holding(w.door))
	t.Cleanup(server.Close)
	t.Cleanup(w.door.Close)
	w.base = server.URL
	return w
}

func watchable() watch.Knowledge {
	k := known()
	return watch.Knowledge{Catalogue: k.Catalogue, Index: k.Index, Plan: func(n recognise.Number, named carrier.Code, given carrier.Given) (parcel.Want, []carrier.Need) {
		p := k.Plan(n, named, given)
		return parcel.Want{Key: p.Key, Given: p.Given, Askings: p.Askings, Choice: p.Choice}, nil
	}}
}

// key makes somebody a key.
func (w *world) key(owner inventory.Subject, scopes ...quota.Scope) string {
	w.t.Helper()
	store := must(w.keys.Of(owner))(w.t)
	return must(store.Make(w.t.Context(), owner, quota.Settings{Name: "Test", Scopes: scopes}, false))(w.t).Secret
}

// A reply is an answer of the API.
type reply struct {
	status int
	header http.Header
	text   string
}

// ask sends a request with mia's key; what it is given beside are headers, by
// name and value, an empty one none.
func (w *world) ask(route, body string, header ...string) reply {
	w.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	r := must(http.NewRequestWithContext(ctx, method, w.base+path, strings.NewReader(body)))(w.t)
	r.Header.Set("Authorization", "Bearer "+w.secret)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if r.Header.Del(header[i]); header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	text := must(io.ReadAll(resp.Body))(w.t)
	out := reply{resp.StatusCode, resp.Header, string(text)}
	if w.saw != nil {
		w.saw(out)
	}
	return out
}

// want fails the test unless a reply has a status and holds texts, each of them
// JSON that may be spaced otherwise.
func (r reply) want(t *testing.T, status int, texts ...string) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("answers %d, want %d: %s", r.status, status, r.text)
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(r.text)); err != nil {
		b.WriteString(r.text)
	}
	for _, text := range texts {
		if !strings.Contains(b.String(), text) {
			t.Errorf("%s is not in %s", text, b.String())
		}
	}
	return r
}

// field reads a field of a reply: "items", 0, "id".
func (r reply) field(t *testing.T, path ...any) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(r.text), &v); err != nil {
		t.Fatalf("%v in %s", err, r.text)
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				t.Fatalf("no %v in %s", path, r.text)
			}
			v = list[step]
		}
	}
	text, _ := v.(string)
	return text
}

// tell has the carrier of a number tell an event, and the watches hear of it.
func (w *world) tell(number string, sub status.Sub) {
	w.t.Helper()
	ctx := w.t.Context()
	found := must(w.parcels.Find(ctx, parcel.Key{Number: number}))(w.t)
	if len(found) != 1 || len(found[0].Asks) == 0 {
		w.t.Fatalf("nobody is asked about %s", number)
	}
	happened := time.Now().UTC().Truncate(time.Second)
	must(w.parcels.Hear(ctx, parcel.Push{
		Source: found[0].Asks[0].Source, At: time.Now(), Next: func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(time.Hour) },
		Reports: []carrier.Report{{Number: number, Latest: true, Events: []carrier.Event{{
			Time: carrier.Time{Local: happened.Format("2006-01-02T15:04:05"), UTC: happened}, Code: "E", Status: sub,
			Words: "Something happened", Place: place.Place{City: "Testhafen", Country: "DE"},
		}}}},
	}))(w.t)
	if err := w.watches.ParcelChanged(ctx, found[0].ID); err != nil {
		w.t.Fatal(err)
	}
	if err := w.hooks.ParcelChanged(ctx, parcel.Changed{Parcel: found[0].ID}); err != nil {
		w.t.Fatal(err)
	}
}

// Add takes what the webhooks' owners would be told.
func (w *world) Add(context.Context, *db.Tx, ...job.Args) error { return nil }

// Keeping lists who has saved a parcel.
func (w *world) Keeping(ctx context.Context, _ string, id parcel.ID, after string) (all []webhook.Item, next string, err error) {
	watchers, err := w.watches.Stores()[0].Watchers(ctx, id, inventory.Subject(after))
	for _, one := range watchers {
		all = append(all, webhook.Item{Owner: one.Owner, ID: string(one.Watch), Source: watch.ByHand})
		next = string(one.Owner)
	}
	return all, next, err
}

// Open returns an item with its tags.
func (w *world) Open(ctx context.Context, i webhook.Item) (webhook.Item, error) {
	one, err := w.watches.Stores()[0].Get(ctx, i.Owner, watch.ID(i.ID))
	i.Tags, i.Source, i.Detail = one.Tags, one.Source, []byte("{}")
	return i, err
}

// must returns a value whose error ends the test.
func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
