package staff_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/dbtest"
	"waypost/internal/request"
)

// answerer is somebody of the staff who answers requests, signed in.
func (w *world) answerer() browser {
	w.t.Helper()
	link := must(w.members.Staff().Invite(w.t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "pia@staff.example"}, []account.Duty{account.Privacy}))(w.t)
	b := w.browser()
	b.enter("/staff/enter/"+string(link.Token), "Pia")
	return b
}

func TestAMembersRequestIsWorkedOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		n := must(w.asked.Raise(t.Context(), id, request.Wish{Kind: request.Copy, Lang: "zh", Text: "Everything, please."}))(t)
		pia, at := w.answerer(), "/staff/requests/"+string(n)
		pia.get("/staff").is(http.StatusOK, "1 open, 0 overdue")
		pia.get("/staff/requests?state=received&whose=nobody").is(http.StatusOK, string(n))
		pia.get("/staff/requests?whose=mine").is(http.StatusOK, "There are none")
		pia.get(at).is(http.StatusOK, "Everything, please.", "signed in to the account", "This look was written down.</p>")

		pia.post(at, "act", "take").is(http.StatusOK, "It is in your hands now", "Somebody took it → Pia")
		pia.get("/staff/requests?whose=mine").is(http.StatusOK, string(n))
		pia.post(at, "act", "ask", "text", "As paper or as a file?").is(http.StatusOK, "the clock stands", "As paper or as a file?")
		pia.post(at, "act", "ask", "text", "And?").is(http.StatusBadRequest, "isn’t in the state")
		pia.post(at, "act", "hear", "text", "A file. (By phone.)").is(http.StatusOK, "the clock runs", "They answered")
		pia.post(at, "act", "copy").is(http.StatusOK, "The copy is being made")
		if want := []string{string(id) + " zh"}; !slices.Equal(w.copied, want) {
			t.Errorf("copies for %v, want %v", w.copied, want)
		}
		pia.post(at, "act", "finish", "text", " ").is(http.StatusBadRequest, "1 to 4000 characters")
		pia.post(at, "act", "finish", "text", "Your copy is made.").is(http.StatusOK, "The answer is on its way", "Your copy is made.")
		pia.post(at, "act", "dance").is(http.StatusBadRequest, "what is to be done")

		log := pia.get("/staff/log").is(http.StatusOK, "answered a request", "request "+string(n), string(id))
		if strings.Contains(log.body, "Everything, please") {
			t.Error("the log says what was asked")
		}
	})
}

func TestARequestByLetterIsEnteredVerifiedAndRefusedOnPaper(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		pia := w.answerer()
		today := time.Now().UTC().Format(time.DateOnly)
		pia.post("/staff/requests/new", "way", "letter", "received", "long ago", "kind", "delete", "person", "former", "reach", "post", "contact", "Bea Buyer\n1 Test Street", "lang", "en", "text", "Delete me.").
			is(http.StatusBadRequest, "the day on which it came", "Bea Buyer")
		made := pia.post("/staff/requests/new", "way", "letter", "received", today, "kind", "delete", "person", "former", "reach", "post", "contact", "Bea Buyer\n1 Test Street", "lang", "en", "text", "Delete me.").
			is(http.StatusOK, "Being verified", "Bea Buyer", "letter to be printed", "not shown yet")
		pia.post(made.at, "act", "finish", "text", "Done.").is(http.StatusBadRequest, "It isn’t shown yet who they are")
		pia.post(made.at, "act", "close").is(http.StatusBadRequest, "what is to be done")
		pia.post(made.at, "act", "verify", "how", "session").is(http.StatusBadRequest, "how they showed")
		pia.post(made.at, "act", "verify", "how", "papers").is(http.StatusOK, "a document was seen, and not kept")
		at, _, _ := strings.Cut(made.at, "?")
		pia.post(at, "act", "refuse", "ground", "compelling", "text", "No.").is(http.StatusBadRequest, "one of the grounds")
		refused := pia.post(at, "act", "refuse", "ground", "legal_duty", "text", "An invoice of this year.").is(http.StatusOK, "Refused: a law binds us to keep the data (GDPR Art. 17(3)(b); PIPL Art. 47)")
		letters := regexp.MustCompile(at+`/letters/[0-9a-f-]+`).FindAllString(refused.body, -1)
		last := letters[len(letters)-1]
		pia.get(last).is(http.StatusOK, "Letter refused", "An invoice of this year.", "Bea Buyer", "1 Test Street")
		pia.post(last).is(http.StatusOK, "Noted that the letter was posted", "letter printed and posted")
		pia.get(at + "/letters/x").is(http.StatusNotFound)
		pia.get("/staff/requests/R-00000000").is(http.StatusNotFound)
	})
}

func TestAnAccountIsClosedForWhoCannotSignIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		pia := w.answerer()
		made := pia.post("/staff/requests/new", "way", "phone", "received", time.Now().UTC().Format(time.DateOnly), "kind", "delete", "account", string(id), "lang", "en", "text", "Delete me.").
			is(http.StatusOK, string(id), "To the account’s main address")
		at := made.at
		pia.post(at, "act", "close").is(http.StatusBadRequest, "It isn’t shown yet")
		pia.post(at, "act", "verify", "how", "call").is(http.StatusOK)
		pia.post(at, "act", "close").is(http.StatusOK, "The account is closed")
		store := must(w.members.Of(id))(t)
		if p := must(store.Profile(t.Context(), id))(t); p.State != account.Leaving {
			t.Errorf("the account is %s, want to be left", p.State)
		}
		var did []account.Deed
		for _, l := range must(store.Looks(t.Context(), id))(t) {
			did = append(did, l.Did)
		}
		if !slices.Contains(did, account.DidClose) || !slices.Contains(did, request.DidVerify) {
			t.Errorf("its owner reads %v", did)
		}
	})
}

func TestARequestIsFulfilledByWhatItAsksFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		pia := w.answerer()
		for act, k := range map[string]request.Kind{"close": request.Copy, "copy": request.Delete} {
			n := must(w.asked.Raise(t.Context(), id, request.Wish{Kind: k, Lang: "en", Text: "Please."}))(t)
			pia.post("/staff/requests/"+string(n), "act", act).is(http.StatusBadRequest, "what is to be done")
		}
		if p := must(must(w.members.Of(id))(t).Profile(t.Context(), id))(t); p.State != account.Active || len(w.copied) > 0 {
			t.Errorf("the account is %s, copies went to %v", p.State, w.copied)
		}
	})
}

func TestOnlyPrivacyAnswersRequests(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	n := must(w.asked.Raise(t.Context(), w.member("mia@mail.example"), request.Wish{Kind: request.Object, Lang: "en", Text: "No."}))(t)
	link := must(w.members.Staff().Invite(t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "sam@staff.example"}, []account.Duty{account.Support}))(t)
	sam := w.browser()
	sam.enter("/staff/enter/"+string(link.Token), "Sam")
	if body := sam.get("/staff").is(http.StatusOK).body; strings.Contains(body, "/staff/requests") {
		t.Error("who doesn't answer requests is led to them")
	}
	at := "/staff/requests/" + string(n)
	for _, p := range []page{sam.get("/staff/requests"), sam.get("/staff/requests/new"), sam.get(at), sam.post(at, "act", "take"), sam.get(at + "/letters/x"), sam.post("/staff/requests/new", "text", "x")} {
		p.is(http.StatusForbidden, "Your duties don’t include that")
	}
}
