package staff_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/hold"
	"waypost/internal/incident"
	"waypost/internal/request"
)

// Who has left the staff is said to have left where something of theirs is shown, and
// isn't taken for the program.
func TestWhoLeftIsNotTheProgram(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, id := t.Context(), w.member("mia@mail.example")
		pia := w.answerer()
		link := must(w.members.Staff().Invite(ctx, account.Console(), account.Contact{Kind: account.Mail, Value: "bo@staff.example"}, []account.Duty{account.Security}))(t)
		bo := account.Clerk{ID: link.Staff, Name: "Bo", Duties: []account.Duty{account.Security}}
		kept := must(w.holds.Set(ctx, string(bo.ID), hold.Hold{Of: id.Subject(), Ground: hold.Claim, Ref: "C-1", Reason: "A dispute.", Review: time.Now().Add(24 * time.Hour)}))(t)
		happened := must(w.incidents.Declare(ctx, bo, incident.Low, incident.Facts{Title: "A backup was lost", Happened: "A disk is missing."}, incident.Times{Noticed: time.Now().Add(-time.Hour)}))(t)
		if err := w.members.Staff().Remove(ctx, account.Console(), bo.ID); err != nil {
			t.Fatal(err)
		}
		gone := "somebody who has left (" + string(bo.ID) + ")"
		pia.get("/staff/holds/"+string(kept)).is(http.StatusOK, gone)
		if p := pia.get("/staff/incidents/"+string(happened)).is(http.StatusOK, gone); strings.Contains(p.body, "the program, or somebody") {
			t.Errorf("the incident's page names the program: %s", p.body)
		}
	})
}

func TestADayThatCannotBeReadIsSaid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, pia := w.member("mia@mail.example"), w.answerer()
		form := []string{"of", string(id), "ground", "claim", "record", "C-1", "reason", "A dispute.", "matter", "request", "ref", "R-1", "review"}
		pia.post("/staff/holds", append(form, "next week")...).is(http.StatusBadRequest, "write the day like 2026-03-02")
		pia.post("/staff/holds", append(form, "")...).is(http.StatusBadRequest, "a day on which it is looked at again")
		// A gag whose end can't be read would be none, and the person be told.
		pia.post("/staff/lawful", "region", "eu", "kind", "court_order", "country", "DE", "authority", "Court", "reference", "7 Gs 1/26", "basis", "Section 94", "contact", "court@court.example",
			"whom", "mia", "asks", "All.", "received", time.Now().UTC().Format(time.DateOnly), "gag", "31.12.2026", "gag_basis", "Section 101").
			is(http.StatusBadRequest, "write the day like 2026-03-02")
		if all, _, err := w.lawful.List(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("%d requests were entered, %v", len(all), err)
		}
	})
}

// With a region away the staff go on with what is in the others, and are told which
// is missing.
func TestTheStaffGoOnWithARegionAway(t *testing.T) {
	address, proxy := dbtest.Through(t, dbtest.Postgres(t))
	open := func(name string) *db.DB {
		d := must(db.Open(t.Context(), name, db.Options{Connections: 4, Wait: true, Log: slog.New(slog.DiscardHandler)}))(t)
		t.Cleanup(func() { d.Close() }) //nolint:errcheck // its connections were cut
		return d
	}
	// The staff are in the first region, the one that will be away comes before the member's.
	w := newWorldOf(t, map[string]*db.DB{"br": dbtest.Open(t, dbtest.Postgres(t)), "cn": open(address), "eu": dbtest.Open(t, dbtest.Postgres(t))})
	id, pia := w.member("mia@mail.example"), w.answerer()
	n := must(w.asked.Raise(t.Context(), id, request.Wish{Kind: request.Object, Lang: "en", Text: "No."}))(t)
	proxy.Cut()
	for _, at := range []string{"/staff", "/staff/requests", "/staff/holds", "/staff/recipients", "/staff/lawful"} {
		pia.get(at).is(http.StatusOK, "can’t be reached right now", "missing here: cn")
	}
	pia.get("/staff/requests").is(http.StatusOK, string(n))
	pia.post("/staff/requests/"+string(n), "act", "take").is(http.StatusOK, "It is in your hands now")
	pia.get("/staff/requests/R-00000000").is(http.StatusServiceUnavailable)
}
