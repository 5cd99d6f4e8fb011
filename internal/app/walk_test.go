package app

import (
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	cdp "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/mailtest"
)

// A member's whole way, from signing up by e-mail to the file they take along:
// as most go it, with the keyboard alone, and without JavaScript, where there
// are no passkeys.
func TestAMembersWay(t *testing.T) {
	t.Parallel()
	base, post := town(t)
	for _, tc := range []struct {
		name   string
		hand   hand
		script bool
	}{
		{"mouse", mouse{}, true},
		{"keyboard", keyboard{}, true},
		{"without-script", mouse{}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			mia := somebody{walker{t, browser(t), base, tc.hand}, tc.name + "@mail.example", tc.script}
			mia.sitDown()
			mia.signUp(post)
			mia.keepParcels()
			if tc.script {
				mia.addPasskey()
				mia.signOut()
				mia.signInByPasskey()
			} else {
				mia.signOut()
				mia.signIn()
			}
			other := mia.onAnotherDevice()
			other.signIn()
			mia.addApp()
			mia.signOutOthers()
			other.open("/account")
			other.at("/signin?next=%2Faccount")
			checkFile(t, mia.export())
		})
	}
}

// town is a Waypost with the carriers' simulator, which sends real e-mail.
func town(t *testing.T) (base string, post *mailtest.Sink) {
	t.Helper()
	simulation := must(startSimulation(t.Context()))(t)
	known := must(loadKnowledge(""))(t)
	post = mailtest.Start(t, mailtest.Options{})
	web := httptest.NewUnstartedServer(nil)
	_, port, err := net.SplitHostPort(web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	base = "http://localhost:" + port // passkeys belong to names
	s, _ := startOn(t, web, dbtest.SQLite(t), func(c *config.Config) {
		c.Demo, c.URL, c.Accounts, c.Poll.Pace = false, base, simulation.accounts(known.catalogue), demoPace
		c.Mail.SMTP, c.Mail.TLS, c.Mail.From = post.Addr, "off", "Waypost <post@track.example>"
	})
	deliver(t, s)
	return base, post
}

// A somebody is a walker with an address.
type somebody struct {
	walker
	address string
	script  bool // whether the browser runs it
}

// sitDown begins in a new window: without script, or with an authenticator that
// always says yes.
func (m *somebody) sitDown() {
	m.t.Helper()
	if m.script {
		m.takeStick()
	} else {
		must(chromedp.Call(m.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))(m.t)
	}
	m.open("/")
}

func (m *somebody) takeStick() {
	m.t.Helper()
	must(chromedp.Call(m.ctx, webauthn.Enable, webauthn.EnableParams{}))(m.t)
	stick := webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}
	must(chromedp.Call(m.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &stick}))(m.t)
}

func (m *somebody) signUp(post *mailtest.Sink) {
	m.t.Helper()
	m.press("a.enter")
	m.at("/signin")
	m.press(`.below a[href="/signup"]`)
	m.at("/signup")
	m.fill("#contact", m.address)
	m.fill("#nickname", "Mia")
	m.choose("#country", "Germany")
	m.press("#age-grown")
	m.fill("#password", phrase)
	m.press("#terms")
	m.press(`form[action="/signup"] button`)
	m.at("/signup/code")
	m.fill("#code", codeFor(m.t, post, m.address))
	m.press("main form button:not([name])")
	m.at("/welcome")
}

// toMine opens one of the member's own pages from the menu.
func (m *somebody) toMine(path string) {
	m.t.Helper()
	m.press("details.me summary")
	m.press(`details.me a[href="` + path + `"]`)
	m.at(path)
}

// kept are the parcels that members keep: one that is delivered, two on their way.
var kept = []string{"1Z4A7B2C0364182055", "RR409172635CA", "620114829377105846120395"}

func (m *somebody) keepParcels() {
	m.t.Helper()
	m.toMine("/parcels")
	m.fill("#text", strings.Join(kept, " "))
	m.press("form.box button")
	m.reads("3 parcels are saved.")
	for _, number := range kept {
		m.reads(number)
	}
}

