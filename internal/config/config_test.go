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
		{"key store", string(c.Keys["default"].Store), "sqlite:" + filepath.Join("data", "keys", "default.db")},
		{"regional key's file", c.Keys["default"].File, filepath.Join("data", "keys", "default.key")},
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
accounts: {ups: {main: {base: 'ftp://x', calls: 3}}, cdek: {main: {login: 'https://x.example'}, test: {base: 'https://y.example', login: x}}}
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
		"accounts.ups.main.base:", "accounts.ups.main:", "accounts.cdek.main.login:", "accounts.cdek.test.login:", "log.format:",
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

func TestKeysByRegion(t *testing.T) {
	newer, older := strings.Repeat("A", 43)+"=", strings.Repeat("B", 42)+"A="
	c, err := Load("", []string{
		"WAYPOST_DATABASE__PEOPLE__CN=postgres://db.example/people_cn",
		"WAYPOST_DATABASE__PEOPLE__US=sqlite:us.db",
		"WAYPOST_DATABASE__SERVES__CN=CN",
		"WAYPOST_DATABASE__SERVES__US=US,*",
		"WAYPOST_KEYS__CN__STORE=postgres://keys.example/keys_cn",
		"WAYPOST_KEYS__CN__KEY=" + newer + "," + older,
		"WAYPOST_KEYS__US__FILE=/run/secrets/us.key",
		"WAYPOST_POLICY__COUNTRIES__CN=SG", "WAYPOST_POLICY__COUNTRIES__US=SG",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cn, us := c.Keys["cn"], c.Keys["us"]
	if string(cn.Store) != "postgres://keys.example/keys_cn" || cn.File != "" || len(cn.Key) != 2 || string(cn.Key[0]) != newer {
		t.Errorf("cn has the store %q, the file %q and %d keys", string(cn.Store), cn.File, len(cn.Key))
	}
	if string(us.Store) != "sqlite:"+filepath.Join("data", "keys", "us.db") || us.File != "/run/secrets/us.key" || len(us.Key) != 0 {
		t.Errorf("us has the store %q, the file %q and %d keys", string(us.Store), us.File, len(us.Key))
	}
}

func TestKeysThatWouldNotDo(t *testing.T) {
	key := strings.Repeat("A", 43) + "="
	for _, tc := range []struct {
		name    string
		environ []string
		want    string
	}{
		{"a region without people", []string{"WAYPOST_KEYS__EU__KEY=" + key}, "keys.eu: database.people has no region"},
		{"replicas without a store to share", []string{"WAYPOST_DATABASE__PARCELS=postgres://db.example/waypost"}, "keys.default.store: must be named"},
		{"the data's own file", []string{"WAYPOST_KEYS__DEFAULT__STORE=sqlite:./data/parcels.db"}, "keys.default.store: names a database that holds data"},
		{"the data's own database", []string{"WAYPOST_DATABASE__PARCELS=postgres://db.example/waypost", "WAYPOST_KEYS__DEFAULT__STORE=postgres://db.example/waypost"},
			"keys.default.store: names a database that holds data"},
		{"a store of another kind", []string{"WAYPOST_KEYS__DEFAULT__STORE=mysql://x"}, "keys.default.store: must begin with"},
		{"file and key", []string{"WAYPOST_KEYS__DEFAULT__FILE=x.key", "WAYPOST_KEYS__DEFAULT__KEY=" + key}, "keys.default: either file or key"},
		{"a key that is too short", []string{"WAYPOST_KEYS__DEFAULT__KEY=c2hvcnQ="}, "keys.default.key: is not 32 bytes"},
		{"a key that is no base64", []string{"WAYPOST_KEYS__DEFAULT__KEY=hush, hush"}, "keys.default.key: is not 32 bytes"},
		{"a setting that isn't there", []string{"WAYPOST_KEYS__DEFAULT__KYE=" + key}, "keys[default]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Load("", tc.environ, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("got %v, want %q", err, tc.want)
			}
			for _, secret := range []string{"hush", key, "c2hvcnQ="} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the report shows the key: %v", err)
				}
			}
		})
	}
}

func TestAnAddressHasAPort(t *testing.T) {
	for addr, good := range map[string]bool{
		"127.0.0.1:8080": true, ":0": true, "[::1]:65535": true,
		"127.0.0.1": false, "127.0.0.1:": false, "127.0.0.1:99999": false, "127.0.0.1:web": false,
	} {
		_, err := Load("", nil, map[string]any{"addr": addr})
		if good != (err == nil) {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestASourceCanBeNamedWithoutAnAccount(t *testing.T) {
	c, err := loadText(t, "accounts: {inpost: {}}")
	if err != nil {
		t.Fatal(err)
	}
	if own, named := c.Accounts["inpost"]; !named || len(own) != 0 {
		t.Errorf("accounts of inpost: %v, named %v; want it named, with none", own, named)
	}
}
