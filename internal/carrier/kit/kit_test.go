package kit_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/kit"
	"waypost/internal/recognise"
)

// shipped are the built-in carriers and sources.
func shipped(t *testing.T) *carrier.Catalogue {
	t.Helper()
	catalogue, mistakes := builtin.Catalogue()
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	return catalogue
}

func TestEveryNumberHasALookAlike(t *testing.T) {
	catalogue := shipped(t)
	index := recognise.New(catalogue.Carriers())
	for _, c := range catalogue.Carriers() {
		for _, f := range c.Formats {
			holds, err := carrier.Check(strings.TrimSuffix(f.Check, "?"))
			if err != nil {
				t.Fatal(err)
			}
			for _, good := range f.Good {
				like, err := kit.LikeNumber(index, c.Code, good)
				if err != nil {
					t.Errorf("%s, %s: %v", c.Code, good, err)
					continue
				}
				if like == good || len(like) != len(good) {
					t.Errorf("%s: %s for %s", c.Code, like, good)
				}
				if holds != nil && holds(good) && !holds(like) {
					t.Errorf("%s: the check digit of %s doesn't hold, as that of %s does", c.Code, like, good)
				}
			}
		}
	}
	if like, err := kit.LikeNumber(index, "inpost", "4711"); err == nil {
		t.Errorf("%s for a number that InPost hasn't", like)
	}
}

// invented are the people of the shipped answers of kind private.
var invented = []string{
	"brackenmoor", "quillfeather", "erfunden", "verzonnen", "fictivert", "imaginaire", "wrenfield", "påhittad", "inventada", "mukhtara", "zmyślona",
	"nieistniejąca", "вигадан", "вымышлен", "甄无人", "贾无名", "4471#", "7731#", "4711#", "fennel row", "elmbrook",
}

func TestPrivateAnswersAreAskedAboutAndKeepNobody(t *testing.T) {
	asked := 0
	for _, s := range shipped(t).Sources() {
		folder := "carriers"
		if s.Shared {
			folder = "sources"
		}
		for _, v := range s.Vectors {
			if v.Kind != "private" || v.Answer == "" {
				continue
			}
			answer, err := os.ReadFile(filepath.Join("..", "..", "..", folder, string(s.Code), v.Answer))
			if err != nil {
				t.Fatal(err)
			}
			_, unsure, err := kit.NewRedactor(s, nil, nil).Redact(answer)
			if err != nil || len(unsure) == 0 {
				t.Errorf("%s: nothing is asked about a private answer (%v)", s.Code, err)
			}
			var hide []string
			for _, u := range unsure {
				hide = append(hide, u.Path)
			}
			out, unsure, err := kit.NewRedactor(s, nil, hide).Redact(answer)
			if err != nil || len(unsure) > 0 {
				t.Errorf("%s: hidden, and yet not sure of %v (%v)", s.Code, unsure, err)
			}
			for _, name := range invented {
				if strings.Contains(strings.ToLower(string(out)), name) {
					t.Errorf("%s: %q is kept in %s", s.Code, name, out)
				}
			}
			asked++
		}
	}
	if asked < 45 {
		t.Errorf("only %d private answers were tried", asked)
	}
}

const envelope = `<?xml version="1.0" encoding="UTF-8"?>
<!-- served by db-7 -->
<Envelope xmlns="urn:parcel"><Consignee ref="4711-K"><Name>Mara &amp; Ivo Quillfeather</Name><![CDATA[Larkspur Lane 17]]></Consignee>
  <event code="DONE" signed-by='M. Quillfeather'><at>2026-03-03T15:20:00Z</at><text>Delivered &lt;ok&gt;</text><mood>fine</mood></event></Envelope>`

