package webhook_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

func TestDeliveriesAreSignedAsReceiversExpect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		e := w.endpoint(webhook.Settings{URL: r.URL, Form: webhook.TrackV24, Key: "signs", Ed25519: true})
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.run()
		w.tell(id, status.InTransitOther)
		w.soon("a delivery", func() bool { return len(r.all()) == 1 })
		g := r.all()[0]

		old := e.Secrets[0]
		verify := func(secret webhook.Secret, g got) error {
			return must(standardwebhooks.NewWebhook(secret.Value))(t).Verify(g.body, g.header)
		}
		if err := verify(old, g); err != nil {
			t.Errorf("Standard Webhooks' library: %v", err)
		}
		if want := sha256.Sum256(append(g.body, "/K3Y"...)); g.header.Get("sign") != hex.EncodeToString(want[:]) {
			t.Errorf("sign is %s, want %x", g.header.Get("sign"), want)
		}
		if id := g.header.Get("webhook-id"); id != string(w.after(0)[0].ID) || g.header.Get("Content-Type") != "application/json" {
			t.Errorf("the headers are %v", g.header)
		}
		public, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(old.Public(), "whpk_"))
		if err != nil {
			t.Fatal(err)
		}
		_, signature, _ := strings.Cut(g.header.Get("webhook-signature"), "v1a,")
		raw, err := base64.StdEncoding.DecodeString(signature)
		signed := bytes.Join([][]byte{[]byte(g.header.Get("webhook-id")), []byte(g.header.Get("webhook-timestamp")), g.body}, []byte("."))
		if err != nil || !ed25519.Verify(public, signed, raw) {
			t.Errorf("%q isn't signed with the key whose public half is %s: %v", signature, old.Public(), err)
		}

		rotated := must(w.store().Rotate(t.Context(), mia, e.ID, time.Hour))(t)
		if len(rotated.Secrets) != 2 || rotated.Secrets[1].Value != old.Value {
			t.Fatalf("after the rotation %d secrets sign", len(rotated.Secrets))
		}
		w.tell(id, status.DeliveredOther)
		w.soon("a second delivery", func() bool { return len(r.all()) == 2 })
		for _, s := range rotated.Secrets {
			if err := verify(s, r.all()[1]); err != nil {
				t.Errorf("while both sign, %s: %v", s.Value[:8], err)
			}
		}
		rotated = must(w.store().Rotate(t.Context(), mia, e.ID, 0))(t)
		if len(rotated.Secrets) != 1 {
			t.Errorf("after a rotation without overlap %d secrets sign", len(rotated.Secrets))
		}
	})
}

func TestAnEndpointHearsWhatItsFilterLetsThrough(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		saved := w.keep(mia, "TEST1", watch.ByHand)
		tagged := w.keep(mia, "TEST2", watch.ByAPI, "Spring")
		filters := map[string]webhook.Filter{
			"1 2 3 4": {},
			"2 4":     {Status: []status.Main{status.Delivered}},
			"3 4":     {Tags: []string{"spring", "autumn"}},
			"1 2":     {Sources: []watch.Source{watch.ByHand}},
			"":        {Kinds: []webhook.Kind{webhook.Stopped}},
		}
		receivers := map[string]*receiver{}
		for want, f := range filters {
			receivers[want] = newReceiver(t)
			w.endpoint(webhook.Settings{URL: receivers[want].URL, Filter: f})
		}
		w.run()
		w.tell(saved, status.InTransitOther)
		w.tell(saved, status.DeliveredOther)
		w.tell(tagged, status.InTransitOther)
		w.tell(tagged, status.DeliveredOther)
		for want, r := range receivers {
			w.soon("what "+want+" is to hear", func() bool { return len(r.all()) == len(strings.Fields(want)) })
			var heard []string
			for _, g := range r.all() {
				heard = append(heard, g.header.Get("Waypost-Sequence"))
			}
			if slices.Sort(heard); strings.Join(heard, " ") != want {
				t.Errorf("heard %v, want %s", heard, want)
			}
		}
	})
}

func TestOneParcelThatIsRefusedHoldsUpNoOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		broken := true
		r.answers(func(g got, out http.ResponseWriter) bool {
			if g.Number == "TEST0" && broken {
				out.WriteHeader(http.StatusInternalServerError)
				return false
			}
			return true
		})
		w.endpoint(webhook.Settings{URL: r.URL})
		var ids []parcel.ID
		for _, number := range []string{"TEST0", "TEST1", "TEST2"} {
			ids = append(ids, w.keep(mia, number, watch.ByAPI))
		}
		w.run()
		for range 3 {
			for _, id := range ids {
				w.tell(id, status.InTransitOther)
			}
		}
		w.soon("what the others are to hear", func() bool { return len(r.all()) == 6 })
		for _, g := range r.all() {
			if g.Number == "TEST0" {
				t.Fatal("a later event overtook the one that is refused")
			}
		}
		r.answers(nil)
		w.soon("all", func() bool { return len(r.all()) == 9 })
		inOrder(t, r.all(), w.after(0))
	})
}

