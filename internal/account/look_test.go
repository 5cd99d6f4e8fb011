package account_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/inventory"
)

func TestALookEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		member := w.join(application(), home)
		w.opened(account.ForRequest, "R-9")
		privacy, support := w.clerk(account.Privacy), w.clerk(account.Support)
		staff, ctx := w.Staff(), t.Context()
		request := account.Why{Matter: account.ForRequest, Ref: "R-9"}
		seen := must(staff.Find(ctx, privacy.Clerk, "mia@mail.example", request))(t)
		if !seen.Ends.Equal(w.clock.Now().Add(15*minute)) || seen.Why != request {
			t.Errorf("the look is %+v", seen)
		}
		w.clock.pass(14 * minute)
		if again := must(staff.Look(ctx, privacy.Clerk, seen.Look))(t); again.Nickname != "Mia" {
			t.Errorf("later the look shows %+v", again)
		}
		_, err := staff.Look(ctx, support.Clerk, seen.Look)
		wantFault(t, err, "staff_look_over") // it is another's
		w.clock.pass(minute)
		_, err = staff.Look(ctx, privacy.Clerk, seen.Look)
		wantFault(t, err, "staff_look_over")

		seen = must(staff.Find(ctx, privacy.Clerk, "mia@mail.example", request))(t)
		w.closed(account.ForRequest)
		_, err = staff.Look(ctx, privacy.Clerk, seen.Look)
		wantFault(t, err, "staff_look_over")
		if looks := must(w.of(member.Account).Looks(ctx, member.Account))(t); len(looks) != 2 {
			t.Errorf("%d looks are written down, want 2: going on with one is none", len(looks))
		}
		must(w.Stores()[0].Expire(ctx, inventory.Purge{Now: w.clock.Now().Add(15 * minute)}))(t)
		if n := rows(t, w.dbs[0], w.Stores()[0].Fields())["look"]; n != 0 {
			t.Errorf("%d looks are kept that are over", n)
		}
	})
}

// Who gets another duty while they look sees more, and that is written down.
func TestALookThatShowsMoreIsWrittenDown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		member := w.join(application(), home)
		w.opened(account.ForIncident, "I-1")
		ada := w.clerk(account.Privacy)
		staff, ctx := w.Staff(), t.Context()
		seen := must(staff.Find(ctx, ada.Clerk, "mia@mail.example", account.Why{Matter: account.ForIncident, Ref: "I-1"}))(t)
		if len(seen.Devices) != 0 {
			t.Errorf("privacy sees devices: %+v", seen.Devices)
		}
		if err := staff.SetDuties(ctx, account.Console(), ada.ID, []account.Duty{account.Privacy, account.Security}); err != nil {
			t.Fatal(err)
		}
		more := must(staff.Session(ctx, ada.token))(t)
		if seen = must(staff.Look(ctx, more, seen.Look))(t); len(seen.Devices) != 1 {
			t.Errorf("security sees %+v", seen)
		}
		looks := must(w.of(member.Account).Looks(ctx, member.Account))(t)
		i := slices.IndexFunc(looks, func(e account.Entry) bool { return e.Did == account.DidSeeMore })
		if i < 0 || looks[i].Duty != account.Security || !slices.Equal(looks[i].Shown, []account.Power{account.FindAccount, account.ReadMasked, account.ReadDevices}) {
			t.Errorf("written down: %+v", looks)
		}
	})
}

// Every column that a look shows is one that the room declares.
func TestWhatLooksShowIsDeclared(t *testing.T) {
	declared := map[string]bool{}
	for _, f := range (*account.Store)(nil).Fields() {
		declared[f.Table+"."+f.Column] = true
	}
	for _, s := range account.Showings {
		for _, f := range s.Fields {
			if !declared[f] {
				t.Errorf("%s shows %s, which isn't declared", s.Power, f)
			}
		}
	}
	for _, o := range account.Occasions {
		for _, p := range o.Powers {
			if !slices.ContainsFunc(account.Empowerments, func(e account.Empowerment) bool { return e.Power == p }) {
				t.Errorf("%s wants the power %s, which nobody has", o.Matter, p)
			}
		}
	}
}