func (m *somebody) addPasskey() {
	m.t.Helper()
	m.toMine("/account")
	m.press(`a[href="/account/passkeys/new"]`)
	m.at("/account/passkeys/new")
	m.fill("#name", "Blue stick")
	m.press("form[data-passkey] button")
	m.at("/account?done=passkey")
	m.passkeySays(`Blue stick[\s\S]*not used yet`)
}

func (m *somebody) passkeySays(want string) {
	m.t.Helper()
	if said := m.text("[aria-labelledby=passkeys-title]"); !regexp.MustCompile(want).MatchString(said) {
		m.t.Errorf("of passkeys the account's page says %q", said)
	}
}

func (m *somebody) signOut() {
	m.t.Helper()
	m.press("details.me summary")
	m.press("details.me button")
	m.at("/")
}

func (m *somebody) signInByPasskey() {
	m.t.Helper()
	m.press("a.enter")
	m.at("/signin")
	m.press("form[data-passkey] button")
	m.at("/account")
	m.passkeySays(`Blue stick[\s\S]*Last used`)
}

func (m *somebody) signIn() {
	m.t.Helper()
	m.press("a.enter")
	m.at("/signin")
	m.fill("#contact", m.address)
	m.fill("#password", phrase)
	m.press(`form[action="/signin"] button:not([name])`)
	m.at("/account")
}

// onAnotherDevice is the member in a browser that shares nothing with this one.
func (m *somebody) onAnotherDevice() somebody {
	m.t.Helper()
	ctx, leave := chromedp.NewContext(m.ctx, chromedp.WithNewBrowserContext())
	m.t.Cleanup(leave)
	other := *m
	other.ctx = ctx
	other.sitDown()
	return other
}

func (m *somebody) addApp() {
	m.t.Helper()
	m.press(`a[href="/account/app"]`)
	m.at("/account/app")
	said := regexp.MustCompile(`app: ([A-Z2-7 ]+)`).FindStringSubmatch(m.text(".points"))
	if said == nil {
		m.t.Fatalf("the page doesn't say the app's secret: %q", m.text("main"))
	}
	m.fill("#code", appCode(m.t, said[1]))
	m.press("main form button")
	m.reads("Your recovery codes")
	if n := ask[int](m.t, m.ctx, `document.querySelectorAll(".codes li").length`); n != 10 {
		m.t.Errorf("%d recovery codes are shown, want 10", n)
	}
	m.press("main a.sign")
	m.at("/account")
	m.reads("An authenticator app is asked for")
}

// signOutOthers revokes the only other device.
func (m *somebody) signOutOthers() {
	m.t.Helper()
	const others = "[aria-labelledby=devices-title] .rows li:not(:has(.mark))"
	if n := ask[int](m.t, m.ctx, `document.querySelectorAll("`+others+`").length`); n != 1 {
		m.t.Fatalf("%d other devices are signed in, want 1", n)
	}
	m.press(others + " button")
	m.at("/account?done=devices")
	if n := ask[int](m.t, m.ctx, `document.querySelectorAll("`+others+`").length`); n != 0 {
		m.t.Errorf("%d other devices are left", n)
	}
}

// export downloads all parcels as XLSX when all have a history, and returns the
// file.
func (m *somebody) export() string {
	m.t.Helper()
	folder := m.t.TempDir()
	must(chromedp.CallBrowser(m.ctx, cdp.SetDownloadBehavior, cdp.SetDownloadBehaviorParams{
		Behavior: cdp.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
		BrowserContextID: chromedp.FromContext(m.ctx).BrowserContextID,
	}))(m.t)
	m.toMine("/parcels")
	for strings.Contains(m.text("#keeps"), "Checking") {
		m.open("/parcels")
	}
	m.press("details.part:has(a[href*=xlsx]) summary")
	m.press("a[href*=xlsx]")
	return soon(m.t, "a file", func() (string, bool) {
		file := filepath.Join(folder, "waypost-parcels.xlsx")
		_, err := os.Stat(file)
		return file, err == nil
	})
}
