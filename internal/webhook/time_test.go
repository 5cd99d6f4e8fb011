package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/dbtest"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// bubble runs test with webhooks on SQLite where time passes as fast as nobody
// works. A receiver is a function: what waits on a network stops such time.
func bubble(t *testing.T, test func(t *testing.T, w *world, r *receiver)) {
	t.Helper()
	warm(t)
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)), dbtest.Open(t, dbtest.SQLite(t)), webhook.Options{})
		r := &receiver{URL: "https://receiver.example/hooks"}
		w.SetCaller(func(_ context.Context, req *http.Request) (outbound.Answer, error) {
			out := httptest.NewRecorder()
			r.ServeHTTP(out, req)
			if out.Code == noAnswer {
				return outbound.Answer{}, os.ErrDeadlineExceeded
			}
			body, err := io.ReadAll(bytes.NewReader(out.Body.Bytes()))
			return outbound.Answer{Status: out.Code, Header: out.Header(), Body: body}, err
		})
		test(t, w, r)
	})
}

// warm makes what packs histories, which is made once, outside of all bubbles.
func warm(t *testing.T) {
	t.Helper()
	h := parcel.History{Legs: []parcel.Leg{{Source: "test"}}}
	for i := range 50 {
		h.Events = append(h.Events, parcel.Event{Event: carrier.Event{Words: fmt.Sprintf("Event %d", i)}, Source: "test"})
	}
	if _, err := parcel.Decode(must(h.Encode())(t)); err != nil {
		t.Fatal(err)
	}
}

// noAnswer stands for a receiver that doesn't answer in time.
const noAnswer = 999

// silent is a receiver that is slow beyond what one waits.
func silent(out http.ResponseWriter) bool {
	time.Sleep(10 * time.Second)
	out.WriteHeader(noAnswer)
	return false
}

// However a receiver behaves for twenty hours, it gets every event, those of each
// parcel in order, none missing against the cursor.
func TestNothingIsLostHoweverAReceiverBehaves(t *testing.T) {
	const parcels, bad = 12, 20 * time.Hour
	since := time.Time{}
	for name, answer := range map[string]func(got, http.ResponseWriter) bool{
		"down": func(_ got, out http.ResponseWriter) bool {
			out.WriteHeader(http.StatusServiceUnavailable)
			return false
		},
		"redirecting": func(_ got, out http.ResponseWriter) bool { out.WriteHeader(http.StatusFound); return false },
		"silent":      func(_ got, out http.ResponseWriter) bool { return silent(out) },
		"slow":        func(got, http.ResponseWriter) bool { time.Sleep(9 * time.Second); return true },
		"flapping": func(_ got, out http.ResponseWriter) bool {
			if time.Since(since)/(7*time.Minute)%2 == 0 {
				return silent(out)
			}
			return true
		},
		"refusing one parcel": func(g got, out http.ResponseWriter) bool {
			if g.Number == "TEST3" {
				out.WriteHeader(http.StatusInternalServerError)
				return false
			}
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world, r *receiver) {
				since = time.Now()
				r.answers(answer)
				e := w.endpoint(webhook.Settings{URL: r.URL})
				stop := w.run()
				var ids []parcel.ID
				for i := range parcels {
					ids = append(ids, w.keep(mia, fmt.Sprintf("TEST%d", i), watch.ByAPI))
				}
				for range 40 {
					for _, id := range ids {
						w.tell(id, status.InTransitOther)
					}
					time.Sleep(bad / 40)
				}
				if name == "refusing one parcel" && len(r.all()) != 40*(parcels-1) {
					t.Errorf("meanwhile %d events were taken, want all of the other parcels", len(r.all()))
				}
				calls := r.calls()
				r.answers(nil)
				time.Sleep(8 * time.Hour)
				stop()
				inOrder(t, r.all(), w.after(0))
				if e := must(w.store().Endpoint(t.Context(), mia, e.ID))(t); e.Waiting != 0 {
					t.Errorf("%d events still wait", e.Waiting)
				}
				t.Logf("%d events, %d calls meanwhile, %d in all", len(w.after(0)), calls, r.calls())
			})
		})
	}
}

