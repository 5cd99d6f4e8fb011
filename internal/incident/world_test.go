package incident_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/mail"
	"waypost/internal/sms"
	"waypost/internal/vault"
)

// Of the staff, two who work on security and one who looks after privacy.
var (
	ada   = account.Clerk{ID: "cn-0190d5a0-0000-7000-8000-0000000000a1", Name: "Ada", Duties: []account.Duty{account.Security}}
	boris = account.Clerk{ID: "cn-0190d5a0-0000-7000-8000-0000000000b1", Name: "Boris", Duties: []account.Duty{account.Security}}
	petra = account.Clerk{ID: "cn-0190d5a0-0000-7000-8000-0000000000c1", Name: "Petra", Duties: []account.Duty{account.Privacy}}
)

// A world is two regions, cn on the test's database and eu on one of its own, and
// what was sent.
type world struct {
	t       *testing.T
	regions []incident.Region
	members *account.Members
	*incident.Incidents
	post   *post
	events []job.Args
	ahead  time.Duration
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		t.Parallel()
		test(t, newWorld(t, d))
	})
}

func newWorld(t *testing.T, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, post: &post{}}
	var accounts []account.Region
	for name, data := range map[string]*db.DB{"cn": d, "eu": dbtest.Open(t, dbtest.SQLite(t))} {
		ring := must(vault.ParseRing("test", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))))(t)
		keys := must(vault.Open(t.Context(), dbtest.Open(t, dbtest.SQLite(t)), ring))(t)
		accounts = append(accounts, account.Region{Name: name, DB: data, Vault: keys, Jobs: w})
		w.regions = append(w.regions, incident.Region{Name: name, DB: data, Vault: keys, Jobs: w})
	}
	home := func(country string) string {
		if country == "CN" {
			return "cn"
		}
		return "eu"
	}
	w.members = must(account.Open(t.Context(), account.Options{Regions: accounts, Home: home}))(t)
	w.Incidents = w.process(w.post)
	return w
}

// process is another process on the same databases.
func (w *world) process(p *post) *incident.Incidents {
	w.t.Helper()
	all := must(incident.Open(w.t.Context(), incident.Options{
		Regions: w.regions, House: w.regions[0].Vault, Members: w.members, Mail: p, SMS: texts{p}, URL: "https://waypost.example",
		Operator: incident.Operator{Company: "Heron Parcels", Officer: "P. Office", Mail: "privacy@waypost.example"},
		Authorities: map[string][]incident.Authority{
			"cn": {{Law: "pipl", Name: "The Office", Contact: "office@authority.example"}},
			"eu": {{Law: "gdpr", Name: "The Commissioner", Contact: "https://authority.example"}},
		},
		Log: slog.New(slog.NewTextHandler(w.t.Output(), nil)),
	}))(w.t)
	all.SetNow(func() time.Time { return time.Now().Add(w.ahead) })
	var rooms []incident.Room
	for _, s := range w.members.Stores() {
		rooms = append(rooms, incident.Room{Name: "account", Region: s.Region(), Room: s})
	}
	all.Search(rooms...)
	return all
}

// Add takes jobs, which the test does by hand.
func (w *world) Add(_ context.Context, tx *db.Tx, events ...job.Args) error {
	tx.AfterCommit(func() { w.events = append(w.events, events...) })
	return nil
}

