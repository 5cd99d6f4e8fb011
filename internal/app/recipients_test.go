package app

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/mailtest"
	"waypost/internal/recipient"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// An outside is services of others, real servers all: a mail server, a provider,
// a member's own program that can be down.
type outside struct {
	post    *mailtest.Sink
	birds   *httptest.Server // stands in for Facebook
	left    atomic.Value     // whose permissions were deleted there
	program *httptest.Server
	down    atomic.Bool
	heard   atomic.Pointer[hooked]
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{post: mailtest.Start(t, mailtest.Options{})}
	o.left.Store("")
	o.birds = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete && r.URL.Query().Get("access_token") == "77|in the test only" {
			o.left.Store(r.URL.Path)
			w.Write([]byte(`{"success": true}`)) //nolint:errcheck // the test sees
		}
	}))
	t.Cleanup(o.birds.Close)
	o.program = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			o.heard.Store(&hooked{r.Header.Clone(), body})
		}
	}))
	t.Cleanup(o.program.Close)
	return o
}

// reached starts a Waypost that has the services, and nothing simulated.
func (o *outside) reached(t *testing.T, address string) (*server, *gate) {
	t.Helper()
	cfg := settings(t, map[string]any{"url": "http://track.example", "database.parcels": address})
	here(&cfg)
	cfg.Mail = config.Mail{SMTP: o.post.Addr, From: "post@track.example", TLS: "off"}
	cfg.Providers.Facebook = config.FacebookProvider{ClientID: "77", ClientSecret: "in the test only", Version: "v25.0", Hosts: config.Hosts{API: o.birds.URL}}
	cfg.Accounts = map[string]map[string]config.Account{"sf-express": {"main": {
		Values: map[string]config.Secret{"partner_id": "X", "check_word": "in the test only"}, Base: "http://127.0.0.1:1", Concurrency: 1,
	}}}
	cfg.Recipients.Contacts = map[string]string{"mail": "privacy@relay.example"}
	s, err := newServer(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s.handler())
	t.Cleanup(func() {
		s.site.Close()
		s.api.Close()
		web.Close()
		s.close()
	})
	return s, &gate{t: t, s: s, base: web.URL, clerks: map[string]account.Token{}}
}

// used is a member whose data every service got.
func (o *outside) used(t *testing.T, s *server) person {
	t.Helper()
	p := newMember(t, s, "mia@mail.example")
	who, ctx := p.Account.Subject(), t.Context()
	hooks := must(s.hooks.Of(who))(t)
	must(hooks.Create(ctx, who, webhook.Settings{Name: "Shop", URL: o.program.URL}))(t)
	must(hooks.Create(ctx, who, webhook.Settings{Name: "Looked at", Inspect: true}))(t)
	must(must(s.watches.Of(who))(t).Save(ctx, who, watch.New{Number: sfNumber, Carrier: "sf-express", Given: carrier.Given{"phone_last4": "4711"}}))(t)
	region := s.people.regions[0]
	k := must(region.Vault.Key(ctx, who))(t)
	must(region.DB.Exec(ctx, `INSERT INTO link (account_id, provider, nickname, person, created_ms, used_ms) VALUES ($1, 'facebook', $2, $3, 1, 0)`,
		string(who), k.SealText("account.link.nickname", "Mia"), k.SealText("account.link.person", `{"keys": ["1001"]}`)))(t)
	must(s.databases.Parcels.Exec(ctx, `UPDATE ask SET asked_ms = 1`))(t) // no carrier is called here
	return p
}

// Whoever got data of a member is told once the member is erased: by its own
// interface, by letter, or by the staff, and as long as it takes.
func TestAnErasureReachesEveryRecipient(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		o := newOutside(t)
		s, g := o.reached(t, address)
		p := o.used(t, s)
		who := p.Account.Subject()
		told := strings.Join(must(s.toldOf(t.Context(), who, "en"))(t), "; ")
		if want := "mail server 127.0.0.1; sign-in service Facebook; the account’s own program; source of tracking data sf-express"; told != want {
			t.Errorf("she reads that these are told: %s\nwant %s", told, want)
		}
		if page := g.reads(p, "/my-data/delete"); !strings.Contains(page, "Facebook") || !strings.Contains(page, "sf-express") {
			t.Errorf("the page doesn't say who is told:\n%s", page)
		}

		secret := must(must(s.hooks.Of(who))(t).Farewells(t.Context(), who))(t)[0].Secret
		o.down.Store(true)
		if err := s.eraseWhole(t.Context(), who); err != nil {
			t.Fatal(err)
		}
		notices := must(s.notices.Of(who))(t)
		tell := func() {
			t.Helper()
			must(s.people.regions[0].DB.Exec(t.Context(), `UPDATE erasure_notice SET due_ms = 1 WHERE problem <> ''`))(t)
			if err := notices.Tell(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		tell()
		if got := o.left.Load(); got != "/v25.0/1001/permissions" {
			t.Errorf("Facebook was asked to delete %q", got)
		}
		if got := must(notices.Counts(t.Context()))(t); got != (recipient.Counts{Open: 3, Escalated: 1, Confirmed: 1}) {
			t.Errorf("with the program down: %+v", got)
		}
		o.down.Store(false)
		tell()
		heard := o.heard.Load()
		if heard == nil || !bytes.HasPrefix(heard.body, []byte(`{"type":"account.erased","timestamp":"`)) {
			t.Fatalf("the program heard %+v", heard)
		}
		if err := must(standardwebhooks.NewWebhook(secret))(t).Verify(heard.body, heard.header); err != nil {
			t.Errorf("the program can't trust it: %v", err)
		}

		g.confirms(o)
		page := g.staffPage(account.Privacy, "/staff/recipients")
		id := regexp.MustCompile(`/staff/recipients/(default-[\w-]+)"`).FindStringSubmatch(page)
		if id == nil || strings.Contains(page, "mia@") || strings.Contains(page, sfNumber) {
			t.Fatalf("the list has nothing for the staff, or names somebody:\n%s", page)
		}
		letter := g.staffForm(account.Privacy, "/staff/recipients/"+id[1], url.Values{"act": {"letter"}, "matter": {"request"}, "ref": {"R-1"}})
		if !strings.Contains(letter, sfNumber) || strings.Contains(letter, "4711") || strings.Contains(letter, "mia@") {
			t.Errorf("the letter to the carrier is\n%s", letter)
		}
		g.staffForm(account.Privacy, "/staff/recipients/"+id[1], url.Values{"act": {"confirm"}, "matter": {"request"}, "ref": {"R-1"}})
		if got := must(notices.Counts(t.Context()))(t); got != (recipient.Counts{Confirmed: 4}) {
			t.Errorf("at the end: %+v", got)
		}
		if log := g.staffPage(account.Privacy, "/staff/log"); !strings.Contains(log, "read the letter of an erasure") || !strings.Contains(log, "took a service") {
			t.Error("the log doesn't say what the staff did")
		}
		if _, body := get(t, g.base+"/metrics"); !strings.Contains(body, `waypost_recipient_notices{outcome="confirmed",region="default"} 4`) {
			t.Error("the metrics don't say so")
		}
	})
}

