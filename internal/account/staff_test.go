package account_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"waypost/internal/account"
	"waypost/internal/hold"
	"waypost/internal/inventory"
)

var (
	office = account.From{Address: network(200), Browser: "", Agent: home.Agent, Language: "en"}
	ticket = account.Why{Matter: account.ForTicket, Ref: "T-4711"}
)

// A badge is somebody of the staff with their app.
type badge struct {
	account.Clerk
	token   account.Token
	secret  string
	contact account.Contact
}

const staffPassword = "eleven grey lighthouses"

// enter lets somebody of the staff in by their link.
func (w *world) enter(link account.Link, name string) badge {
	w.t.Helper()
	e := must(w.Staff().Entering(w.t.Context(), link.Token))(w.t)
	b := badge{secret: strings.ReplaceAll(e.App.Secret, " ", ""), contact: e.Contact}
	if b.contact.IsZero() {
		b.contact = account.Contact{Kind: account.Mail, Value: strings.ToLower(name) + "@staff.example"}
	}
	b.token = must(w.Staff().Enter(w.t.Context(), link.Token, account.Newcomer{
		Contact: b.contact.Value, Name: name, Password: staffPassword, Code: w.code(b),
	}, office))(w.t)
	b.Clerk = must(w.Staff().Session(w.t.Context(), b.token))(w.t)
	return b
}

// code is what an app shows now.
func (w *world) code(b badge) string {
	w.t.Helper()
	return must(totp.GenerateCode(b.secret, w.clock.Now()))(w.t)
}

// operator is the first of the staff.
func (w *world) operator() badge {
	w.t.Helper()
	return w.enter(must(w.Staff().First(w.t.Context(), false))(w.t), "Olga")
}

// clerk is somebody of the staff with one duty.
func (w *world) clerk(duty account.Duty) badge {
	w.t.Helper()
	c := account.Contact{Kind: account.Mail, Value: string(duty) + "@staff.example"}
	return w.enter(must(w.Staff().Invite(w.t.Context(), account.Console(), c, []account.Duty{duty}))(w.t), string(duty))
}

func TestTheFirstLink(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		staff, ctx := w.Staff(), t.Context()
		first := must(staff.First(ctx, false))(t)
		if first.Token == "" || !first.Ends.Equal(start.Add(day)) {
			t.Fatalf("the first link is %+v", first)
		}
		if again := must(staff.First(ctx, false))(t); again.Token != "" {
			t.Error("a second one is made while the first can be used")
		}
		anew := must(staff.First(ctx, true))(t)
		_, err := staff.Entering(ctx, first.Token)
		wantFault(t, err, "staff_link_over")
		w.clock.pass(25 * hour)
		_, err = staff.Entering(ctx, anew.Token)
		wantFault(t, err, "staff_link_over")
		late := must(staff.First(ctx, false))(t)
		olga := w.enter(late, "Olga")
		if olga.Name != "Olga" || !slices.Equal(olga.Duties, []account.Duty{account.Operator}) {
			t.Errorf("signed in as %+v", olga.Clerk)
		}
		_, err = staff.Entering(ctx, late.Token)
		wantFault(t, err, "staff_link_over")
		if more := must(staff.First(ctx, true))(t); more.Token != "" {
			t.Error("a first link is made although there is staff")
		}
	})
}

func TestEnteringNeedsAllOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		staff, ctx := w.Staff(), t.Context()
		link := must(staff.First(ctx, false))(t)
		e := must(staff.Entering(ctx, link.Token))(t)
		if again := must(staff.Entering(ctx, link.Token))(t); again.App.Secret != e.App.Secret || len(e.App.QR) == 0 || !strings.HasPrefix(e.App.URI, "otpauth://totp/") {
			t.Error("opened twice, the link sets another app up")
		}
		good := account.Newcomer{Contact: "olga@staff.example", Name: "Olga", Password: staffPassword}
		good.Code = w.code(badge{secret: strings.ReplaceAll(e.App.Secret, " ", "")})
		for _, tc := range []struct {
			name, fault string
			change      func(n *account.Newcomer)
		}{
			{"no name", "staff_name", func(n *account.Newcomer) { n.Name = " " }},
			{"no address", "mail_address", func(n *account.Newcomer) { n.Contact = "olga" }},
			{"a weak password", "password_short", func(n *account.Newcomer) { n.Password = "olga" }},
			{"no code", "staff_code", func(n *account.Newcomer) { n.Code = "" }},
		} {
			n := good
			tc.change(&n)
			_, err := staff.Enter(ctx, link.Token, n, office)
			if code(err) != tc.fault {
				t.Errorf("%s: %v, want %s", tc.name, err, tc.fault)
			}
		}
		must(staff.Enter(ctx, link.Token, good, office))(t)
		stored := contents(t, w.dbs[0], w.Stores()[0].Fields())
		for _, secret := range []string{"Olga", "olga@", strings.ReplaceAll(e.App.Secret, " ", ""), staffPassword} {
			if strings.Contains(stored, secret) {
				t.Errorf("%q is stored in the clear", secret)
			}
		}
	})
}

func TestStaffSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		staff, ctx := w.Staff(), t.Context()
		olga := w.operator()
		in := func(c account.Contact, password, code string) error {
			_, err := staff.SignIn(ctx, c, password, code, office)
			return err
		}
		wantFault(t, in(olga.contact, staffPassword, w.code(olga)), "staff_wrong") // used when she came in
		w.clock.pass(minute)
		now := w.code(olga)
		wantFault(t, in(olga.contact, "another one", now), "staff_wrong")
		wantFault(t, in(olga.contact, staffPassword, ""), "staff_wrong")
		wantFault(t, in(mia, staffPassword, now), "staff_wrong")
		before := w.Hashes()
		wantFault(t, in(mia, staffPassword, now), "staff_wrong")
		if n := w.Hashes() - before; n != 1 {
			t.Errorf("%d hashes for an unknown address, want 1", n)
		}
		if err := in(olga.contact, staffPassword, now); err != nil {
			t.Fatal(err)
		}
		wantFault(t, in(olga.contact, staffPassword, now), "staff_wrong")
		var last error
		for range 40 {
			last = in(olga.contact, "a guess", "000000")
		}
		wantFault(t, last, "too_often")
	})
}

func TestAStaffSessionEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		olga := w.operator()
		for range 25 {
			w.clock.pass(29 * minute)
			if _, err := w.Staff().Session(t.Context(), olga.token); err != nil && w.clock.Now().Sub(start) < 12*hour {
				t.Fatalf("over after %v: %v", w.clock.Now().Sub(start), err)
			}
		}
		_, err := w.Staff().Session(t.Context(), olga.token)
		wantFault(t, err, "staff_session_over")

		token := must(w.Staff().SignIn(t.Context(), olga.contact, staffPassword, w.code(olga), office))(t)
		w.clock.pass(31 * minute)
		_, err = w.Staff().Session(t.Context(), token)
		wantFault(t, err, "staff_session_over")

		token = must(w.Staff().SignIn(t.Context(), olga.contact, staffPassword, w.code(olga), office))(t)
		w.clock.pass(11 * minute)
		c := must(w.Staff().Session(t.Context(), token))(t)
		_, err = w.Staff().Invite(t.Context(), c, mia, []account.Duty{account.Support})
		wantFault(t, err, "prove_again")
		fresh := must(w.Staff().Prove(t.Context(), c, w.code(olga)))(t)
		_, err = w.Staff().Session(t.Context(), token)
		wantFault(t, err, "staff_session_over")
		if err := w.Staff().SignOut(t.Context(), fresh); err != nil {
			t.Fatal(err)
		}
		_, err = w.Staff().Session(t.Context(), fresh)
		wantFault(t, err, "staff_session_over")
	})
}

