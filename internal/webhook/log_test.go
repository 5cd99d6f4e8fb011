package webhook_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

func TestTheLogShowsWhatWasSentAndAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		r.answers(func(g got, out http.ResponseWriter) bool {
			out.Header().Set("Content-Type", "text/plain; charset=utf-8")
			if r.calls() == 1 {
				out.WriteHeader(http.StatusBadGateway)
				_, _ = io.WriteString(out, "no route to john.doe@mail.example, call +49 170 1234567")
				return false
			}
			_, _ = io.WriteString(out, "thanks")
			return true
		})
		e := w.endpoint(webhook.Settings{URL: r.URL, Form: webhook.TrackV22})
		id := w.keep(mia, "TEST1", watch.ByAPI)
		w.run()
		w.tell(id, status.InTransitOther)
		w.soon("the delivery", func() bool { return len(r.all()) == 1 })
		var d webhook.Record
		w.soon("its record", func() bool {
			d = must(w.store().Record(t.Context(), mia, e.ID, 1))(t)
			return d.State == webhook.Taken
		})
		if d.Code != http.StatusOK || d.Answer.Body != "thanks" || d.Answer.Type != "text/plain" || d.At.IsZero() || d.Problem != webhook.NoProblem {
			t.Errorf("the last try is %+v", d.Try)
		}
		if len(d.Tries) != 1 || d.Tries[0].Code != http.StatusBadGateway || d.Tries[0].Problem != webhook.Declined {
			t.Fatalf("the tries before are %+v", d.Tries)
		}
		if body := d.Tries[0].Answer.Body; body != "no route to … call …" {
			t.Errorf("of the answer is kept %q", body)
		}
		g := r.all()[0]
		if string(d.Body) != string(g.body) {
			t.Errorf("the record shows the body %s, sent was %s", d.Body, g.body)
		}
		for name := range d.Header {
			if d.Header.Get(name) != g.header.Get(name) {
				t.Errorf("the record shows %s %q, sent was %q", name, d.Header.Get(name), g.header.Get(name))
			}
		}
		_, err := w.store().Record(t.Context(), noah, e.ID, 1)
		wantFault(t, err, "endpoint_not_found")
		_, err = w.store().Record(t.Context(), mia, e.ID, 2)
		wantFault(t, err, "delivery_not_found")
	})
}

func TestTheLogIsFilteredAndPaged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e, other := w.endpoint(webhook.Settings{Inspect: true}), w.endpoint(webhook.Settings{Inspect: true})
		one, two := w.keep(mia, "TEST1", watch.ByAPI), w.keep(mia, "TEST2", watch.ByAPI)
		for range 3 {
			w.tell(one, status.InTransitOther)
			w.tell(two, status.InTransitOther)
		}
		seqs := func(q webhook.LogQuery) (all []int64) {
			for {
				page := must(w.store().Log(t.Context(), mia, q))(t)
				for _, d := range page.Deliveries {
					all = append(all, d.Seq)
				}
				if q.Before = page.Next; q.Before == "" {
					return all
				}
			}
		}
		for _, tc := range []struct {
			name string
			q    webhook.LogQuery
			want []int64
		}{
			{"all, in pages that part what belongs to one event", webhook.LogQuery{Most: 5}, []int64{6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1}},
			{"one endpoint", webhook.LogQuery{Endpoint: e.ID, Most: 2}, []int64{6, 5, 4, 3, 2, 1}},
			{"one number", webhook.LogQuery{Endpoint: other.ID, Number: "TEST2"}, []int64{6, 4, 2}},
			{"what waits", webhook.LogQuery{Endpoint: e.ID, State: webhook.Waiting}, []int64{6, 5, 4, 3, 2, 1}},
			{"what was given up", webhook.LogQuery{State: webhook.Failed}, nil},
			{"yesterday", webhook.LogQuery{To: time.Now().Add(-time.Hour)}, nil},
			{"since yesterday", webhook.LogQuery{Endpoint: e.ID, From: time.Now().Add(-time.Hour)}, []int64{6, 5, 4, 3, 2, 1}},
		} {
			if got := seqs(tc.q); !slices.Equal(got, tc.want) {
				t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
			}
		}
		if page := must(w.store().Log(t.Context(), noah, webhook.LogQuery{}))(t); len(page.Deliveries) != 0 {
			t.Errorf("noah sees %d deliveries of mia's", len(page.Deliveries))
		}
		_, err := w.store().Log(t.Context(), mia, webhook.LogQuery{Before: "nonsense"})
		wantFault(t, err, "log_cursor")
	})
}

