package app

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/closing"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/inventory"
)

// lettersWith is how many mails say something.
func lettersWith(s *server, text string) (n int) {
	for _, m := range s.senders.outbox.Messages() {
		if m.Mail != nil && strings.Contains(m.Mail.Text, text) {
			n++
		}
	}
	return n
}

// The end of the business as members see it: everybody is told once, every page says
// it, nobody can sign up, and on the day everybody is erased.
func TestTheBusinessEnds(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) { c.URL = "http://localhost" })
	deliver(t, s)
	ctx, members := t.Context(), s.people.members.Stores()[0]
	mia, noah := newMember(t, s, "mia@mail.example"), newMember(t, s, "noah@mail.example")
	team := must(s.people.members.Teams().New(ctx, mia.Session, "Heron Supplies"))(t)
	d := must(s.people.closing.Declare(ctx, closing.Declaration{Kind: closing.Closure, Contact: "privacy@heron.example", Ends: time.Now().AddDate(0, 0, 31)}, 30*24*time.Hour))(t)
	for range 2 { // a run may be broken off and begun again
		if err := s.closeFor(ctx, members); err != nil {
			t.Fatal(err)
		}
	}
	mailed(t, s, `Questions: privacy@heron\.example[\s\S]*/my-data`)

	window := browser(t)
	as(t, window, base, "waypost_session", string(mia.token))
	goes(t, window, base+"/account")
	if banner := ask[string](t, window, `document.querySelector(".announced").innerText`); !strings.Contains(banner, "This site is closed on") {
		t.Errorf("the page announces %q", banner)
	}
	sends(t, window, `document.querySelector(".announced a").click()`)
	says(t, window, "This site will be closed", "You can have a copy of your data.", "privacy@heron.example")
	_, err := s.people.members.SignUp(ctx, account.Application{Contact: account.Contact{Kind: account.Mail, Value: "late@mail.example"}}, somewhere())
	wantClosed(t, err)

	soon(t, "two letters", func() (bool, bool) { return true, lettersWith(s, "all that is held of you is erased then") == 2 })
	past := time.Now().AddDate(0, 0, -32).UnixMilli()
	for _, statement := range []string{`UPDATE closing SET ends_ms = $1 + 2678400000, declared_ms = $1`, `UPDATE closing_told SET told_ms = $1`} {
		if _, err := s.databases.Parcels.Exec(ctx, statement, past); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.closeFor(ctx, members); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []person{mia, noah} {
		if at := must(s.people.destroyed(ctx, p.Account.Subject()))(t); at.IsZero() {
			t.Errorf("%s is there still", p.Account)
		}
	}
	if at := must(s.people.destroyed(ctx, team.Subject()))(t); at.IsZero() {
		t.Error("the business account is there still")
	}
	if last := must(s.people.closing.Last(ctx))(t); last.ID != d.ID || last.Done.IsZero() {
		t.Errorf("it isn't done: %+v", last)
	}
	if _, page := get(t, base+"/closing"); !strings.Contains(page, "This site was closed on") || strings.Contains(page, "This site will be closed") {
		t.Errorf("afterwards it says %s", page)
	}
	_, err = s.people.members.SignUp(ctx, account.Application{Contact: account.Contact{Kind: account.Mail, Value: "late@mail.example"}}, somewhere())
	wantClosed(t, err)
	if n := lettersWith(s, "all that is held of you is erased then"); n != 2 {
		t.Errorf("%d letters in all, want one for each", n)
	}
}

