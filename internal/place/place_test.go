package place

import (
	"testing"
	"time"
)

func TestZone(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   Place
		want string // "" where it can't be told
	}{
		{"a country with one clock", Place{Country: "DE"}, "Europe/Berlin"},
		{"China keeps Beijing's clock", Place{Country: "CN", City: "Ürümqi"}, "Asia/Shanghai"},
		{"a state by its code", Place{Country: "US", Region: "ca"}, "America/Los_Angeles"},
		{"a state by its ISO code", Place{Country: "AU", Region: "AU-WA"}, "Australia/Perth"},
		{"a state by its name", Place{Country: "US", Region: "New Jersey"}, "America/New_York"},
		{"a state in two zones", Place{Country: "US", Region: "TX"}, ""},
		{"a country with several zones and no state", Place{Country: "US", City: "Springfield"}, ""},
		{"a country with islands far off", Place{Country: "ES"}, ""},
		{"no country", Place{City: "Bergen"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := Zone(tc.in)
			if ok != (tc.want != "") || ok && got.String() != tc.want {
				t.Errorf("Zone(%+v) = %v, %v, want %q", tc.in, got, ok, tc.want)
			}
		})
	}
}

func TestEveryZoneIsKnownToTheDatabase(t *testing.T) {
	zones := map[string]string{}
	for country, zone := range countryZones {
		zones[country] = zone
	}
	for country, states := range stateZones {
		for state, zone := range states {
			zones[country+"-"+state] = zone
		}
	}
	for where, zone := range zones {
		if _, err := time.LoadLocation(zone); err != nil {
			t.Errorf("%s: %v", where, err)
		}
	}
}

func TestStateNamesLeadToStates(t *testing.T) {
	for country, names := range stateNames {
		for name, code := range names {
			if !isState(country, name) {
				t.Errorf("%s, %s: %s is no state", name, country, code)
			}
		}
	}
}

func TestCountry(t *testing.T) {
	for _, tc := range []struct {
		name, in, want string
	}{
		{"alpha-2", "de", "DE"},
		{"alpha-3", "DEU", "DE"},
		{"numeric", "276", "DE"},
		{"numeric with zeros in front", "036", "AU"},
		{"an English name", "United Kingdom", "GB"},
		{"a name in capitals", "GERMANY", "DE"},
		{"a Chinese name", "中国", "CN"},
		{"a name in its own language", "Россия", "RU"},
		{"the code that people use", "UK", "GB"},
		{"a number plate's code", "RA", ""},
		{"a city", "Bergen", ""},
		{"digits that name none", "999999", ""},
		{"nothing", " ", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := Country(tc.in)
			if got != tc.want || ok != (tc.want != "") {
				t.Errorf("Country(%q) = %q, %v, want %q", tc.in, got, ok, tc.want)
			}
		})
	}
}

func FuzzCountry(f *testing.F) {
	f.Add("Germany")
	f.Add("036")
	f.Add("(\x00")
	f.Fuzz(func(t *testing.T, text string) {
		if code, ok := Country(text); ok && len(code) != 2 {
			t.Errorf("Country(%q) = %q", text, code)
		}
	})
}
