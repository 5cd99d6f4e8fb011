package config

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLoadTakesTheLaterSource(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waypost.yaml")
	text := `
addr: 127.0.0.1:9000
url: https://track.example.org/
proxies: [192.0.2.7, 10.0.0.0/8]
poll: {pace: 2, timeout: 10s}
accounts:
  ups:
    main:
      values: {client_id: file-id, client_secret: file-secret}
      calls: 60
      per: 1h
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file, []string{
		"WAYPOST_POLL__PACE=3",
		"WAYPOST_ACCOUNTS__DHL_UNIFIED__MAIN__VALUES__API_KEY=env-key",
		"WAYPOST_ACCOUNTS__UPS__MAIN__VALUES__CLIENT_SECRET=env-secret",
		"WAYPOST_METRICS=127.0.0.1, 198.51.100.0/24",
		"WAYPOST_REQUIRE=postgres",
		"HOME=/somewhere",
	}, map[string]any{"addr": "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ups := c.Accounts["ups"]["main"]
	for _, tc := range []struct {
		what      string
		got, want any
	}{
		{"flag over file", c.Addr, "127.0.0.1:0"},
		{"address without a slash at its end", c.URL, "https://track.example.org"},
		{"environment over file", c.Poll.Pace, 3.0},
		{"file over default", c.Poll.Timeout, 10 * time.Second},
		{"default", c.Poll.VisitorShare, 0.3},
		{"an address is a network of one", c.Proxies[0], netip.MustParsePrefix("192.0.2.7/32")},
		{"list in the environment", len(c.Metrics), 2},
		{"secret of the file", string(ups.Values["client_id"]), "file-id"},
		{"secret of the environment", string(ups.Values["client_secret"]), "env-secret"},
		{"hyphen in a source's name", string(c.Accounts["dhl-unified"]["main"].Values["api_key"]), "env-key"},
		{"budget", fmt.Sprint(ups.Calls, ups.Per), "60 1h0m0s"},
		{"concurrency when nothing is said", ups.Concurrency, 4},
		{"overlay folder", c.Carriers, filepath.Join("data", "carriers")},
		{"parcels' database", string(c.Database.Parcels), "sqlite:" + filepath.Join("data", "parcels.db")},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %v, want %v", tc.what, tc.got, tc.want)
		}
	}
}

func TestLoadReportsEveryMistakeByName(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waypost.yaml")
	text := `
addr: nonsense
adr: 127.0.0.1:1
proxies: [300.1.2.3]
tls: {cert: only.pem}
poll: {pace: fast, visitor_share: 2}
database: {parcels: mysql://x}
accounts: {ups: {main: {base: 'ftp://x', calls: 3}}}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(file, []string{"WAYPOST_LOG__FORMAT=xml"}, nil)
	if err == nil {
		t.Fatal("a file full of mistakes was taken")
	}
	for _, want := range []string{
		"addr:", "unknown settings: adr", "proxies[0]:", "tls:", "poll.pace:", "poll.visitor_share:", "database.parcels:",
		"accounts.ups.main.base:", "accounts.ups.main:", "log.format:",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the report lacks %q:\n%v", want, err)
		}
	}
}

func TestSecretsHideThemselves(t *testing.T) {
	a := Account{Values: map[string]Secret{"key": "hush"}}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, a); strings.Contains(got, "hush") {
			t.Errorf("%s shows the secret: %s", verb, got)
		}
	}
}
