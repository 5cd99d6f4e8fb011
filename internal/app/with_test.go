package app

import (
	"context"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/oidctest"
)

// Somebody turns back at a provider, signs up with it, signs out, comes back
// with it, unlinks it and links it again: with npm's oidc-provider on another
// site, and with the pages' policy, as a browser holds both.
func TestAProviderInABrowser(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	base := "http://localhost:" + port // the provider is at 127.0.0.1
	issuer := oidctest.Start(t, oidctest.Settings{
		Clients: []map[string]any{{
			"client_id": "waypost", "token_endpoint_auth_method": "none", "response_types": []string{"code"}, "grant_types": []string{"authorization_code"},
			"redirect_uris": []string{base + "/signin/with/oidc-club/callback"}, "application_type": "native", // which may be sent back to http
		}},
		Person: map[string]any{"email": "erika@club.example", "email_verified": true, "name": "Erika Beispiel"},
	})
	s, _ := startOn(t, web, dbtest.SQLite(t), func(c *config.Config) {
		c.URL = base
		c.Providers.OIDC = map[string]config.OIDCProvider{"club": {Issuer: issuer, ClientID: "waypost", Label: "Club", Scopes: []string{"openid", "email", "profile"}}}
	})
	deliver(t, s)
	ctx := browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal(err)
	}
	do := func(actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		within, cancel := context.WithTimeout(ctx, 30*time.Second) // so that the page can be asked afterwards
		defer cancel()
		if err := chromedp.Do(within, actions...); err != nil {
			t.Fatalf("%v; the page says %s", err, ask[string](t, ctx, `location.href + " " + document.body.innerText`))
		}
	}
	const (
		club     = chromedp.CSS(`form[action="/signin/with/oidc-club"] button`)
		login    = chromedp.CSS(`input[name="login"]`)
		enters   = chromedp.CSS(`form:has(input[value="login"]) button`)
		consents = chromedp.CSS(`form:has(input[value="consent"]) button`)
		links    = chromedp.CSS("#links-title")
		received = chromedp.CSS("#received-title")
		unlinks  = chromedp.CSS(`form[action="/account/links/oidc-club/remove"] button`)
		adds     = chromedp.CSS(`a[href="/account/links/oidc-club"]`)
	)
	do(
		chromedp.Navigate(base+"/signup"), whole(club), shot("with-signup-390", 390), shot("with-signup-1280", 1280),
		chromedp.Click(club), whole(login), chromedp.Click(chromedp.CSS(`a[href$="/abort"]`)), whole(chromedp.CSS("ul.below")),
		shot("with-refused-390", 390), shot("with-refused-1280", 1280),
	)
	if said := ask[string](t, ctx, `document.querySelector("main").innerText`); !contains(said, "Nothing has changed", "did not let Club") {
		t.Errorf("who turned back reads %q", said)
	}
	do(
		chromedp.Navigate(base+"/signin"), whole(club), shot("with-signin-390", 390), shot("with-signin-1280", 1280),
		chromedp.Click(club), whole(login), chromedp.SetValue(login, "person-1"), chromedp.SetValue(chromedp.CSS(`input[name="password"]`), "any"),
		chromedp.Click(enters), whole(consents), chromedp.Click(consents),
		whole(received), shot("with-received-390", 390), shot("with-received-1280", 1280),
		chromedp.SetValue(chromedp.CSS("#country"), "DE"), chromedp.Click(chromedp.CSS("#age-grown")), chromedp.Click(chromedp.CSS("#terms")),
		chromedp.Submit(chromedp.CSS("#contact")), whole(chromedp.CSS("#code")),
	)
	do(
		chromedp.SetValue(chromedp.CSS("#code"), mailed(t, s, `\b\d{6}\b`)), chromedp.Submit(chromedp.CSS("#code")), whole(chromedp.CSS("details.me")),
		chromedp.Submit(chromedp.CSS("details.me form button")), whole(chromedp.CSS("a.enter")),
		chromedp.Navigate(base+"/signin"), whole(club), chromedp.Click(club), whole(consents), chromedp.Click(consents),
		whole(links), chromedp.Click(unlinks), whole(adds), shot("with-unlinked-390", 390), shot("with-unlinked-1280", 1280),
		chromedp.Click(adds), whole(chromedp.CSS("main form .sign")), shot("with-link-390", 390), shot("with-link-1280", 1280),
		chromedp.Click(chromedp.CSS("main form .sign")), whole(consents), chromedp.Click(consents),
		whole(received), shot("with-ask-390", 390), shot("with-ask-1280", 1280), chromedp.Click(chromedp.CSS("main form .sign")),
		whole(unlinks), shot("with-linked-390", 390), shot("with-linked-1280", 1280),
	)
	if said := ask[string](t, ctx, `document.querySelector("[aria-labelledby=links-title]").innerText`); !contains(said, "Club", "Erika Beispiel", "not used yet") {
		t.Errorf("the account's page says %q", said)
	}
}

func contains(text string, parts ...string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}
