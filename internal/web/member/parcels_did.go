package member

import (
	"net/url"
	"strconv"

	"waypost/internal/watch"
	"waypost/internal/web/ui"
)

// A did says what was done to parcels, and how to take it back.
type did struct {
	Text string
	Home string // of the shelf
	Undo string // "" it can't be undone
	Back string // the query of the list to which undoing leads back
	Next string // or another page of this site
}

// told leads to where a list says what was done.
func told(back, what string, n int, done watch.Done) string {
	v := url.Values{"did": {what}, "n": {strconv.Itoa(n)}}
	if done.Undo != "" {
		v.Set("undo", string(done.Undo))
	}
	if back == "" {
		return "?" + ui.Query(v)
	}
	return "?" + back + "&" + ui.Query(v)
}

// didOf reads what was done from an address; nil when it says nothing.
func didOf(reader ui.Reader, s shelf, v url.Values) *did {
	key := "did." + v.Get("did")
	n, err := strconv.Atoi(v.Get("n"))
	if v.Get("did") == "" || !reader.Has(key) || err != nil || n < 0 {
		return nil
	}
	if n == 0 && v.Get("did") == "add" {
		key = "did.none"
	}
	d := &did{Home: s.home, Text: reader.Say(key, "n", n)}
	for _, also := range []string{"there", "left"} {
		if m, err := strconv.Atoi(v.Get(also)); err == nil && m > 0 {
			d.Text += " " + reader.Say("did.also_"+also, "n", m)
		}
	}
	if id := v.Get("undo"); id != "" && len(id) <= 64 {
		d.Undo = id
	}
	return d
}

// backTo returns the query of the list to which a form leads back, brought into
// its one form, so that nothing else comes into an address.
func backTo(f *form) string {
	v, err := url.ParseQuery(f.text("back"))
	if err != nil {
		return ""
	}
	values := listValues(listQuery(v))
	if view := v.Get("view"); view != "" && len(view) <= 64 {
		values = url.Values{"view": {view}}
	}
	return ui.Query(values)
}
