package place

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     Place
	}{
		{"a city and its country in English", "LEIPZIG, Germany", Place{City: "LEIPZIG", Country: "DE"}},
		{"a city and its country in its own language", "Leipzig, Deutschland", Place{City: "Leipzig", Country: "DE"}},
		{"a city and its country in a carrier's language", "Köln, Allemagne", Place{City: "Köln", Country: "DE"}},
		{"a country alone", "Deutschland", Place{Country: "DE"}},
		{"a country in capitals without accents", "ESPANA", Place{Country: "ES"}},
		{"a Chinese city and country", "北京市, 中国", Place{City: "北京市", Country: "CN"}},
		{"a Chinese comma", "东京，日本", Place{City: "东京", Country: "JP"}},
		{"a Ukrainian city and country", "Львів, Україна", Place{City: "Львів", Country: "UA"}},
		{"a country's code that is no state's", "SHENZHEN, CN", Place{City: "SHENZHEN", Country: "CN"}},
		{"a country's code of three letters", "Lyon, FRA", Place{City: "Lyon", Country: "FR"}},
		{"a postal code behind the country's", "DE-04103 Leipzig", Place{City: "Leipzig", Postcode: "04103", Country: "DE"}},
		{"a postal code before the city, and the country", "04103 Leipzig, Germany", Place{City: "Leipzig", Postcode: "04103", Country: "DE"}},
		{"a postal code behind the city, and the country", "Beijing 100000, China", Place{City: "Beijing", Postcode: "100000", Country: "CN"}},
		{"an American address behind a facility", "USPS facility, CHICAGO IL 60666", Place{City: "CHICAGO", Region: "IL", Postcode: "60666", Country: "US"}},
		{"an American address with commas", "CHICAGO, IL, 60666", Place{City: "CHICAGO", Region: "IL", Postcode: "60666", Country: "US"}},
		{"an American address with its country", "Chicago, IL 60666, United States", Place{City: "Chicago", Region: "IL", Postcode: "60666", Country: "US"}},
		{"a Canadian address", "VANCOUVER BC V6B 4N6", Place{City: "VANCOUVER", Region: "BC", Postcode: "V6B 4N6", Country: "CA"}},
		{"a state in brackets", "New York (NY), United States", Place{City: "New York", Region: "NY", Country: "US"}},
		{"a state by its name", "Portland, Oregon, USA", Place{City: "Portland", Region: "Oregon", Country: "US"}},
		{"a facility and a country", "Hub 12, Germany", Place{Country: "DE"}},
		{"a facility, a city or a region, and a country", "Depot, Leipzig, Saxony, Germany", Place{Country: "DE"}},
		{"a customs office", "Customs, France", Place{Country: "FR"}},
		{"a code that is a state's and a country's", "Denver, CO", Place{}},
		{"Delaware or Germany", "Wilmington, DE", Place{}},
		{"a state's name that is a country's", "Atlanta, Georgia", Place{}},
		{"a city alone", "Bergen", Place{}},
		{"a post office", "Langley Mail Centre", Place{}},
		{"two letters", "CN", Place{}},
		{"a code behind no state", "CHICAGO XX 60666", Place{}},
		{"commas only", ",,，", Place{}},
		{"nothing", "", Place{}},
		{"a story", strings.Repeat("a, ", 100) + "Germany", Place{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.want.Name = tc.in
			if got := Read(tc.in); got != tc.want {
				t.Errorf("Read(%q)\n got %+v\nwant %+v", tc.in, got, tc.want)
			}
		})
	}
}

func TestResolve(t *testing.T) {
	for _, tc := range []struct {
		name     string
		in, want Place
	}{
		{"a city's text that goes on", Place{City: "LEIPZIG, Germany"}, Place{Name: "LEIPZIG, Germany", City: "LEIPZIG", Country: "DE"}},
		{"the country is known already", Place{City: "LEIPZIG, Germany", Country: "DE"}, Place{Name: "LEIPZIG, Germany", City: "LEIPZIG", Country: "DE"}},
		{"a state behind the city", Place{City: "Seattle, WA", Country: "US"}, Place{Name: "Seattle, WA", City: "Seattle", Region: "WA", Country: "US"}},
		{"the name stays where the carrier has one", Place{Name: "Hub 2", City: "Lyon, France"}, Place{Name: "Hub 2", City: "Lyon", Country: "FR"}},
		{"a country in the name", Place{Name: "France"}, Place{Name: "France", Country: "FR"}},
		{"a name is no city", Place{Name: "Langley Mail Centre", Country: "GB"}, Place{Name: "Langley Mail Centre", Country: "GB"}},
		{"nor is one with a comma", Place{Name: "Locker WAW12, entrance B", Country: "PL"}, Place{Name: "Locker WAW12, entrance B", Country: "PL"}},
		{"a city that is called like a country", Place{City: "Lebanon"}, Place{City: "Lebanon"}},
		{"a city that is called like another country", Place{City: "Lebanon", Country: "US"}, Place{City: "Lebanon", Country: "US"}},
		{"the country in the place of a city", Place{City: "SWEDEN", Country: "SE"}, Place{Name: "SWEDEN", Country: "SE"}},
		{"a city that its country is called like", Place{City: "Singapore", Country: "SG"}, Place{City: "Singapore", Country: "SG"}},
		{"a text that contradicts", Place{City: "Lyon, France", Country: "US"}, Place{City: "Lyon, France", Country: "US"}},
		{"a city's text that is no city", Place{City: "Hub 12, Germany"}, Place{City: "Hub 12, Germany", Country: "DE"}},
		{"a city alone", Place{City: "Bergen"}, Place{City: "Bergen"}},
		{"nothing", Place{}, Place{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := tc.in.Resolve()
			if got != tc.want {
				t.Errorf("%+v\n got %+v\nwant %+v", tc.in, got, tc.want)
			}
			if again := got.Resolve(); again != got {
				t.Errorf("again: %+v, first %+v", again, got)
			}
		})
	}
}

