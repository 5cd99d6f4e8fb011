package member_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/account"
)

// joins has somebody new take an invitation to a business account.
func (w *world) joins(owner *browser, team, name, role string) *browser {
	w.t.Helper()
	b := w.join("contact", name+"@mail.example", "nickname", name)
	w.letters()
	owner.post(team+"/invitations", "contact", name+"@mail.example", "role", role).isAt(team + "?done=invited")
	b.post("/invited/" + string(w.letter(account.LetterInvitation).Token)).isAt(team + "?done=joined")
	return b
}

func TestABusinessKeepsParcels(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.join()
		team := mia.post("/teams", "name", "Heron Supplies").at
		noah := w.joins(mia, team, "noah", "member")
		home := team + "/parcels"
		mia.get("/parcels").says("Whose parcels").says("Heron Supplies")
		w.join("contact", "eve@mail.example", "nickname", "Eve").get("/parcels").without("Whose parcels")
		mia.get(team).says(`href="` + home + `"`)
		mia.get(home).is(http.StatusOK).says("Parcels of Heron Supplies").says("Whose parcels")

		p := mia.post(home, "text", ups+" "+postal).says("2 parcels are saved.")
		ids := p.ids()
		for _, id := range ids {
			mia.get("/parcels/" + id).is(http.StatusNotFound)
		}
		p = noah.post(home+"/"+ids[0], "name", "Kettle", "tags", "kitchen").says("Saved.").says("Everybody in Heron Supplies")
		noah.undo(p).says("One parcel is as it was.")
		p = noah.sendForm(home+"/change", url.Values{"do": {"add_tag"}, "tag": {"urgent"}, "id": ids})
		p.says("2 parcels")
		mia.get(home + "?tag=urgent").says(ups).says(postal)
		mia.post(home+"/views", "name", "At work", "back", "tag=urgent").says("The view is saved.")
		noah.get(home).says("At work")
		p = noah.upload(home+"/import", "list.csv", []byte("number,name\n"+ups2+",Tea\n"))
		noah.post(p.at, "do", "import", "revision", "1").says("One parcel is saved.")
		mia.get(home + "/export?format=csv").is(http.StatusOK).says(ups2).says("Tea")
		for _, at := range []string{home, home + "/" + ids[0], home + "/import", home + "?q=Tea", home + "?shelf=archived"} {
			leavesNot(t, mia.get(at).is(http.StatusOK), home)
		}
		noah.get("/parcels").says("You keep no parcels yet").without(ups)

		mia.post(team + "/close").isAt(team + "?done=closed")
		noah.get(home).is(http.StatusBadRequest).says("is closed")
		noah.get("/parcels").without(home)
	})
}

// Who may change a business account's parcels may give what their carriers
// demand; who only sees them isn't asked.
func TestABusinessGivesWhatCarriersDemand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.join()
		team := mia.post("/teams", "name", "Heron Supplies").at
		noah := w.joins(mia, team, "noah", "viewer")
		home := team + "/parcels"
		p := mia.post(home, "text", "number,carrier\n0123456789,gls").is(http.StatusOK).says("Use what was entered")
		leavesNot(t, p, home)
		p = mia.post(p.at, "do", "import", "revision", "1").says("One parcel is saved.")
		one := home + "/" + p.ids()[0]
		noah.get(one).says("GLS answers only with more than the number").without("Postal code")
		noah.post(one, "do", "give", "by", "gls", "postal_code", "10117").is(http.StatusForbidden)
		mia.post(one, "do", "give", "by", "gls", "postal_code", "10117").says("It is asked with what you entered.")
		noah.get(one).says("Asking GLS").without("10117")
	})
}

// leavesNot fails the test when a form of a shelf's page acts on another shelf.
func leavesNot(t *testing.T, p page, home string) {
	t.Helper()
	_, main, _ := strings.Cut(p.body, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	if strings.Contains(main, `action="/parcels`) {
		t.Errorf("a form of %s acts on the member's own parcels", p.at)
	}
	if !strings.Contains(main, home) {
		t.Errorf("%s leads nowhere in %s", p.at, home)
	}
}

func TestRolesOfABusinessAndItsParcels(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia := w.join()
		team := mia.post("/teams", "name", "Heron Supplies").at
		home := team + "/parcels"
		id := mia.post(home, "text", ups).ids()[0]
		mine := mia.post("/parcels", "text", postal).ids()[0]
		mia.get(home + "/" + mine).is(http.StatusNotFound)

		viewer := w.joins(mia, team, "vera", "viewer")
		for _, at := range []string{home, home + "/" + id} {
			p := viewer.get(at).is(http.StatusOK).says(ups).without(`type="checkbox"`)
			for _, act := range []string{`name="do"`, `name="note"`, `/import"`, `/views"`} {
				p.without(act)
			}
		}
		viewer.get(home + "/export?format=csv").is(http.StatusOK).says(ups)
		for _, at := range []string{home, home + "/change", home + "/undo", home + "/views", home + "/views/delete", home + "/import", home + "/" + id} {
			viewer.post(at, "text", ups2, "do", "delete", "id", id).is(http.StatusForbidden).says("Your role doesn’t allow that")
		}
		viewer.get(home + "/import").is(http.StatusForbidden)
		viewer.get(team).says(`href="` + home + `"`)

		payer := w.joins(mia, team, "bill", "billing")
		payer.get(team).without(home)
		payer.get("/parcels").without(home)
		eve := w.join("contact", "eve@mail.example", "nickname", "Eve")
		for _, at := range []string{home, home + "/" + id, home + "/export?format=csv", home + "/live"} {
			payer.get(at).is(http.StatusForbidden).without(ups)
			eve.get(at).is(http.StatusNotFound).without(ups)
		}
		mia.get(home).says(ups)
	})
}
