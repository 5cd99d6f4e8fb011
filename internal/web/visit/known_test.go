package visit

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"testing"

	"waypost/internal/parcel"
)

// back is the next request of the browser that got w for r.
func back(w *httptest.ResponseRecorder, r *http.Request) *http.Request {
	next := httptest.NewRequest(http.MethodGet, "/track", nil)
	kept := map[string]*http.Cookie{}
	for _, c := range append(r.Cookies(), w.Result().Cookies()...) {
		kept[c.Name] = c
	}
	for _, c := range kept {
		if c.MaxAge >= 0 {
			next.AddCookie(c)
		}
	}
	return next
}

// What a browser knows goes on beside what it begins and ends, until it signs out.
func TestABrowserGoesOnKnowing(t *testing.T) {
	d := New(Options{URL: "https://waypost.example"})
	r := httptest.NewRequest(http.MethodPost, "/track/needs", nil)
	step := func(do func(w http.ResponseWriter)) {
		w := httptest.NewRecorder()
		do(w)
		r = back(w, r)
	}
	step(func(w http.ResponseWriter) { d.Begin(w, r, "eu.begun") })
	step(func(w http.ResponseWriter) { d.Learn(w, r, "A1", "mark-a") })
	step(func(w http.ResponseWriter) { d.Learn(w, r, "B2", "mark-b") })
	step(func(w http.ResponseWriter) { d.Learn(w, r, "A1", "mark-c") })
	if flow := d.Flow(r); flow != "eu.begun" {
		t.Errorf("the flow is %q, want eu.begun", flow)
	}
	want := map[string]parcel.Mark{"A1": "mark-c", "B2": "mark-b"}
	for name, do := range map[string]func(w http.ResponseWriter){
		"at once":                   func(http.ResponseWriter) {},
		"reminded":                  func(w http.ResponseWriter) { d.Remind(w, r) },
		"at a provider":             func(w http.ResponseWriter) { d.Send(w, r, "eu.away", "/parcels?x=~1.2") },
		"back from it":              func(w http.ResponseWriter) { d.Return(w, r, "eu.back") },
		"what was begun has ended":  func(w http.ResponseWriter) { d.End(w, r) },
		"what was begun is dropped": func(w http.ResponseWriter) { d.Forget(w, r) },
		"signed in":                 func(w http.ResponseWriter) { d.SignIn(w, r, "eu.session") },
	} {
		w := httptest.NewRecorder()
		do(w)
		if got := d.Known(back(w, r)); !maps.Equal(got, want) {
			t.Errorf("%s: it knows %v, want %v", name, got, want)
		}
	}
	step(func(w http.ResponseWriter) {
		if err := d.SignOut(w, r); err != nil {
			t.Fatal(err)
		}
	})
	if got := d.Known(r); len(got) != 0 {
		t.Errorf("signed out it knows %v", got)
	}
}

func TestABrowserKnowsAFewParcels(t *testing.T) {
	d := New(Options{URL: "http://127.0.0.1"})
	r := httptest.NewRequest(http.MethodPost, "/track/needs", nil)
	for i := range mostKnown + 2 {
		w := httptest.NewRecorder()
		d.Learn(w, r, fmt.Sprintf("N%d", i), "mark")
		r = back(w, r)
	}
	got := d.Known(r)
	if _, first := got["N0"]; len(got) != mostKnown || first || got[fmt.Sprintf("N%d", mostKnown+1)] != "mark" {
		t.Errorf("it knows %v, want the latest %d", got, mostKnown)
	}
}
