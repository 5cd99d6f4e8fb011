package app

import (
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/dbtest"
	"waypost/internal/rights"
	"waypost/internal/watch"
)

// asks asks a server for pages as somebody, with forms of names and values, and
// returns where it was led to and the page.
func asks(t *testing.T, base string, who person) func(method, path string, form ...string) (string, string) {
	return func(method, path string, form ...string) (string, string) {
		t.Helper()
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		r := must(http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(values.Encode())))(t)
		r.Header.Set("Origin", base)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "waypost_session", Value: string(who.token)})
		answer := must(http.DefaultClient.Do(r))(t) //nolint:bodyclose // closed on the next line
		defer answer.Body.Close()                   //nolint:errcheck // it was only read
		return answer.Request.URL.Path, string(must(io.ReadAll(answer.Body))(t))
	}
}

// What a member can object to is what rooms declare. What can end at once does,
// and can be taken back; of the rest a request is made, which somebody answers.
func TestObjecting(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		mia := newMember(t, s, "mia@mail.example")
		owner := mia.Account.Subject()
		ask := asks(t, base, mia)
		_, page := ask(http.MethodGet, "/my-data/object")
		all := s.rights.Objectables("en")
		var codes []string
		for _, o := range all {
			codes = append(codes, o.Code)
			for _, want := range []string{`value="` + o.Code + `"`, strings.Join(o.Kinds, "; "), rights.Headed(o.What)} {
				if want == "" && o.Ends { // a use, whose words the page has
					continue
				}
				if want == "" || !strings.Contains(html.UnescapeString(page), want) {
					t.Errorf("the page doesn't offer %q with %q", o.Code, want)
				}
			}
		}
		if strings.Join(codes, " ") != "learning entry safety" {
			t.Errorf("one can object to %q; is the page ready for that?", codes)
		}
		objected := func(want bool) {
			t.Helper()
			if got := must(s.people.members.Objected(t.Context(), owner, watch.Learning))(t); got != want {
				t.Errorf("objected is %t, want %t", got, want)
			}
		}
		if _, page = ask(http.MethodPost, "/my-data/object", "what", watch.Learning); !strings.Contains(page, "It has ended") || !strings.Contains(page, "You objected on") {
			t.Errorf("objecting is answered %s", page)
		}
		objected(true)
		if _, page = ask(http.MethodPost, "/my-data/object", "what", watch.Learning, "back", "yes"); !strings.Contains(page, "Not objected to any more since") {
			t.Errorf("taking it back is answered %s", page)
		}
		objected(false)
		at, page := ask(http.MethodPost, "/my-data/object", "what", "safety", "why", "I travel")
		if !strings.HasPrefix(at, "/my-data/requests/R-") || !strings.Contains(page, "I object to this use of my data: to keep abuse away") || !strings.Contains(page, "I travel") {
			t.Errorf("objecting to what somebody decides leads to %s: %s", at, page)
		}
		if _, page = ask(http.MethodPost, "/my-data/object", "what", "safety"); !strings.Contains(page, "You object to that already") {
			t.Errorf("objecting twice is answered %s", page)
		}
		if all := must(s.dataRequests.OwnAll(t.Context(), mia.Account))(t); len(all) != 1 {
			t.Errorf("there are %d requests, want one", len(all))
		}
		if _, page = ask(http.MethodGet, "/my-data/object"); strings.Contains(page, `id="why-safety"`) || !strings.Contains(page, `id="why-entry"`) {
			t.Error("what is objected to is offered again")
		}
		long := strings.Repeat("路", 1990) // more than 4096 bytes
		if _, page = ask(http.MethodPost, "/my-data/object", "what", "entry", "why", long); !strings.Contains(page, long) {
			t.Error("a long reason is lost")
		}
		ask(http.MethodPost, "/my-data/object", "what", "safety", "back", "yes")
		if must(s.people.members.Objected(t.Context(), owner, "safety"))(t) {
			t.Error("what somebody decides can't be taken back")
		}
		if _, page = ask(http.MethodGet, "/account/consents"); strings.Count(page, "A use of your data") < 3 {
			t.Error("the ledger doesn't have it all")
		}
		if _, page = ask(http.MethodPost, "/my-data/object", "what", "billing"); !strings.Contains(page, "That can’t be objected to here") {
			t.Errorf("what there isn't is answered %s", page)
		}
	})
}

// An objection whose entry in the ledger fails makes no request either.
func TestAnObjectionIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		mia := newMember(t, s, "mia@mail.example")
		data := s.people.regions[0].DB
		must(data.Exec(t.Context(), `ALTER TABLE consent RENAME TO consent_away`))(t)
		asks(t, base, mia)(http.MethodPost, "/my-data/object", "what", "safety")
		must(data.Exec(t.Context(), `ALTER TABLE consent_away RENAME TO consent`))(t)
		if all := must(s.dataRequests.OwnAll(t.Context(), mia.Account))(t); len(all) != 0 {
			t.Errorf("there are %d requests and nothing in the ledger", len(all))
		}
	})
}
