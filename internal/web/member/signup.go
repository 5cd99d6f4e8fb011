package member

import (
	"net/http"
	"slices"
	"strings"

	"waypost/internal/account"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// signedHow is what the ledger notes of how somebody agreed at sign-up.
const signedHow = "sign-up form, box ticked"

type signUpView struct {
	Title    string
	Lead     string
	Action   string
	Wrong    string
	Next     string
	With     *withView     // providers to sign up with instead; nil none
	Received *receivedView // what one said already; nil none
	Picture  *check        // whether its picture is taken; nil it has none
	Contact  field
	Nickname field
	Password field // without a name: none is asked for
	Company  field
	Guardian field
	Country  field
	Asked    string // the country whose ages are offered
	Ages     []age
	AgeWrong string
	Terms    check
	After    string // what comes next
	Below    link
}

// An age is one of the ranges that the law makes somebody be asked for.
type age struct {
	Value, Label string
	Chosen       bool
}

// serveSignUp serves GET /signup.
func (p *Pages) serveSignUp(w http.ResponseWriter, r *http.Request) error {
	if visit.Of(r.Context()).SignedIn() {
		return p.goTo(w, r, "/account")
	}
	f := p.blank(r)
	f.values.Set("next", r.URL.Query().Get("next"))
	f.values.Set("country", p.nearby(r))
	return p.signUpPage(w, r, f)
}

func (p *Pages) signUpPage(w http.ResponseWriter, r *http.Request, f *form) error {
	head := titled(f.say("signup.title"), "signin", "/signup")
	head.Private, head.Scripts = false, []string{"password.js"}
	head.About = f.say("signup.about")
	return p.joining.Reply(w, r, f.status(), f.reader, head, p.signUpView(f))
}

func (p *Pages) signUpView(f *form) signUpView {
	chosen := f.text("country")
	return signUpView{
		Title: f.say("signup.title"), Lead: f.say("signup.lead"), Action: "/signup", Wrong: f.wrong[""], Next: f.next(""),
		With:     p.with(f, "with.signup_title"),
		Contact:  f.field("contact", "text", "signup.contact", "username"),
		Nickname: f.field("nickname", "text", "signup.nickname", "nickname"),
		Password: f.field("password", "password", "signup.password", "new-password").optional().graded(),
		Company:  f.field("company", "text", "signup.company", "organization").optional(),
		Guardian: f.field("guardian", "email", "signup.guardian", "off").optional(),
		Country:  f.field("country", "", "signup.country", "country").of(append([]choice{{Label: f.say("signup.choose")}}, p.choices(f.reader, chosen)...)),
		Asked:    chosen,
		Ages:     p.ages(f, chosen), AgeWrong: f.wrong["age"],
		Terms: check{
			Name: "terms", Label: f.say("terms.agree"), Error: f.wrong["terms"], Ticked: f.text("terms") != "",
			More: link{"/terms", f.say("terms.read")},
		},
		After: f.say("signup.next"), Below: link{"/signin", f.say("signup.in")},
	}
}

// ages are the choices for a country, with the words of what the law there makes of them.
func (p *Pages) ages(f *form, country string) []age {
	ranges := p.members.Ages(country)
	of := ""
	if slices.Contains(ranges, account.Supervised) {
		of = "_law"
	}
	var all []age
	for _, a := range ranges {
		all = append(all, age{string(a), f.say("age." + string(a) + of), f.text("age") == string(a)})
	}
	return all
}

// signUp serves POST /signup.
func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	a := p.application(f)
	if exists(a.Country) {
		p.door.Prefer(w, a.Country)
	}
	p.check(f, &a, true)
	page := func() error { return p.signUpPage(w, r, f) }
	if len(f.wrong) > 0 {
		return page()
	}
	token, err := p.members.SignUp(r.Context(), a, from(p.door.Know(w, r), f))
	if err != nil {
		return again(f, err, page)
	}
	p.door.Begin(w, r, token)
	return p.goTo(w, r, through("/signup/code", f.next("")))
}

// application is what a form says of who signs up.
func (p *Pages) application(f *form) account.Application {
	a := account.Application{
		Nickname: f.text("nickname"), Country: strings.ToUpper(f.text("country")), Language: f.reader.Lang,
		Company: f.text("company"), Age: account.Age(f.text("age")), Password: f.secret("password"),
	}
	if a.Age == account.Child {
		a.Guardian = f.text("guardian")
	}
	if f.text("terms") != "" {
		a.Terms = account.Terms{Version: TermsVersion, Wording: f.say("terms.agree"), How: signedHow}
	}
	return a
}

// check says everything at once that can be told without the room: whose rules
// hold otherwise, one at a time. addressed says that there is to be an address.
func (p *Pages) check(f *form, a *account.Application, addressed bool) {
	if addressed {
		contact, err := account.ParseContact(f.text("contact"), a.Country)
		if err != nil {
			f.wrong["contact"] = says(f.reader, err)
		}
		a.Contact = contact
	}
	if strings.TrimSpace(a.Nickname) == "" {
		f.wrong["nickname"] = f.say("fault.nickname", "1", "")
	}
	if !exists(a.Country) {
		f.wrong["country"] = f.say("fault.country")
		return
	}
	f.values.Set("country", a.Country)
	if a.Terms.Version == "" {
		f.wrong["terms"] = f.say("fault.terms")
	}
	asked, now := p.members.Ages(f.text("asked")), p.members.Ages(a.Country)
	switch {
	case !slices.Contains(now, a.Age):
		f.wrong["age"] = f.say("fault.age")
	case !slices.Equal(asked, now): // the words of the choices are others there
		f.wrong["age"] = f.say("signup.age_again", "country", f.reader.Country(a.Country))
		f.values.Del("age")
	}
}

// serveWaiting serves GET /signup/waiting: a child's account waits for its guardian.
func (p *Pages) serveWaiting(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	return p.reply(w, r, f, "signin", formView{
		Title: f.say("waiting.title"), Lead: f.say("waiting.lead"), Points: []string{f.say("waiting.days")},
		To: &link{"/", f.say("waiting.go")},
	})
}

// TermsVersion is which text of the terms people agree to now.
const TermsVersion = "2026-11"

type termsView struct {
	Version string
	Parts   []termsPart
}

type termsPart struct{ Title, Text string }

// serveTerms serves GET /terms.
func (p *Pages) serveTerms(w http.ResponseWriter, r *http.Request) error {
	reader := p.kit.Reader(r)
	view := termsView{Version: TermsVersion}
	for _, part := range []string{"service", "account", "yours", "us", "end", "changes"} {
		view.Parts = append(view.Parts, termsPart{reader.Say("terms." + part), reader.Say("terms." + part + "_text")})
	}
	head := ui.Head{Title: reader.Say("terms.title"), About: reader.Say("terms.about"), Here: "/terms"}
	return p.terms.Reply(w, r, http.StatusOK, reader, head, view)
}