// A business account may have members of other regions: it goes when nobody is left in
// any, and it isn't over before it is gone.
func TestABusinessAccountGoesAfterItsMembersOfOtherRegions(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	at := func(name string) string { return "sqlite:" + filepath.Join(folder, name) }
	cfg, err := config.Load("", nil, map[string]any{
		"data": folder, "demo": true, "url": "http://127.0.0.1", "database.parcels": at("parcels.db"), "database.people.cn": at("cn.db"), "database.people.us": at("us.db"),
		"database.serves.cn": []string{"CN"}, "database.serves.us": []string{"*"},
		"keys.cn.store": at("keys.cn.db"), "keys.us.store": at("keys.us.db"), "keys.house.store": at("keys.house.db"),
		"policy.countries.cn": "CN", "policy.countries.us": "US",
		"transfers.countries.CN": map[string]any{"level": "lower", "assessed": "2026-01-05", "review": "2099-01-05"},
		"transfers.countries.US": map[string]any{"level": "safeguarded", "assessed": "2026-01-05", "review": "2099-01-05"},
		"transfers.grounds": []any{
			map[string]any{"from": "cn", "to": "US", "ground": "standard_contractual_clauses"}, map[string]any{"from": "us", "to": "CN", "ground": "consent"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := start(t, "", func(c *config.Config) { *c = cfg })
	ctx, cn, us := t.Context(), s.people.members.Stores()[0], s.people.members.Stores()[1]
	mia, lian := newMemberOf(t, s, "mia@mail.example", "DE"), newMemberOf(t, s, "lian@mail.example", "CN")
	team := must(s.people.members.Teams().New(ctx, mia.Session, "Heron Supplies"))(t)
	run := func(d *db.DB, statement string, args ...any) {
		t.Helper()
		if _, err := d.Exec(ctx, statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(s.databases.People["us"], `INSERT INTO membership (team_id, account_id, role, created_ms) VALUES ($1, $2, 'member', 0)`, string(team), string(lian.Account))
	must(s.people.closing.Declare(ctx, closing.Declaration{Kind: closing.Closure, Contact: "privacy@heron.example", Ends: time.Now().AddDate(0, 0, 31)}, 30*24*time.Hour))(t)
	turn := func(all ...*account.Store) {
		t.Helper()
		for _, r := range all {
			if err := s.closeFor(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
	}
	turn(cn, us)
	past := time.Now().AddDate(0, 0, -32).UnixMilli()
	run(s.databases.Parcels, `UPDATE closing SET ends_ms = $1 + 2678400000, declared_ms = $1`, past)
	run(s.databases.People["us"], `UPDATE closing_told SET told_ms = $1`, past)
	gone := func(who inventory.Subject) bool { return !must(s.people.destroyed(ctx, who))(t).IsZero() }
	turn(us)
	if !gone(mia.Account.Subject()) || gone(team.Subject()) {
		t.Errorf("she is erased: %v; the business account that somebody of another region is still in: %v", gone(mia.Account.Subject()), gone(team.Subject()))
	}
	run(s.databases.People["cn"], `UPDATE closing_told SET told_ms = $1`, past)
	turn(cn)
	if last := must(s.people.closing.Last(ctx))(t); !gone(lian.Account.Subject()) || !last.Done.IsZero() {
		t.Errorf("she is erased: %v; it is done before the business account is gone: %v", gone(lian.Account.Subject()), last.Done)
	}
	turn(us)
	if last := must(s.people.closing.Last(ctx))(t); !gone(team.Subject()) || last.Done.IsZero() {
		t.Errorf("the business account is erased: %v; it is done: %v", gone(team.Subject()), last.Done)
	}
}

// Whoever can't be told or erased keeps nobody else from it.
func TestTheEndGoesOnAfterAFailure(t *testing.T) {
	t.Parallel()
	s, _ := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	mia, noah := newMember(t, s, "mia@mail.example"), newMember(t, s, "noah@mail.example")
	broken, had := errors.New("broken"), map[account.ID]bool{}
	err := everybody(t.Context(), s.people.members.Stores()[0], func(id account.ID) error {
		had[id] = true
		return broken
	})
	if !errors.Is(err, broken) || !had[mia.Account] || !had[noah.Account] {
		t.Errorf("%v had their turn: %v", had, err)
	}
}

// An operator sees what would be declared and to how many, declares it, sees who was
// told, and takes it back; each of that is in the staff's log.
func TestAnOperatorDeclaresTheEnd(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) { c.URL = "http://localhost" })
	deliver(t, s)
	newMember(t, s, "mia@mail.example")
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	ctx := browser(t)
	as(t, ctx, base, "waypost_staff", string(g.clerk(account.Operator)))
	goes(t, ctx, base+"/staff")
	sends(t, ctx, `document.querySelector("a[href*='staff/closing']").click()`)
	says(t, ctx, "Nothing is declared: the business goes on.")
	sends(t, ctx, `const f = document.querySelector("main form"); f.kind.value = "transfer"; f.contact.value = "privacy@heron.example"; f.querySelector("[value=draft]").click()`)
	says(t, ctx, "Say to whom it is handed over")
	sends(t, ctx, `const f = document.querySelector("main form"); f.to.value = "Heron Parcels"; f.changes.value = "Another company runs the site."; f.querySelector("[value=draft]").click()`)
	says(t, ctx, "This would be declared.", "Heron Parcels", "Another company runs the site.", "Everybody who doesn’t object", "Members1")
	sends(t, ctx, `document.querySelector("[value=declare]").click()`)
	says(t, ctx, "Nothing was declared")
	if _, err := s.people.closing.Current(t.Context()); err == nil {
		t.Error("it was declared without being confirmed")
	}
	sends(t, ctx, `document.getElementById("sure").click(); document.querySelector("[value=declare]").click()`)
	says(t, ctx, "It is declared.", "Told of it0")
	if err := s.closeFor(t.Context(), s.people.members.Stores()[0]); err != nil {
		t.Fatal(err)
	}
	mailed(t, s, `Heron Parcels · privacy@heron\.example`)
	goes(t, ctx, base+"/staff/closing")
	says(t, ctx, "Told of it1", "Object0")
	sends(t, ctx, `document.querySelector("[value=back]").click()`)
	says(t, ctx, "Nothing is declared: the business goes on.", "Taken back")
	goes(t, ctx, base+"/staff/log")
	says(t, ctx, "declared that the business ends or is handed over", "took back that the business ends or is handed over")
}

func wantClosed(t *testing.T, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), "joining_closed") {
		t.Errorf("somebody can sign up: %v", err)
	}
}

// Who objects isn't handed over, a hand-over that was taken back is told to whoever
// was told of it, and nobody is erased who wasn't told in time.
func TestTheBusinessIsHandedOver(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	deliver(t, s)
	ctx, members := t.Context(), s.people.members.Stores()[0]
	mia, noah := newMember(t, s, "mia@mail.example"), newMember(t, s, "noah@mail.example")
	declare := func(consent bool) {
		t.Helper()
		must(s.people.closing.Declare(ctx, closing.Declaration{
			Kind: closing.Transfer, To: "Heron Parcels", Contact: "privacy@heron.example", Changes: "Another company runs the site.", Consent: consent, Ends: time.Now().AddDate(0, 0, 31),
		}, 30*24*time.Hour))(t)
		if err := s.closeFor(ctx, members); err != nil {
			t.Fatal(err)
		}
	}
	declare(false)
	mailed(t, s, `Heron Parcels · privacy@heron\.example`)
	must(s.people.closing.Cancel(ctx))(t)
	if err := s.closeFor(ctx, members); err != nil {
		t.Fatal(err)
	}
	mailed(t, s, `They don’t: everything goes on as before`)

	declare(true)
	mailed(t, s, `goes over only if you agree\. If you say nothing until the day, it is erased`)
	visit := visits(t, base, &noah)
	if page := visit("POST", "/closing", map[string][]string{"choice": {"agrees"}}); !strings.Contains(page, "You agree.") {
		t.Errorf("the choice answers %s", page)
	}
	late := time.Now().AddDate(0, 0, -32).UnixMilli()
	if _, err := s.databases.Parcels.Exec(ctx, `UPDATE closing SET ends_ms = $1, declared_ms = $2 WHERE cancelled_ms = 0`, time.Now().UnixMilli(), late); err != nil {
		t.Fatal(err)
	}
	if page := visit("GET", "/closing", nil); strings.Contains(page, `name="choice"`) {
		t.Error("it is asked on the day what can't be answered any more")
	}
	gone := func(p person) bool { return !must(s.people.destroyed(ctx, p.Account.Subject()))(t).IsZero() }
	if err := s.closeFor(ctx, members); err != nil {
		t.Fatal(err)
	}
	if gone(mia) {
		t.Error("she is erased, and was told just now")
	}
	if _, err := s.databases.Parcels.Exec(ctx, `UPDATE closing_told SET told_ms = $1`, late); err != nil {
		t.Fatal(err)
	}
	if err := s.closeFor(ctx, members); err != nil {
		t.Fatal(err)
	}
	if !gone(mia) || gone(noah) {
		t.Errorf("who didn't agree is erased: %v; who agreed: %v", gone(mia), gone(noah))
	}
	if _, err := s.people.closing.Current(ctx); err == nil {
		t.Error("it isn't over")
	}
}
