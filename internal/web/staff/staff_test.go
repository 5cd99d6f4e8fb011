package staff_test

import (
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"golang.org/x/net/html"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/hold"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/lawful"
	"waypost/internal/mail"
	"waypost/internal/recipient"
	"waypost/internal/request"
	"waypost/internal/training"
	"waypost/internal/vault"
	"waypost/internal/web/staff"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

const password = "eleven grey lighthouses"

type nobody struct{}

func (nobody) Add(context.Context, *db.Tx, ...job.Args) error { return nil }

// A world is the staff's pages on a server.
type world struct {
	t       *testing.T
	base    string
	members *account.Members
	kit     *ui.Kit
	asked   *request.Requests
	copied  []string // who was sent a copy, and in which language
	words   *training.Training
	closed  atomic.Bool // all cases are

	recipients *recipient.Recipients
	keys       *vault.Vault
	holds      *hold.Holds
	incidents  *incident.Incidents
	lawful     *lawful.Requests
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	return newWorldOf(t, map[string]*db.DB{"eu": d})
}

// newWorldOf is a world of several regions; members live in eu.
func newWorldOf(t *testing.T, regions map[string]*db.DB) *world {
	t.Helper()
	ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, keys: keys}
	if w.words, err = training.Read(""); err != nil {
		t.Fatal(err)
	}
	cases := account.Cases{}
	for _, m := range []account.Matter{account.ForRequest, account.ForIncident, account.ForLawful} {
		cases[m] = func(_ context.Context, ref string) (bool, error) { return ref == "R-1" && !w.closed.Load(), nil }
	}
	if w.members, err = account.Open(t.Context(), account.Options{
		Regions: of(regions, func(name string, d *db.DB) account.Region {
			return account.Region{Name: name, DB: d, Vault: keys, Jobs: nobody{}}
		}), Cases: cases, Home: func(string) string { return "eu" },
		Training: account.Training{Version: w.words.Version, Every: 365 * 24 * time.Hour},
	}); err != nil {
		t.Fatal(err)
	}
	if w.kit, err = ui.New("http://waypost.example"); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	door := visit.New(visit.Options{URL: "http://waypost.example", Members: w.members, Log: log, Sign: func(text string) string { return keys.Lookup("visit.cookie.text", text) }})
	fail := func(w http.ResponseWriter, _ *http.Request, status int) { http.Error(w, "failed", status) }
	if w.asked, err = request.Open(t.Context(), w.members.Staff(), of(regions, func(name string, d *db.DB) request.Region {
		return request.Region{Name: name, DB: d, Vault: keys, Jobs: nobody{}}
	})...); err != nil {
		t.Fatal(err)
	}
	requests := staff.Requests{
		Requests: w.asked, Home: func(string) string { return "eu" },
		Copy: func(_ context.Context, who inventory.Subject, lang string) error {
			w.copied = append(w.copied, string(who)+" "+lang)
			return nil
		},
		Letter: func(l request.Letter) mail.Letter {
			return mail.Letter{Lang: l.Lang, Title: "Letter " + string(l.Step), Paragraphs: []string{l.Text}, Button: mail.Button{URL: "http://waypost.example/" + string(l.Token)}}
		},
	}
	recipients, err := recipient.Open(t.Context(), recipient.Options{
		Regions: of(regions, func(name string, d *db.DB) recipient.Region {
			return recipient.Region{Name: name, DB: d, Vault: keys, Jobs: nobody{}}
		}),
		Contact: func(recipient.To) string { return "" }, Name: func(to recipient.To) string { return to.Which }, URL: "http://waypost.example", Lang: "en",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.recipients = recipients
	w.openCases(regions)
	pages, err := staff.New(staff.Options{
		Kit: w.kit, Door: door, Members: w.members, Requests: requests, Recipients: recipients, Training: w.words, Fail: fail, Log: log,
		Holds: w.holds, Incidents: w.incidents, Lawful: staff.Lawful{Requests: w.lawful},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(door.Wrap(pages))
	t.Cleanup(server.Close)
	w.base = server.URL
	return w
}

// openCases opens the rooms of holds, incidents and requests of authorities.
func (w *world) openCases(regions map[string]*db.DB) {
	w.t.Helper()
	ctx := w.t.Context()
	w.holds = must(hold.Open(ctx, of(regions, func(name string, d *db.DB) hold.Region { return hold.Region{Name: name, DB: d, Vault: w.keys} })...))(w.t)
	w.lawful = must(lawful.Open(ctx, nil, of(regions, func(name string, d *db.DB) lawful.Region {
		return lawful.Region{Name: name, DB: d, Vault: w.keys, Jobs: nobody{}}
	})...))(w.t)
	w.incidents = must(incident.Open(ctx, incident.Options{
		Regions: of(map[string]*db.DB{"eu": regions["eu"]}, func(name string, d *db.DB) incident.Region {
			return incident.Region{Name: name, DB: d, Vault: w.keys, Jobs: nobody{}}
		}),
		House: w.keys, Members: w.members, URL: "http://waypost.example",
	}))(w.t)
}

// of are the regions as a room knows them.
func of[R any](regions map[string]*db.DB, one func(name string, d *db.DB) R) (all []R) {
	for name, d := range regions {
		all = append(all, one(name, d))
	}
	return all
}

// member signs somebody up, and returns their id.
func (w *world) member(address string) account.ID {
	w.t.Helper()
	from := account.From{Browser: address}
	flow := must(w.members.SignUp(w.t.Context(), account.Application{
		Contact: account.Contact{Kind: account.Mail, Value: address}, Nickname: "Mia", Country: "DE", Language: "en", Age: account.Grown,
		Terms: account.Terms{Version: "1", Wording: "I agree.", How: "test"},
	}, from))(w.t)
	letter := must(w.members.CodeToSend(w.t.Context(), account.Code{Flow: must(w.members.Flow(w.t.Context(), flow))(w.t).ID}))(w.t)
	return must(w.members.Enter(w.t.Context(), flow, letter.Code, from))(w.t).Account
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// A browser keeps cookies and follows redirects.
type browser struct {
	*world
	client *http.Client
}

func (w *world) browser() browser {
	return browser{w, &http.Client{Jar: must(cookiejar.New(nil))(w.t)}}
}

type page struct {
	t      *testing.T
	status int
	at     string
	body   string
}

func (b browser) send(method, path string, form url.Values) page {
	b.t.Helper()
	r := must(http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode())))(b.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp := must(b.client.Do(r))(b.t) //nolint:bodyclose // closed on the next line
	defer resp.Body.Close()
	body := must(io.ReadAll(resp.Body))(b.t)
	return page{b.t, resp.StatusCode, resp.Request.URL.RequestURI(), html.UnescapeString(string(body))}
}

func (b browser) get(path string) page { b.t.Helper(); return b.send(http.MethodGet, path, nil) }

func (b browser) post(path string, pairs ...string) page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.send(http.MethodPost, path, form)
}

// is fails the test unless the answer has a status and says all of it.
func (p page) is(status int, says ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Errorf("%s answers %d, want %d; %s", p.at, p.status, status, p.body[max(0, strings.Index(p.body, "<main")):])
	}
	if open := unfilled.FindString(p.body[max(0, strings.Index(p.body, "<main")):]); strings.Contains(p.body, "<main") && open != "" {
		p.t.Errorf("%s says %s", p.at, open)
	}
	for _, want := range says {
		if !strings.Contains(p.body, want) {
			p.t.Errorf("%s doesn't say %q; %s", p.at, want, p.body[max(0, strings.Index(p.body, "<main")):])
		}
	}
	return p
}

// unfilled is a place in words that nothing was put into.
var unfilled = regexp.MustCompile(`\{[a-z]+\}`)

var secretIn = regexp.MustCompile(`secret=([A-Z2-7]+)`)

// enter lets somebody in by the link at a path.
func (b browser) enter(path, name string, contact ...string) string {
	b.t.Helper()
	found := secretIn.FindStringSubmatch(b.get(path).is(http.StatusOK, "QR code").body)
	if found == nil {
		b.t.Fatal("the page doesn't set an app up")
	}
	b.get(path+"/qr").is(http.StatusOK, "PNG")
	pairs := []string{"name", name, "password", password, "code", shows(b.t, found[1])}
	b.post(path, append(pairs, contact...)...).is(http.StatusOK, "Training in security and privacy")
	b.train().is(http.StatusOK, name)
	return found[1]
}

// shows is what an app with a secret shows now.
func shows(t *testing.T, secret string) string {
	t.Helper()
	return must(totp.GenerateCode(secret, time.Now()))(t)
}

// train says that the training is followed.
func (b browser) train() page {
	b.t.Helper()
	return b.post("/staff/training", "version", b.words.Version, "follows", "security", "follows", "privacy")
}

// clerk lets somebody with these duties in.
func (w *world) clerk(duties ...account.Duty) browser {
	w.t.Helper()
	contact := account.Contact{Kind: account.Mail, Value: string(duties[0]) + "@staff.example"}
	link := must(w.members.Staff().Invite(w.t.Context(), account.Console(), contact, duties))(w.t)
	b := w.browser()
	b.enter("/staff/enter/"+string(link.Token), "Ada")
	return b
}

func TestTheFirstOfTheStaffAndAClerk(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		olga, pavel := w.browser(), w.browser()
		olga.get("/staff").is(http.StatusOK, "Staff sign-in")
		link := must(w.members.Staff().First(t.Context(), false))(t)
		path := "/staff/enter/" + string(link.Token)
		olga.post(path, "name", "Olga").is(http.StatusBadRequest, "no e-mail address")
		olga.enter(path, "Olga", "contact", "olga@staff.example")
		olga.get(path).is(http.StatusNotFound, "used, replaced")

		olga.post("/staff/find", "who", "mia@mail.example", "matter", "ticket", "ref", "T-1").is(http.StatusForbidden, "Your duties don’t include that")
		olga.post("/staff/people", "contact", "pavel@staff.example").is(http.StatusBadRequest, "at least one duty")
		shown := olga.post("/staff/people", "contact", "pavel@staff.example", "duty", "support").is(http.StatusOK, "http://waypost.example/staff/enter/")
		pavels := regexp.MustCompile(`http://waypost\.example(/staff/enter/[\w.-]+)`).FindStringSubmatch(shown.body)[1]
		secret := pavel.enter(pavels, "Pavel")

		pavel.get("/staff/people").is(http.StatusForbidden, "Your duties")
		pavel.post("/staff/find", "who", "mia@mail.example", "matter", "ticket", "ref", "").is(http.StatusBadRequest, "what it is for")
		pavel.post("/staff/find", "who", "nobody@mail.example", "matter", "ticket", "ref", "T-1").is(http.StatusNotFound, "no such account")
		found := pavel.post("/staff/find", "who", "mia@mail.example", "matter", "ticket", "ref", "T-1").is(http.StatusOK, "m…@mail.example", string(id), "Sign out everywhere")
		if strings.Contains(found.body, "mia@mail.example") || strings.Contains(found.body, "Unlock") {
			t.Error("support sees or may too much")
		}
		pavel.get(found.at).is(http.StatusOK, "m…@mail.example")
		olga.get(found.at).is(http.StatusForbidden)
		pavel.post(found.at, "act", "lock").is(http.StatusOK, "The account is locked")
		pavel.post(found.at, "act", "unlock").is(http.StatusForbidden)
		pavel.post(found.at, "act", "erase", "sure", "yes").is(http.StatusForbidden)
		pavel.get("/staff/log").is(http.StatusOK, "looked, found nobody", "ticket T-1", "state, shortened addresses")
		olga.get("/staff/people").is(http.StatusOK, "Support: last used", "Training holds until", "Duties not reviewed")
		olga.post("/staff/people/"+string(must(w.members.Staff().Named(t.Context(), account.Console(), "pavel@staff.example"))(t).ID), "act", "review").is(http.StatusOK, "Duties reviewed")

		pavel.post("/staff/signout").is(http.StatusOK, "Staff sign-in")
		pavel.get("/staff/log").is(http.StatusOK, "Staff sign-in")
		pavel.post("/staff/signin", "contact", "pavel@staff.example", "password", "wrong", "code", "000000").is(http.StatusForbidden, "is not right")
		next := must(totp.GenerateCode(secret, time.Now().Add(30*time.Second)))(t)
		pavel.post("/staff/signin", "contact", "pavel@staff.example", "password", password, "code", next).is(http.StatusOK, "Pavel")
	})
}

func TestPrivacyDeletesAChildsDataAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("kim@mail.example")
		link := must(w.members.Staff().Invite(t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "ada@staff.example"}, []account.Duty{account.Privacy}))(t)
		ada := w.browser()
		ada.enter("/staff/enter/"+string(link.Token), "Ada")
		at := ada.post("/staff/find", "who", string(id), "matter", "request", "ref", "R-1").is(http.StatusOK, "kim@mail.example", "Delete a child’s data").at
		ada.post(at, "act", "erase").is(http.StatusBadRequest, "Nothing was deleted")
		ada.post(at, "act", "erase", "sure", "yes").is(http.StatusOK, "The data is deleted")
		ada.post("/staff/find", "who", "kim@mail.example", "matter", "request", "ref", "R-1").is(http.StatusNotFound)
	})
}

func TestTheStaffSeeToServicesThatDidNotConfirm(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const kim inventory.Subject = "eu-0190d5a0-0000-7000-8000-000000000001"
		notices := must(w.recipients.Of(kim))(t)
		err := notices.Begin(t.Context(), kim, func(context.Context) ([]recipient.Told, error) {
			return []recipient.Told{{To: recipient.To{Party: inventory.SignIn, Which: "birds"}, Names: []string{"b-1001"}}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := notices.Finish(t.Context(), kim); err != nil {
			t.Fatal(err)
		}
		id := must(notices.Notices(t.Context()))(t)[0].ID
		link := must(w.members.Staff().Invite(t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "ada@staff.example"}, []account.Duty{account.Privacy}))(t)
		ada, at := w.browser(), "/staff/recipients/"+id
		ada.enter("/staff/enter/"+string(link.Token), "Ada")
		ada.get("/staff").is(http.StatusOK, "1 to see to")
		if p := ada.get("/staff/recipients"); strings.Contains(p.body, "b-1001") {
			t.Errorf("the list names somebody: %s", p.body)
		}
		ada.post(at, "act", "letter", "matter", "request", "ref", "Kim Example").is(http.StatusBadRequest, "no number")
		ada.post(at, "act", "letter", "matter", "request", "ref", "R-1").is(http.StatusOK, "b-1001", "Please erase what you hold")
		ada.post(at, "matter", "request", "ref", "R-1").is(http.StatusBadRequest)
		if err := w.keys.Destroy(t.Context(), inventory.Subject(id)); err != nil {
			t.Fatal(err)
		}
		if p := ada.post(at, "act", "letter", "matter", "request", "ref", "R-lost"); p.status != http.StatusNotFound || strings.Contains(p.body, "b-1001") {
			t.Errorf("a letter that can't be opened any more answers %d: %s", p.status, p.body)
		}
		ada.get("/staff/log").is(http.StatusOK, "request R-lost")
		ada.post(at, "act", "confirm", "matter", "request", "ref", "R-1").is(http.StatusOK, "on record with the staff", "request R-1", "All have confirmed.")
		ada.post(at, "act", "letter", "matter", "request", "ref", "R-1").is(http.StatusNotFound)
		ada.get("/staff/log").is(http.StatusOK, "read the letter of an erasure", "took a service’s confirmation")

		other := must(w.members.Staff().Invite(t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "sol@staff.example"}, []account.Duty{account.Support}))(t)
		sol := w.browser()
		sol.enter("/staff/enter/"+string(other.Token), "Sol")
		sol.get("/staff/recipients").is(http.StatusForbidden)
		sol.post(at, "act", "confirm", "matter", "request", "ref", "R-1").is(http.StatusForbidden)
	})
}

