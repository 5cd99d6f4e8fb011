package sim_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"waypost/internal/sim"
)

func TestUPSUsesOnlyTheFieldsOfItsSpecification(t *testing.T) {
	text, err := os.ReadFile("testdata/ups-fields.txt")
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if schema, names, ok := strings.Cut(line, ": "); ok && !strings.HasPrefix(line, "#") {
			for _, name := range strings.Fields(names) {
				fields[name] = schema != ""
			}
		}
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				if !fields[key] {
					t.Errorf("%s.%s isn't in the specification", path, key)
				}
				walk(path+"."+key, inner)
			}
		case []any:
			for _, inner := range v {
				walk(path, inner)
			}
		}
	}
	s, base := start(t)
	c := dial(t, s, base, "ups")
	for _, kind := range sim.Kinds {
		s.Set(numbers["ups"], sim.Story{Pieces: 2, Steps: []sim.Step{{After: -3 * time.Hour, Kind: sim.PickedUp}, {After: -time.Hour, Kind: kind}}})
		var v any
		if err := json.Unmarshal(c.track("ups", numbers["ups"]).body, &v); err != nil {
			t.Fatal(err)
		}
		walk("", v)
	}
}

// wellFormed makes numbers of each source's most usual forms.
func wellFormed(s *sim.Server, source string, d *rand.Rand) []string {
	digits := func(n int) string {
		var out strings.Builder
		for range n {
			out.WriteByte(byte('0' + d.IntN(10)))
		}
		return out.String()
	}
	country := func(of ...string) string { return of[d.IntN(len(of))] }
	switch source {
	case "inpost":
		return []string{digits(24)}
	case "nova-poshta":
		return []string{"59" + digits(12)}
	case "sf-express":
		return []string{"SF" + digits(13), digits(12)}
	case "gls":
		return []string{digits(11), digits(14)}
	case "aramex":
		return []string{digits(11), digits(20)}
	case "postnord":
		return []string{digits(11) + "SE", s10("RR"+digits(8), "SE"), s10("LX"+digits(8), "SG")}
	case "la-poste-suivi":
		return []string{"6A" + digits(11), s10("LX"+digits(8), country("FR", "CN", "TH"))}
	case "australia-post":
		return []string{"ABC" + digits(7), s10("LX"+digits(8), country("AU", "CN"))}
	case "generic":
		return []string{"WAY" + digits(8)}
	case "canada-post":
		return []string{digits(13), s10("LM"+digits(8), country("CA", "JP"))}
	}
	var found []string
	for len(found) < 3 { // the check digit by trial
		n := map[string]string{
			"ups": "1Z" + digits(16), "fedex": digits(12), "usps": "94" + digits(20), "dhl-unified": digits(10),
			"royal-mail": s10("RR"+digits(8), country("GB", "HK")), "correios": s10("PN"+digits(8), country("BR", "CN")),
		}[source]
		if _, ok := s.Story(source, n); ok {
			found = append(found, n)
		}
	}
	return found
}

func TestAnyWellFormedNumberIsAnsweredAtAnyTime(t *testing.T) {
	s, base := start(t)
	d := rand.New(rand.NewPCG(1, 2))
	for _, source := range s.Sources() {
		c := dial(t, s, base, source)
		told := 0
		const rounds = 40
		for range rounds {
			s.Clock().Set(noon.Add(-time.Duration(d.IntN(365*24)) * time.Hour))
			for _, number := range wellFormed(s, source, d) {
				got := c.track(source, number)
				if got.status != 200 && got.status != 404 {
					t.Fatalf("%s at %v: got %d\n%.300s", number, s.Clock().Now(), got.status, got.body)
				}
				if err := readable(source, got.body); err != nil {
					t.Fatalf("%s: %v\n%.300s", number, err, got.body)
				}
				if strings.Contains(string(got.body), "%!") {
					t.Fatalf("%s: a verb went wrong\n%.2000s", number, got.body)
				}
				if len(got.body) > 550 {
					told++
				}
			}
		}
		if told < rounds/2 {
			t.Errorf("%s told only %d stories in %d rounds", source, told, rounds)
		}
	}
}