func TestTicketsLookAsTheOperatorSays(t *testing.T) {
	w := newWorld(t, account.Options{Tickets: account.TicketPattern(`HD-[0-9]{4}`), Cases: account.Cases{}}, "eu", sqlite(t))
	w.join(application(), home)
	support := w.clerk(account.Support)
	for ref, want := range map[string]string{"HD-4711": "", "T-4711": "staff_ticket", "HD-47110": "staff_ticket", "HD-47 11": "staff_why"} {
		_, err := w.Staff().Find(t.Context(), support.Clerk, "mia@mail.example", account.Why{Matter: account.ForTicket, Ref: ref})
		if code(err) != want {
			t.Errorf("%s: %v, want %q", ref, err, want)
		}
	}
	_, err := w.Staff().Find(t.Context(), w.clerk(account.Security).Clerk, "mia@mail.example", account.Why{Matter: account.ForIncident, Ref: "I-1"})
	wantFault(t, err, "staff_why") // nothing here says which are open
}

var call = account.Why{Matter: account.ForCall, Ref: "T-12"}

func TestACallerShowsWhoTheyAreByACodeThatWasSent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		member := w.join(application(), home)
		support, other := w.clerk(account.Support), w.clerk(account.Security)
		staff, ctx := w.Staff(), t.Context()
		seen := must(staff.Find(ctx, support.Clerk, "mia@mail.example", call))(t)
		if seen.Account != "" || seen.Contacts != nil || seen.State != "" || len(seen.Shows) > 0 || seen.Can(support.Clerk, account.EndSessions) {
			t.Errorf("before the caller has shown who they are, one sees %+v", seen)
		}
		wantFault(t, staff.Lock(ctx, support.Clerk, member.Account, call), "caller_unknown")
		wantFault(t, staff.EnterCall(ctx, support.Clerk, seen.Look, "000000"), "caller_code")
		w.post.take()
		wantFault(t, staff.SendCall(ctx, other.Clerk, seen.Look), "staff_look_over")
		if err := staff.SendCall(ctx, support.Clerk, seen.Look); err != nil {
			t.Fatal(err)
		}
		first := w.letter(account.LetterCall)
		if first.To != mia || first.Language != "de" || len(first.Code) != 6 || !first.Ends.Equal(w.clock.Now().Add(10*minute)) {
			t.Errorf("the letter is %+v", first)
		}
		if err := staff.SendCall(ctx, support.Clerk, seen.Look); err != nil {
			t.Fatal(err)
		}
		second := w.letter(account.LetterCall)
		wantFault(t, staff.EnterCall(ctx, other.Clerk, seen.Look, second.Code), "staff_look_over")
		if stored := contents(t, w.dbs[0], w.Stores()[0].Fields()); strings.Contains(stored, second.Code) {
			t.Error("the code is stored in the clear")
		}
		if first.Code != second.Code {
			wantFault(t, staff.EnterCall(ctx, support.Clerk, seen.Look, first.Code), "caller_code")
		}
		w.clock.pass(9 * minute)
		if err := staff.EnterCall(ctx, support.Clerk, seen.Look, second.Code[:3]+" "+second.Code[3:]); err != nil {
			t.Fatal(err)
		}
		seen = must(staff.Look(ctx, support.Clerk, seen.Look))(t)
		if seen.Call.By != account.BySent || !seen.Ends.Equal(w.clock.Now().Add(15*minute)) || seen.Account != member.Account || !seen.Can(support.Clerk, account.EndSessions) {
			t.Errorf("then one sees %+v", seen)
		}
		if err := staff.Lock(ctx, support.Clerk, member.Account, call); err != nil {
			t.Fatal(err)
		}
		if err := staff.Unlock(ctx, support.Clerk, member.Account, call); err != nil {
			t.Errorf("unlocking for who showed who they are: %v", err)
		}
		w.clock.pass(15 * minute)
		_, err := staff.Look(ctx, support.Clerk, seen.Look)
		wantFault(t, err, "staff_look_over")
		wantFault(t, staff.EndSessions(ctx, support.Clerk, member.Account, call), "staff_look_over")

		var did []string
		for _, l := range must(w.of(member.Account).Looks(ctx, member.Account))(t) {
			did = append(did, string(l.Did)+" "+string(l.Duty)+" "+l.Why+" "+strings.Join(powers(l.Shown), ","))
		}
		for _, want := range []string{
			"found support call T-12 ", "caller_code support call T-12 ", "caller_wrong support call T-12 ",
			"caller_right support call T-12 find_account,read_masked", "locked support call T-12 ",
		} {
			if !slices.Contains(did, want) {
				t.Errorf("the member isn't told %q; told %q", want, did)
			}
		}
	})
}

