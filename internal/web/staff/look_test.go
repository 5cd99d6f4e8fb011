package staff_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"waypost/internal/account"
)

// For each matter and each duty a look shows what both have and nothing else, and
// offers to do what both have.
func TestALookShowsWhatItsMatterAndTheDutyAllow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		// What a page says only where a power shows it.
		shown := map[account.Power][]string{
			account.FindAccount:  {string(id), "active", "@mail.example"},
			account.ReadContacts: {"mia@mail.example"},
			account.ReadProfile:  {"Mia", "Germany", "of age"},
			account.ReadConsents: {"terms 1,"},
			account.ReadDevices:  {"Signed in on"},
		}
		offered := map[account.Power]string{account.EndSessions: "Sign out everywhere", account.LockAccount: `value="lock"`, account.EraseChild: "Delete a child’s data"}
		for _, duty := range account.Duties {
			b := w.clerk(duty)
			for _, o := range account.Occasions {
				if o.Matter == account.ForCall {
					continue // which shows nothing before there is a code: below
				}
				may := func(p account.Power) bool {
					at := slices.IndexFunc(account.Empowerments, func(e account.Empowerment) bool { return e.Power == p })
					return slices.Contains(account.Empowerments[at].Duties, duty) && slices.Contains(o.Duties, duty) && slices.Contains(o.Powers, p)
				}
				got := b.post("/staff/find", "who", string(id), "matter", string(o.Matter), "ref", "R-1")
				if !may(account.FindAccount) {
					if got.is(http.StatusForbidden); strings.Contains(got.body, "@mail.example") {
						t.Errorf("%s for a %s: shown all the same", duty, o.Matter)
					}
					continue
				}
				got.is(http.StatusOK)
				main := got.body[strings.Index(got.body, "<main"):]
				for power, texts := range shown {
					for _, text := range texts {
						if strings.Contains(main, text) != may(power) {
							t.Errorf("%s for a %s: shows %q: %v, want %v by %s", duty, o.Matter, text, !may(power), may(power), power)
						}
					}
				}
				for power, text := range offered {
					if strings.Contains(main, text) != may(power) {
						t.Errorf("%s for a %s: offers %s: %v, want %v", duty, o.Matter, power, !may(power), may(power))
					}
				}
			}
		}
	})
}

// A consent that was taken back isn't shown as one that holds.
func TestALookSaysWhetherAConsentHolds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		if _, err := must(w.members.Of(id))(t).Decide(t.Context(), id, account.Consent{Purpose: account.ForSale, How: "test"}); err != nil {
			t.Fatal(err)
		}
		w.clerk(account.Privacy).post("/staff/find", "who", string(id), "matter", "request", "ref", "R-1").
			is(http.StatusOK, "terms 1, agreed", "sale, refused or taken back")
	})
}

func TestWhatCantBeCheckedIsNotOffered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.member("mia@mail.example")
		privacy, support := w.clerk(account.Privacy), w.clerk(account.Support)
		privacy.get("/staff").is(http.StatusOK, `value="ticket"`, `value="call"`, `value="request"`, `value="incident"`, `value="lawful"`)
		if home := support.get("/staff").is(http.StatusOK, `value="ticket"`, `value="call"`); strings.Contains(home.body, `value="request"`) {
			t.Error("support is offered to look for requests")
		}
		privacy.post("/staff/find", "who", "mia@mail.example", "matter", "request", "ref", "R-2").is(http.StatusBadRequest, "no open case")
		at := privacy.post("/staff/find", "who", "mia@mail.example", "matter", "request", "ref", "R-1").is(http.StatusOK, "Mia").at
		w.closed.Store(true)
		privacy.get(at).is(http.StatusNotFound, "This look is over")
		privacy.post(at, "act", "erase", "sure", "yes").is(http.StatusNotFound, "This look is over")
	})
}

func TestACallIsHeard(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.member("mia@mail.example")
		pavel := w.clerk(account.Support)
		begun := pavel.post("/staff/find", "who", "mia@mail.example", "matter", "call", "ref", "T-7").is(http.StatusOK, "Say nothing of an account yet", "Send a code")
		quiet := func(p page) {
			t.Helper()
			for _, personal := range []string{string(id), "mail.example", "Mia", "active", "Sign out everywhere"} {
				if strings.Contains(p.body, personal) {
					t.Errorf("before the caller has shown who they are, %s says %q", p.at, personal)
				}
			}
		}
		quiet(begun)
		quiet(pavel.post(begun.at, "act", "lock").is(http.StatusForbidden, "hasn’t shown yet who they are"))
		quiet(pavel.post(begun.at, "act", "send").is(http.StatusOK, "The code is on its way", "Send another code"))
		quiet(pavel.post(begun.at, "act", "enter", "code", "1").is(http.StatusBadRequest, "That is not the code. 4 more tries"))
		look := account.LookID(begun.at[strings.LastIndex(begun.at, "/")+1:])
		letter := must(w.members.CallToSend(t.Context(), account.Calling{Look: look, Sent: 1}))(t)
		pavel.post(begun.at, "act", "enter", "code", letter.Code).is(http.StatusOK, "has shown who they are", "by a code that was sent", "That holds until", "m…@mail.example")
		pavel.post(begun.at, "act", "signout").is(http.StatusOK, "Every device is signed out")
	})
}

func TestTheTrainingComesFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		link := must(w.members.Staff().Invite(t.Context(), account.Console(), account.Contact{Kind: account.Mail, Value: "ada@staff.example"}, account.Duties))(t)
		ada := w.browser()
		path := "/staff/enter/" + string(link.Token)
		secret := secretIn.FindStringSubmatch(ada.get(path).body)[1]
		ada.post(path, "name", "Ada", "password", password, "code", shows(t, secret)).is(http.StatusOK, "Training in security and privacy", "Tell a caller nothing")
		for _, p := range []string{"/staff", "/staff/log", "/staff/people", "/staff/carriers", "/staff/files", "/staff/looks/x"} {
			if got := ada.get(p); got.at != "/staff/training" {
				t.Errorf("%s without training is at %s", p, got.at)
			}
		}
		if got := ada.post("/staff/find", "who", "mia@mail.example", "matter", "ticket", "ref", "T-1"); got.at != "/staff/training" {
			t.Errorf("a look without training is at %s", got.at)
		}
		ada.post("/staff/training", "version", w.words.Version, "follows", "security").is(http.StatusBadRequest, "tick the box: Privacy")
		ada.send(http.MethodPost, "/staff/training", url.Values{"version": {"old"}, "follows": {"security", "privacy"}}).is(http.StatusBadRequest, "another version")
		ada.train().is(http.StatusOK, "Find an account")
		ada.get("/staff/training").is(http.StatusOK, "You have taken it. It holds until")
		ada.get("/staff/log").is(http.StatusOK, "took the training")
	})
}
