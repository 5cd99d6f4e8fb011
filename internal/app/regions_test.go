package app

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/incident"
	"waypost/internal/lawful"
	"waypost/internal/mailtest"
	"waypost/internal/quota"
	"waypost/internal/status"
	"waypost/internal/vault"
)

// unnoticed is how long an answer may take of which another region's absence is
// to be no matter, on a machine that has much else to do. What waited for a region
// would wait until that is back, and so for as long as somebody asks.
const unnoticed = 30 * time.Second

// twoRegions is a configuration with the people of China in one PostgreSQL
// database, which is cut off with the proxy together with its key store, those of
// all other countries in another, and the parcels in a third.
func twoRegions(t *testing.T, post string) (config.Config, *dbtest.Proxy) {
	t.Helper()
	folder := t.TempDir()
	china, proxy := dbtest.Through(t, dbtest.Database(t))
	cfg, err := config.Load("", nil, map[string]any{
		"data": folder, "url": "http://127.0.0.1", "mail.smtp": post, "mail.from": "Waypost <post@track.example>",
		"database.parcels": dbtest.Postgres(t), "database.people.cn": china, "database.people.us": dbtest.Database(t),
		"database.serves.cn": []string{"CN"}, "database.serves.us": []string{"*"},
		"keys.cn.store": proxy.Lead(t, dbtest.Postgres(t)), "keys.us.store": dbtest.Postgres(t),
		"keys.house.store":    "sqlite:" + filepath.Join(folder, "house.db"),
		"policy.countries.cn": "CN", "policy.countries.us": "US",
		"transfers.countries.CN": map[string]any{"level": "lower", "assessed": "2026-01-05", "review": "2026-02-05"},
		"transfers.countries.US": map[string]any{"level": "safeguarded", "assessed": "2026-01-05", "review": "2099-01-05"},
		"transfers.grounds": []any{
			map[string]any{"from": "cn", "to": "US", "ground": "standard_contractual_clauses"}, map[string]any{"from": "us", "to": "CN", "ground": "consent"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return cfg, proxy
}

// A firstLine is told the first line that is written to it.
type firstLine struct {
	text bytes.Buffer
	line chan string
}

func (f *firstLine) Write(b []byte) (int, error) {
	if f.line == nil {
		return len(b), nil
	}
	f.text.Write(b)
	if line, _, ok := strings.Cut(f.text.String(), "\n"); ok {
		f.line <- line
		f.line = nil
	}
	return len(b), nil
}

// serveOn runs a whole Waypost, as serve does, until the test ends.
func serveOn(t *testing.T, cfg config.Config) (s *server, base string) {
	t.Helper()
	cfg.Addr = "127.0.0.1:0"
	s, err := newServer(t.Context(), cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended, out := make(chan error, 1), &firstLine{line: make(chan string, 1)}
	line := out.line
	go func() { ended <- s.run(ctx, out, func() (config.Config, error) { return cfg, nil }) }()
	select {
	case said := <-line:
		base = said[strings.Index(said, "http"):]
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		s.close()
	})
	return s, base
}

// answered asks for a page as somebody, and says how long it took.
func answered(t *testing.T, address, cookie, bearer string) (status int, body string, took time.Duration) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if cookie != "" {
		r.Header.Set("Cookie", "waypost_session="+cookie)
	}
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	began := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), time.Since(began)
}

// everything is all that a database holds, table by table, as text.
func everything(t *testing.T, address string) string {
	t.Helper()
	var all strings.Builder
	d := dbtest.Open(t, address)
	err := d.Read(t.Context(), func(tx *db.Tx) error {
		tables, err := db.Rows(t.Context(), tx, func(row *sql.Rows) (name string, err error) { return name, row.Scan(&name) },
			`SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			rows, err := db.Rows(t.Context(), tx, func(row *sql.Rows) (text string, err error) { return text, row.Scan(&text) }, `SELECT to_jsonb(t)::text FROM `+table+` t`)
			if err != nil {
				return err
			}
			fmt.Fprintln(&all, table, strings.Join(rows, "\n"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// With one region down, whoever lives in the other notices nothing: at once, and
// for another replica that starts meanwhile. Those of the region itself are told so, nothing shows which
// addresses have an account there, and what waited is done when it is back.
func TestARegionThatIsDownIsNoticedByItsOwnOnly(t *testing.T) {
	t.Parallel()
	sink := mailtest.Start(t, mailtest.Options{})
	cfg, proxy := twoRegions(t, sink.Addr)
	s, base := serveOn(t, cfg)
	const number = "1Z4A7B2C0364182055"
	mia, lian := newMemberOf(t, s, "mia@mail.example", "DE"), newMemberOf(t, s, "lian@mail.example", "CN")
	for _, p := range []person{mia, lian} {
		store := must(s.people.members.Of(p.Account))(t)
		if err := store.SetPassword(t.Context(), p.Session, phrase, somewhere()); err != nil {
			t.Fatal(err)
		}
	}
	keep(t, s, mia.Account.Subject(), number, "mia's kettle")
	keep(t, s, lian.Account.Subject(), number, "lian's kettle")
	key := must(must(s.people.quotas.Of(mia.Account.Subject()))(t).Make(t.Context(), mia.Account.Subject(), quota.Settings{Name: "Shop", Scopes: quota.Scopes}, true))(t)
	told(t, s, number, status.InTransitOther, 0)
	told(t, s, number, status.OutForDeliveryOther, 1)
	alerts(t, sink, "mia", 1)
	alerts(t, sink, "lian", 1)

	apart(t, s, mia.Account, lian.Account)
	zoe := newMemberOf(t, s, "zoe@mail.example", "DE")
	concern(t, s, sink, zoe.Account)

	proxy.Cut()
	soon(t, "a sign that the region is away", func() (bool, bool) { return true, s.people.members.SomeAway() })
	if _, err := s.heldFor(t.Context(), mia.Account.Subject()); !errors.Is(err, db.ErrAway) {
		t.Errorf("an authority would get less than is held, without a word: %v", err)
	}
	mias := func(s *server, base string) {
		t.Helper()
		for page, want := range map[string]string{"/parcels": "mia&#39;s kettle", "/account": "mia@mail.example", "/my-data": "mia@mail.example", "/teams": "Business accounts", "/track?nums=" + number: number} {
			if status, body, took := answered(t, base+page, string(mia.token), ""); status != http.StatusOK || !strings.Contains(body, want) || strings.Contains(body, "region can’t be reached") || took > unnoticed {
				t.Errorf("%s: %d after %s: %s", page, status, took, body)
			}
		}
		if status, body, took := answered(t, base+"/v1/parcels?number="+number, "", key.Secret); status != http.StatusOK || !strings.Contains(body, number) || took > unnoticed {
			t.Errorf("the API: %d after %s: %s", status, took, body)
		}
		if status, body, took := answered(t, base+"/track?nums="+number, "", ""); status != http.StatusOK || !strings.Contains(body, number) || took > unnoticed {
			t.Errorf("a parcel's page: %d after %s: %s", status, took, body)
		}
		for page, want := range map[string]string{"/account": "An incident concerned your data.", "/my-data": "A disk is missing"} {
			if status, body, took := answered(t, base+page, string(zoe.token), ""); status != http.StatusOK || !strings.Contains(body, want) || took > unnoticed {
				t.Errorf("%s of who is told of an incident: %d after %s: %s", page, status, took, body)
			}
		}
		if status, body, took := answered(t, base+"/transparency?lang=en", "", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "These figures can’t be read right now") || took > unnoticed {
			t.Errorf("what authorities asked for: %d after %s: %s", status, took, body)
		}
		began := time.Now()
		if step, err := s.people.members.SignIn(t.Context(), contact("mia@mail.example"), phrase, somewhere()); err != nil || step.Session == "" || time.Since(began) > unnoticed {
			t.Errorf("signing in: %+v, %v after %s", step, err, time.Since(began))
		}
	}
	mias(s, base)
	told(t, s, number, status.DeliveredOther, 2)
	alerts(t, sink, "mia", 2)

	preserving(t, s, "us", "us-0190d5a0-0000-7000-8000-0000000000aa", mia.Account.Subject())
	if err := s.given(t.Context(), lawful.Given{Region: "us"}); err != nil || !must(s.people.holds.Held(t.Context(), mia.Account.Subject()))(t) {
		t.Errorf("an order to preserve what is in a region that is there: %v", err)
	}

	tellsAway(t, s, base, sink, lian)

	again, base := serveOn(t, cfg)
	mias(again, base)
	tellsAway(t, again, base, sink, lian)
	if _, body, _ := answered(t, base+"/metrics", "", ""); !strings.Contains(body, `waypost_region_reachable{region="cn"} 0`) || !strings.Contains(body, `waypost_region_reachable{region="us"} 1`) {
		t.Error("the metrics don't say which region is away")
	} else if !strings.Contains(body, `waypost_transfer_review_timestamp_seconds{country="CN"} 1.770`) {
		t.Error("the metrics don't say by when the protection in a country is to be assessed again")
	}
	if _, body, _ := answered(t, base+"/privacy?lang=en", "", ""); !strings.Contains(body, "standard contractual clauses") || !strings.Contains(body, "on 2026-01-05, again by 2026-02-05") {
		t.Error("the policy doesn't say what crosses a border")
	}

	proxy.Mend(t)
	soon(t, "the region's page", func() (bool, bool) {
		status, body, _ := answered(t, base+"/parcels", string(lian.token), "")
		return true, status == http.StatusOK && strings.Contains(body, "lian&#39;s kettle")
	})
	alerts(t, sink, "lian", 2)
	if step, err := again.people.members.SignIn(t.Context(), contact("lian@mail.example"), phrase, somewhere()); err != nil || step.Session == "" {
		t.Errorf("signing in to the region: %+v, %v", step, err)
	}
	newMemberOf(t, again, "noah@mail.example", "DE")
}

// concern has somebody be told of an incident.
func concern(t *testing.T, s *server, sink *mailtest.Sink, who account.ID) {
	t.Helper()
	id := must(s.incidents.Declare(t.Context(), account.Console(), incident.High, incident.Facts{Title: "A disk is missing", Happened: "A disk with a backup is missing."}, incident.Times{Noticed: time.Now()}))(t)
	before := len(sink.Mails())
	tellsOf(t, s, id, string(who))
	soon(t, "the letter about the incident", func() (bool, bool) { return true, len(sink.Mails()) > before })
}

func contact(address string) account.Contact {
	return account.Contact{Kind: account.Mail, Value: address}
}

// tellsAway looks what those are told whose region is away, and that it is the same
// for an address that nobody has.
func tellsAway(t *testing.T, s *server, base string, sink *mailtest.Sink, own person) {
	t.Helper()
	if status, body, took := answered(t, base+"/parcels", string(own.token), ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "Nothing is lost") || took > unnoticed {
		t.Errorf("the region's own page: %d after %s: %s", status, took, body)
	}
	if status, body, _ := answered(t, base+"/signin", "", ""); status != http.StatusOK || !strings.Contains(body, "Some accounts can’t be reached") {
		t.Errorf("the page to sign in: %d: %s", status, body)
	}
	if _, body, _ := answered(t, base+"/readyz", "", ""); !strings.Contains(body, "the region cn can't be reached") || strings.Contains(body, "us") {
		t.Errorf("/readyz says %q", body)
	}
	var said []string
	for _, address := range []string{"lian@mail.example", "nobody@mail.example", "mia@mail.example"} {
		_, err := s.people.members.SignIn(t.Context(), contact(address), "not her password", somewhere())
		said = append(said, fmt.Sprint(fault.KindOf(err), fault.Text(err)))
		_, err = s.people.members.SignUp(t.Context(), account.Application{
			Contact: contact(address), Nickname: "Kim", Country: "DE", Language: "en", Age: account.Grown, Terms: account.Terms{Version: "1", How: "test"},
		}, somewhere())
		if fault.KindOf(err) != fault.Unavailable {
			t.Errorf("signing up with %s: %v", address, err)
		}
	}
	if said[0] != said[1] || said[1] != said[2] || !strings.Contains(said[0], "can't be reached") {
		t.Errorf("it shows who has an account: %q", said)
	}
	before := len(sink.Mails())
	if _, err := s.people.members.SendCode(t.Context(), contact("lian@mail.example"), somewhere()); err != nil {
		t.Fatal(err)
	}
	soon(t, "a letter that says so", func() (bool, bool) {
		all := sink.Mails()[before:]
		return true, len(all) == 1 && strings.Contains(subjectOf(t, all[0]), "out of reach")
	})
}

// apart scans both regions and their key stores, byte by byte: whoever lives in
// one has neither row nor key in the other.
func apart(t *testing.T, s *server, us, cn account.ID) {
	t.Helper()
	parcels := everything(t, string(s.cfg.Database.Parcels))
	for _, r := range s.people.regions {
		own, other := us, cn
		if r.Name == "cn" {
			own, other = cn, us
		}
		if strings.Contains(parcels, string(own)) {
			t.Errorf("the parcels' database holds something of %s", own)
		}
		data := everything(t, string(s.cfg.Database.People[r.Name]))
		if !strings.Contains(data, string(own)) || strings.Contains(data, string(other)) {
			t.Errorf("%s lacks who lives there, or holds a row of %s", r.Name, other)
		}
		if _, err := r.Vault.Key(t.Context(), own.Subject()); err != nil {
			t.Errorf("%s has no key of who lives there: %v", r.Name, err)
		}
		if _, err := r.Vault.Key(t.Context(), other.Subject()); !errors.Is(err, vault.ErrNoKey) {
			t.Errorf("%s has a key of %s: %v", r.Name, other, err)
		}
	}
}
