package config

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Providers are the services that people can sign in with. One is offered
// when its ClientID is set.
type Providers struct {
	QQ       AppProvider      `koanf:"qq"`
	WeChat   WeChatProvider   `koanf:"wechat"`
	Alipay   AlipayProvider   `koanf:"alipay"`
	Facebook FacebookProvider `koanf:"facebook"`
	VK       VKProvider       `koanf:"vk"`
	Google   GoogleProvider   `koanf:"google"`
	Apple    AppleProvider    `koanf:"apple"`
	// OIDC are OpenID Connect providers of the operator's choice, by a name of
	// a–z, 0–9 and hyphens that stays: members' links are kept under it.
	OIDC map[string]OIDCProvider `koanf:"oidc"`
}

// Hosts replace a provider's addresses: a regional host, a relay, a test
// system. Addresses inside the operator's own network are allowed here.
type Hosts struct {
	Authorize string `koanf:"authorize"` // where the person is sent
	Token     string `koanf:"token"`     // where a code becomes a token
	API       string `koanf:"api"`       // where the profile is read
}

// An AppProvider is an app with an id and a secret: QQ.
type AppProvider struct {
	ClientID     string `koanf:"client_id"`
	ClientSecret Secret `koanf:"client_secret"`
	Hosts        Hosts  `koanf:"hosts"`
}

// A WeChatProvider is a website application, which shows a QR code, and for
// WeChat's own browser an official account.
type WeChatProvider struct {
	ClientID     string    `koanf:"client_id"` // of the website application
	ClientSecret Secret    `koanf:"client_secret"`
	InApp        InAppKeys `koanf:"in_app"` // of the official account; optional
	Hosts        Hosts     `koanf:"hosts"`
}

// InAppKeys are those of a WeChat official account.
type InAppKeys struct {
	ClientID     string `koanf:"client_id"`
	ClientSecret Secret `koanf:"client_secret"`
}

// An AlipayProvider is an app whose calls are signed with keys.
type AlipayProvider struct {
	ClientID   string `koanf:"client_id"`   // app_id
	PrivateKey Secret `koanf:"private_key"` // the app's RSA key, PEM or its bare base64
	PublicKey  string `koanf:"public_key"`  // Alipay's key for this app (支付宝公钥), PEM or its bare base64
	Hosts      Hosts  `koanf:"hosts"`       // token and api name the gateway
}

// A FacebookProvider is an app at Facebook.
type FacebookProvider struct {
	ClientID     string `koanf:"client_id"`
	ClientSecret Secret `koanf:"client_secret"`
	Version      string `koanf:"version"` // of the Graph API, default v25.0
	Hosts        Hosts  `koanf:"hosts"`
}

// A VKProvider is an app at VK ID. PKCE stands in for a secret.
type VKProvider struct {
	ClientID     string `koanf:"client_id"`
	ServiceToken Secret `koanf:"service_token"` // of a confidential app; optional
	Hosts        Hosts  `koanf:"hosts"`
}

// A GoogleProvider is a web client at Google.
type GoogleProvider struct {
	ClientID     string `koanf:"client_id"`
	ClientSecret Secret `koanf:"client_secret"`
	Issuer       string `koanf:"issuer"` // default https://accounts.google.com
}

// An AppleProvider is a Services ID at Apple, with a key for Sign in with Apple.
type AppleProvider struct {
	ClientID   string `koanf:"client_id"`   // the Services ID
	TeamID     string `koanf:"team_id"`     // ten characters
	KeyID      string `koanf:"key_id"`      // ten characters
	PrivateKey Secret `koanf:"private_key"` // content of the .p8 file
	Issuer     string `koanf:"issuer"`      // default https://appleid.apple.com
}

// An OIDCProvider is any provider that speaks OpenID Connect.
type OIDCProvider struct {
	Issuer       string   `koanf:"issuer"` // as the provider writes it; the discovery document is below it
	ClientID     string   `koanf:"client_id"`
	ClientSecret Secret   `koanf:"client_secret"` // empty for a public client: PKCE alone
	Label        string   `koanf:"label"`         // on the button; default the name
	Scopes       []string `koanf:"scopes"`        // default openid, email, profile
}

