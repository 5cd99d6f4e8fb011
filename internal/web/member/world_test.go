package member_test

import (
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/job"
	"waypost/internal/limit"
	"waypost/internal/live"
	"waypost/internal/message"
	"waypost/internal/outbox"
	"waypost/internal/parcel"
	"waypost/internal/quota"
	"waypost/internal/request"
	"waypost/internal/vault"
	"waypost/internal/watch"
	"waypost/internal/web/member"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
	"waypost/internal/webhook"
)

const (
	mia    = "mia@mail.example"
	secret = "seventeen blue herons"
)

// A recorder takes jobs as committed transactions leave them.
type recorder struct {
	mu     sync.Mutex
	events []job.Args
}

func (r *recorder) Add(_ context.Context, tx *db.Tx, events ...job.Args) error {
	tx.AfterCommit(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, events...)
	})
	return nil
}

func (r *recorder) take() []job.Args {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := r.events
	r.events = nil
	return events
}

// A world is the pages on a server, their members, and the post.
type world struct {
	t       *testing.T
	base    string
	members *account.Members
	post    *recorder
	sent    *outbox.Outbox
	kit     *ui.Kit
	pages   *member.Pages
	watches *watch.Watches
	quotas  *quota.Stores
	hooks   *webhook.Hooks
	parcels *parcel.Store
	alerts  *message.Messages
	count   *counter
	asked   *request.Requests
}

// A counter allows everything, or nothing any more.
type counter struct{ full bool }

func (c *counter) Spend(context.Context, limit.Limit, string, int) (time.Duration, error) {
	if c.full {
		return time.Minute, nil
	}
	return 0, nil
}

// each runs test with pages on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) *world { return newWorldAt(t, d, "http://waypost.example") }

// newWorldAt is newWorld for a site at another address, and its providers.
func newWorldAt(t *testing.T, d *db.DB, site string, providers ...account.Providers) *world {
	t.Helper()
	w := &world{t: t, post: &recorder{}, sent: &outbox.Outbox{}, count: &counter{}}
	ring, err := vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring)
	if err != nil {
		t.Fatal(err)
	}
	options := account.Options{Regions: []account.Region{{Name: "eu", DB: d, Vault: keys, Jobs: w.post}}, Site: account.SiteAt("", site)}
	for _, p := range providers {
		options.Providers = p
	}
	w.members, err = account.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	if w.kit, err = ui.New(site); err != nil {
		t.Fatal(err)
	}
	sign := func(text string) string { return keys.Lookup("visit.cookie.text", text) }
	door := visit.New(visit.Options{Members: w.members, Count: w.count, Log: log, Sign: sign})
	broker := live.New()
	if w.parcels, err = parcel.Open(t.Context(), d, log); err != nil {
		t.Fatal(err)
	}
	w.parcels.SealWith(keys)
	w.watches, err = watch.Open(t.Context(), watch.Options{Regions: []watch.Region{{Name: "eu", DB: d, Vault: keys}}, Parcels: w.parcels, Knowledge: known})
	if err != nil {
		t.Fatal(err)
	}
	fail := func(w http.ResponseWriter, _ *http.Request, status int) { http.Error(w, "failed", status) }
	w.alerts = openAlerts(t, w, d, keys)
	calls, err := limit.Open(t.Context(), d, func(text string) string { return keys.Lookup("limit.tally.bucket", text) })
	if err != nil {
		t.Fatal(err)
	}
	w.quotas, err = quota.Open(t.Context(), quota.Options{
		Regions: []quota.Region{{Name: "eu", DB: d, Vault: keys, Count: calls}}, Usable: w.members.Usable, Plan: quota.Plan{Total: 300, Daily: 50},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.hooks = openHooks(t, w, d, keys)
	w.asked, err = request.Open(t.Context(), w.members.Staff(), request.Region{Name: "eu", DB: d, Vault: keys, Jobs: w.post})
	if err != nil {
		t.Fatal(err)
	}
	w.pages, err = member.New(member.Options{
		Kit: w.kit, Door: door, Members: w.members, URL: site, Outbox: w.sent, Sign: sign, Fail: fail, Log: log,
		Watches: w.watches, Quotas: w.quotas, Webhooks: w.hooks, Live: broker, Messages: w.alerts, Requests: w.asked, Carriers: func() tell.Carriers { return known().Catalogue },
	})
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(w http.ResponseWriter, _ *http.Request, _ error) { http.Error(w, "refused", http.StatusForbidden) }
	server := httptest.NewServer(visit.Guard(door.Wrap(w.pages), refuse, member.OpenRoutes...))
	t.Cleanup(server.Close)
	t.Cleanup(w.pages.Close)
	w.base = server.URL
	return w
}

// letters are what is to be sent for what was added since.
func (w *world) letters() []account.Letter {
	w.t.Helper()
	var all []account.Letter
	for _, event := range w.post.take() {
		var l account.Letter
		var err error
		switch e := event.(type) {
		case account.Code:
			l, err = w.members.CodeToSend(w.t.Context(), e)
		case account.Notice:
			l, err = w.members.NoticeToSend(w.t.Context(), e)
		case account.GuardianAsked:
			l, err = w.members.GuardianToSend(w.t.Context(), e)
		case account.Invited:
			l, err = w.members.InvitationToSend(w.t.Context(), e)
		}
		if err != nil {
			w.t.Fatalf("letter for %q: %v", event.Kind(), err)
		}
		all = append(all, l)
	}
	return all
}

// letter returns the last letter of a kind.
func (w *world) letter(kind account.LetterKind) account.Letter {
	w.t.Helper()
	var last account.Letter
	for _, l := range w.letters() {
		if l.Kind == kind {
			last = l
		}
	}
	if last.Kind == "" {
		w.t.Fatalf("no letter %q is to be sent", kind)
	}
	return last
}

// A browser keeps cookies and follows redirects.
type browser struct {
	*world
	client *http.Client
	header http.Header
}

func (w *world) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return &browser{w, &http.Client{Jar: jar}, http.Header{}}
}