func TestALookShowsWhatADutyNeedsAndIsWrittenDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		member := w.join(application(), home)
		w.opened(account.ForRequest, "R-9")
		w.opened(account.ForIncident, "2026/7")
		support, privacy, security, olga := w.clerk(account.Support), w.clerk(account.Privacy), w.clerk(account.Security), w.clerk(account.Operator)
		staff, ctx := w.Staff(), t.Context()
		find := func(c account.Clerk, text string, why account.Why) (account.Seen, error) {
			return staff.Find(ctx, c, text, why)
		}

		seen := must(find(support.Clerk, "MIA@mail.example", ticket))(t)
		if seen.Account != member.Account || seen.Contacts[0].Shown != "m…@mail.example" || seen.Nickname+seen.Country != "" || seen.Devices != nil {
			t.Errorf("support sees %+v", seen)
		}
		if seen := must(find(privacy.Clerk, string(member.Account), account.Why{Matter: account.ForRequest, Ref: "R-9"}))(t); seen.Contacts[0].Shown != "mia@mail.example" || seen.Nickname != "Mia" || len(seen.Consents) != 1 {
			t.Errorf("privacy sees %+v", seen)
		}
		if seen := must(find(security.Clerk, "mia@mail.example", account.Why{Matter: account.ForIncident, Ref: "2026/7"}))(t); len(seen.Devices) != 1 || seen.Nickname != "" {
			t.Errorf("security sees %+v", seen)
		}
		_, err := find(olga.Clerk, "mia@mail.example", ticket)
		wantFault(t, err, "staff_power")
		for _, tc := range []struct {
			clerk  account.Clerk
			matter account.Matter
			ref    string
			fault  string
		}{
			{support.Clerk, "", "", "staff_why"},
			{support.Clerk, account.ForTicket, "", "staff_why"},
			{support.Clerk, "curiosity", "T-1", "staff_why"},
			{support.Clerk, account.ForTicket, "mia@mail.example", "staff_why"},
			{privacy.Clerk, account.ForLawful, "L-1", "staff_case"},
			{privacy.Clerk, account.ForRequest, "R-8", "staff_case"},
			{support.Clerk, account.ForRequest, "R-9", "staff_purpose"},
			{security.Clerk, account.ForRequest, "R-9", "staff_purpose"},
		} {
			_, err := find(tc.clerk, "mia@mail.example", account.Why{Matter: tc.matter, Ref: tc.ref})
			wantFault(t, err, tc.fault)
		}
		_, err = find(support.Clerk, "nobody@mail.example", ticket)
		wantFault(t, err, "account_missing")

		looks := must(w.of(member.Account).Looks(ctx, member.Account))(t)
		var told []string
		for _, l := range looks {
			told = append(told, fmt.Sprint(l.Duty, " ", l.Did, " ", l.Why, " ", l.Shown))
			if l.By != "" || l.Name != "" {
				t.Errorf("a member is told who: %+v", l)
			}
		}
		slices.Sort(told)
		if want := []string{
			"privacy found request R-9 [find_account read_masked read_contacts read_profile read_consents]", "security found incident 2026/7 [find_account read_masked read_devices]",
			"support found ticket T-4711 [find_account read_masked]",
		}; !slices.Equal(told, want) {
			t.Errorf("the member is told %q, want %q", told, want)
		}
		log := must(staff.Log(ctx, security.Clerk, w.clock.Now().Add(time.Second)))(t)
		if !slices.ContainsFunc(log, func(e account.Entry) bool { return e.Did == account.DidNotFind && e.Name == "support" && e.Of == "" }) {
			t.Errorf("the look that found nobody is not in the log: %+v", log)
		}
		for _, e := range must(staff.Log(ctx, support.Clerk, w.clock.Now().Add(time.Second)))(t) {
			if e.By != support.ID {
				t.Errorf("support reads another's entry: %+v", e)
			}
		}
	})
}

func TestWhatStaffDoToAnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		member := w.join(application(), home)
		support, privacy, security := w.clerk(account.Support), w.clerk(account.Privacy), w.clerk(account.Security)
		staff, ctx, id := w.Staff(), t.Context(), member.Account
		step := must(w.SignIn(ctx, mia, secret, home))(t)
		w.post.take()
		wantFault(t, staff.EndSessions(ctx, support.Clerk, id, ticket), "staff_look_over")
		for _, b := range []badge{support, privacy, security} {
			must(staff.Find(ctx, b.Clerk, string(id), ticket))(t)
		}
		if err := staff.EndSessions(ctx, support.Clerk, id, ticket); err != nil {
			t.Fatal(err)
		}
		_, err := w.Session(ctx, step.Session)
		wantFault(t, err, "session_over")

		wantFault(t, staff.Lock(ctx, privacy.Clerk, id, ticket), "staff_power")
		if err := staff.Lock(ctx, support.Clerk, id, ticket); err != nil {
			t.Fatal(err)
		}
		wantFault(t, staff.Lock(ctx, support.Clerk, id, ticket), "account_state")
		_, err = w.SignIn(ctx, mia, secret, home)
		wantFault(t, err, "account_locked")
		wantFault(t, staff.Unlock(ctx, support.Clerk, id, ticket), "staff_power")
		if err := staff.Unlock(ctx, security.Clerk, id, ticket); err != nil {
			t.Fatal(err)
		}
		must(w.SignIn(ctx, mia, secret, home))(t)

		wantFault(t, staff.EraseChild(ctx, security.Clerk, id, ticket), "staff_power")
		if err := staff.EraseChild(ctx, privacy.Clerk, id, ticket); err != nil {
			t.Fatal(err)
		}
		_, err = w.of(id).Profile(ctx, id)
		wantFault(t, err, "account_missing")
		if at := must(w.keys[0].Destroyed(ctx, id.Subject()))(t); at.IsZero() {
			t.Error("the key is still there")
		}
		wantFault(t, staff.EraseChild(ctx, privacy.Clerk, id, ticket), "account_missing")
	})
}

func TestManagingTheStaff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		staff, ctx := w.Staff(), t.Context()
		olga := w.operator()
		other := account.Contact{Kind: account.Mail, Value: "pavel@staff.example"}
		_, err := staff.Invite(ctx, olga.Clerk, other, nil)
		wantFault(t, err, "staff_duties")
		_, err = staff.Invite(ctx, olga.Clerk, other, []account.Duty{account.AtConsole})
		wantFault(t, err, "staff_duties")
		link := must(staff.Invite(ctx, olga.Clerk, other, []account.Duty{account.Support}))(t)
		_, err = staff.Invite(ctx, olga.Clerk, other, []account.Duty{account.Support})
		wantFault(t, err, "staff_there")
		pavel := w.enter(link, "Pavel")
		if pavel.contact != other {
			t.Errorf("he came in as %v", pavel.contact)
		}
		_, err = staff.List(ctx, pavel.Clerk)
		wantFault(t, err, "staff_power")
		wantFault(t, staff.SetDuties(ctx, pavel.Clerk, pavel.ID, []account.Duty{account.Operator}), "staff_power")
		wantFault(t, staff.SetDuties(ctx, olga.Clerk, olga.ID, []account.Duty{account.Operator, account.Privacy}), "staff_self")
		wantFault(t, staff.LockOut(ctx, account.Console(), olga.ID), "staff_last_operator")
		wantFault(t, staff.Remove(ctx, account.Console(), olga.ID), "staff_last_operator")

		if err := staff.LockOut(ctx, olga.Clerk, pavel.ID); err != nil {
			t.Fatal(err)
		}
		_, err = staff.Session(ctx, pavel.token)
		wantFault(t, err, "staff_session_over")
		w.clock.pass(minute)
		_, err = staff.SignIn(ctx, other, staffPassword, w.code(pavel), office)
		wantFault(t, err, "staff_wrong")
		if err := staff.LetIn(ctx, olga.Clerk, pavel.ID); err != nil {
			t.Fatal(err)
		}
		must(staff.SignIn(ctx, other, staffPassword, w.code(pavel), office))(t)

		link = must(staff.Relink(ctx, olga.Clerk, pavel.ID))(t)
		w.clock.pass(minute)
		_, err = staff.SignIn(ctx, other, staffPassword, w.code(pavel), office)
		wantFault(t, err, "staff_wrong")
		again := w.enter(link, "Pavel")
		if again.secret == pavel.secret {
			t.Error("the app is the same")
		}
		if err := staff.SetDuties(ctx, olga.Clerk, pavel.ID, []account.Duty{account.Privacy, account.Support}); err != nil {
			t.Fatal(err)
		}
		if c := must(staff.Named(ctx, olga.Clerk, "Pavel@staff.example"))(t); !slices.Equal(c.Duties, []account.Duty{account.Support, account.Privacy}) {
			t.Errorf("his duties: %v", c.Duties)
		}
		if err := staff.Remove(ctx, olga.Clerk, pavel.ID); err != nil {
			t.Fatal(err)
		}
		if all := must(staff.List(ctx, olga.Clerk))(t); len(all) != 1 {
			t.Errorf("the staff: %+v", all)
		}
		must(staff.Relink(ctx, account.Console(), olga.ID))(t) // who lost their device, and is the only one
	})
}

