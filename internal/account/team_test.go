package account_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/inventory"
)

// person is somebody of a name, who lives in a country.
func (w *world) person(name, country string) account.Session {
	w.t.Helper()
	a := application()
	a.Nickname, a.Contact.Value, a.Country, a.Password = name, strings.ToLower(name)+"@mail.example", country, ""
	from := home
	from.Address, from.Browser = network(len(name)+int(name[0])), name
	return w.join(a, from)
}

// hire has somebody belong to a business account.
func (w *world) hire(owner account.Session, id account.TeamID, who account.Session, role account.Role) {
	w.t.Helper()
	to := must(w.of(who.Account).Profile(w.t.Context(), who.Account))(w.t).Main()
	if err := w.Teams().Invite(w.t.Context(), owner, id, to, role, home); err != nil {
		w.t.Fatal(err)
	}
	must(w.Teams().Accept(w.t.Context(), who, w.letter(account.LetterInvitation).Token))(w.t)
}

func (w *world) roleOf(d account.Session, id account.TeamID) account.Role {
	w.t.Helper()
	team, err := w.Teams().Get(w.t.Context(), d, id)
	if err != nil {
		return ""
	}
	return team.Role
}

func TestABusinessAccountOfTwoRegions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, account.Options{Home: func(country string) string {
			return map[string]string{"US": "us"}[country] + map[string]string{"DE": "eu"}[country]
		}},
			"eu", d, "us", sqlite(t))
		mia, noah := w.person("Mia", "DE"), w.person("Noah", "US")
		id := must(w.Teams().New(t.Context(), mia, " Heron Supplies "))(t)
		if id.Region() != "eu" {
			t.Errorf("it lives in %q, want its founder's region", id.Region())
		}
		if err := w.Teams().Invite(t.Context(), mia, id, account.Contact{Kind: account.Mail, Value: "NOAH@mail.example"}, account.RoleViewer, home); err != nil {
			t.Fatal(err)
		}
		l := w.letter(account.LetterInvitation)
		if l.Detail != "Heron Supplies" || l.Nickname != "Mia" || l.Role != account.RoleViewer || l.To.Value != "NOAH@mail.example" || !l.Ends.Equal(start.Add(7*day)) {
			t.Errorf("the invitation is %+v", l)
		}
		if got := must(w.Teams().Accept(t.Context(), noah, l.Token))(t); got != id {
			t.Errorf("accepted %s, want %s", got, id)
		}
		_, err := w.Teams().Accept(t.Context(), noah, l.Token)
		wantFault(t, err, "invitation_over")

		mates := must(w.Teams().Mates(t.Context(), mia, id))(t)
		if len(mates) != 2 || mates[0].Nickname != "Mia" || mates[1].Nickname != "Noah" || mates[1].Contact != "n…@mail.example" {
			t.Errorf("people: %+v", mates)
		}
		if seen := must(w.Teams().Mates(t.Context(), noah, id))(t); seen[0].Contact != "" {
			t.Error("a viewer sees addresses")
		}
		if all := must(w.Teams().Of(t.Context(), noah.Account))(t); len(all) != 1 || all[0].Name != "Heron Supplies" || all[0].Role != account.RoleViewer {
			t.Errorf("his business accounts: %+v", all)
		}
		if err := w.Erase(t.Context(), noah.Account); err != nil {
			t.Fatal(err)
		}
		if mates := must(w.Teams().Mates(t.Context(), mia, id))(t); len(mates) != 1 {
			t.Errorf("after he was erased: %+v", mates)
		}
	})
}

