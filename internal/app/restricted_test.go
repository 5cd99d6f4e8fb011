package app

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
	"waypost/internal/webhook"
)

// A member restricts their data with one press: both APIs say so, webhooks rest,
// carriers aren't asked, every page says it; with another press all goes on.
func TestRestrictingHoldsEverywhere(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, here)
		deliverHooks(t, s)
		mia := newMember(t, s, "mia@mail.example")
		owner := mia.Account.Subject()
		key := must(must(s.people.quotas.Of(owner))(t).Make(t.Context(), owner, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, false))(t)
		at, got := hookReceiver(t)
		hooks := must(s.hooks.Of(owner))(t)
		endpoint := must(hooks.Create(t.Context(), owner, webhook.Settings{URL: at, Form: webhook.Own}))(t)
		keep(t, s, owner, "1Z4A7B2C0364182055", "Kettle")
		tried := func() (n int) {
			for _, one := range got() {
				if bytes.Contains(one.body, []byte(webhook.SampleNumber)) {
					n++
				}
			}
			return n
		}
		ask := func(method, path, body string, header map[string]string) (int, string) {
			t.Helper()
			r := must(http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body)))(t)
			for name, value := range header {
				r.Header.Set(name, value)
			}
			answer := must(http.DefaultClient.Do(r))(t) //nolint:bodyclose // closed on the next line
			defer answer.Body.Close()                   //nolint:errcheck // it was only read
			return answer.StatusCode, string(must(io.ReadAll(answer.Body))(t))
		}
		browser := map[string]string{"Cookie": "waypost_session=" + string(mia.token), "Content-Type": "application/x-www-form-urlencoded", "Origin": base}
		press := func(on string) string {
			t.Helper()
			status, page := ask(http.MethodPost, "/my-data/restrict", url.Values{"on": {on}}.Encode(), browser)
			if status != http.StatusOK {
				t.Fatalf("pressing %s answers %d: %s", on, status, page)
			}
			return page
		}
		holds := func(restricted bool) {
			t.Helper()
			status, body := ask(http.MethodGet, "/v1/watches", "", map[string]string{"Authorization": "Bearer " + key.Secret})
			if restricted != (status == http.StatusForbidden && strings.Contains(body, `"account_restricted"`)) {
				t.Errorf("restricted %t: our own API answers %d %s", restricted, status, body)
			}
			_, body = ask(http.MethodPost, "/track/v2.4/getquota", "", map[string]string{"17token": key.Secret})
			if restricted != strings.Contains(body, "-18010004") {
				t.Errorf("restricted %t: the compatible API answers %s", restricted, body)
			}
			for _, path := range []string{"/", "/parcels", "/account"} {
				if _, page := ask(http.MethodGet, path, "", browser); restricted != strings.Contains(page, "your data is restricted") {
					t.Errorf("restricted %t: %s says otherwise", restricted, path)
				}
			}
			soon(t, "what is wanted", func() (bool, bool) { return true, wanted(t, s, "1Z4A7B2C0364182055") != restricted })
		}
		holds(false)
		if page := press("yes"); !strings.Contains(page, "Your data is restricted") || !strings.Contains(page, "Lift the restriction") || !strings.Contains(page, "Kettle") {
			t.Errorf("pressed, the page is %s", page)
		}
		holds(true)
		mailed(t, s, "Your data is restricted")
		if _, err := hooks.Try(t.Context(), owner, endpoint.ID); err == nil || tried() != 0 {
			t.Errorf("a test event is sent: %v", err)
		}
		if _, page := ask(http.MethodGet, "/account/consents", "", browser); !strings.Contains(page, "Keep my data and show it to me") {
			t.Error("it isn't in the ledger")
		}
		var out bytes.Buffer
		if err := s.rights.Copy(t.Context(), owner, "en", &out); err != nil {
			t.Fatal(err)
		}
		if data := string(unzip(t, out.Bytes())["data.json"]); strings.Contains(data, `"restricted_ms": null`) || !strings.Contains(data, `"restricted_ms"`) {
			t.Error("its date isn't in the copy")
		}
		press("no")
		holds(false)
		must(hooks.Try(t.Context(), owner, endpoint.ID))(t)
		soon(t, "a test event", func() (bool, bool) { return true, tried() == 1 })
	})
}

// wanted reports whether somebody wants to know about a number.
func wanted(t *testing.T, s *server, number string) bool {
	t.Helper()
	var until int64
	err := s.databases.Parcels.Read(t.Context(), func(tx *db.Tx) error {
		return tx.QueryRowContext(t.Context(), `SELECT MAX(wanted_ms) FROM parcel WHERE number = $1`, number).Scan(&until)
	})
	if err != nil {
		t.Fatal(err)
	}
	return until > time.Now().UnixMilli()
}

// What mails say meanwhile is read when the restriction is lifted.
func TestAMailboxOfWhoIsRestrictedIsLeftAlone(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	mia := newMember(t, s, "mia@mail.example")
	read := 0
	turn := s.unlessRestricted(mia.Account.Subject(), func(context.Context) error { read++; return nil })
	for i, on := range []bool{false, true, false} {
		if err := must(s.people.members.Of(mia.Account))(t).Restrict(t.Context(), mia.Session, on, "", "test", somewhere()); err != nil {
			t.Fatal(err)
		}
		if err := turn(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []int{1, 1, 2}[i]; read != want {
			t.Errorf("restricted %t: read %d times, want %d", on, read, want)
		}
	}
}
