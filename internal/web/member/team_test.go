package member_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/dbtest"
)

func TestABusinessAccountFromInvitationToHandover(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		mia, noah, eve := w.join(), w.browser(), w.join("contact", "eve@mail.example", "nickname", "Eve")
		mia.get("/teams").is(http.StatusOK).says("You don’t belong to any yet")
		mia.post("/teams", "name", " ").is(http.StatusBadRequest).says("1 to 100 characters")
		team := mia.post("/teams", "name", "Heron Supplies").is(http.StatusOK).says("Heron Supplies").says("You are an owner").at

		mia.post(team+"/invitations", "contact", "noah", "role", "viewer").is(http.StatusBadRequest).says("That is no e-mail address")
		mia.post(team+"/invitations", "contact", "noah@mail.example", "role", "viewer").isAt(team + "?done=invited").says("noah@mail.example")
		link := "/invited/" + string(w.letter(account.LetterInvitation).Token)
		noah.get(link).is(http.StatusOK).says("Mia invites you").says("sign in or sign up")
		eve.post(link).is(http.StatusForbidden).says("n…@mail.example")

		noah.post("/signup", application("contact", "noah@mail.example", "nickname", "Noah", "next", link)...).is(http.StatusOK)
		noah.post("/signup/code", "code", w.letter(account.LetterSignUp).Code, "next", link).isAt(link).says("Accept")
		noah.post(link).isAt(team + "?done=joined").says("You are a viewer").says("Mia")
		noah.get(link).is(http.StatusNotFound).says("can’t be used any more")

		eve.get(team).is(http.StatusNotFound)
		eve.post(team, "name", "Mine").is(http.StatusNotFound)
		noah.post(team, "name", "Mine").is(http.StatusForbidden).says("Your role doesn’t allow that")
		noah.get(team + "/close").is(http.StatusForbidden)

		who := regexp.MustCompile(`name="who" value="([^"]+)"`).FindStringSubmatch(mia.get(team).body)[1]
		mia.post(team+"/people", "who", who, "role-"+who, "admin").isAt(team + "?done=people")
		mia.get(team + "/leave").says("Heron Supplies")
		mia.post(team + "/leave").is(http.StatusBadRequest).says("needs an owner")
		mia.post(team+"/handover", "to", who, "keep", "no").isAt(team + "?done=offered").says("Noah can take")
		noah.get(team).says("Mia offers you")
		noah.post(team+"/handover/answer", "take", "1").isAt(team + "?done=handover").says("You are an owner")
		mia.get(team).says("You are an admin")
		mia.post(team + "/leave").isAt("/teams")
		mia.get(team).is(http.StatusNotFound)

		noah.post(team + "/close").isAt(team + "?done=closed").says("It will be deleted on")
		noah.post(team + "/reopen").isAt(team + "?done=reopened").says("open again")
	})
}

func TestAnInvitationIsDeclinedWithoutSigningIn(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	mia := w.join()
	team := mia.post("/teams", "name", "Heron Supplies").at
	mia.post(team+"/invitations", "contact", "noah@mail.example", "role", "admin")
	link := "/invited/" + string(w.letter(account.LetterInvitation).Token)
	w.browser().post(link, "answer", "no").is(http.StatusOK).says("Declined")
	if body := mia.get(team).body; strings.Contains(body, "noah@mail.example") {
		t.Error("it is open still")
	}
}
