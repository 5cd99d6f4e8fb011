package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func loadText(t *testing.T, text string, environ ...string) (Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "waypost.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(file, environ, nil)
}

func TestProviders(t *testing.T) {
	c, err := loadText(t, `
providers:
  qq: {client_id: "1010", client_secret: s, hosts: {api: "https://qq.relay.example/"}}
  facebook: {client_id: "77", client_secret: s}
  oidc:
    club: {issuer: "https://login.club.example", client_id: waypost}
    staff-room: {issuer: "http://127.0.0.1:9/realms/a", client_id: waypost, label: Staff, scopes: [openid]}
`, "WAYPOST_PROVIDERS__OIDC__STAFF_ROOM__CLIENT_SECRET=hush", "WAYPOST_PROVIDERS__VK__CLIENT_ID=53")
	if err != nil {
		t.Fatal(err)
	}
	p := c.Providers
	for _, tc := range []struct{ what, got, want string }{
		{"address without a slash at its end", p.QQ.Hosts.API, "https://qq.relay.example"},
		{"version when nothing is said", p.Facebook.Version, "v25.0"},
		{"app in the environment", p.VK.ClientID, "53"},
		{"label when nothing is said", p.OIDC["club"].Label, "club"},
		{"scopes when nothing is said", strings.Join(p.OIDC["club"].Scopes, " "), "openid email profile"},
		{"hyphen in a name in the environment", string(p.OIDC["staff-room"].ClientSecret), "hush"},
		{"scopes", strings.Join(p.OIDC["staff-room"].Scopes, " "), "openid"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.what, tc.got, tc.want)
		}
	}
	hosts := p.OwnHosts()
	slices.Sort(hosts)
	if want := []string{"127.0.0.1:9", "login.club.example:443", "qq.relay.example:443"}; !slices.Equal(hosts, want) {
		t.Errorf("own hosts %q, want %q", hosts, want)
	}
}

func TestProvidersReportEveryMistake(t *testing.T) {
	_, err := loadText(t, `
providers:
  qq: {client_secret: hush}
  wechat: {client_id: wx, client_secret: s, in_app: {client_id: wx2}}
  alipay: {client_id: "2021"}
  facebook: {client_id: "77", client_secret: s, version: latest, hosts: {token: "ftp://x"}}
  vk: {client_id: "53", hosts: {api: "http://vk.example"}}
  google: {client_id: g}
  apple: {client_id: a, team_id: short, key_id: KEY4567890, private_key: x}
  oidc:
    Club: {issuer: "https://login.example?tenant=1", scopes: [email]}
    long: {issuer: "https://login.example", client_id: c, label: "`+strings.Repeat("x", 70)+`"}
  github: {client_id: x}
`)
	if err == nil {
		t.Fatal("settings full of mistakes were taken")
	}
	for _, want := range []string{
		"providers.qq.client_id: is missing", "providers.wechat.in_app.client_secret: is missing",
		"providers.alipay.private_key: is missing", "providers.alipay.public_key: is missing",
		"providers.facebook.version:", "providers.facebook.hosts.token:", "providers.vk.hosts.api: must begin with https://",
		"providers.google.client_secret: is missing", "providers.apple.team_id:",
		"providers.oidc.Club: a name", "providers.oidc.Club.client_id: is missing", "providers.oidc.Club.issuer:", "providers.oidc.Club.scopes:",
		"providers.oidc.long.label:", "github",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the report lacks %q:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the report shows a secret:\n%v", err)
	}
}
