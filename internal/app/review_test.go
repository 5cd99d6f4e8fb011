package app

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// Who wants to go sees first what of theirs that touches, over all rooms, and what
// law keeps; the letter says the latter, too.
func TestWhoGoesSeesWhatThatTouches(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, here)
		deliver(t, s)
		ctx := t.Context()
		mia, noah := newMember(t, s, "mia@mail.example"), newMember(t, s, "noah@mail.example")
		owner := mia.Account.Subject()
		ask := func(method, path string) string {
			t.Helper()
			r := must(http.NewRequestWithContext(ctx, method, base+path, nil))(t)
			r.Header.Set("Origin", base)
			r.AddCookie(&http.Cookie{Name: "waypost_session", Value: string(mia.token)})
			answer := must(http.DefaultClient.Do(r))(t) //nolint:bodyclose // closed on the next line
			defer answer.Body.Close()                   //nolint:errcheck // it was only read
			page := string(must(io.ReadAll(answer.Body))(t))
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s %s answers %d: %s", method, path, answer.StatusCode, page)
			}
			return page
		}
		if page := ask(http.MethodGet, "/my-data/delete"); !strings.Contains(page, "Nothing of yours is under way") {
			t.Errorf("nothing is there, and the page says %s", page)
		}
		teams := s.people.members.Teams()
		must(teams.New(ctx, mia.Session, "Heron Supplies"))(t)
		passes := must(teams.New(ctx, mia.Session, "Kestrel Cargo"))(t)
		to := must(must(s.people.members.Of(noah.Account))(t).Profile(ctx, noah.Account))(t).Main()
		if err := teams.Invite(ctx, mia.Session, passes, to, account.RoleAdmin, somewhere()); err != nil {
			t.Fatal(err)
		}
		link := mailed(t, s, `/invited/\S+`)
		must(teams.Accept(ctx, noah.Session, account.Token(strings.TrimPrefix(link, "/invited/"))))(t)
		must(must(s.people.quotas.Of(owner))(t).Make(ctx, owner, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, false))(t)
		must(must(s.hooks.Of(owner))(t).Create(ctx, owner, webhook.Settings{URL: "http://127.0.0.1:1/", Form: webhook.Own}))(t)
		keep(t, s, owner, "1Z4A7B2C0364182055", "Kettle")
		must(must(s.watches.Of(owner))(t).Register(ctx, owner, watch.Registering{Number: "1Z88R0X30319772400"}))(t)

		page := ask(http.MethodGet, "/my-data/delete")
		for _, want := range []string{
			"“Kestrel Cargo” is owned by you alone. It passes", "“Heron Supplies” is owned by you alone and has no admin", "One API key stops working",
			"One webhook endpoint is told nothing more", "One number that your programs registered", "One saved parcel goes with it",
			"What law keeps", "proves later that it was destroyed", "Who looked at an account (law; 1 year)",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page doesn't say %q: %s", want, page)
			}
		}
		if page := ask(http.MethodGet, "/account/deactivate"); !strings.Contains(page, "One API key stops working") || strings.Contains(page, "One saved parcel") {
			t.Errorf("before deactivating, the page says %s", page)
		}
		ask(http.MethodPost, "/my-data/delete")
		mailed(t, s, `What law keeps[^\n]+(\n[^\n]+)*proves later`)
	})
}
