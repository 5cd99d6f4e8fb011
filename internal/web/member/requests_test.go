package member_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/account"
	"waypost/internal/request"
)

// ask fills in the form of who has no account, for an address.
func (b *browser) ask(contact string) page {
	b.t.Helper()
	return b.post("/privacy/request", "kind", "access", "person", "receiver", "contact", contact, "text", "What do you hold of me?")
}

func TestAskingWithoutAnAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.browser()
		b.get("/privacy/request").is(http.StatusOK).says("five to seven working days").says("no account")
		b.post("/privacy/request", "kind", "sell", "person", "member", "contact", "nowhere", "text", " ").is(http.StatusBadRequest).says("what you ask for").says("neither an e-mail address")
		b.post("/privacy/request", "kind", "access", "person", "member", "contact", "bea@buyer.example", "text", "Mine.").is(http.StatusBadRequest).says("who you are")
		b.get("/privacy/request/code/eu.x").is(http.StatusNotFound)

		code := b.ask("bea@buyer.example").is(http.StatusOK).says("bea@buyer.example").says("Send the request").at
		if !strings.HasPrefix(code, "/privacy/request/code/eu.") || len(b.cookies()) != 0 {
			t.Fatalf("it is at %s, with cookies %v", code, b.cookies())
		}
		b.post(code, "again", "1").is(http.StatusBadRequest).says("Another code can be sent")
		b.post(code, "code", "nonsense").is(http.StatusBadRequest).says("not the code")
		sent := b.post(code, "code", w.letter(account.LetterAsk).Code).is(http.StatusOK).says("Your request is sent").says("Received").says("What do you hold of me?")
		at, _, _ := strings.Cut(sent.at, "?")
		if !strings.HasPrefix(at, "/privacy/request/eu.") {
			t.Fatalf("it is at %s", at)
		}
		if all := b.cookies(); len(all) != 0 {
			t.Errorf("who asks is given cookies: %v", all)
		}
		b.post(code, "code", "123456").is(http.StatusNotFound)

		q, err := w.asked.ByToken(t.Context(), account.Token(strings.TrimPrefix(at, "/privacy/request/")))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.asked.Ask(t.Context(), account.Console(), q.Number, "Which number?"); err != nil {
			t.Fatal(err)
		}
		if err := w.asked.Note(t.Context(), account.Console(), q.Number, "A note among the staff."); err != nil {
			t.Fatal(err)
		}
		asked := w.browser() // who has the link needs nothing else
		if p := asked.get(at).is(http.StatusOK).says("Which number?").says("stands until"); strings.Contains(p.body, "among the staff") {
			t.Error("they see the staff's note")
		}
		asked.post(at, "act", "answer", "text", " ").is(http.StatusBadRequest).says("1 to 4000 characters")
		asked.post(at, "act", "answer", "text", "RR409172635CA").is(http.StatusOK).says("Your answer is sent").says("Being verified")
		asked.post(at, "act", "answer", "text", "More").is(http.StatusBadRequest).says("isn’t in the state")
		asked.post(at, "act", "dance").is(http.StatusBadRequest).says("what is to be done")
		asked.post(at, "act", "back").is(http.StatusOK).says("The request is taken back").says("Taken back")
		asked.get(at + "x").is(http.StatusNotFound).says("There is no such request")
	})
}

// waits is how long it takes until another code can be sent, which goes by the clock.
var waits = regexp.MustCompile(`Another one can be sent in [^.]+\.`)

// What the form answers, and what it sends, is the same for an address of which
// much is held and for one of which nothing is.
func TestTheFormSaysTheSameWhateverIsHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.join()
		said := map[string]string{}
		for _, contact := range []string{mia, "nobody@mail.example"} {
			b := w.browser()
			p := b.ask(contact).is(http.StatusOK)
			if l := w.letter(account.LetterAsk); l.To.Value != contact {
				t.Errorf("the letter goes to %v", l.To)
			}
			body := strings.NewReplacer(contact, "ADDRESS", strings.TrimPrefix(p.at, "/privacy/request/code/"), "FLOW").Replace(p.body)
			said[contact] = waits.ReplaceAllString(body, "Another one can be sent in SOME TIME.")
		}
		if said[mia] != said["nobody@mail.example"] {
			t.Errorf("the answers differ:\n%s\n%s", said[mia], said["nobody@mail.example"])
		}
	})
}

func TestTheRequestsOfAMember(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		b.get("/privacy/request").isAt("/my-data/requests").says("You haven’t asked anything yet").says("five to seven working days")
		b.post("/my-data/requests", "kind", "object", "text", "").is(http.StatusBadRequest).says("1 to 4000 characters")
		sent := b.post("/my-data/requests", "kind", "object", "text", "Don't count what I look up.").is(http.StatusOK).says("Your request is sent").says("Don't count what I look up.")
		at, _, _ := strings.Cut(sent.at, "?")
		n := request.Number(strings.TrimPrefix(at, "/my-data/requests/"))
		b.get("/my-data/requests").is(http.StatusOK).says(string(n)).says("due on")
		if err := w.asked.Refuse(t.Context(), account.Console(), n, request.Compelling, "Counts keep the site up."); err != nil {
			t.Fatal(err)
		}
		b.get(at).is(http.StatusOK).says("compelling grounds outweigh").says("GDPR Art. 21(1)").says("Counts keep the site up.")
		b.post(at, "act", "back").is(http.StatusBadRequest)
		b.get("/my-data/requests/R-00000000").is(http.StatusNotFound)
		w.browser().get(at).isAt("/signin?next=" + strings.ReplaceAll(at, "/", "%2F"))
	})
}