// Who waited for a receiver that is back isn't kept waiting by how long it was away.
func TestWhoIsBackHearsEverythingWithinMinutes(t *testing.T) {
	bubble(t, func(t *testing.T, w *world, r *receiver) {
		r.answers(func(_ got, out http.ResponseWriter) bool { return silent(out) })
		w.endpoint(webhook.Settings{URL: r.URL})
		w.run()
		id := w.keep(mia, "TEST1", watch.ByAPI)
		for range 20 {
			w.tell(id, status.InTransitOther)
			w.tell(w.keep(mia, fmt.Sprintf("TEST1%d", w.happen(id, status.InTransitOther).Revision), watch.ByAPI), status.InTransitOther)
		}
		time.Sleep(20 * time.Hour)
		r.answers(nil)
		time.Sleep(17 * time.Minute)
		inOrder(t, r.all(), w.after(0))
		if want := []webhook.What{webhook.Failing, webhook.Recovered}; !slices.Equal(w.notices(), want) {
			t.Errorf("its owner was told %v, want %v", w.notices(), want)
		}
	})
}

func TestADeliveryIsTriedAgainByItsSchedule(t *testing.T) {
	for schedule, want := range map[webhook.Schedule][]time.Duration{
		webhook.Compatible: {0, 10 * time.Minute, 40 * time.Minute, 100 * time.Minute},
		webhook.Patient: {
			0, 5 * time.Second, 35 * time.Second, 155 * time.Second, 755 * time.Second, 2555 * time.Second,
			6155 * time.Second, 13355 * time.Second, 27755 * time.Second, 42155 * time.Second, 56555 * time.Second, 70955 * time.Second,
			85355 * time.Second, 99755 * time.Second,
		},
	} {
		t.Run(string(schedule), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world, r *receiver) {
				began := time.Now()
				var tries []time.Duration
				r.answers(func(g got, out http.ResponseWriter) bool {
					if g.Number == "TEST1" && g.Revision == 1 {
						tries = append(tries, time.Since(began))
						out.WriteHeader(http.StatusInternalServerError)
						return false
					}
					return true
				})
				e := w.endpoint(webhook.Settings{URL: r.URL, Schedule: schedule})
				w.run()
				id, other := w.keep(mia, "TEST1", watch.ByAPI), w.keep(mia, "TEST2", watch.ByAPI)
				w.tell(id, status.InTransitOther)
				w.tell(id, status.DeliveredOther)
				for range 60 { // something else works, so that the endpoint isn't left alone
					w.tell(other, status.InTransitOther)
					time.Sleep(30 * time.Minute)
				}
				if len(tries) != len(want) {
					t.Fatalf("tried after %v, want about %v", tries, want)
				}
				for i := range tries {
					if spread := want[i] / 9; tries[i] < want[i]-spread || tries[i] > want[i]+spread {
						t.Errorf("try %d was after %v, want about %v", i+1, tries[i], want[i])
					}
				}
				r1 := must(w.store().Record(t.Context(), mia, e.ID, 1))(t)
				if r1.State != webhook.Failed || len(r1.Tries) != len(want) || r1.Code != http.StatusInternalServerError {
					t.Errorf("it is %s after %d tries that are noted", r1.State, len(r1.Tries))
				}
				if r2 := must(w.store().Record(t.Context(), mia, e.ID, 2))(t); r2.State != webhook.Taken {
					t.Errorf("the next event of the parcel is %s", r2.State)
				}
			})
		})
	}
}

func TestADeadReceiverIsSeldomAsked(t *testing.T) {
	bubble(t, func(t *testing.T, w *world, r *receiver) {
		r.answers(func(_ got, out http.ResponseWriter) bool { return silent(out) })
		w.endpoint(webhook.Settings{URL: r.URL})
		w.run()
		for i := range 200 {
			w.tell(w.keep(mia, fmt.Sprintf("TEST%d", i), watch.ByAPI), status.InTransitOther)
		}
		time.Sleep(24 * time.Hour)
		if n := r.calls(); n > 150 {
			t.Errorf("in a day it was called %d times", n)
		}
		if _, err := w.store().After(t.Context(), mia, 0, 1); err != nil && !errors.Is(err, webhook.ErrForgotten) {
			t.Error(err)
		}
	})
}