// reads is a page of a member's.
func (g *gate) reads(p person, path string) string {
	g.t.Helper()
	r := must(http.NewRequestWithContext(g.t.Context(), http.MethodGet, g.base+path, nil))(g.t)
	r.AddCookie(&http.Cookie{Name: "waypost_session", Value: string(p.token)})
	resp := must(http.DefaultClient.Do(r))(g.t) //nolint:bodyclose // it is, below: the linter doesn't see through must
	defer resp.Body.Close()                     //nolint:errcheck // read whole
	return string(must(io.ReadAll(resp.Body))(g.t))
}

// confirms follows the link of the letter that came last.
func (g *gate) confirms(o *outside) {
	g.t.Helper()
	mails := o.post.Mails()
	if len(mails) == 0 || mails[len(mails)-1].To != "privacy@relay.example" {
		g.t.Fatalf("no letter came to who looks after the mail server: %d letters", len(mails))
	}
	text := string(must(io.ReadAll(quotedprintable.NewReader(bytes.NewReader(mails[len(mails)-1].Raw))))(g.t))
	path := regexp.MustCompile(`/told/default-[\w-]+/\w+`).FindString(text)
	if path == "" || !strings.Contains(text, "mia@mail.example") {
		g.t.Fatalf("the letter is\n%s", text)
	}
	for _, wrong := range []string{path + "x", "/told/default-x/y", "/told/x/y"} {
		if status, body := get(g.t, g.base+wrong); status != http.StatusNotFound || !strings.Contains(body, "nothing to confirm") {
			g.t.Errorf("%s answers %d:\n%s", wrong, status, body)
		}
	}
	if status, body := get(g.t, g.base+path); status != http.StatusOK || strings.Contains(body, "mia@") {
		g.t.Errorf("the link answers %d, or names her:\n%s", status, body)
	}
	resp := must(http.PostForm(g.base+path, nil))(g.t) //nolint:bodyclose,noctx // it is, below: the linter doesn't see through must
	resp.Body.Close()                                  //nolint:errcheck // nothing is read
	if status, _ := get(g.t, g.base+path); resp.StatusCode != http.StatusOK || status != http.StatusNotFound {
		g.t.Errorf("confirming answers %d, and then %d", resp.StatusCode, status)
	}
}

// A process that dies while it erases somebody has told nobody; another one goes on.
func TestAnErasureThatWasBrokenOffIsGoneOnWith(t *testing.T) {
	t.Parallel()
	o := newOutside(t)
	s, _ := o.reached(t, dbtest.SQLite(t))
	who := o.used(t, s).Account.Subject()
	notices := must(s.notices.Of(who))(t)
	ctx := t.Context()
	err := notices.Begin(ctx, who, func(ctx context.Context) ([]recipient.Told, error) { return s.handed(ctx, who) })
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range s.rooms() { // all but the last, the account's
		if r.name != "account" {
			if err := r.Erase(ctx, who); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.resumeAndTell(ctx, notices, time.Now()); err != nil {
		t.Fatal(err)
	}
	if o.left.Load() != "" || o.heard.Load() != nil {
		t.Fatal("somebody was told of who isn't erased")
	}
	for range 2 {
		if err := s.resumeAndTell(ctx, notices, time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	if o.left.Load() == "" || o.heard.Load() == nil || len(o.post.Mails()) != 1 {
		t.Errorf("told %v, %v, %d letters", o.left.Load(), o.heard.Load(), len(o.post.Mails()))
	}
	if at := must(s.people.destroyed(ctx, who))(t); at.IsZero() {
		t.Error("the member isn't erased")
	}
	var left int
	err = s.people.regions[0].DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM erasure`).Scan(&left)
	})
	if err != nil || left != 0 {
		t.Errorf("%d erasures are left, %v", left, err)
	}
}
