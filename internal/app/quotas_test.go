package app

import (
	"errors"
	"html"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
)

// Who gets into an account may make a key, to come back by it. Its owner is told
// of the key, and when they take back what was changed, the key is gone too.
func TestAKeyIsToldOfAndGoesWithAnUndo(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, nil)
		deliver(t, s)
		ctx, mia := t.Context(), newMember(t, s, "mia@mail.example")
		owner := mia.Account.Subject()
		programs := must(s.people.quotas.Of(owner))(t)
		enter := func(k quota.Fresh) error {
			_, err := s.people.quotas.Enter(ctx, k.Secret, netip.MustParseAddr("192.0.2.7"))
			return err
		}
		hers := must(programs.Make(ctx, owner, quota.Settings{Name: "Storefront", Scopes: quota.Scopes}, false))(t)
		mailed(t, s, `“Storefront” was made`)

		members := must(s.people.members.Of(mia.Account))(t)
		if err := members.SetPassword(ctx, mia.Session, phrase, somewhere()); err != nil {
			t.Fatal(err)
		}
		theirs := must(programs.Make(ctx, owner, quota.Settings{Name: "Backdoor", Scopes: quota.Scopes}, false))(t)
		mailed(t, s, `“Backdoor” was made`)
		if err := enter(theirs); err != nil {
			t.Fatal(err)
		}
		undo := strings.TrimPrefix(mailed(t, s, `/undo/\S+`), "/undo/")
		if _, err := s.people.members.Undo(ctx, account.Token(undo)); err != nil {
			t.Fatal(err)
		}
		soon(t, "an end of the key", func() (bool, bool) { return true, errors.Is(enter(theirs), quota.ErrKeyUnknown) })
		if err := enter(hers); err != nil {
			t.Errorf("the key from before: %v", err)
		}
	})
}

// The calls that a page shows beside a new key's secret work as they stand.
func TestTheFirstCallsWork(t *testing.T) {
	t.Parallel()
	s, base := start(t, dbtest.SQLite(t), nil)
	mia := newMember(t, s, "mia@mail.example")
	page := send(t, http.MethodPost, base+"/developer/keys/new", url.Values{"name": {"Shop"}, "scope": {"read", "write"}}.Encode(), map[string]string{
		"Content-Type": "application/x-www-form-urlencoded", "Cookie": "waypost_session=" + string(mia.token), "Origin": base,
	})
	calls := regexp.MustCompile(`(?s)<pre[^>]*><code>(.*?)</code>`).FindAllStringSubmatch(page, -1)
	if len(calls) != 2 {
		t.Fatalf("%d calls on the page: %s", len(calls), page)
	}
	for i, want := range []string{`"1Z4A7B2C0364182055"`, `"accepted":[{`} {
		text := html.UnescapeString(calls[i][1])
		address := regexp.MustCompile(`curl '([^']+)'`).FindStringSubmatch(text)[1]
		header := map[string]string{}
		for _, h := range regexp.MustCompile(`-H '([^:]+): ([^']+)'`).FindAllStringSubmatch(text, -1) {
			header[h[1]] = h[2]
		}
		body := regexp.MustCompile(`-d '([^']+)'`).FindStringSubmatch(text)[1]
		path := strings.TrimPrefix(address, s.cfg.URL)
		if got := send(t, http.MethodPost, base+path, body, header); !strings.Contains(strings.ReplaceAll(got, " ", ""), want) {
			t.Errorf("%s answers %s", text, got)
		}
	}
}

// send sends a request, and returns the body of an answer that says all is well.
func send(t *testing.T, method, address, body string, header map[string]string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s, %v", method, address, resp.StatusCode, text, err)
	}
	return string(text)
}

// What was locked by the staff isn't called for, by its programs either.
func TestALockedAccountsKeysAreRefused(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	ctx, mia := t.Context(), newMember(t, s, "mia@mail.example")
	owner := mia.Account.Subject()
	k := must(must(s.people.quotas.Of(owner))(t).Make(ctx, owner, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, false))(t)
	staff, why := s.people.members.Staff(), account.Why{Matter: account.ForTicket, Ref: "T-1"}
	must(staff.Find(ctx, account.Console(), string(mia.Account), why))(t)
	if err := staff.Lock(ctx, account.Console(), mia.Account, why); err != nil {
		t.Fatal(err)
	}
	if _, err := s.people.quotas.Enter(ctx, k.Secret, netip.MustParseAddr("192.0.2.7")); !errors.Is(err, quota.ErrAccountDisabled) {
		t.Errorf("got %v", err)
	}
}
