package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/dbtest"
)

// visits returns a browser's pages, of a member or, without one, of a visitor.
func visits(t *testing.T, base string, who *person) func(method, path string, form url.Values) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if who != nil {
		u, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		jar.SetCookies(u, []*http.Cookie{{Name: "waypost_session", Value: string(who.token), Path: "/"}})
	}
	client := &http.Client{Jar: jar}
	return func(method, path string, form url.Values) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %v", method, path, resp.StatusCode, err)
		}
		return string(body)
	}
}

// Who finds parcels as a visitor keeps them as a member, without script.
func TestWhatWasFoundIsKept(t *testing.T) {
	t.Parallel()
	const list = "/track?nums=1Z4A7B2C0364182055,RR409172635CA"
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		visitor := visits(t, base, nil)
		body := visitor("GET", list, nil)
		if !strings.Contains(body, `href="/signup?next=%2Ftrack%3Fnums%3D1Z4A7B2C0364182055,RR409172635CA"`) || strings.Contains(body, `action="/parcels"`) {
			t.Errorf("a visitor is not led to sign up and back:\n%s", body)
		}

		who := newMember(t, s, "mia@mail.example")
		mia := visits(t, base, &who)
		body = mia("GET", list, nil)
		if n := strings.Count(body, `action="/parcels"`); n != 3 { // each, and all
			t.Fatalf("a member has %d ways to save, want 3", n)
		}
		hidden := url.Values{"next": {list}}
		_, all, _ := strings.Cut(body, `<form method="post" action="/parcels">`)
		all, _, _ = strings.Cut(all, "</form>")
		for _, m := range regexp.MustCompile(`name="(num|fc)" value="([^"]*)"`).FindAllStringSubmatch(all, -1) {
			hidden.Add(m[1], m[2])
		}
		body = mia("POST", "/parcels", hidden)
		if strings.Contains(body, `action="/parcels"`) || strings.Count(body, `href="/parcels/`) != 2 {
			t.Error("the list doesn't say that its parcels are saved")
		}
		body = mia("GET", "/parcels", nil)
		if !strings.Contains(body, "1Z4A7B2C0364182055") || !strings.Contains(body, "RR409172635CA") {
			t.Error("the parcels aren't in the member's list")
		}
		other := newMember(t, s, "noah@mail.example")
		if body := visits(t, base, &other)("GET", list, nil); strings.Contains(body, `href="/parcels/`) {
			t.Error("somebody else sees what mia keeps")
		}
	})
}