func TestTheDocumentsShowWhatDutiesMay(t *testing.T) {
	all := append(slices.Clone(account.Duties), account.AtConsole)
	var b strings.Builder
	b.WriteString("| power |")
	for _, d := range all {
		b.WriteString(" " + string(d) + " |")
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", len(all)+1) + "\n")
	for _, e := range account.Empowerments {
		b.WriteString("| " + string(e.Power) + " |")
		for _, d := range all {
			b.WriteString(map[bool]string{true: " yes |", false: " – |"}[slices.Contains(e.Duties, d)])
		}
		b.WriteString("\n")
	}
	checkTable(t, "staff powers", b.String())

	b.Reset()
	b.WriteString("| matter | for | may |\n| --- | --- | --- |\n")
	for _, o := range account.Occasions {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", o.Matter, joined(o.Duties), joined(o.Powers))
	}
	checkTable(t, "staff matters", b.String())

	b.Reset()
	b.WriteString("| power | shows |\n| --- | --- |\n")
	for _, s := range account.Showings {
		fmt.Fprintf(&b, "| %s | %s |\n", s.Power, joined(s.Fields))
	}
	checkTable(t, "staff showings", b.String())
}

func joined[T ~string](all []T) string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}

// Whom one of the staff looked at are members, not the staff that they are themselves
// nor what else their log names.
func TestWhomAClerkLookedAtAreMembers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d, privacy := w.join(application(), home), w.clerk(account.Privacy)
		w.opened(account.ForRequest, "R-1")
		must(w.Staff().Find(t.Context(), privacy.Clerk, string(d.Account), account.Why{Matter: account.ForRequest, Ref: "R-1"}))(t)
		must(w.dbs[0].Exec(t.Context(), `INSERT INTO access_log (id, staff_id, account_id, what, purpose, at_ms, role, shown) VALUES ('x', $1, $1, 'trained', '', 1, '', '')`, privacy.ID))(t)
		w.clock.pass(minute)
		who := must(w.of(d.Account).LookedAt(t.Context(), privacy.ID, time.Time{}, time.Time{}, "", 10))(t)
		if !slices.Equal(who, []inventory.Subject{d.Account.Subject()}) {
			t.Errorf("they looked at %v, want %s alone", who, d.Account)
		}
	})
}

// A hold that can't be written down isn't set.
func TestAHoldIsSetAndWrittenDownOrNeither(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		d, privacy := w.join(application(), home), w.clerk(account.Privacy)
		holds := must(hold.Open(t.Context(), hold.Region{Name: "eu", DB: w.dbs[0], Vault: w.keys[0]}))(t)
		set := func() error {
			return w.Staff().Hold(t.Context(), privacy.Clerk, d.Account.Subject(), account.DidHold, account.Why{Matter: account.ForRequest, Ref: "R-1"}, true,
				func(ctx context.Context, note account.Note) error {
					_, err := holds.Set(ctx, "", hold.Hold{
						Of: d.Account.Subject(), Ground: hold.Claim, Ref: "C-1", Reason: "A parcel that was lost.", Review: time.Now().Add(30 * day),
					}, note)
					return err
				})
		}
		must(w.dbs[0].Exec(t.Context(), `ALTER TABLE access_log RENAME TO access_log_away`))(t)
		if err := set(); err == nil {
			t.Error("it is set, though it can't be written down")
		}
		if must(holds.Held(t.Context(), d.Account.Subject()))(t) {
			t.Error("the data is held, and nothing says by whom")
		}
		must(w.dbs[0].Exec(t.Context(), `ALTER TABLE access_log_away RENAME TO access_log`))(t)
		if err := set(); err != nil || !must(holds.Held(t.Context(), d.Account.Subject()))(t) {
			t.Errorf("it isn't set: %v", err)
		}
		w.clock.pass(minute)
		if log := must(w.Staff().Log(t.Context(), privacy.Clerk, w.clock.Now()))(t); !slices.ContainsFunc(log, func(e account.Entry) bool { return e.Did == account.DidHold }) {
			t.Errorf("the log has %+v", log)
		}
	})
}
