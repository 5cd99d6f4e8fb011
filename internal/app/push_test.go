package app

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

const (
	pushNumber = "9405510898765432101231"
	pushSecret = "in the test only"
)

// A sender is EasyPost as it tells a shop's account of parcels.
type sender struct {
	t    *testing.T
	s    *server
	base string
	id   parcel.ID
}

// eachSender runs test with an account at EasyPost, which answers no question, and
// a parcel that it is asked about.
func eachSender(t *testing.T, test func(t *testing.T, from sender)) {
	t.Helper()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) }))
		t.Cleanup(silent.Close)
		s, base := start(t, address, func(c *config.Config) {
			own := config.Account{Base: silent.URL, Values: map[string]config.Secret{"api_key": "in the test only", "webhook_secret": pushSecret}}
			simulated := own
			simulated.Simulated = true
			c.Accounts = map[string]map[string]config.Account{"easypost": {"shop": own, "simulated": simulated}}
		})
		parcels, err := s.store.Want(t.Context(), []parcel.Want{{
			Key: parcel.Key{Number: pushNumber}, Until: time.Now().Add(time.Hour), Choice: parcel.Only,
			Askings: []parcel.Asking{{Account: "easypost/shop", Source: "easypost", Carrier: "usps", Number: pushNumber, Role: parcel.Origin}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		test(t, sender{t, s, base, parcels[0].ID})
	})
}

// tracker is what EasyPost sends of a number: its events, an hour apart until ago.
func tracker(number string, ago time.Duration, statuses ...string) string {
	var details []string
	for i, s := range statuses {
		at := time.Now().UTC().Add(-ago - time.Duration(len(statuses)-1-i)*time.Hour).Format("2006-01-02T15:00:00Z")
		details = append(details, fmt.Sprintf(`{"message": "Parcel is %[1]s", "status": %[1]q, "status_detail": null, "datetime": %q, "tracking_location": {"city": "HOUSTON", "state": "TX", "country": "US"}}`, s, at))
	}
	return fmt.Sprintf(`{"object": "Event", "description": "tracker.updated", "result": {"object": "Tracker", "id": "trk_1", "tracking_code": %q, "status": %q, "est_delivery_date": null, "tracking_details": [%s]}}`,
		number, statuses[len(statuses)-1], strings.Join(details, ","))
}

func signature(body string) string {
	mac := hmac.New(sha256.New, []byte(pushSecret))
	mac.Write([]byte(body))
	return "hmac-sha256-hex=" + hex.EncodeToString(mac.Sum(nil))
}

// send sends a body with a signature to an account, and wants this status, which
// is all that is told.
func (from sender) send(what, account, body, signature string, want int) {
	from.t.Helper()
	r, err := http.NewRequestWithContext(from.t.Context(), http.MethodPost, from.base+"/push/"+account, strings.NewReader(body))
	if err != nil {
		from.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if signature != "" {
		r.Header.Set("X-Hmac-Signature", signature)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		from.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want || len(said) > 0 {
		from.t.Errorf("%s: answers %d %q (%v), want %d and no word", what, resp.StatusCode, said, err, want)
	}
}

func (from sender) parcel() parcel.Parcel {
	from.t.Helper()
	parcels, err := from.s.store.Get(context.WithoutCancel(from.t.Context()), from.id)
	if err != nil || len(parcels) != 1 {
		from.t.Fatalf("the parcel: %v, %v", parcels, err)
	}
	return parcels[0]
}

func TestASourceSendsByItself(t *testing.T) {
	t.Parallel()
	eachSender(t, func(t *testing.T, from sender) {
		out := tracker(pushNumber, time.Hour, "in_transit", "out_for_delivery")
		from.send("signed", "easypost/shop", out, signature(out), http.StatusOK)
		p := from.parcel()
		if got := p.Standing(time.Now()).Status; got != status.OutForDeliveryOther || len(p.History.Events) != 2 {
			t.Fatalf("the parcel is %s after %d events, want it out for delivery after two", got, len(p.History.Events))
		}
		if p.Asks[0].Pushed.IsZero() || p.Asks[0].Due.IsZero() {
			t.Errorf("the ask is %+v, want it to say that its source sends", p.Asks[0])
		}
		from.send("replayed", "easypost/shop", out, signature(out), http.StatusOK)
		if again := from.parcel(); again.Revision != p.Revision {
			t.Errorf("replayed it is of revision %d, was of %d", again.Revision, p.Revision)
		}
		delivered := tracker(pushNumber, 0, "in_transit", "out_for_delivery", "delivered")
		from.send("the next", "easypost/shop", delivered, signature(delivered), http.StatusOK)
		from.send("the one before, late", "easypost/shop", out, signature(out), http.StatusOK)
		if got := from.parcel().Standing(time.Now()).Status; got != status.DeliveredOther {
			t.Errorf("out of order the parcel is %s", got)
		}
		stranger := tracker("9405510898765432101248", 0, "delivered")
		from.send("a number that nobody wants", "easypost/shop", stranger, signature(stranger), http.StatusOK)
		if found, err := from.s.store.Find(t.Context(), parcel.Key{Number: "9405510898765432101248"}); err != nil || len(found) != 0 {
			t.Errorf("it made the parcel %+v (%v)", found, err)
		}
	})
}

func TestWhatIsNotTheSourcesIsRefused(t *testing.T) {
	t.Parallel()
	eachSender(t, func(t *testing.T, from sender) {
		body := tracker(pushNumber, 0, "delivered")
		good := signature(body)
		for _, tc := range []struct {
			what, account, body, signature string
			want                           int
		}{
			{"not signed", "easypost/shop", body, "", http.StatusUnauthorized},
			{"signed otherwise", "easypost/shop", body, good[:len(good)-1], http.StatusUnauthorized},
			{"another body", "easypost/shop", body + " ", good, http.StatusUnauthorized},
			{"an account that there isn't", "easypost/other", body, good, http.StatusUnauthorized},
			{"a source that there isn't", "nowhere/shop", body, good, http.StatusUnauthorized},
			{"a simulated account, whose key everybody knows", "easypost/simulated", body, good, http.StatusUnauthorized},
			{"too large", "easypost/shop", strings.Repeat(" ", 1<<20+1), good, http.StatusRequestEntityTooLarge},
			{"no JSON", "easypost/shop", "<tracker/>", signature("<tracker/>"), http.StatusUnprocessableEntity},
			{"nested without end", "easypost/shop", strings.Repeat("[", 100_000), signature(strings.Repeat("[", 100_000)), http.StatusUnprocessableEntity},
			{"nothing", "easypost/shop", "", signature(""), http.StatusUnprocessableEntity},
			{"null", "easypost/shop", "null", signature("null"), http.StatusOK},
			{"of another kind", "easypost/shop", `{"result": [1, "Tracker"]}`, signature(`{"result": [1, "Tracker"]}`), http.StatusOK},
			{"without a number", "easypost/shop", strings.ReplaceAll(body, pushNumber, ""), signature(strings.ReplaceAll(body, pushNumber, "")), http.StatusOK},
			{"with fields of other types", "easypost/shop", `{"result": {"object": "Tracker", "tracking_code": ["` + pushNumber + `"], "tracking_details": 5}}`,
				signature(`{"result": {"object": "Tracker", "tracking_code": ["` + pushNumber + `"], "tracking_details": 5}}`), http.StatusOK},
		} {
			from.send(tc.what, tc.account, tc.body, tc.signature, tc.want)
		}
		if p := from.parcel(); p.Revision != 0 || !p.Asks[0].Pushed.IsZero() {
			t.Errorf("the parcel is %+v, want it as it was", p)
		}
	})
}

// What a source sends is counted, without a word of what it was about.
func TestPushesAreCounted(t *testing.T) {
	t.Parallel()
	eachSender(t, func(t *testing.T, from sender) {
		body := tracker(pushNumber, 0, "delivered")
		from.send("signed", "easypost/shop", body, signature(body), http.StatusOK)
		from.send("not signed", "easypost/shop", body, "", http.StatusUnauthorized)
		from.send("to nobody", "easypost/other", body, "", http.StatusUnauthorized)
		_, page := get(t, from.base+"/metrics")
		for _, line := range []string{
			`waypost_push_requests_total{account="easypost/shop",outcome="taken"} 1`,
			`waypost_push_requests_total{account="easypost/shop",outcome="unsigned"} 1`,
			`waypost_push_requests_total{account="",outcome="unsigned"} 1`,
			`waypost_poll_pushed_total{outcome="changed",source="easypost"} 1`,
		} {
			if !strings.Contains(page, line) {
				t.Errorf("the metrics lack %s", line)
			}
		}
		if strings.Contains(page, pushNumber) {
			t.Error("the metrics name the parcel")
		}
	})
}