// A page is what came back in the end.
type page struct {
	t      *testing.T
	status int
	at     string // path and query
	body   string
	header http.Header
}

func (b *browser) send(r *http.Request) page {
	b.t.Helper()
	for name, values := range b.header {
		r.Header[name] = values
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return page{b.t, resp.StatusCode, resp.Request.URL.RequestURI(), string(body), resp.Header}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send(r)
}

// post sends a form of pairs of a name and a value.
func (b *browser) post(path string, pairs ...string) page {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

// cookies are the names of those that the browser has.
func (b *browser) cookies() map[string]string {
	u, err := url.Parse(b.base)
	if err != nil {
		b.t.Fatal(err)
	}
	all := map[string]string{}
	for _, c := range b.client.Jar.Cookies(u) {
		all[c.Name] = c.Value
	}
	return all
}

// at fails the test unless the page is at a path, with 200.
func (p page) isAt(path string) page {
	p.t.Helper()
	if p.at != path || p.status != http.StatusOK {
		p.t.Fatalf("got %s with %d, want %s; %s", p.at, p.status, path, p.said())
	}
	return p
}

// says fails the test unless the page shows a text.
func (p page) says(want string) page {
	p.t.Helper()
	if !strings.Contains(html.UnescapeString(p.body), want) {
		p.t.Errorf("%s (%d) does not say %q; %s", p.at, p.status, want, p.said())
	}
	return p
}

// is fails the test unless the answer has a status.
func (p page) is(status int) page {
	p.t.Helper()
	if p.status != status {
		p.t.Errorf("%s answers %d, want %d; %s", p.at, p.status, status, p.said())
	}
	return p
}

// said is what the main part of the page says, for a failed test.
func (p page) said() string {
	_, main, ok := strings.Cut(p.body, "<main")
	if !ok {
		return p.body
	}
	main, _, _ = strings.Cut(main, "</main>")
	doc, err := html.Parse(strings.NewReader("<main" + main))
	if err != nil {
		return main
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && strings.TrimSpace(n.Data) != "" {
			b.WriteString(strings.TrimSpace(n.Data) + " | ")
		}
	}
	return b.String()[:min(b.Len(), 900)]
}

// application is what mia fills in, with changes as pairs.
func application(changes ...string) []string {
	values := map[string]string{
		"contact": mia, "nickname": "Mia", "country": "DE", "asked": "DE", "age": "grown", "password": secret, "company": "", "terms": "yes",
	}
	for i := 0; i+1 < len(changes); i += 2 {
		values[changes[i]] = changes[i+1]
	}
	var pairs []string
	for name, value := range values {
		pairs = append(pairs, name, value)
	}
	return pairs
}

// join signs mia up in a browser.
func (w *world) join(changes ...string) *browser {
	w.t.Helper()
	b := w.browser()
	b.post("/signup", application(changes...)...).isAt("/signup/code")
	b.post("/signup/code", "code", w.letter(account.LetterSignUp).Code).isAt("/welcome")
	return b
}

// must ends the test on an error.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
