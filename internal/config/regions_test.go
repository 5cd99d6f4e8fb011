package config

import (
	"strings"
	"testing"
)

func TestWherePeopleLive(t *testing.T) {
	both := Database{People: map[string]Secret{"cn": "", "us": ""}, Serves: map[string][]string{"cn": {"CN"}, "us": {"US", "*"}}}
	one := Database{People: map[string]Secret{"default": ""}}
	for _, tc := range []struct {
		name    string
		d       Database
		country string
		want    string
	}{
		{"a country that a region names", both, "CN", "cn"},
		{"one that none names", both, "NO", "us"},
		{"the only region serves all", one, "NO", "default"},
		{"nothing said", one, "", "default"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.d.Home(tc.country); got != tc.want {
				t.Errorf("Home(%q) = %q, want %q", tc.country, got, tc.want)
			}
		})
	}
}

func TestCountriesWithoutOneRegion(t *testing.T) {
	regions := []string{"WAYPOST_DATABASE__PEOPLE__CN=sqlite:cn.db", "WAYPOST_DATABASE__PEOPLE__US=sqlite:us.db"}
	for _, tc := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"nobody serves the rest", []string{"WAYPOST_DATABASE__SERVES__CN=CN"}, "database.serves: with more than one region"},
		{"two serve the same", []string{"WAYPOST_DATABASE__SERVES__CN=*", "WAYPOST_DATABASE__SERVES__US=*"}, "database.serves.us: * is served by cn already"},
		{"no such region", []string{"WAYPOST_DATABASE__SERVES__EU=*"}, "database.serves.eu: database.people has no region"},
		{"no country's code", []string{"WAYPOST_DATABASE__SERVES__US=*,Norway"}, `database.serves.us: "Norway" is neither`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Load("", append(tc.environ, regions...), nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}
