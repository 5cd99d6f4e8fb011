package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/carrier"
)

// otter is a carrier whose answers hold everything that must not be kept.
const otter = `carrier: otter
names: {en: Otter Post}
country: DE
kind: postal
numbers:
  - {name: letter, pattern: '[A-Z]{2}\d{9}DE', check: s10, trust: standard, good: [RR123456785DE], bad: [RR123456784DE]}

connect:
  base: https://api.otter.example
  account: [api_key]
  budget: {calls: 60, per: 1m}
  ask:
    get: /track/{number}
    headers: {X-Api-Key: '{account.api_key}'}
probe: yes
read:
  parcels: '.'
  parcel: {number: '.number'}
  events: '.events[]'
  event: {at: '.at', code: '.code', words: '.text', place: {city: '.city', country: '.country'}}
status:
  DONE: Delivered_Other
  ROUND: OutForDelivery_Other
vectors:
  - {kind: delivered, cannot: not recorded yet}
  - {kind: in_transit, cannot: not seen yet}
  - {kind: exception, cannot: not seen yet}
  - {kind: not_found, cannot: not seen yet}
  - {kind: needs_more, cannot: it answers everybody who has a key}
  - {kind: limited, cannot: not seen yet}
  - {kind: broken, cannot: not seen yet}
  - {kind: private, cannot: not seen yet}
`

// otterAnswer is what Otter Post says of RR409172635DE. Nobody in it exists.
const otterAnswer = `{
  "number": "RR409172635DE", "uuid": "7d3f0c1e-9a8b-4c2d-8e6f-5a4b3c2d1e0f", "customerNo": "4400917263",
  "receiver": {"name": "Mara Quillfeather", "street": "Larkspur Lane 17", "zip": "04103", "city": "Leipzig", "country": "DE",
    "phone": "+1 555 867 5309", "email": "mara.quillfeather@mail.example", "born": "1990-12-24"},
  "signedBy": "M. QUILLFEATHER", "lat": 51.339695, "lon": 12.373075,
  "link": "https://otter.example/t/RR409172635DE?k=9f8e7d",
  "events": [
    {"at": "2026-03-03T15:20:00+01:00", "code": "DONE", "text": "Delivered", "city": "Leipzig", "country": "DE"},
    {"at": "2026-03-03T08:05:00+01:00", "code": "ROUND", "text": "Out for delivery, RR409172635DE", "city": "Leipzig", "country": "DE"%s}
  ]
}`

// otterPost serves an answer, and writes Otter's file and an account of it.
func otterPost(t *testing.T, answer string) (overlay string, args []string) {
	t.Helper()
	post := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Api-Key") != "otters-own-key" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(post.Close)
	overlay = t.TempDir()
	settings := fmt.Sprintf("carriers: %s\naccounts:\n  otter:\n    main:\n      base: %s\n      values: {api_key: otters-own-key}\n", overlay, post.URL)
	config := filepath.Join(t.TempDir(), "waypost.yaml")
	for file, text := range map[string]string{config: settings, filepath.Join(overlay, "otter.yaml"): otter} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return overlay, []string{"carrier", "record", "--config=" + config, "otter", "RR409172635DE"}
}