func TestAnInspectorShowsATestEvent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		e := w.endpoint(webhook.Settings{Inspect: true, Filter: webhook.Filter{Kinds: []webhook.Kind{webhook.Stopped}}})
		other := w.endpoint(webhook.Settings{Inspect: true})
		w.run()
		seq := must(w.store().Try(t.Context(), mia, e.ID))(t)
		var d webhook.Record
		w.soon("the event", func() bool {
			d = must(w.store().Record(t.Context(), mia, e.ID, seq))(t)
			return d.State == webhook.Taken
		})
		if d.Kind != webhook.Test || !strings.Contains(string(d.Body), webhook.SampleNumber) || d.Header.Get("webhook-signature") == "" {
			t.Errorf("the inspector shows %s", d.Body)
		}
		if page := must(w.store().Log(t.Context(), mia, webhook.LogQuery{Endpoint: other.ID}))(t); len(page.Deliveries) != 0 {
			t.Error("another endpoint is told, too")
		}
		for range 9 {
			must(w.store().Try(t.Context(), mia, e.ID))(t)
		}
		_, err := w.store().Try(t.Context(), mia, e.ID)
		wantFault(t, err, "endpoint_tries")
	})
}

func TestReplayingKeepsOrderAndFilter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.keep(mia, "TEST1", watch.ByAPI)
		for range 4 {
			w.tell(id, status.InTransitOther)
		}
		w.tell(id, status.DeliveredOther)
		r := newReceiver(t)
		e := w.endpoint(webhook.Settings{URL: r.URL, Filter: webhook.Filter{Status: []status.Main{status.InTransit}}})
		w.run()
		if n := must(w.store().Replay(t.Context(), mia, e.ID, 2, 5))(t); n != 3 {
			t.Errorf("%d are replayed, want those that the filter lets through", n)
		}
		if n := must(w.store().Replay(t.Context(), mia, e.ID, 5, 5))(t); n != 1 {
			t.Errorf("%d are replayed, want the one that was asked for", n)
		}
		w.soon("all", func() bool { return len(r.all()) == 4 })
		for i, g := range r.all() {
			if g.seq() != int64(i+2) {
				t.Errorf("event %d came at place %d", g.seq(), i+1)
			}
		}
		first, last, err := w.store().SeqsBetween(t.Context(), mia, time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
		if err != nil || first != 1 || last != 5 {
			t.Errorf("of this hour are %d to %d: %v", first, last, err)
		}
		for _, bad := range [][2]int64{{0, 1}, {2, 1}, {1, 1 + webhook.MostReplayed}} {
			_, err := w.store().Replay(t.Context(), mia, e.ID, bad[0], bad[1])
			wantFault(t, err, "replay_range")
		}
	})
}