func TestTheStaffsCookie(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	door := visit.New(visit.Options{URL: "https://waypost.example", Members: w.members})
	rec := httptest.NewRecorder()
	door.StaffIn(rec, "eu.secret")
	c := rec.Result().Cookies()[0]
	if c.Name != "__Secure-waypost_staff" || c.Path != "/staff" || c.SameSite != http.SameSiteStrictMode || !c.HttpOnly || !c.Secure || c.MaxAge != 12*60*60 {
		t.Errorf("the cookie is %+v", c)
	}
}

func TestThePagesInEveryLanguage(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	id := w.member("mia@mail.example")
	duties := append([]account.Duty{}, account.Duties...)
	link := must(w.members.Staff().Invite(t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "ada@staff.example"}, duties))(t)
	ada := w.browser()
	ada.enter("/staff/enter/"+string(link.Token), "Ada")
	for _, words := range w.kit.Words() {
		for _, p := range []page{
			ada.get("/staff?lang=" + words.Lang), ada.get("/staff/log?lang=" + words.Lang), ada.get("/staff/people?lang=" + words.Lang), ada.get("/staff/recipients?lang=" + words.Lang),
			ada.get("/staff/prove?lang=" + words.Lang), ada.get("/staff/training?lang=" + words.Lang), w.browser().get("/staff/signin?lang=" + words.Lang),
			ada.post("/staff/find?lang="+words.Lang, "who", string(id), "matter", "ticket", "ref", "T-1"),
			ada.get("/staff/requests?lang=" + words.Lang), ada.get("/staff/requests/new?lang=" + words.Lang),
			ada.get("/staff/requests/" + string(must(w.asked.Raise(t.Context(), id, request.Wish{Kind: request.Delete, Lang: words.Lang, Text: "All."}))(t)) + "?lang=" + words.Lang),
			ada.post("/staff/find?lang="+words.Lang, "who", string(id), "matter", "call", "ref", "T-1"),
		} {
			if p.is(http.StatusOK); strings.Contains(p.body, "⟦") {
				t.Errorf("%s: words are missing: %s", p.at, p.body[strings.Index(p.body, "⟦"):])
			}
		}
	}
}