var (
	providerName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$`)
	graphVersion = regexp.MustCompile(`^v[0-9]{1,3}\.[0-9]{1,2}$`)
	appleID      = regexp.MustCompile(`^[A-Z0-9]{10}$`)
)

// maxLabel bounds a provider's label, in bytes.
const maxLabel = 60

// complete fills in the defaults and says what can't be used.
func (p *Providers) complete(wrong func(name, format string, args ...any)) {
	needs := func(name string, used bool, fields map[string]string) {
		if !used {
			return
		}
		for field, value := range fields {
			if value == "" {
				wrong("providers."+name+"."+field, "is missing")
			}
		}
	}
	needs("qq", p.QQ != AppProvider{}, map[string]string{"client_id": p.QQ.ClientID, "client_secret": string(p.QQ.ClientSecret)})
	needs("wechat", p.WeChat != WeChatProvider{}, map[string]string{"client_id": p.WeChat.ClientID, "client_secret": string(p.WeChat.ClientSecret)})
	needs("wechat.in_app", p.WeChat.InApp != InAppKeys{}, map[string]string{"client_id": p.WeChat.InApp.ClientID, "client_secret": string(p.WeChat.InApp.ClientSecret)})
	needs("alipay", p.Alipay != AlipayProvider{}, map[string]string{"client_id": p.Alipay.ClientID, "private_key": string(p.Alipay.PrivateKey), "public_key": p.Alipay.PublicKey})
	needs("facebook", p.Facebook != FacebookProvider{}, map[string]string{"client_id": p.Facebook.ClientID, "client_secret": string(p.Facebook.ClientSecret)})
	needs("vk", p.VK != VKProvider{}, map[string]string{"client_id": p.VK.ClientID})
	needs("google", p.Google != GoogleProvider{}, map[string]string{"client_id": p.Google.ClientID, "client_secret": string(p.Google.ClientSecret)})
	needs("apple", p.Apple != AppleProvider{}, map[string]string{"client_id": p.Apple.ClientID, "team_id": p.Apple.TeamID, "key_id": p.Apple.KeyID, "private_key": string(p.Apple.PrivateKey)})
	for name, o := range p.OIDC {
		needs("oidc."+name, true, map[string]string{"client_id": o.ClientID, "issuer": o.Issuer})
		p.OIDC[name] = o.complete(name, wrong)
	}
	p.checkForms(wrong)
}

// checkForms looks at what has a form of its own, and fills in defaults.
func (p *Providers) checkForms(wrong func(name, format string, args ...any)) {
	for name, h := range map[string]*Hosts{
		"qq": &p.QQ.Hosts, "wechat": &p.WeChat.Hosts, "alipay": &p.Alipay.Hosts, "facebook": &p.Facebook.Hosts, "vk": &p.VK.Hosts,
	} {
		for field, at := range map[string]*string{"authorize": &h.Authorize, "token": &h.Token, "api": &h.API} {
			*at = strings.TrimSuffix(*at, "/")
			checkSecure(wrong, "providers."+name+".hosts."+field, *at)
		}
	}
	checkSecure(wrong, "providers.google.issuer", p.Google.Issuer)
	checkSecure(wrong, "providers.apple.issuer", p.Apple.Issuer)
	if p.Facebook.ClientID != "" && p.Facebook.Version == "" {
		p.Facebook.Version = "v25.0"
	}
	if v := p.Facebook.Version; v != "" && !graphVersion.MatchString(v) {
		wrong("providers.facebook.version", "%q is not a version like v25.0", v)
	}
	for field, id := range map[string]string{"team_id": p.Apple.TeamID, "key_id": p.Apple.KeyID} {
		if id != "" && !appleID.MatchString(id) {
			wrong("providers.apple."+field, "%q is not ten capital letters and digits", id)
		}
	}
}

func (o OIDCProvider) complete(name string, wrong func(name, format string, args ...any)) OIDCProvider {
	at := "providers.oidc." + name
	if !providerName.MatchString(name) {
		wrong(at, "a name has at most 32 of a–z, 0–9 and hyphens, and no hyphen at its ends")
	}
	checkSecure(wrong, at+".issuer", o.Issuer)
	if len(o.Label) > maxLabel {
		wrong(at+".label", "is longer than %d bytes", maxLabel)
	}
	if o.Label == "" {
		o.Label = name
	}
	if len(o.Scopes) == 0 {
		o.Scopes = []string{"openid", "email", "profile"}
	}
	if !slices.Contains(o.Scopes, "openid") {
		wrong(at+".scopes", "must hold openid")
	}
	return o
}

// checkSecure wants https, except on the machine itself; empty is fine.
func checkSecure(wrong func(name, format string, args ...any), name, address string) {
	if address == "" {
		return
	}
	u, err := url.Parse(address)
	switch {
	case err != nil || !isWebAddress(address):
		wrong(name, "%q is not an address like https://login.example.org", address)
	case u.Scheme != "https" && !isLoopback(u.Hostname()):
		wrong(name, "must begin with https://: sign-in answers are trusted for where they come from")
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// OwnHosts are the HOST:PORT that the operator named: the only ones of
// providers that may be private addresses.
func (p Providers) OwnHosts() []string {
	named := []string{p.Google.Issuer, p.Apple.Issuer}
	for _, h := range []Hosts{p.QQ.Hosts, p.WeChat.Hosts, p.Alipay.Hosts, p.Facebook.Hosts, p.VK.Hosts} {
		named = append(named, h.Authorize, h.Token, h.API)
	}
	for _, o := range p.OIDC {
		named = append(named, o.Issuer)
	}
	var hosts []string
	for _, address := range named {
		u, err := url.Parse(address)
		if err != nil || u.Host == "" {
			continue
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		hosts = append(hosts, net.JoinHostPort(u.Hostname(), port))
	}
	return hosts
}

// offered are the names of the services that people can sign in with here.
func (p Providers) offered() []string {
	var all []string
	for name, id := range map[string]string{
		"qq": p.QQ.ClientID, "wechat": p.WeChat.ClientID, "alipay": p.Alipay.ClientID, "facebook": p.Facebook.ClientID,
		"vk": p.VK.ClientID, "google": p.Google.ClientID, "apple": p.Apple.ClientID,
	} {
		if id != "" {
			all = append(all, name)
		}
	}
	for name := range p.OIDC {
		all = append(all, name)
	}
	return all
}
