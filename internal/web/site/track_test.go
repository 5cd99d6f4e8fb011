package site

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// cardOf is the text of one parcel's card.
func cardOf(t *testing.T, doc *html.Node, number string) string {
	t.Helper()
	for n := range doc.Descendants() {
		if attr(n, "id") == "p-"+number {
			return text(n)
		}
	}
	t.Fatalf("there is no card of %s", number)
	return ""
}

func TestACardSaysHowItStands(t *testing.T) {
	site := newSite(t, newWorld())
	numbers := map[string]string{}
	for _, s := range samples() {
		numbers[s.name] = s.number.Text
	}
	for _, tc := range []struct {
		name  string
		want  []string
		never []string
	}{
		{"delivered over two legs, one without zone, hostile words",
			[]string{"Delivered on", "in Bergen terminal, Norway.", "UTC+8", "local time", "Sent with: Lantern Lockers", "Delivered by: Fjord Post", "None, it has arrived", "Page of Fjord Post", "【深圳市】快件已揽收"}, nil},
		{"in transit, simulated, with a promised day",
			[]string{"In transit since", "Last seen in Hamburg, Germany.", "Expected:", "Simulated", "Kite Standard", "Picked up read from the words below", "Last check", "Next check", "Kite Parcel (kite-api)", "only carrier whose numbers look like this"}, nil},
		{"silent for long, and the carrier is down",
			[]string{"In customs since", "Nothing new for 31 days", "could not be reached", "What you see is the last answer."}, nil},
		{"never asked yet", []string{"Asking Fjord Post …", "Not yet"}, []string{"History"}},
		{"not known to two carriers", []string{"None of these carriers knows this number yet: Fjord Post, Kite Parcel.", "day or two", "Next check"}, nil},
		{"its carrier is down", []string{"No answer", "Fjord Post could not be reached"}, nil},
		{"its carrier's answers can't be read", []string{"Kite Parcel answered in a way that Waypost can’t read"}, nil},
		{"its carrier limits us", []string{"asks for fewer questions"}, nil},
		{"our credentials are refused", []string{"refused this site’s credentials"}, nil},
		{"its carrier wants a postal code", []string{"More is needed", "postal code, so that nobody else"}, nil},
		{"not connected", []string{"number of NordSky Express, which this Waypost can’t ask yet", "accounts.nordsky: client_id, client_secret", "carrier’s own page helps", "Page of NordSky Express"}, nil},
		{"no way to ask", []string{"has no connection to it"}, []string{"Page of Lantern"}},
		{"more is needed", []string{"More is needed", "Postal code NordSky Express wants the recipient’s", "Day it was sent NordSky Express uses numbers again"}, []string{"Enter it as"}},
		{"asked only by choice", []string{"Several carriers have numbers like this", "Choose Kite Parcel"}, nil},
		{"mistyped", []string{"The check digit is wrong", "Did you mean: FP1000000001", "An international postal number of Norway", "All carriers"}, nil},
		{"of no known form", []string{"No carrier that Waypost knows has numbers like this"}, nil},
		{"too short", []string{"too short to be a whole"}, nil},
		{"too long", []string{"longer than a tracking number"}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, doc := get(t, site, "/track?nums="+numbers[tc.name])
			got := cardOf(t, doc, numbers[tc.name])
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("the card does not say %q; it says: %s", want, got)
				}
			}
			for _, never := range tc.never {
				if strings.Contains(got, never) {
					t.Errorf("the card says %q", never)
				}
			}
		})
	}
}

func TestAPageViewWantsItsParcelsForAWeek(t *testing.T) {
	w := newWorld()
	get(t, newSite(t, w), "/track?nums=FP1000000002,SKY2000000001")
	if len(w.wanted) != 1 {
		t.Fatalf("%d parcels are wanted, want the one that can be asked", len(w.wanted))
	}
	want := w.wanted[0]
	if days := time.Until(want.Until).Hours() / 24; days < 6.9 || days > 7.1 || !want.Visitor || want.Choice != parcel.Only {
		t.Errorf("wanted for %.1f days, as %+v", days, want)
	}
}