func TestEndpointsAreCheckedAndBelongToTheirOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, tc := range []struct {
			name, code string
			set        webhook.Settings
		}{
			{"no address", "endpoint_url", webhook.Settings{}},
			{"half an address", "endpoint_url", webhook.Settings{URL: "receiver.example/hooks"}},
			{"another scheme", "endpoint_url", webhook.Settings{URL: "ftp://receiver.example"}},
			{"a password in it", "endpoint_url", webhook.Settings{URL: "https://me:secret@receiver.example"}},
			{"without encryption", "endpoint_plain", webhook.Settings{URL: "http://receiver.example"}},
			{"private", "endpoint_private", webhook.Settings{URL: "https://10.0.0.1/"}},
			{"private, in IPv6", "endpoint_private", webhook.Settings{URL: "https://[::ffff:10.0.0.1]/"}},
			{"a form that there isn't", "endpoint_form", webhook.Settings{URL: "https://receiver.example", Form: "v3"}},
			{"a schedule that there isn't", "endpoint_schedule", webhook.Settings{URL: "https://receiver.example", Schedule: "never"}},
			{"a status that there isn't", "endpoint_filter", webhook.Settings{URL: "https://receiver.example", Filter: webhook.Filter{Status: []status.Main{"Lost"}}}},
			{"a key that there isn't", "endpoint_key", webhook.Settings{URL: "https://receiver.example", Key: "other"}},
			{"a long name", "endpoint_name", webhook.Settings{URL: "https://receiver.example", Name: strings.Repeat("x", 101)}},
		} {
			_, err := w.store().Create(t.Context(), mia, tc.set)
			if err == nil {
				t.Errorf("%s is taken", tc.name)
				continue
			}
			wantFault(t, err, tc.code)
		}
		e := w.endpoint(webhook.Settings{Name: " Shop ", URL: "https://receiver.example/hooks#top", Filter: webhook.Filter{Tags: []string{" a ", "A", ""}}})
		if e.Name != "Shop" || e.URL != "https://receiver.example/hooks" || len(e.Filter.Tags) != 1 || e.Form != webhook.Own || e.Schedule != webhook.Patient {
			t.Errorf("made is %+v", e.Settings)
		}
		wantFault(t, w.store().Change(t.Context(), noah, e.ID, e.Settings), "endpoint_not_found")
		wantFault(t, w.store().Change(t.Context(), mia, e.ID, webhook.Settings{Inspect: true}), "endpoint_inspector")
		set := e.Settings
		set.Name = "Store"
		if err := w.store().Change(t.Context(), mia, e.ID, set); err != nil {
			t.Fatal(err)
		}
		if got := must(w.store().Endpoint(t.Context(), mia, e.ID))(t); got.Name != "Store" || got.Secrets[0].Value != e.Secrets[0].Value {
			t.Errorf("changed is %+v", got)
		}
		if err := w.store().Delete(t.Context(), noah, e.ID); err != nil {
			t.Fatal(err)
		}
		for range 19 {
			w.endpoint(webhook.Settings{Inspect: true})
		}
		_, err := w.store().Create(t.Context(), mia, webhook.Settings{Inspect: true})
		wantFault(t, err, "endpoint_most")
		for range 2 {
			if err := w.store().Delete(t.Context(), mia, e.ID); err != nil {
				t.Fatal(err)
			}
		}
		if all := must(w.store().Endpoints(t.Context(), mia))(t); len(all) != 19 {
			t.Errorf("after the deletion there are %d", len(all))
		}
	})
}

func TestAllThatIsKeptOfSomebodyIsExportedAndErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		e := w.endpoint(webhook.Settings{Name: "Shop", URL: r.URL})
		id := w.keep(mia, "TEST1", watch.ByAPI, "spring")
		w.keep(noah, "TEST1", watch.ByAPI)
		stop := w.run()
		w.tell(id, status.InTransitOther)
		w.soon("the delivery", func() bool { return len(r.all()) == 1 })
		stop()
		var out strings.Builder
		if err := w.store().Export(t.Context(), mia, &out); err != nil || !json.Valid([]byte(out.String())) {
			t.Fatalf("%s: %v", out.String(), err)
		}
		for _, want := range []string{`"name": "Shop"`, r.URL, `"spring"`, `"blue box"`, `"taken"`} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("the export lacks %s:\n%s", want, out.String())
			}
		}
		if strings.Contains(out.String(), e.Secrets[0].Value) {
			t.Error("the export holds the secret")
		}
		for range 2 {
			if err := w.store().Erase(t.Context(), mia); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.after(0)) != 0 || len(must(w.store().Endpoints(t.Context(), mia))(t)) != 0 {
			t.Error("something is left")
		}
		if events := must(w.store().After(t.Context(), noah, 0, 10))(t); len(events) != 1 {
			t.Errorf("of noah's there are %d", len(events))
		}
	})
}

// What is replayed while it is on its way is sent once more.
func TestWhatIsReplayedOnItsWayIsSentAgain(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		begun, goOn := make(chan bool, 10), make(chan bool)
		r.answers(func(got, http.ResponseWriter) bool { begun <- true; <-goOn; return true })
		e := w.endpoint(webhook.Settings{URL: r.URL})
		w.run()
		w.tell(w.keep(mia, "TEST1", watch.ByAPI), status.InTransitOther)
		<-begun
		must(w.store().Replay(t.Context(), mia, e.ID, 1, 1))(t)
		close(goOn)
		w.soon("it again", func() bool { return len(r.all()) == 2 })
	})
}