// work does what was added.
func (w *world) work() {
	w.t.Helper()
	for len(w.events) > 0 {
		e := w.events[0]
		w.events = w.events[1:]
		var err error
		switch e := e.(type) {
		case incident.Looking:
			err = w.Looked(w.t.Context(), e)
		case incident.Approved:
			err = w.TellApproved(w.t.Context(), e)
		case incident.Declared:
			err = w.RemindDeclared(w.t.Context(), e)
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// member signs somebody up by an address and in a language.
func (w *world) member(address, country, lang string) account.ID {
	w.t.Helper()
	contact := must(account.ParseContact(address, country))(w.t)
	from := account.From{Browser: address, Language: lang}
	flow := must(w.members.SignUp(w.t.Context(), account.Application{
		Contact: contact, Nickname: strings.Split(address, "@")[0], Country: country, Language: lang, Age: account.Grown,
		Terms: account.Terms{Version: "1", Wording: "I agree.", How: "test"},
	}, from))(w.t)
	letter := must(w.members.CodeToSend(w.t.Context(), account.Code{Flow: must(w.members.Flow(w.t.Context(), flow))(w.t).ID}))(w.t)
	return must(w.members.Enter(w.t.Context(), flow, letter.Code, from))(w.t).Account
}

// declare declares an incident that was noticed an hour ago.
func (w *world) declare() incident.ID {
	w.t.Helper()
	noticed := time.Now().Add(w.ahead - time.Hour)
	return must(w.Declare(w.t.Context(), ada, incident.High,
		incident.Facts{Title: "A backup was copied", Happened: "A disk with a backup is missing.", Effects: "Letters that pretend to be ours.", Measures: "The disk's key is void."},
		incident.Times{Noticed: noticed, Began: noticed.Add(-24 * time.Hour)}))(w.t)
}

// find has a list made by criteria, and freezes it.
func (w *world) find(id incident.ID, criteria ...incident.Criterion) {
	w.t.Helper()
	for _, c := range criteria {
		w.no(w.AddCriterion(w.t.Context(), ada, id, c))
	}
	w.no(w.Look(w.t.Context(), ada, id))
	w.work()
	w.no(w.Freeze(w.t.Context(), ada, id))
}

// everybody is who exists, with their addresses.
var everybody = incident.Criterion{Way: incident.ByCopy, Kinds: []inventory.Kind{inventory.Contacts}}

// draft writes a notice in a language.
func (w *world) draft(id incident.ID, region, lang, title string) {
	w.t.Helper()
	w.no(w.SaveDraft(w.t.Context(), ada, id, incident.Draft{Region: region, Lang: lang, Text: incident.Text{
		Title: title, Happened: "A disk is missing.", Effects: "False letters.", Done: "The key is void.", Do: "Open no links.", Remedies: "Ask privacy@waypost.example.",
	}}))
}

// tell has an incident's people told in English.
func (w *world) tell(id incident.ID) {
	w.t.Helper()
	w.draft(id, "", "en", "A disk is missing")
	w.no(w.Ask(w.t.Context(), ada, id))
	w.no(w.Approve(w.t.Context(), petra, id))
}

func (w *world) no(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// comeIn has somebody of the staff come in by their link.
func (w *world) comeIn(link account.Link) {
	w.t.Helper()
	e := must(w.members.Staff().Entering(w.t.Context(), link.Token))(w.t)
	code := must(totp.GenerateCode(strings.ReplaceAll(e.App.Secret, " ", ""), time.Now()))(w.t)
	must(w.members.Staff().Enter(w.t.Context(), link.Token, account.Newcomer{Name: "Ada", Password: "eleven grey lighthouses", Code: code}, account.From{}))(w.t)
}

// wants fails the test unless an error has a fault's code.
func wants(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Error
	if !asFault(err, &f) || f.Code != code {
		t.Errorf("got %v, want the fault %s", err, code)
	}
}

// A post keeps what is sent, and answers as the test wants.
type post struct {
	mu     sync.Mutex
	mails  []mail.Message
	texts  []sms.Message
	answer func(to string) error // before it is kept
	after  func(to string)       // once it was
}

func (p *post) keep(to string, put func()) error {
	if p.answer != nil {
		if err := p.answer(to); err != nil {
			return err
		}
	}
	p.mu.Lock()
	put()
	p.mu.Unlock()
	if p.after != nil {
		p.after(to)
	}
	return nil
}

// Send keeps an e-mail.
func (p *post) Send(_ context.Context, m mail.Message) error {
	m, err := m.Checked()
	if err != nil {
		return err
	}
	return p.keep(m.To, func() { p.mails = append(p.mails, m) })
}

// to are the e-mails to somebody.
func (p *post) to(address string) (all []mail.Message) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, m := range p.mails {
		if m.To == address {
			all = append(all, m)
		}
	}
	return all
}

type texts struct{ post *post }

// Send keeps a text message.
func (x texts) Send(_ context.Context, m sms.Message) error {
	m, err := m.Checked()
	if err != nil {
		return err
	}
	return x.post.keep(m.To, func() { x.post.texts = append(x.post.texts, m) })
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

// told is what a member's copy holds of incidents.
func (w *world) told(who account.ID) string {
	w.t.Helper()
	var out bytes.Buffer
	for _, s := range w.Stores() {
		if s.Name == who.Region() {
			w.no(s.Export(w.t.Context(), who.Subject(), io.Writer(&out)))
		}
	}
	return out.String()
}