func powers(all []account.Power) (texts []string) {
	for _, p := range all {
		texts = append(texts, string(p))
	}
	return texts
}

func TestACallerShowsWhoTheyAreByTheirAccountsPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		member := w.join(application(), home)
		support := w.clerk(account.Support)
		staff, ctx, s := w.Staff(), t.Context(), w.of(member.Account)
		if must(s.Called(ctx, member.Account))(t) {
			t.Error("somebody is on the phone who isn't")
		}
		_, err := s.CallCode(ctx, member.Account)
		wantFault(t, err, "call_missing")
		must(staff.Find(ctx, support.Clerk, "mia@mail.example", ticket))(t)
		_, err = s.CallCode(ctx, member.Account)
		wantFault(t, err, "call_missing") // that was no call
		seen := must(staff.Find(ctx, support.Clerk, "mia@mail.example", call))(t)
		if !must(s.Called(ctx, member.Account))(t) {
			t.Error("nobody is on the phone who is")
		}
		shown := must(s.CallCode(ctx, member.Account))(t)
		w.clock.pass(10 * minute)
		wantFault(t, staff.EnterCall(ctx, support.Clerk, seen.Look, shown.Code), "caller_code") // too late
		shown = must(s.CallCode(ctx, member.Account))(t)
		if err := staff.EnterCall(ctx, support.Clerk, seen.Look, shown.Code); err != nil {
			t.Fatal(err)
		}
		if seen = must(staff.Look(ctx, support.Clerk, seen.Look))(t); seen.Call.By != account.ByPage {
			t.Errorf("shown by %+v", seen.Call)
		}
		_, err = s.CallCode(ctx, member.Account)
		wantFault(t, err, "call_missing")
		wantFault(t, staff.EnterCall(ctx, support.Clerk, seen.Look, shown.Code), "staff_look_over")
	})
}

func TestACallersCodeCantBeGuessed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join(application(), home)
		support := w.clerk(account.Support)
		staff, ctx := w.Staff(), t.Context()
		begin := func() account.LookID {
			seen := must(staff.Find(ctx, support.Clerk, "mia@mail.example", call))(t)
			return seen.Look
		}
		id := begin()
		w.post.take()
		if err := staff.SendCall(ctx, support.Clerk, id); err != nil {
			t.Fatal(err)
		}
		right := w.letter(account.LetterCall).Code
		for range 4 {
			wantFault(t, staff.EnterCall(ctx, support.Clerk, id, "1"), "caller_code")
		}
		wantFault(t, staff.EnterCall(ctx, support.Clerk, id, "1"), "caller_over")
		wantFault(t, staff.EnterCall(ctx, support.Clerk, id, right), "caller_over")
		for range 2 {
			if err := staff.SendCall(ctx, support.Clerk, id); err != nil {
				t.Fatal(err)
			}
		}
		wantFault(t, staff.SendCall(ctx, support.Clerk, id), "caller_sends")
		for range 3 { // looks, of five tries each
			id = begin()
			for range 5 {
				last := staff.EnterCall(ctx, support.Clerk, id, "1")
				wantFault(t, last, "caller_code", "caller_over", "too_often")
			}
		}
		wantFault(t, staff.EnterCall(ctx, support.Clerk, begin(), "1"), "too_often")
		w.clock.pass(time.Hour)
		wantFault(t, staff.EnterCall(ctx, support.Clerk, begin(), "1"), "caller_code")
	})
}