func TestNameTells(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   Place
		want bool
	}{
		{"the same in one text", Place{Name: "LEIPZIG, Germany", City: "Leipzig", Country: "DE"}, false},
		{"a country in another language", Place{Name: "Allemagne", Country: "DE"}, false},
		{"a code and a city", Place{Name: "DE-04103 Leipzig", City: "Leipzig", Postcode: "04103", Country: "DE"}, false},
		{"a facility", Place{Name: "USPS facility, CHICAGO IL 60666", City: "CHICAGO", Region: "IL", Postcode: "60666", Country: "US"}, true},
		{"no name", Place{City: "Leipzig"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.in.NameTells(); got != tc.want {
				t.Errorf("%+v: %v, want %v", tc.in, got, tc.want)
			}
		})
	}
}

func TestCompatibleAndCommon(t *testing.T) {
	for _, tc := range []struct {
		name               string
		a, b               Place
		compatible, common bool
	}{
		{"a city in two spellings", Place{City: "MUNCHEN", Country: "DE"}, Place{City: "München", Country: "DE"}, true, true},
		{"a city and a hub in it", Place{City: "LEIPZIG"}, Place{Name: "Leipzig, hub 2", Country: "DE"}, true, true},
		{"a city in two scripts", Place{City: "北京市", Country: "CN"}, Place{City: "Beijing", Country: "CN"}, true, true},
		{"a city and its country", Place{City: "Umeå", Country: "SE"}, Place{Name: "Sweden", Country: "SE"}, true, true},
		{"two cities", Place{City: "Leipzig", Country: "DE"}, Place{City: "Köln", Country: "DE"}, false, false},
		{"two countries", Place{City: "Vienna", Country: "AT"}, Place{City: "Vienna", Country: "US"}, false, false},
		{"a place and none", Place{City: "Leipzig", Country: "DE"}, Place{}, true, false},
		{"a city and another's country", Place{City: "Leipzig"}, Place{Country: "DE"}, true, false},
		{"none", Place{}, Place{}, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, p := range [][2]Place{{tc.a, tc.b}, {tc.b, tc.a}} {
				if got := Compatible(p[0], p[1]); got != tc.compatible {
					t.Errorf("Compatible(%+v, %+v) = %v", p[0], p[1], got)
				}
				if got := Common(p[0], p[1]); got != tc.common {
					t.Errorf("Common(%+v, %+v) = %v", p[0], p[1], got)
				}
			}
		})
	}
}

func TestNear(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   Place
		want string
	}{
		{"its own clock", Place{Country: "DE"}, "Europe/Berlin"},
		{"a state in two zones", Place{Country: "US", Region: "TX"}, "America/Chicago"},
		{"a country with several", Place{Country: "CA", City: "Vancouver"}, "America/Winnipeg"},
		{"a region that is none", Place{Country: "CA", Region: "ZZ"}, "America/Winnipeg"},
		{"no country", Place{City: "Bergen"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := Near(tc.in)
			if ok != (tc.want != "") || ok && got.String() != tc.want {
				t.Errorf("Near(%+v) = %v, %v, want %q", tc.in, got, ok, tc.want)
			}
		})
	}
	for country, states := range mostly {
		for state, zone := range states {
			if _, ok := load(zone); !ok {
				t.Errorf("%s-%s: %s is no zone", country, state, zone)
			}
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, text := range []string{"LEIPZIG, Germany", "DE-04103 Leipzig", "北京市, 中国", "USPS facility, CHICAGO IL 60666", "New York (NY), United States", "\xff,中国"} {
		f.Add(text, "")
		f.Add(text, "DE")
	}
	f.Fuzz(func(t *testing.T, text, country string) {
		for _, in := range []Place{{City: text, Country: country}, {Name: text, Country: country}} {
			got := in.Resolve()
			if country != "" && got.Country != country {
				t.Errorf("%+v: the country became %q", in, got.Country)
			}
			if got.Name != text && got.City != text {
				t.Errorf("%+v: the carrier's words are gone: %+v", in, got)
			}
			for _, field := range []string{got.City, got.Region, got.Postcode} {
				if field != "" && !strings.Contains(text, field) {
					t.Errorf("%+v: %q was invented", in, field)
				}
			}
			if again := got.Resolve(); again != got {
				t.Errorf("%+v: again %+v, first %+v", in, again, got)
			}
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	Read("Germany") // the names are made once
	for name, p := range map[string]Place{
		"a city's text":  {City: "LEIPZIG, Germany"},
		"nothing to do":  {City: "Leipzig", Country: "DE"},
		"nothing told":   {Name: "Langley Mail Centre"},
		"a US facility":  {Name: "USPS facility, CHICAGO IL 60666"},
		"a city unknown": {City: "Köln"},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p.Resolve()
			}
		})
	}
}
