package member_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/recognise"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// Numbers that the carrier files invented.
const (
	ups    = "1Z4A7B2C0364182055"
	ups2   = "1Z88R0X30319772400"
	postal = "RR123456785DE"
)

// known is read once for all tests.
var known = sync.OnceValue(func() watch.Knowledge {
	catalogue, _ := builtin.Catalogue()
	return watch.Knowledge{Catalogue: catalogue, Index: recognise.New(catalogue.Carriers()), Plan: plan}
})

// plan asks one source about every number, whoever its carrier is. GLS demands
// the postal code.
func plan(n recognise.Number, chosen carrier.Code, given carrier.Given) (parcel.Want, []carrier.Need) {
	w := parcel.Want{Key: parcel.Key{Number: n.Text, Carrier: chosen}}
	at := chosen
	if at == "" && len(n.Candidates) > 0 {
		at = n.Candidates[0].Carrier
	}
	if at == "gls" {
		if w.Given = given.Of([]carrier.Need{carrier.PostalCode}); w.Given == nil {
			return w, []carrier.Need{carrier.PostalCode}
		}
	}
	w.Askings = []parcel.Asking{{Account: "test/main", Source: "test", Carrier: at, Number: n.Text, Role: parcel.Origin}}
	return w, nil
}

// tell has the carrier of a parcel tell an event, so long ago.
func (w *world) tell(number string, sub status.Sub, ago time.Duration) {
	w.t.Helper()
	taken, err := w.parcels.Claim(w.t.Context(), parcel.Claim{Account: "test/main", Most: 100, Lease: time.Minute})
	if err != nil {
		w.t.Fatal(err)
	}
	var outcomes []parcel.Outcome
	told := false
	for _, c := range taken.Asks {
		o := parcel.Outcome{Claimed: c, At: time.Now(), Report: carrier.Report{Number: c.Number, Problem: &carrier.Problem{Kind: carrier.Unavailable}}}
		if c.Number == number {
			told = true
			at := time.Now().Add(-ago).UTC().Truncate(time.Second)
			o.Report = carrier.Report{Number: number, Latest: true, Events: []carrier.Event{{
				Time: carrier.Time{Local: at.Format("2006-01-02T15:04:05"), UTC: at}, Code: "E", Status: sub,
				Words: "Something <b>happened</b>", Place: place.Place{City: "Testhafen", Country: "DE"},
			}}}
		}
		outcomes = append(outcomes, o)
	}
	if !told {
		w.t.Fatalf("%s is not asked for", number)
	}
	soon := func(parcel.History, parcel.Standing, parcel.Outcome) time.Time { return time.Now().Add(-time.Second) }
	if _, err := w.parcels.Record(w.t.Context(), outcomes, soon); err != nil {
		w.t.Fatal(err)
	}
	found, err := w.parcels.Find(w.t.Context(), parcel.Key{Number: number})
	if err != nil || len(found) == 0 {
		w.t.Fatalf("find %s: %v", number, err)
	}
	if err := w.watches.ParcelChanged(w.t.Context(), found[0].ID); err != nil {
		w.t.Fatal(err)
	}
}

// send posts a form in which names may stand several times.
func (b *browser) sendForm(path string, form url.Values) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

// upload posts a file.
func (b *browser) upload(path, name string, content []byte) page {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	part.Write(content) //nolint:errcheck // a buffer takes everything
	form.Close()        //nolint:errcheck // likewise
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.send(r)
}

var (
	rowID     = regexp.MustCompile(`name="id" value="([0-9a-f-]{36})" id="t-`)
	undoID    = regexp.MustCompile(`name="id" value="([0-9a-f-]{36})"><input type="hidden" name="back"`)
	homeOf    = regexp.MustCompile(`^(/teams/[^/]+)?/parcels`)
	nextPage  = regexp.MustCompile(`href="([^"]+)" rel="next"`)
	paragraph = regexp.MustCompile(`(?s)<h3>.*?</h3>`)
	markup    = regexp.MustCompile(`<[^>]*>`)
)

// ids are the parcels of a list, in its order.
func (p page) ids() []string {
	var all []string
	for _, m := range rowID.FindAllStringSubmatch(p.body, -1) {
		all = append(all, m[1])
	}
	return all
}

// names are what the parcels of a list are called, in its order.
func (p page) names() []string {
	var all []string
	for _, h := range paragraph.FindAllString(p.body, -1) {
		all = append(all, markup.ReplaceAllString(h, ""))
	}
	return all
}

// undo presses the button that takes the last change back.
func (b *browser) undo(p page) page {
	b.t.Helper()
	m := undoID.FindStringSubmatch(p.body)
	if m == nil {
		b.t.Fatalf("nothing can be undone; %s", p.said())
	}
	home := homeOf.FindString(p.at)
	return b.post(home+"/undo", "id", m[1])
}

// without fails the test when the page shows a text.
func (p page) without(text string) page {
	p.t.Helper()
	if strings.Contains(p.body, text) {
		p.t.Errorf("%s shows %q", p.at, text)
	}
	return p
}
