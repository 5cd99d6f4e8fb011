package visit

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"strconv"
	"strings"
	"time"

	"waypost/internal/account"
)

// A cookie is one that Waypost sets. There are no others: the cookie page
// lists these, and a test compares.
type cookie struct {
	name string
	life time.Duration
	bare bool   // keeps its name on https; others get __Host-, which no other host of the domain can set
	path string // "" everywhere; one that is narrower can't have __Host- and gets __Secure-
	own  bool   // not sent where another site's link leads here
}

var (
	sessionCookie = cookie{name: "waypost_session", life: 180 * 24 * time.Hour}
	flowCookie    = cookie{name: "waypost_flow", life: 15 * time.Minute}
	browserCookie = cookie{name: "_yq_bid", life: 365 * 24 * time.Hour, bare: true}
	countryCookie = cookie{name: "Country", life: 7 * 24 * time.Hour, bare: true}
	staffCookie   = cookie{name: "waypost_staff", life: 12 * time.Hour, path: "/staff", own: true}
)

// Cookies are the names and lives of all cookies, for the page that lists them.
func Cookies() map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, c := range []cookie{sessionCookie, flowCookie, browserCookie, countryCookie, staffCookie} {
		all[c.name] = c.life
	}
	return all
}

func (d *Door) name(c cookie) string {
	switch {
	case !d.https || c.bare:
		return c.name
	case c.path != "":
		return "__Secure-" + c.name
	}
	return "__Host-" + c.name
}

// made is a cookie as it is sent to a browser.
func (d *Door) made(c cookie) *http.Cookie {
	same := http.SameSiteLaxMode
	if c.own {
		same = http.SameSiteStrictMode
	}
	return &http.Cookie{Name: d.name(c), Path: cmp.Or(c.path, "/"), HttpOnly: true, Secure: d.https, SameSite: same}
}

func (d *Door) set(w http.ResponseWriter, c cookie, value string) {
	made := d.made(c)
	made.Value, made.MaxAge = value, int(c.life.Seconds())
	http.SetCookie(w, made)
}

func (d *Door) clear(w http.ResponseWriter, c cookie) {
	made := d.made(c)
	made.MaxAge = -1
	http.SetCookie(w, made)
}

func (d *Door) read(r *http.Request, c cookie) string {
	got, err := r.Cookie(d.name(c))
	if err != nil {
		return ""
	}
	return got.Value
}

func (d *Door) token(r *http.Request, c cookie) account.Token { return account.Token(d.read(r, c)) }

// Know returns where a request that begins something comes from, and has the
// browser be known again, so that the device it signs in is not a new one the
// next time.
func (d *Door) Know(w http.ResponseWriter, r *http.Request) account.From {
	from := Of(r.Context()).From
	if from.Browser == "" {
		from.Browser = rand.Text()
		d.set(w, browserCookie, d.write(browser{id: from.Browser}))
	}
	return from
}

// SignIn has the browser carry a session instead of what led to it.
func (d *Door) SignIn(w http.ResponseWriter, r *http.Request, session account.Token) {
	d.Forget(w, r)
	d.set(w, sessionCookie, string(session))
}

// Staff returns the token of somebody of the staff, "" of nobody. It is a
// session of its own, which a member's has nothing to do with.
func (d *Door) Staff(r *http.Request) account.Token { return d.token(r, staffCookie) }

// StaffIn has the browser carry a session of the staff.
func (d *Door) StaffIn(w http.ResponseWriter, session account.Token) {
	d.set(w, staffCookie, string(session))
}

// StaffOut has the browser forget it.
func (d *Door) StaffOut(w http.ResponseWriter) { d.clear(w, staffCookie) }

// Country returns the region preference that the browser keeps, ISO 3166-1
// alpha-2, "" none.
func (d *Door) Country(r *http.Request) string {
	code := d.read(r, countryCookie)
	if len(code) != 2 || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return ""
	}
	return code
}

// Prefer has the browser keep a region preference.
func (d *Door) Prefer(w http.ResponseWriter, country string) { d.set(w, countryCookie, country) }

// A browser is what one is known again by: random, and signed so that nobody
// makes up more of them than were given out. It says nothing of anybody.
type browser struct {
	id     string    // "" it shows nothing, or something that was never given out
	proved time.Time // the day on which it was shown that it is no robot's; zero never
}

// provedFor is how long that counts.
const provedFor = 30 * 24 * time.Hour

func (b browser) isProved() bool { return b.id != "" && time.Since(b.proved) < provedFor }

const aDay = int64(24 * time.Hour / time.Second)

// write is a browser as its cookie has it: id.day.signature.
func (d *Door) write(b browser) string {
	day := ""
	if !b.proved.IsZero() {
		day = strconv.FormatInt(b.proved.Unix()/aDay, 36)
	}
	text := b.id + "." + day
	return text + "." + d.sign("browser "+text)
}

// browser reads the browser of a request.
func (d *Door) browser(r *http.Request) browser {
	value := d.read(r, browserCookie)
	at := strings.LastIndexByte(value, '.')
	if at < 0 || subtle.ConstantTimeCompare([]byte(value[at+1:]), []byte(d.sign("browser "+value[:at]))) != 1 {
		return browser{}
	}
	id, day, _ := strings.Cut(value[:at], ".")
	b := browser{id: id}
	if n, err := strconv.ParseInt(day, 36, 64); err == nil {
		b.proved = time.Unix(n*aDay, 0)
	}
	return b
}