// readable reports whether body is whole JSON, or XML at Canada Post.
func readable(source string, body []byte) error {
	if source != "canada-post" {
		var v any
		return json.Unmarshal(body, &v)
	}
	for in := xml.NewDecoder(strings.NewReader(string(body))); ; {
		if _, err := in.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestFedExListsBothParcelsOfAReusedNumber(t *testing.T) {
	s, base := start(t)
	st := delivered()
	st.Reused = true
	s.Set(numbers["fedex"], st)
	c := dial(t, s, base, "fedex")
	got := c.track("fedex", numbers["fedex"])
	const results = "output.completeTrackResults.0.trackResults."
	first, second := got.at(t, results+"0.trackingNumberInfo.trackingNumberUniqueId"), got.at(t, results+"1.trackingNumberInfo.trackingNumberUniqueId")
	if second == nil || first == second {
		t.Fatalf("the ids are %v and %v", first, second)
	}
	one := ask(t, "POST", c.base+"/track/v1/trackingnumbers",
		fmt.Sprintf(`{"includeDetailedScans":true,"trackingInfo":[{"trackingNumberInfo":{"trackingNumber":%q,"trackingNumberUniqueId":%q}}]}`, numbers["fedex"], second),
		"Authorization", "Bearer "+c.token)
	if at := one.at(t, results+"0.scanEvents.0.date"); at != "2025-03-04T01:00:00-10:00" || one.at(t, results+"1") != nil {
		t.Errorf("asked for %v: got the one of %v", second, at)
	}
}

func TestNovaPoshtaNamesPeopleToThoseWhoKnowThePhone(t *testing.T) {
	s, base := start(t)
	s.Set(numbers["nova-poshta"], delivered())
	got := ask(t, "POST", base+"/nova-poshta/v2.0/json/",
		`{"modelName":"TrackingDocument","calledMethod":"getStatusDocuments","methodProperties":{"Documents":[{"DocumentNumber":"59000000000001","Phone":"380500000001"}]}}`)
	if name := got.at(t, "data.0.RecipientFullName"); name != sim.People()[0].Name {
		t.Errorf("got %v", name)
	}
}

func TestUPSRefusesWhatItsDocumentationRefuses(t *testing.T) {
	s, base := start(t)
	c := dial(t, s, base, "ups")
	c.login("ups")
	for _, tc := range []struct {
		name, number string
		headers      []string
		want         any
	}{
		{"no transaction id", numbers["ups"], nil, "TV1001"},
		{"a number that is too short", "1Z", []string{"transId", "1", "transactionSrc", "test"}, "TV1002"},
	} {
		got := ask(t, "GET", c.base+"/api/track/v1/details/"+tc.number, "", append(tc.headers, "Authorization", "Bearer "+c.token)...)
		if code := got.at(t, "response.errors.0.code"); got.status != 400 || code != tc.want {
			t.Errorf("%s: got %d %v, want 400 %v", tc.name, got.status, code, tc.want)
		}
	}
}

func TestThePartOfThePathThatBelongsToTheBaseMayBeLeftOut(t *testing.T) {
	s, base := start(t)
	s.Set(numbers["royal-mail"], delivered())
	a := s.Credentials("royal-mail")
	for _, path := range []string{"/royal-mail/mailpieces/v2/", "/royal-mail/"} {
		got := ask(t, "GET", base+path+numbers["royal-mail"]+"/events", "", "X-IBM-Client-Id", a["client_id"], "X-IBM-Client-Secret", a["client_secret"], "X-Accept-RMG-Terms", "yes")
		if got.status != 200 {
			t.Errorf("%s: got %d", path, got.status)
		}
	}
}