func TestXMLIsRedacted(t *testing.T) {
	source := &carrier.Source{Read: carrier.Read{Format: "xml"}}
	redact := func(keep, hide []string) (string, []kit.Unsure) {
		t.Helper()
		out, unsure, err := kit.NewRedactor(source, keep, hide).Redact([]byte(envelope))
		if err != nil {
			t.Fatal(err)
		}
		return string(out), unsure
	}
	_, unsure := redact(nil, nil)
	if len(unsure) != 2 || unsure[0].Path != ".Envelope.event.mood" || unsure[1].Path != ".Envelope.event.text" {
		t.Errorf("not sure of %v, want mood and the text with a bracket", unsure)
	}
	out, unsure := redact([]string{"Envelope.event.mood", ".Envelope.event.text"}, nil)
	if len(unsure) > 0 {
		t.Errorf("decided, and yet not sure of %v", unsure)
	}
	for _, private := range []string{"db-7", "4711-K", "Mara", "Quillfeather", "Larkspur"} {
		if strings.Contains(out, private) {
			t.Errorf("%q is kept: %s", private, out)
		}
	}
	for _, harmless := range []string{`<event code="DONE"`, "<at>2026-03-03T15:20:00Z</at>", "<text>Delivered &lt;ok&gt;</text>", "<mood>fine</mood>", " &amp; "} {
		if !strings.Contains(out, harmless) {
			t.Errorf("%q is lost: %s", harmless, out)
		}
	}
}

func TestANumberIsReplacedWhereverItStands(t *testing.T) {
	redactor := kit.NewRedactor(&carrier.Source{}, nil, nil)
	redactor.Replace("RR409172635DE", "RR842346693DE")
	out, unsure, err := redactor.Redact([]byte(`{"items": {"RR409172635DE": [{"text": "rr409172635de is here", "data": "{\"awb\":\"RR409172635DE\"}"}]}}`))
	want := `{"items": {"RR842346693DE": [{"text": "rr842346693de is here", "data": "{\"awb\":\"RR842346693DE\"}"}]}}`
	if err != nil || len(unsure) > 0 || string(out) != want {
		t.Errorf("%v %v\n%s, want\n%s", err, unsure, out, want)
	}
}

func TestANameIsReplacedInWordsToo(t *testing.T) {
	redactor := kit.NewRedactor(&carrier.Source{}, nil, nil)
	out, unsure, err := redactor.Redact([]byte(`{"receiver": {"name": "Mara Quillfeather", "zip": "04103"}, "text": "QUILLFEATHER was not at home", "at": "2026-03-03"}`))
	if err != nil || len(unsure) > 0 || strings.Contains(strings.ToLower(string(out)), "quillfeather") || !strings.Contains(string(out), " was not at home\", \"at\": \"2026-03-03\"") {
		t.Errorf("%v %v %s", err, unsure, out)
	}
}

func TestABareNameIsAskedAbout(t *testing.T) {
	for _, path := range []string{"statusDetail", "remarks", "name", "value", "colour"} {
		_, unsure, err := kit.NewRedactor(&carrier.Source{}, nil, nil).Redact([]byte(`{"events": [{"` + path + `": "HALINA"}]}`))
		if err != nil || len(unsure) != 1 || unsure[0] != (kit.Unsure{Path: ".events[]." + path, Value: "HALINA"}) {
			t.Errorf("%s: %v %v", path, unsure, err)
		}
	}
}

func TestWhatCannotBeReadIsNotKept(t *testing.T) {
	for format, answer := range map[string]string{"json": `{"a": `, "xml": "<a><b></a", "csv": "a;b\n1;2"} {
		source := &carrier.Source{Read: carrier.Read{Format: format}}
		if out, _, err := kit.NewRedactor(source, nil, nil).Redact([]byte(answer)); err == nil {
			t.Errorf("%s: %q is kept as %q", format, answer, out)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("json", `{"receiver": {"name": "Mara"}, "data": "{\"phone\": \"+1 555 0100\"}", "n": [1, null, true]}`)
	f.Add("xml", envelope)
	f.Fuzz(func(t *testing.T, format, answer string) {
		source := &carrier.Source{Read: carrier.Read{Format: format}}
		out, _, err := kit.NewRedactor(source, nil, nil).Redact([]byte(answer))
		if err == nil && format == "xml" && strings.Count(string(out), "<") < strings.Count(answer, "</") {
			t.Errorf("%q lost its elements: %q", answer, out)
		}
	})
}