func TestNamingACarrierAsksIt(t *testing.T) {
	for _, fc := range []string{"fjordpost", "91001", "FJORDPOST"} {
		w := newWorld()
		_, doc := get(t, newSite(t, w), "/track?nums=XXXXXXXX&fc="+fc)
		if len(w.wanted) != 1 || w.wanted[0].Key != (parcel.Key{Number: "XXXXXXXX", Carrier: "fjordpost"}) || w.wanted[0].Choice != parcel.ByHand {
			t.Errorf("fc=%s: wanted %+v", fc, w.wanted)
		}
		if got := cardOf(t, doc, "XXXXXXXX"); !strings.Contains(got, "named, not guessed") || !strings.Contains(got, "Let Waypost find the carrier") {
			t.Errorf("fc=%s: the card does not say who chose: %s", fc, got)
		}
	}
}

func post(t *testing.T, s *Site, text string) (*httptest.ResponseRecorder, *html.Node) {
	t.Helper()
	r := httptest.NewRequest("POST", "/track", strings.NewReader(url.Values{"text": {text}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w, parsed(t, w.Body.String())
}

func TestAPastedText(t *testing.T) {
	s := newSite(t, newWorld())
	w, doc := post(t, s, "Hello, your parcels FP1000000001 and FP1000000003 <script>")
	if w.Code != 200 {
		t.Fatalf("status %d", w.Code)
	}
	page := text(doc)
	for _, want := range []string{"2 parcels", "5 pieces of the text were not taken for numbers", "words, no number", "<script>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if !strings.Contains(w.Body.String(), `data-here="/track?nums=FP1000000001,FP1000000003"`) {
		t.Error("the page does not know its canonical address")
	}

	w, doc = post(t, s, "nothing here")
	if page := text(doc); w.Code != 200 || !strings.Contains(page, "No tracking number found") {
		t.Errorf("a text without numbers: %d, %s", w.Code, page)
	}
}

func TestMoreThanForty(t *testing.T) {
	w := newWorld()
	var nums []string
	for i := range 43 {
		n := fmt.Sprintf("FP7%09d", i)
		w.numbers[n] = recognise.Number{Text: n, Typed: n}
		nums = append(nums, n)
	}
	s := newSite(t, w)
	for name, doc := range map[string]*html.Node{
		"by address": second(get(t, s, "/track?nums="+strings.Join(nums, ","))),
		"by text":    second(post(t, s, strings.Join(nums, " "))),
	} {
		if page := text(doc); !strings.Contains(page, "40 parcels") || !strings.Contains(page, "3 more numbers are not shown") {
			t.Errorf("%s: the page does not say that three are left out", name)
		}
	}
}

func second[A, B any](_ A, b B) B { return b }

func TestFailuresHelp(t *testing.T) {
	s := newSite(t, newWorld())
	for _, tc := range []struct {
		name, method, address, body string
		status                      int
		says                        string
	}{
		{"no such page", "GET", "/nowhere", "", 404, "There is no such page"},
		{"no such carrier", "GET", "/carriers/nobody", "", 404, "There is no such page"},
		{"the wrong method", "PUT", "/track", "", 405, "That can’t be done here"},
		{"too much text", "POST", "/track", "text=" + strings.Repeat("x", maxText+1), 413, "At most 256 kilobytes"},
		{"a damaged form", "POST", "/track", "text=%zz", 400, "That can’t be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, tc.address, strings.NewReader(tc.body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			page := parsed(t, w.Body.String())
			if w.Code != tc.status || !strings.Contains(text(page), tc.says) {
				t.Errorf("%s %s: %d, want %d and %q", tc.method, tc.address, w.Code, tc.status, tc.says)
			}
			if tc.status == 405 && !strings.Contains(w.Header().Get("Allow"), "POST") {
				t.Errorf("Allow is %q", w.Header().Get("Allow"))
			}
			checkPage(t, page)
		})
	}
}

func TestChoosingACarrierKeepsTheList(t *testing.T) {
	s := newSite(t, newWorld())
	for _, tc := range []struct{ name, address, want string }{
		{"one of several", "/track?nums=FP1000000001,FP1000000002&of=FP1000000002&is=kite", "/track?fc=,kite&nums=FP1000000001,FP1000000002"},
		{"a second one", "/track?nums=FP1000000001,FP1000000002&fc=,kite&of=FP1000000001&is=91001", "/track?fc=fjordpost,kite&nums=FP1000000001,FP1000000002"},
		{"taken back", "/track?nums=FP1000000001&fc=kite&of=FP1000000001&is=", "/track?nums=FP1000000001"},
		{"in a language", "/track?nums=FP1000000001&of=FP1000000001&is=kite&lang=zh", "/track?fc=kite&lang=zh&nums=FP1000000001"},
	} {
		w, _ := get(t, s, tc.address)
		if got := w.Header().Get("Location"); w.Code != 303 || got != tc.want {
			t.Errorf("%s: %d to %s, want 303 to %s", tc.name, w.Code, got, tc.want)
		}
	}
}

func TestReadQuery(t *testing.T) {
	w := newWorld()
	for _, tc := range []struct {
		name, query string
		want        string
	}{
		{"one carrier for all", "nums=A,B&fc=kite", "nums=A,B fc=kite"},
		{"one for each", "nums=A,B&fc=kite,fjordpost", "nums=A,B fc=kite,fjordpost"},
		{"a numeric key", "nums=A&fc=91003", "nums=A fc=nordsky"},
		{"no carrier as the field writes it", "nums=A&fc=0", "nums=A fc="},
		{"spaces and hyphens of print", "nums=a%20b,c", "nums=AB,C fc="},
		{"repeated and empty ones", "nums=A,,A;B%0AC", "nums=A,B,C fc="},
	} {
		values, err := url.ParseQuery(strings.ReplaceAll(tc.query, ";", "%3B"))
		if err != nil {
			t.Fatal(err)
		}
		q := readQuery(values, w.knowledge())
		if got := "nums=" + q.nums() + " fc=" + q.carriers(); got != tc.want {
			t.Errorf("%s: %s is read as %s, want %s", tc.name, tc.query, got, tc.want)
		}
	}
}

func FuzzReadQuery(f *testing.F) {
	f.Add("FP1000000001,FP1000000002", "kite,91001")
	f.Add(strings.Repeat("A,", 50), "")
	f.Add("\x00\xff,é", ",,,")
	w := newWorld()
	f.Fuzz(func(t *testing.T, nums, fc string) {
		q := readQuery(url.Values{"nums": {nums}, "fc": {fc}}, w.knowledge())
		if len(q.items) > maxNumbers {
			t.Fatalf("%d numbers", len(q.items))
		}
		address, err := url.Parse(q.address("/track"))
		if err != nil {
			t.Fatal(err)
		}
		if again := readQuery(address.Query(), w.knowledge()); again.address("/track") != q.address("/track") {
			t.Fatalf("%q reads as %q", q.address("/track"), again.address("/track"))
		}
	})
}

func TestACarrierNamedBesideANumberGoesIntoTheAddress(t *testing.T) {
	w := newWorld()
	n := recognise.Number{Text: "123456789012", Candidates: []recognise.Candidate{
		candidate1("kite", 0.8, why(recognise.NamedByWord, "Kite")), candidate1("fjordpost", 0.1),
	}}
	w.numbers[n.Text] = n
	s := newSite(t, w)
	rec, _ := post(t, s, "Kite: 123456789012")
	if !strings.Contains(rec.Body.String(), `data-here="/track?fc=kite&amp;nums=123456789012"`) {
		t.Error("the canonical address forgets the carrier that the text names")
	}
	if w.wanted[0].Carrier != carrier.Code("kite") {
		t.Errorf("asked for %+v", w.wanted)
	}
}