func TestInvitations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah, ada := w.person("Mia", "DE"), w.person("Noah", "DE"), w.person("Ada", "DE")
		teams := w.Teams()
		id := must(teams.New(t.Context(), mia, "Heron Supplies"))(t)
		noahs := account.Contact{Kind: account.Mail, Value: "noah@mail.example"}
		invite := func(d account.Session, c account.Contact, role account.Role) error {
			return teams.Invite(t.Context(), d, id, c, role, home)
		}
		wantFault(t, invite(noah, noahs, account.RoleViewer), "team_missing")
		wantFault(t, invite(mia, noahs, account.RoleOwner), "role")
		wantFault(t, invite(mia, noahs, "boss"), "role")
		wantFault(t, invite(mia, account.Contact{Kind: account.Phone, Value: "+493012345"}, account.RoleViewer), "mail_address")
		if err := invite(mia, noahs, account.RoleMember); err != nil {
			t.Fatal(err)
		}
		first := w.letter(account.LetterInvitation).Token

		_, err := teams.Accept(t.Context(), ada, first)
		wantFault(t, err, "invitation_other")
		open := must(teams.Invitations(t.Context(), mia, id))(t)
		if len(open) != 1 {
			t.Fatalf("open: %+v", open)
		}
		if err := teams.Again(t.Context(), mia, id, open[0].ID, home); err != nil {
			t.Fatal(err)
		}
		second := w.letter(account.LetterInvitation).Token
		_, err = teams.Invitation(t.Context(), first)
		wantFault(t, err, "invitation_over")
		if err := invite(mia, noahs, account.RoleViewer); err != nil {
			t.Fatal(err)
		}
		wantFault(t, invite(mia, noahs, account.RoleViewer), "too_often")

		third := w.letter(account.LetterInvitation).Token
		_, err = teams.Invitation(t.Context(), second)
		wantFault(t, err, "invitation_over")
		if err := teams.Decline(t.Context(), third); err != nil {
			t.Fatal(err)
		}
		_, err = teams.Accept(t.Context(), noah, third)
		wantFault(t, err, "invitation_over")

		w.clock.pass(day)
		mia = w.again(mia)
		if err := invite(mia, noahs, account.RoleViewer); err != nil {
			t.Fatal(err)
		}
		old := w.letter(account.LetterInvitation).Token
		w.clock.pass(7 * day)
		_, err = teams.Accept(t.Context(), noah, old)
		wantFault(t, err, "invitation_over")
		open = must(teams.Invitations(t.Context(), mia, id))(t)
		if err := teams.TakeBack(t.Context(), mia, id, open[0].ID); err != nil {
			t.Fatal(err)
		}
		if n := rows(t, w.dbs[0], w.Stores()[0].Fields()); n["invitation"] != 0 {
			t.Errorf("%d invitations are kept, want none", n["invitation"])
		}
	})
}

// again is a session of the same person, fresh as of now.
func (w *world) again(d account.Session) account.Session {
	w.t.Helper()
	to := must(w.of(d.Account).Profile(w.t.Context(), d.Account))(w.t).Main()
	from := home
	from.Browser = "again " + to.Value
	flow := must(w.SendCode(w.t.Context(), to, from))(w.t)
	step := must(w.Enter(w.t.Context(), flow, w.letter(account.LetterSignIn).Code, from))(w.t)
	w.post.take() // of the new device
	return w.session(step)
}

func TestRolesRightsAndTheLastOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah, ada, eve := w.person("Mia", "DE"), w.person("Noah", "DE"), w.person("Ada", "DE"), w.person("Eve", "DE")
		teams, ctx := w.Teams(), t.Context()
		id := must(teams.New(ctx, mia, "Heron Supplies"))(t)
		w.hire(mia, id, noah, account.RoleAdmin)
		w.hire(noah, id, ada, account.RoleMember)

		wantFault(t, teams.Rename(ctx, ada, id, "Mine"), "team_right")
		wantFault(t, teams.Rename(ctx, eve, id, "Mine"), "team_missing")
		wantFault(t, teams.SetRole(ctx, noah, id, ada.Account, account.RoleAdmin), "team_right")
		wantFault(t, teams.SetRole(ctx, noah, id, mia.Account, account.RoleViewer), "team_right")
		wantFault(t, teams.Remove(ctx, noah, id, mia.Account), "team_right")
		wantFault(t, teams.SetRole(ctx, mia, id, eve.Account, account.RoleViewer), "mate_missing")
		wantFault(t, teams.SetRole(ctx, mia, id, mia.Account, account.RoleAdmin), "last_owner")
		wantFault(t, teams.Leave(ctx, mia, id), "last_owner")
		wantFault(t, teams.Remove(ctx, mia, id, mia.Account), "last_owner")
		wantFault(t, teams.Offer(ctx, noah, id, ada.Account, false), "team_right")
		wantFault(t, teams.Close(ctx, noah, id), "team_right")
		for _, role := range []account.Role{account.RoleBilling, account.RoleViewer, account.RoleMember} {
			if err := teams.SetRole(ctx, noah, id, ada.Account, role); err != nil || w.roleOf(ada, id) != role {
				t.Errorf("to %s: %v", role, err)
			}
		}

		w.clock.pass(hour)
		stale := must(w.Members.Session(ctx, w.tokenOf(mia)))(t)
		wantFault(t, teams.SetRole(ctx, stale, id, ada.Account, account.RoleAdmin), "prove_again")
		wantFault(t, teams.Offer(ctx, stale, id, noah.Account, false), "prove_again")
		wantFault(t, teams.Close(ctx, stale, id), "prove_again")

		mia, noah = w.again(mia), w.again(noah)
		if err := teams.Offer(ctx, mia, id, noah.Account, false); err != nil {
			t.Fatal(err)
		}
		wantFault(t, teams.Take(ctx, w.again(ada), id), "handover_over")
		if h := must(teams.Offered(ctx, noah, id))(t); h.From != mia.Account || h.To != noah.Account || h.Keep {
			t.Errorf("offered: %+v", h)
		}
		_, err := teams.Offered(ctx, ada, id)
		wantFault(t, err, "handover_over")
		if err := teams.Take(ctx, noah, id); err != nil {
			t.Fatal(err)
		}
		if w.roleOf(noah, id) != account.RoleOwner || w.roleOf(mia, id) != account.RoleAdmin {
			t.Errorf("after the handover: %s and %s", w.roleOf(noah, id), w.roleOf(mia, id))
		}
		if err := teams.Leave(ctx, mia, id); err != nil || w.roleOf(mia, id) != "" {
			t.Errorf("she left: %v, %q", err, w.roleOf(mia, id))
		}
		if err := teams.Offer(ctx, noah, id, ada.Account, true); err != nil {
			t.Fatal(err)
		}
		if err := teams.Refuse(ctx, ada, id); err != nil {
			t.Fatal(err)
		}
		wantFault(t, teams.Take(ctx, w.again(ada), id), "handover_over")
	})
}

// tokenOf signs somebody in once more and returns the token.
func (w *world) tokenOf(d account.Session) account.Token {
	w.t.Helper()
	to := must(w.of(d.Account).Profile(w.t.Context(), d.Account))(w.t).Main()
	flow := must(w.SendCode(w.t.Context(), to, cafe))(w.t)
	step := must(w.Enter(w.t.Context(), flow, w.letter(account.LetterSignIn).Code, cafe))(w.t)
	w.post.take()
	w.clock.pass(hour)
	return step.Session
}

func TestOfTwoOwnersWhoLeaveAtOnceOneStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah := w.person("Mia", "DE"), w.person("Noah", "DE")
		id := must(w.Teams().New(t.Context(), mia, "Heron Supplies"))(t)
		w.hire(mia, id, noah, account.RoleMember)
		if err := w.Teams().Offer(t.Context(), mia, id, noah.Account, true); err != nil {
			t.Fatal(err)
		}
		if err := w.Teams().Take(t.Context(), noah, id); err != nil {
			t.Fatal(err)
		}
		var left sync.WaitGroup
		errs := make([]error, 2)
		for i, d := range []account.Session{mia, noah} {
			left.Go(func() { errs[i] = w.Teams().Leave(t.Context(), d, id) })
		}
		left.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || code(errs[0])+code(errs[1]) != "last_owner" {
			t.Errorf("got %v, want one refusal", errs)
		}
	})
}

func TestAClosedBusinessAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah := w.person("Mia", "DE"), w.person("Noah", "DE")
		teams, ctx := w.Teams(), t.Context()
		id := must(teams.New(ctx, mia, "Heron Supplies"))(t)
		w.hire(mia, id, noah, account.RoleAdmin)
		if err := teams.Close(ctx, mia, id); err != nil {
			t.Fatal(err)
		}
		wantFault(t, teams.Rename(ctx, noah, id, "Ours"), "team_closed")
		wantFault(t, teams.Reopen(ctx, noah, id), "team_right")
		if team := must(teams.Get(ctx, mia, id))(t); !team.Ends.Equal(start.Add(30 * day)) {
			t.Errorf("it ends at %v", team.Ends)
		}
		if err := teams.Reopen(ctx, mia, id); err != nil {
			t.Fatal(err)
		}
		if err := teams.Rename(ctx, noah, id, "Ours"); err != nil {
			t.Errorf("opened again: %v", err)
		}
		if err := teams.Close(ctx, mia, id); err != nil {
			t.Fatal(err)
		}
		w.clock.pass(31 * day)
		must(w.Stores()[0].Expire(ctx, inventory.Purge{Now: w.clock.Now()}))(t)
		if n := rows(t, w.dbs[0], w.Stores()[0].Fields()); n["team"]+n["membership"] != 0 {
			t.Errorf("rows %v, want no business account", n)
		}
		if at := must(w.keys[0].Destroyed(ctx, id.Subject()))(t); at.IsZero() {
			t.Error("its key is still there")
		}
	})
}

func TestWhoIsErasedLeavesNoBusinessWithoutAnOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah, ada := w.person("Mia", "DE"), w.person("Noah", "DE"), w.person("Ada", "DE")
		teams, ctx := w.Teams(), t.Context()
		first, second := must(teams.New(ctx, mia, "First"))(t), must(teams.New(ctx, mia, "Second"))(t)
		w.hire(mia, first, noah, account.RoleAdmin)
		w.hire(mia, second, ada, account.RoleViewer)
		if err := w.Erase(ctx, mia.Account); err != nil {
			t.Fatal(err)
		}
		if got := w.roleOf(noah, first); got != account.RoleOwner {
			t.Errorf("the admin is %q, want owner", got)
		}
		if team := must(teams.Get(ctx, ada, second))(t); team.Closed.IsZero() {
			t.Error("one without an admin is open still")
		}
	})
}

func TestABusinessAccountIsExportedAndSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.person("Mia", "DE")
		id := must(w.Teams().New(t.Context(), mia, "Heron Supplies"))(t)
		if err := w.Teams().Invite(t.Context(), mia, id, account.Contact{Kind: account.Mail, Value: "noah@mail.example"}, account.RoleViewer, home); err != nil {
			t.Fatal(err)
		}
		token := w.letter(account.LetterInvitation).Token
		var out bytes.Buffer
		if err := w.Stores()[0].Export(t.Context(), id.Subject(), &out); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Heron Supplies", "noah@mail.example", "owner"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%q is missing in %s", want, out.String())
			}
		}
		stored := contents(t, w.dbs[0], w.Stores()[0].Fields())
		for _, secret := range []string{"Heron", "noah", string(token)} {
			if strings.Contains(stored, secret) {
				t.Errorf("%q is stored in the clear", secret)
			}
		}
	})
}

func TestAChildHasNoBusinessAccount(t *testing.T) {
	w := newWorld(t, account.Options{}, "eu", sqlite(t))
	a := application()
	a.Country, a.Age = "IN", account.Supervised
	_, err := w.Teams().New(t.Context(), w.join(a, home), "Heron Supplies")
	wantFault(t, err, "team_age")
}

// The documents' tables are the ones that the code obeys.
func TestTheDocumentsShowWhatRolesMay(t *testing.T) {
	checkTable(t, "team rights", rightsTable())
}

func rightsTable() string {
	var b strings.Builder
	b.WriteString("| right |")
	for _, role := range account.Roles {
		b.WriteString(" " + string(role) + " |")
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", len(account.Roles)+1) + "\n")
	for _, g := range account.Grants {
		b.WriteString("| " + string(g.Right) + " |")
		for _, role := range account.Roles {
			b.WriteString(map[bool]string{true: " yes |", false: " – |"}[slices.Contains(g.Roles, role)])
		}
		b.WriteString("\n")
	}
	return b.String()
}

// checkTable compares a part of docs/access.md with what it should be.
func checkTable(t *testing.T, name, want string) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "access.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<!-- "+name+" -->\n")
	if got, _, ok := strings.Cut(rest, "<!-- end -->"); !ok || strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("docs/access.md shows another table of %s; between its marks belongs:\n%s", name, want)
	}
}