func TestWhoSaysGoneIsToldNothingMore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		r.answers(func(_ got, out http.ResponseWriter) bool { out.WriteHeader(http.StatusGone); return false })
		e := w.endpoint(webhook.Settings{URL: r.URL})
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.run()
		w.tell(id, status.InTransitOther)
		state := func() webhook.State { return must(w.store().Endpoint(t.Context(), mia, e.ID))(t).State }
		w.soon("the end", func() bool { return state() == webhook.Gone })
		w.tell(id, status.DeliveredOther)
		if what := w.notices(); len(what) != 1 || what[0] != webhook.SaidGone || r.calls() != 1 {
			t.Errorf("its owner was told %v, after %d calls", what, r.calls())
		}
		_, err := w.store().Replay(t.Context(), mia, e.ID, 1, 2)
		wantFault(t, err, "replay_off")

		r.answers(nil)
		if err := w.store().Switch(t.Context(), mia, e.ID, true); err != nil {
			t.Fatal(err)
		}
		w.soon("what had been waiting", func() bool { return len(r.all()) == 1 })
		if n := must(w.store().Replay(t.Context(), mia, e.ID, 1, 2))(t); n != 2 {
			t.Errorf("%d events are replayed", n)
		}
		w.soon("what happened meanwhile", func() bool { return len(r.all()) == 3 })
		if g := r.all()[2]; g.seq() != 2 {
			t.Errorf("the last is event %d", g.seq())
		}
	})
}

func TestWhatIsReplayedWhileItIsUnderWayIsNotOvertaken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		e := w.endpoint(webhook.Settings{URL: r.URL})
		id := w.keep(mia, "TEST1", watch.ByAPI)
		firsts := 0
		r.answers(func(g got, out http.ResponseWriter) bool {
			if g.seq() != 1 {
				return true
			}
			firsts++
			switch firsts {
			case 1:
				if n, err := w.store().Replay(t.Context(), mia, e.ID, 1, 2); err != nil || n != 2 {
					t.Errorf("%d events are replayed: %v", n, err)
				}
			case 2:
				out.WriteHeader(http.StatusInternalServerError)
				return false
			}
			return true
		})
		w.tell(id, status.InTransitOther)
		w.tell(id, status.DeliveredOther)
		w.run()
		w.soon("both, one of them again", func() bool { return len(r.all()) >= 3 })
		var heard []int64
		for _, g := range r.all() {
			heard = append(heard, g.seq())
		}
		if !slices.Equal(heard, []int64{1, 1, 2}) {
			t.Errorf("heard %v", heard)
		}
	})
}

func TestNobodyIsFollowedAndNobodyInsideIsCalled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inside := newReceiver(t)
		r := newReceiver(t)
		r.answers(func(_ got, out http.ResponseWriter) bool {
			out.Header().Set("Location", inside.URL)
			out.WriteHeader(http.StatusTemporaryRedirect)
			return false
		})
		redirects := w.endpoint(webhook.Settings{URL: r.URL})
		guarded := w.replica(webhook.Options{PlainHTTP: true, Pace: 0.002})
		leads := must(guarded.Stores()[0].Create(t.Context(), mia, webhook.Settings{URL: strings.Replace(inside.URL, "127.0.0.1", "localhost", 1)}))(t)
		_, err := guarded.Stores()[0].Create(t.Context(), mia, webhook.Settings{URL: inside.URL})
		wantFault(t, err, "endpoint_private")
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.run()
		w.tell(id, status.InTransitOther)
		problem := func(e webhook.Endpoint) webhook.Problem {
			return must(w.store().Record(t.Context(), mia, e.ID, 1))(t).Problem
		}
		w.soon("a redirect", func() bool { return problem(redirects) == webhook.Redirected })
		w.soon("a refusal to call", func() bool { return problem(leads) == webhook.Inside })
		if inside.calls() != 0 {
			t.Errorf("the address inside was called %d times", inside.calls())
		}
	})
}

func TestAnEndpointThatFailsIsLeftAloneUntilItWorks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		r.answers(func(_ got, out http.ResponseWriter) bool { out.WriteHeader(http.StatusBadGateway); return false })
		e := w.endpoint(webhook.Settings{URL: r.URL})
		const parcels = 60
		for range parcels {
			w.tell(w.keep(mia, "TEST"+time.Now().Format("150405.000000"), watch.ByAPI), status.InTransitOther)
		}
		w.run()
		w.soon("a rest", func() bool { return !must(w.store().Endpoint(t.Context(), mia, e.ID))(t).Open.IsZero() })
		if n := r.calls(); n >= parcels {
			t.Errorf("it was called %d times at once", n)
		}
		r.answers(nil)
		w.soon("all", func() bool { return len(r.all()) >= parcels })
		inOrder(t, r.all(), w.after(0))
		w.soon("health", func() bool {
			return must(w.store().Endpoint(t.Context(), mia, e.ID))(t).Health == webhook.Health{}
		})
	})
}

// A program that ends finishes what is under way, and another goes on at once.
func TestAProgramThatEndsLeavesNothingBehind(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		begun, goOn := make(chan bool, 100), make(chan bool)
		r.answers(func(got, http.ResponseWriter) bool { begun <- true; <-goOn; return true })
		w.endpoint(webhook.Settings{URL: r.URL})
		id := w.keep(mia, "TEST1", watch.ByAPI)
		end := w.begin()
		w.tell(id, status.InTransitOther)
		w.tell(id, status.DeliveredOther)
		<-begun
		ended := end()
		close(goOn)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := len(r.all()); n != 1 {
			t.Errorf("%d deliveries before the end, want the one under way", n)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- w.replica(webhook.Options{Allow: []string{"127.0.0.1"}}).Run(ctx) }()
		w.soon("the rest", func() bool { return len(r.all()) == 2 })
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
