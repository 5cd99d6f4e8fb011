package provider_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
	"waypost/internal/oidctest"
)

// A person uses the provider's own pages, by their forms.
type person struct {
	t    *testing.T
	http *http.Client
}

func newPerson(t *testing.T) person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stopAtUs := func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), ours) {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return person{t, &http.Client{Jar: jar, CheckRedirect: stopAtUs}}
}

var (
	formAction = regexp.MustCompile(`<form[^>]* action="([^"]+)"`)
	formPrompt = regexp.MustCompile(`name="prompt" value="([^"]+)"`)
	abortLink  = regexp.MustCompile(`href="([^"]+/abort)"`)
)

// walk goes through sign-in and consent, or turns back at once, and returns
// what the provider sends back with.
func (p person) walk(address string, allow bool) url.Values {
	p.t.Helper()
	at := p.open(address, nil)
	for range 5 {
		if at.back != nil {
			return at.back
		}
		action, prompt, abort := formAction.FindStringSubmatch(at.html), formPrompt.FindStringSubmatch(at.html), abortLink.FindStringSubmatch(at.html)
		switch {
		case !allow && abort != nil:
			at = p.open(at.link(abort[1]), nil)
		case allow && action != nil && prompt != nil:
			at = p.open(at.link(action[1]), url.Values{"prompt": {prompt[1]}, "login": {"person-1"}, "password": {"any"}})
		default:
			p.t.Fatalf("a page without a form:\n%s", at.html)
		}
	}
	p.t.Fatal("the provider's pages lead nowhere")
	return nil
}

// A page is where a person got to: one of the provider's, or on the way back to us.
type page struct {
	address *url.URL
	html    string
	back    url.Values
}

// link is where a link of the page leads, "" if nowhere.
func (p page) link(to string) string {
	u, err := p.address.Parse(to)
	if err != nil {
		return ""
	}
	return u.String()
}

// open gets a page, or posts a form to it.
func (p person) open(address string, form url.Values) page {
	p.t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	html, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	got := page{address: resp.Request.URL, html: string(html)}
	if location, err := resp.Location(); err == nil {
		got.back = location.Query()
	}
	return got
}

func TestWithARealOpenIDProvider(t *testing.T) {
	client := func(id string, more map[string]any) map[string]any {
		c := map[string]any{"client_id": id, "redirect_uris": []string{ours + "/signin/with/oidc-club/callback"}, "response_types": []string{"code"}, "grant_types": []string{"authorization_code"}}
		for name, value := range more {
			c[name] = value
		}
		return c
	}
	const secret = "in the test only: + & % ="
	issuer := oidctest.Start(t, oidctest.Settings{
		Clients: []map[string]any{
			client("basic", map[string]any{"client_secret": secret}),
			client("signs-otherwise", map[string]any{"client_secret": secret, "id_token_signed_response_alg": "HS256"}),
			client("public", map[string]any{"token_endpoint_auth_method": "none"}),
		},
		Person: map[string]any{"email": "erika@club.example", "email_verified": true, "name": "Erika Beispiel", "picture": "https://pic.example/1"},
	})
	configured := func(id, secret string) config.Providers {
		return config.Providers{OIDC: map[string]config.OIDCProvider{"club": {
			Issuer: issuer, ClientID: id, ClientSecret: config.Secret(secret), Label: "Club", Scopes: []string{"openid", "email", "profile"},
		}}}
	}
	want := provider.Identity{Provider: "oidc-club", Subject: "person-1", Email: "erika@club.example", EmailVerified: true, Name: "Erika Beispiel", Picture: "https://pic.example/1"}

	for id, secret := range map[string]string{"basic": secret, "public": ""} {
		t.Run("signs in as a client that is "+id, func(t *testing.T) {
			f := begin(t, configured(id, secret), "oidc-club")
			got, err := f.back(t, newPerson(t).walk(f.address.String(), true))
			wantIdentity(t, got, err, want)
		})
	}
	for _, tc := range []struct {
		name, id, secret string
		allow            bool
		change           func(*flow, url.Values)
		want             string
	}{
		{"a person who turns back", "basic", secret, false, func(*flow, url.Values) {}, "sign_in_cancelled"},
		{"another verifier", "basic", secret, true, func(f *flow, _ url.Values) { f.begin.Verifier = strings.Repeat("v", 43) }, "sign_in_expired"},
		{"another nonce", "basic", secret, true, func(f *flow, _ url.Values) { f.begin.Nonce = "n" }, "sign_in_untrusted"},
		{"another state", "basic", secret, true, func(f *flow, _ url.Values) { f.begin.State = "s" }, "sign_in_untrusted"},
		{"a code that was made up", "basic", secret, true, func(_ *flow, form url.Values) { form.Set("code", "x") }, "sign_in_expired"},
		{"an issuer that was left out", "basic", secret, true, func(_ *flow, form url.Values) { form.Del("iss") }, "sign_in_untrusted"},
		{"a secret that is wrong", "basic", "wrong", true, func(*flow, url.Values) {}, "sign_in_setup"},
		{"a token signed with the shared secret", "signs-otherwise", secret, true, func(*flow, url.Values) {}, "sign_in_untrusted"},
	} {
		t.Run("refuses "+tc.name, func(t *testing.T) {
			f := begin(t, configured(tc.id, tc.secret), "oidc-club")
			form := newPerson(t).walk(f.address.String(), tc.allow)
			tc.change(&f, form)
			_, err := f.back(t, form)
			wantFault(t, err, tc.want)
		})
	}
	t.Run("refuses a code that was used", func(t *testing.T) {
		f := begin(t, configured("basic", secret), "oidc-club")
		form := newPerson(t).walk(f.address.String(), true)
		if _, err := f.back(t, form); err != nil {
			t.Fatal(err)
		}
		_, err := f.back(t, form)
		wantFault(t, err, "sign_in_expired")
	})
}
