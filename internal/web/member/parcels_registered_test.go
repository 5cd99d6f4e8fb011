package member_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/inventory"
	"waypost/internal/status"
	"waypost/internal/watch"
)

// registers has an owner's program register numbers.
func (w *world) registers(owner inventory.Subject, all ...watch.Registering) *watch.Store {
	w.t.Helper()
	store, err := w.watches.Of(owner)
	if err != nil {
		w.t.Fatal(err)
	}
	made, err := store.Register(w.t.Context(), owner, all...)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range made {
		if m.Err != nil {
			w.t.Fatalf("register %s: %v", m.Number, m.Err)
		}
	}
	return store
}

// self is whose the browser is.
func (b *browser) self(w *world) inventory.Subject {
	b.t.Helper()
	s, err := w.members.Session(b.t.Context(), account.Token(b.cookies()["waypost_session"]))
	if err != nil {
		b.t.Fatal(err)
	}
	return s.Account.Subject()
}

func TestWhatProgramsRegisteredIsListed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/parcels").without("By programs")
		b.get("/parcels/programs").is(http.StatusOK).says("No program has registered a parcel yet").says(`href="/developer"`)

		owner := b.self(w)
		store := w.registers(owner,
			watch.Registering{Number: ups, Details: watch.Details{Tag: "<shop 1>", OrderNo: "4711"}}, watch.Registering{Number: postal})
		w.tell(ups, status.InTransitOther, time.Hour)
		b.get("/parcels").says("By programs").says("You keep no parcels yet").without(ups)
		p := b.get("/parcels/programs").says("2 parcels").says("In transit").says("Testhafen").says("UPS").says("<shop 1>").without("<shop 1>").says("4711").says("Tracked since").without("Stopped on")
		p.says(`href="/track?fc=ups&nums=` + ups + `"`)
		if strings.Index(p.body, postal) > strings.Index(p.body, ups) {
			t.Error("the newest registration isn't the first")
		}
		if _, err := store.Stop(t.Context(), owner, watch.Reference{Number: postal}); err != nil {
			t.Fatal(err)
		}
		b.get("/parcels/programs").says(ups).says(postal).says("by a program")
		b.get("/parcels/programs?show=tracked").says(ups).without(postal)
		b.get("/parcels/programs?show=stopped").says(postal).without(ups)
		if _, err := store.Unregister(t.Context(), owner, watch.Reference{Number: postal}); err != nil {
			t.Fatal(err)
		}
		b.get("/parcels/programs?show=stopped").says("No registration is like that")

		eve := w.join("contact", "eve@mail.example", "nickname", "Eve")
		eve.get("/parcels/programs").says("No program has registered").without(ups)
	})
}

func TestRegistrationsAreTurnedPageByPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		owner := b.self(w)
		for from := 0; from < watch.RegistrationPageMost+2; from += 21 {
			var some []watch.Registering
			for i := range 21 {
				some = append(some, watch.Registering{Number: "PARCEL" + strconv.Itoa(1000+from+i), Carrier: "dhl-express"})
			}
			w.registers(owner, some...)
		}
		first := b.get("/parcels/programs").says("42 parcels").says("PARCEL1041").says("PARCEL1002").without("PARCEL1001").without("First page")
		next := nextPage.FindStringSubmatch(first.body)
		if next == nil {
			t.Fatal("there is no second page")
		}
		b.get(next[1]).says("PARCEL1001").says("PARCEL1000").without("PARCEL1002").without("Next page").says("First page")
		for _, page := range []string{"0", "-1", "x", "99999999999"} {
			b.get("/parcels/programs?page=" + page).is(http.StatusOK).says("PARCEL1041")
		}
		b.get("/parcels/programs?page=7").is(http.StatusOK).says("First page").without("PARCEL")
	})
}

func TestABusinessSeesWhatItsProgramsRegistered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.join()
		team := mia.post("/teams", "name", "Heron Supplies").at
		viewer := w.joins(mia, team, "vera", "viewer")
		payer := w.joins(mia, team, "bill", "billing")
		at := team + "/parcels/programs"
		mia.get(at).says(`href="` + team + `/developer"`)
		viewer.get(at).says("No program has registered").without(team + "/developer")
		w.registers(account.TeamID(strings.TrimPrefix(team, "/teams/")).Subject(), watch.Registering{Number: ups})
		viewer.get(at).is(http.StatusOK).says("Registered by programs of Heron Supplies").says(ups)
		leavesNot(t, mia.get(at).says(ups), team+"/parcels")
		mia.get(team + "/parcels").says("By programs")
		payer.get(at).is(http.StatusForbidden).without(ups)
		mia.get("/parcels/programs").without(ups)
	})
}
