package app

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"waypost/internal/dbtest"
)

// sfNumber is one of SF Express's, which wants the end of a phone number.
const sfNumber = "SF1411003827465"

// tells has the simulated SF Express tell of the number who knows 7391.
func tells(t *testing.T, s *server) {
	t.Helper()
	story, ok := s.sim.server.Story("sf-express", sfNumber)
	if !ok {
		t.Fatal("there is no such number")
	}
	story.PhoneEnd, story.Born = "7391", s.sim.server.Clock().Now().Add(-48*time.Hour)
	s.sim.server.Set(sfNumber, story)
}

// A reader is somebody with a browser that takes cookies.
type reader struct {
	t    *testing.T
	base string
	at   string // where the list with the number is
	*http.Client
}

func newReader(t *testing.T, base string) *reader {
	t.Helper()
	return &reader{t, base, base + "/track?nums=" + sfNumber, &http.Client{Jar: must(cookiejar.New(nil))(t)}}
}

func (r *reader) page(resp *http.Response, err error) (int, string) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode, string(must(io.ReadAll(resp.Body))(r.t))
}

// look opens the list.
func (r *reader) look() string {
	r.t.Helper()
	status, page := r.page(r.Get(r.at))
	if status != http.StatusOK {
		r.t.Fatalf("%s: %d", r.at, status)
	}
	return page
}

// give sends the form that asks for the end of the phone number, and goes where
// it leads.
func (r *reader) give(end string) (int, string) {
	r.t.Helper()
	resp, err := r.PostForm(r.base+"/track/needs", url.Values{"nums": {sfNumber}, "of": {sfNumber}, "by": {"sf-express"}, "phone_last4": {end}})
	status, page := r.page(resp, err)
	if status == http.StatusOK {
		r.at = resp.Request.URL.String()
	}
	return status, page
}

// until looks at the number's page again and again until it shows what is wanted.
func (r *reader) until(want string) string {
	r.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		page := r.look()
		if strings.Contains(page, want) {
			return page
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("the page never showed %q; last:\n%s", want, page)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.t.Context().Done():
			r.t.Fatal(r.t.Context().Err())
		}
	}
}

// What a carrier demands is asked for on the number's card, makes a parcel of
// its own, and stands in no address, no cookie and no page.
func TestAVisitorGivesWhatTheCarrierDemands(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		tells(t, s)
		mia, noah := newReader(t, base), newReader(t, base)

		const field, history = `name="phone_last4"`, `data-part="history"`
		if page := mia.look(); !strings.Contains(page, field) || strings.Contains(page, history) {
			t.Fatalf("the card doesn't ask for the end of the phone number:\n%s", page)
		}
		for _, wrong := range []string{"", "739", "seven"} {
			if status, page := mia.give(wrong); status != http.StatusBadRequest || !strings.Contains(page, "exactly four digits") || !strings.Contains(page, field) {
				t.Errorf("%q: %d, want the form again and why:\n%s", wrong, status, page)
			}
		}
		if status, page := mia.give("7391"); status != http.StatusOK || strings.Contains(page, "7391") {
			t.Fatalf("the right end: %d, want the list without it:\n%s", status, page)
		}
		if want := base + "/track?fc=sf-express&nums=" + sfNumber + "#p-" + sfNumber; mia.at != want {
			t.Errorf("the right end leads to %s, want %s", mia.at, want)
		}
		page := mia.until(history)
		if !strings.Contains(page, "because you gave what SF Express wants") {
			t.Errorf("the page doesn't say why it shows the parcel:\n%s", page)
		}
		for _, not := range []string{"7391", field} {
			if strings.Contains(page, not) {
				t.Errorf("the page shows %q", not)
			}
		}
		at := must(url.Parse(base))(t)
		for _, c := range mia.Jar.Cookies(at) {
			if strings.Contains(c.Value, "7391") {
				t.Errorf("the cookie %s holds what was given", c.Name)
			}
		}

		// Whoever is sent the link sees that it is asked for, and no more.
		noah.at = mia.at
		if page := noah.look(); !strings.Contains(page, field) || strings.Contains(page, history) {
			t.Errorf("who knows the number alone sees:\n%s", page)
		}
		if status, _ := noah.give("0000"); status != http.StatusOK {
			t.Fatalf("a wrong end: %d", status)
		}
		if page := noah.until("check what you entered"); !strings.Contains(page, field) || strings.Contains(page, history) {
			t.Errorf("after a wrong end the page shows:\n%s", page)
		}
		if status, _ := noah.give("7391"); status != http.StatusOK {
			t.Fatal("another try is refused")
		}
		noah.until(history)
	})
}
