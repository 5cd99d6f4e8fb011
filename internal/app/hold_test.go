package app

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
)

// unheld are tables of which a hold keeps nothing: whose a row is nobody can tell,
// or it is sealed with the key of its day, or it is the staff's in what goes as a whole.
var unheld = []string{"rate", "tally", "flow", "incident_hand"}

// rowsOf is how many rows each table of people's has.
func rowsOf(t *testing.T, s *server) map[string]int {
	t.Helper()
	all := map[string]int{}
	err := s.people.regions[0].DB.Read(t.Context(), func(tx *db.Tx) error {
		for _, r := range s.rooms() {
			for _, f := range r.Fields() {
				if f.Whose == inventory.Nobody {
					continue
				}
				n := 0
				if err := tx.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM `+f.Table).Scan(&n); err != nil {
					return err
				}
				all[f.Table] = n
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What is filled in ended in 1970, so a run would delete of it. While there is a hold
// no row of whoever is held goes, by the clock or because they want it, but of tables
// of which a hold keeps nothing; a dry run says beforehand what a run then deletes.
func TestWhoIsHeldLosesNothing(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	fill(t, s)
	ctx, store := t.Context(), s.people.members.Stores()[0]
	id := must(s.people.holds.Set(ctx, "", hold.Hold{Of: everyone, Ground: hold.Order, Ref: "A-1", Reason: "A court orders it.", Review: time.Now().Add(time.Hour)}))(t)
	_, err := s.people.regions[0].DB.Exec(ctx, `UPDATE account SET state = $1, state_ms = 1`, string(account.Leaving))
	if err != nil {
		t.Fatal(err)
	}
	before := rowsOf(t, s)
	must(s.purgeAll(ctx, false))(t)
	if err := s.eraseLeaving(ctx, store); err != nil {
		t.Fatal(err)
	}
	for table, n := range rowsOf(t, s) {
		if n != before[table] && !slices.Contains(unheld, table) {
			t.Errorf("%s had %d rows of who is held, and has %d: give its purge.Rule the Owner", table, before[table], n)
		}
	}
	if err := s.eraseWhole(ctx, everyone); fault.KindOf(err) != fault.Conflict {
		t.Errorf("erasing who is held answers %v", err)
	}
	child := account.Why{Matter: account.ForRequest, Ref: "R-1"}
	if err := s.people.members.Staff().EraseChild(ctx, account.Console(), account.ID(everyone), child); fault.KindOf(err) != fault.Conflict {
		t.Errorf("erasing a child's data that is held answers %v", err)
	}

	if err := s.people.holds.Lift(ctx, "", id, "The court lifted it."); err != nil {
		t.Fatal(err)
	}
	if _, err := s.people.regions[0].DB.Exec(ctx, `UPDATE team SET closed_ms = 0`); err != nil { // else it ends, and all that is everyone's with it
		t.Fatal(err)
	}
	before = rowsOf(t, s)
	tried := must(s.purgeAll(ctx, true))(t)
	for table, n := range rowsOf(t, s) {
		if n != before[table] {
			t.Errorf("a dry run deleted of %s", table)
		}
	}
	gone := 0
	for i, run := range must(s.purgeAll(ctx, false))(t) {
		if run.Room != tried[i].Room || run.Gone.Rows() != tried[i].Gone.Rows() {
			t.Errorf("%s was to delete %v and deleted %v", run.Room, tried[i].Gone, run.Gone)
		}
		gone += run.Gone.Rows()
	}
	if gone < 10 {
		t.Errorf("%d rows went after the hold", gone)
	}
	if err := s.eraseLeaving(ctx, store); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, s)["account"]; n != 0 {
		t.Error("the account isn't erased after the hold")
	}
}

// Holds are set and lifted, and what is over is deleted, beside a server that runs.
func TestHoldsAndRunsByCommand(t *testing.T) {
	s, _ := start(t, dbtest.SQLite(t), nil)
	beside(t, s)
	mia := newMember(t, s, "mia@mail.example")
	admin := func(want int, into any, args ...string) string {
		t.Helper()
		code, out, errs := run(t, "", append([]string{"admin"}, args...)...)
		if code != want {
			t.Fatalf("%v: exit %d, want %d: %s %s", args, code, want, out, errs)
		}
		if into != nil {
			if err := json.Unmarshal([]byte(out), into); err != nil {
				t.Fatalf("%v prints %s: %v", args, out, err)
			}
		}
		return out + errs
	}
	var set holdJSON
	review := time.Now().AddDate(0, 1, 0).Format(time.DateOnly)
	admin(exitOK, &set, "hold", "set", string(mia.Account), "--ground", "silent_order", "--ref", "A-1", "--reason", "A court orders it.", "--until", review, "--purpose", "request:R-1", "--json")
	if set.Account != string(mia.Account) || set.Told || set.Review.Format(time.DateOnly) != review {
		t.Errorf("set %+v", set)
	}
	looks := must(s.people.members.Stores()[0].Looks(t.Context(), mia.Account))(t)
	if len(looks) != 0 {
		t.Errorf("she reads of a hold that she mustn't know of: %+v", looks)
	}
	if out := admin(exitFailed, nil, "hold", "set", "default-nobody", "--ground", "claim", "--ref", "A-1", "--reason", "x", "--until", review, "--purpose", "request:R-1"); !strings.Contains(out, "no such account") {
		t.Errorf("nobody: %q", out)
	}
	if out := admin(exitFailed, nil, "hold", "review", set.ID, "--until", "soon", "--words", "x", "--purpose", "request:R-1"); !strings.Contains(out, "soon is no day") {
		t.Errorf("soon: %q", out)
	}
	var tried, went, last []expiredJSON
	admin(exitOK, &tried, "expire", "--dry-run", "--json")
	if len(must(s.purges.Last(t.Context()))(t)) != 0 {
		t.Error("a dry run is kept as if it had deleted something")
	}
	admin(exitOK, &went, "expire", "--json")
	admin(exitOK, &last, "expire", "--last", "--json")
	held := func(all []expiredJSON) bool {
		return slices.ContainsFunc(all, func(one expiredJSON) bool { return one.Room == "account" && one.Region == "default" && one.Held == 1 })
	}
	if !held(tried) || !held(went) || !held(last) || len(last) != len(went) {
		t.Errorf("a dry run says %+v, the run %+v, and its report %+v", tried, went, last)
	}
	if out := admin(exitOK, nil, "expire", "--dry-run"); !strings.Contains(out, "ROOM") || !strings.Contains(out, "People whose data has to stay: 1.") {
		t.Errorf("in words: %q", out)
	}
	admin(exitOK, nil, "hold", "lift", set.ID, "--words", "The court lifted it.", "--purpose", "request:R-2")
	var shown struct {
		Hold    holdJSON        `json:"hold"`
		History []holdEntryJSON `json:"history"`
	}
	admin(exitOK, &shown, "hold", "show", set.ID, "--json")
	if shown.Hold.Lifted == nil || len(shown.History) != 2 || shown.History[1].Words != "The court lifted it." {
		t.Errorf("shown %+v", shown)
	}
}

// bounded are the rules by which a row goes when its time is over, whatever its
// owner does.
var bounded = []inventory.Rule{inventory.AfterMade, inventory.AfterUsed, inventory.UntilAnswer, inventory.UntilShown, inventory.UntilSwept, inventory.WhileUsed}

// What the policy's page and the copy say of how long something is kept is what the
// job does: no row outlives its declaration, of whichever room.
func TestNothingOutlivesItsDeclaration(t *testing.T) {
	t.Parallel()
	s, _ := start(t, dbtest.SQLite(t), nil)
	fill(t, s) // all of it at the first millisecond of 1970
	// A notice stays until the erasure that it waits for is done.
	if _, err := s.people.regions[0].DB.Exec(t.Context(), `UPDATE erasure_notice SET subject = '', region = $1`, s.people.regions[0].Name); err != nil {
		t.Fatal(err)
	}
	type kept struct {
		table string
		until time.Time
	}
	var all []kept
	for _, r := range s.rooms() {
		for _, f := range r.Fields() {
			if slices.Contains(bounded, f.Retention.Rule) && f.Whose != inventory.Nobody {
				all = append(all, kept{f.Table, time.UnixMilli(1).Add(f.Retention.For + f.Retention.Most)})
			}
		}
	}
	slices.SortFunc(all, func(a, b kept) int { return a.until.Compare(b.until) })
	seen := map[string]bool{}
	for _, k := range all {
		if seen[k.table] {
			continue
		}
		seen[k.table] = true
		for _, r := range s.rooms() {
			if _, err := r.Expire(t.Context(), inventory.Purge{Now: k.until}); err != nil && r.name != "incident" { // whose figures the installation's key seals, which fill hasn't
				t.Fatal(err)
			}
		}
		if n := rowsOf(t, s)[k.table]; n != 0 {
			t.Errorf("%s still has %d rows when its declared time is over", k.table, n)
		}
	}
	if len(seen) < 12 {
		t.Errorf("only of %v a time ends by the clock", seen)
	}
}