func read(t *testing.T, file ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(file...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestARecordingKeepsNothingPrivate(t *testing.T) {
	t.Parallel()
	overlay, args := otterPost(t, fmt.Sprintf(otterAnswer, ""))
	code, out, errs := run(t, "", args...)
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	answer, request, file := read(t, overlay, "otter", "recorded-delivered-1.json"), read(t, overlay, "otter", "recorded-delivered-1.txt"), read(t, overlay, "otter.yaml")
	for _, private := range []string{
		"RR409172635DE", "7d3f0c1e", "4400917263", "Mara", "Quillfeather", "QUILLFEATHER", "Larkspur", "04103", "867 5309", "mail.example", "1990-12-24",
		"51.339695", "12.373075", "9f8e7d", "otters-own-key",
	} {
		if strings.Contains(answer+request+file, private) {
			t.Errorf("%q is kept:\n%s\n%s\n%s", private, answer, request, file)
		}
	}
	form := regexp.MustCompile(`(?s)"number": "(RR\d{9}DE)",\s+"uuid": "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}",\s+"customerNo": "\d{10}",.*"name": "[A-Z][a-z]{3} [A-Z][a-z]{11}",\s+"street": "[A-Z][a-z]{7} [A-Z][a-z]{3} \d{2}",\s+"zip": "0\d{4}".*"phone": "\+5 555 555 01\d\d".*"email": ".{17}.*@example.com".*"lat": 11.111111,.*"link": "https://example.com/[a-z]/(RR\d{9}DE)\?.*"code": "DONE",\s+"text": "Delivered",\s+"city": "[A-Z][a-z]{6}",\s+"country": "DE"`)
	like := form.FindStringSubmatch(answer)
	if like == nil {
		t.Fatalf("the look-alikes have another form:\n%s", answer)
	}
	holds, err := carrier.Check("s10")
	if err != nil || !holds(like[1]) || strings.Count(answer, like[1]) != 3 {
		t.Errorf("%s: the check digit doesn't hold, or the number isn't the same everywhere (%v):\n%s", like[1], err, answer)
	}
	if !strings.Contains(request, "GET /track/"+like[1]) || !strings.Contains(request, "X-Api-Key: the-api-key") {
		t.Errorf("the request: %s", request)
	}
	if strings.Contains(file, "not recorded yet") || !strings.Contains(file, "proof: recorded\n    answer: recorded-delivered-1.json\n") {
		t.Errorf("the file: %s", file)
	}
	if code, out, errs := run(t, "", "carrier", "test", "--in="+overlay, "otter"); code != exitOK || !strings.Contains(out, "good   otter, 2 vectors") || strings.Contains(out, "unproven") {
		t.Errorf("its vectors: exit %d, %s%s", code, out, errs)
	}
}

func TestARecordingAsksWhatItIsNotSureOf(t *testing.T) {
	t.Parallel()
	const more = `, "note": "Ring twice at Quillfeather", "remark": "handed over to Mr. Tumbledown", "colour": "blue"`
	overlay, args := otterPost(t, fmt.Sprintf(otterAnswer, more))
	code, _, errs := run(t, "", args...)
	for _, want := range []string{"Nothing was written. 3 fields", ".events[].note", ".events[].remark", ".events[].colour", "--keep", "--hide"} {
		if code != exitFailed || !strings.Contains(errs, want) {
			t.Errorf("exit %d, without %q: %s", code, want, errs)
		}
	}
	if read(t, overlay, "otter.yaml") != otter {
		t.Error("the file was changed")
	}
	if _, err := os.Stat(filepath.Join(overlay, "otter")); !os.IsNotExist(err) {
		t.Errorf("something was written: %v", err)
	}
	code, out, errs := run(t, "", append(args, "--hide=events[].note", "--hide=.events[].remark", "--keep=.events[].colour")...)
	if code != exitOK {
		t.Fatalf("decided: exit %d: %s%s", code, out, errs)
	}
	answer := read(t, overlay, "otter", "recorded-delivered-1.json")
	if strings.Contains(answer, "uillfeather") || strings.Contains(answer, "Ring twice") || strings.Contains(answer, "Tumbledown") || !strings.Contains(answer, `"colour": "blue"`) || !strings.HasPrefix(answer, "{\n  \"number\"") {
		t.Errorf("the decisions: %s", answer)
	}
}

func TestWhatCannotBeRecorded(t *testing.T) {
	t.Parallel()
	_, args := otterPost(t, "<html>Down for maintenance</html>")
	for _, tc := range []struct {
		name string
		args []string
		want string
	}{
		{"a page", args, "is a page, not JSON"},
		{"a number of another form", append(args[:len(args)-1:len(args)-1], "4711000"), "No look-alike can be made"},
		{"a need that can't be one", append(args[:len(args):len(args)], "--need=ship_date=yesterday"), `ship_date can't be "yesterday"`},
		{"an account that isn't there", append(args[:len(args):len(args)], "--account=other"), "no such account"},
		{"a carrier whose file isn't there", append(args[:3:3], "inpost", "620114829377105846120395"), "There is no inpost.yaml"},
		{"a carrier that isn't", append(args[:3:3], "nobody", "620114829377105846120395"), "no carrier or source"},
	} {
		if code, _, errs := run(t, "", tc.args...); code != exitFailed || !strings.Contains(errs, tc.want) {
			t.Errorf("%s: exit %d, want %q: %s", tc.name, code, tc.want, errs)
		}
	}
}
