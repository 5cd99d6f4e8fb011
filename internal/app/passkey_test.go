package app

import (
	"net"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"waypost/internal/config"
	"waypost/internal/dbtest"
)

// mailedCode waits for the code that a demonstration mails.
func mailedCode(t *testing.T, s *server) string {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		for _, m := range s.senders.outbox.Messages() {
			if m.Mail == nil {
				continue
			}
			if code := regexp.MustCompile(`\b\d{6,8}\b`).FindString(m.Mail.Text); code != "" {
				return code
			}
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
		}
	}
	t.Fatal("no code was mailed")
	return ""
}

// Somebody signs up by e-mail, adds a passkey, signs out, and comes back with
// the passkey alone.
func TestAPasskeyInABrowser(t *testing.T) {
	web := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	base := "http://localhost:" + port // passkeys belong to names
	s, _ := startOn(t, web, dbtest.SQLite(t), func(c *config.Config) { c.URL = base })
	deliver(t, s)
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	stick := webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}
	if _, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &stick}); err != nil {
		t.Fatal(err)
	}
	fill := func(name, value string) chromedp.Action[chromedp.Void] {
		return chromedp.SetValue(chromedp.CSS("#"+name), value)
	}
	err = chromedp.Do(ctx,
		chromedp.EmulateViewport(1280, 900),
		chromedp.Navigate(base+"/signup"), whole(chromedp.CSS("#contact")),
		fill("contact", "mia@mail.example"), fill("nickname", "Mia"), fill("country", "DE"),
		chromedp.Click(chromedp.CSS("#age-grown")), chromedp.Click(chromedp.CSS("#terms")),
		chromedp.Submit(chromedp.CSS("#contact")), whole(chromedp.CSS("#code")),
	)
	if err != nil {
		t.Fatal(err)
	}
	button := chromedp.CSS("form[data-passkey] button")
	err = chromedp.Do(ctx,
		fill("code", mailedCode(t, s)), chromedp.Submit(chromedp.CSS("#code")), whole(chromedp.CSS("details.me")),
		chromedp.Navigate(base+"/account/passkeys/new"), whole(button), shot("passkey-new-1280", 1280), shot("passkey-new-390", 390),
		fill("name", "Blue stick"), chromedp.Click(button), whole(chromedp.CSS("#passkeys-title")),
	)
	if err != nil {
		t.Fatalf("%v; the page says %s", err, ask[string](t, ctx, `document.querySelector("main").innerText`))
	}
	if said := ask[string](t, ctx, `document.querySelector("[aria-labelledby=passkeys-title]").innerText`); !regexp.MustCompile(`Blue stick[\s\S]*not used yet`).MatchString(said) {
		t.Errorf("the account's page says %q", said)
	}
	err = chromedp.Do(ctx,
		shot("passkeys-1280", 1280), shot("passkeys-390", 390),
		chromedp.Submit(chromedp.CSS("details.me form button")), whole(chromedp.CSS("a.enter")),
		chromedp.Navigate(base+"/signin"), whole(button), shot("passkey-signin-1280", 1280), shot("passkey-signin-390", 390),
		chromedp.Click(button), whole(chromedp.CSS("#passkeys-title")),
	)
	if err != nil {
		t.Fatalf("%v; the page says %s", err, ask[string](t, ctx, `document.querySelector("main").innerText`))
	}
	if said := ask[string](t, ctx, `document.querySelector("[aria-labelledby=passkeys-title]").innerText`); !regexp.MustCompile(`Blue stick[\s\S]*Last used`).MatchString(said) {
		t.Errorf("after signing in the account's page says %q", said)
	}
}
