package member

import (
	"net/http"
	"time"

	"waypost/internal/account"
	"waypost/internal/web/visit"
)

// until is how long it is to a time, none when it has passed.
func until(t time.Time) time.Duration { return max(time.Until(t), 0) }

// serveSignIn serves GET /signin.
func (p *Pages) serveSignIn(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	f.values.Set("next", r.URL.Query().Get("next"))
	if visit.Of(r.Context()).SignedIn() {
		return p.goTo(w, r, f.next("/account"))
	}
	return p.signInPage(w, r, f)
}

func (p *Pages) signInPage(w http.ResponseWriter, r *http.Request, f *form) error {
	lead := ""
	if who, err := p.received(r); err == nil && toLink(f.next("")) {
		lead = f.say("with.then", "provider", who.Name)
	}
	var points []string
	if p.members.SomeAway() {
		points = []string{f.say("signin.some_away")}
	}
	return p.reply(w, r, f, "signin", formView{
		Title: f.say("signin.title"), Lead: lead, Points: points, Action: "/signin", Next: f.next(""),
		Fields: []field{
			f.field("contact", "text", "signin.contact", "username"),
			f.field("password", "password", "signin.password", "current-password"),
		},
		Go:      f.say("signin.go"),
		Others:  []button{{"by", "code", f.say("signin.code")}},
		Passkey: p.passkey(f, "signin", "/signin", f.say("passkey.signin")),
		With:    p.with(f, "with.title"),
		Below: []link{
			{"/forgot", f.say("signin.forgot")},
			{through("/signup", f.next("")), f.say("signin.up")},
		},
	})
}

// signIn serves POST /signin: contact with password, or with by=code; or the
// answer of a browser that has a passkey.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.signInPage(w, r, f) }
	if f.values.Has("answer") {
		return p.showed(w, r, f, f.next("/account"), page)
	}
	contact, err := account.ParseContact(f.text("contact"), p.nearby(r))
	if err != nil {
		return again(f, err, page)
	}
	where := from(p.door.Know(w, r), f)
	if f.text("by") == "code" {
		token, err := p.members.SendCode(r.Context(), contact, where)
		if err != nil {
			return again(f, err, page)
		}
		p.door.Begin(w, r, token)
		return p.goTo(w, r, through("/signin/code", f.next("")))
	}
	if f.secret("password") == "" {
		f.wrong["password"] = f.say("signin.no_password")
		return page()
	}
	step, err := p.members.SignIn(r.Context(), contact, f.secret("password"), where)
	if err != nil {
		return again(f, err, page)
	}
	return p.step(w, r, step, f.next("/account"))
}

// serveForgot serves GET /forgot.
func (p *Pages) serveForgot(w http.ResponseWriter, r *http.Request) error {
	return p.forgotPage(w, r, p.blank(r))
}

func (p *Pages) forgotPage(w http.ResponseWriter, r *http.Request, f *form) error {
	return p.reply(w, r, f, "signin", formView{
		Title: f.say("forgot.title"), Lead: f.say("forgot.lead"), Action: "/forgot",
		Fields: []field{f.field("contact", "text", "signin.contact", "username")},
		Go:     f.say("forgot.go"),
		Below:  []link{{"/signin", f.say("forgot.back")}},
	})
}

// forgot serves POST /forgot: contact.
func (p *Pages) forgot(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	page := func() error { return p.forgotPage(w, r, f) }
	contact, err := account.ParseContact(f.text("contact"), p.nearby(r))
	if err != nil {
		return again(f, err, page)
	}
	token, err := p.members.Reset(r.Context(), contact, from(p.door.Know(w, r), f))
	if err != nil {
		return again(f, err, page)
	}
	p.door.Begin(w, r, token)
	return p.goTo(w, r, "/forgot/code")
}

// serveNewPassword serves GET /forgot/password, after the code of a reset.
func (p *Pages) serveNewPassword(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	if _, err := p.begun(r); err != nil {
		return p.noFlow(w, r, f, err)
	}
	return p.newPasswordPage(w, r, f)
}

func (p *Pages) newPasswordPage(w http.ResponseWriter, r *http.Request, f *form) error {
	return p.reply(w, r, f, "signin", formView{
		Title: f.say("newpassword.title"), Lead: f.say("newpassword.lead"), Action: "/forgot/password",
		Fields: []field{f.field("password", "password", "password.new", "new-password").graded().first()},
		Go:     f.say("newpassword.go"),
	})
}

// newPassword serves POST /forgot/password: password.
func (p *Pages) newPassword(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if _, err := p.begun(r); err != nil {
		return p.noFlow(w, r, f, err)
	}
	step, err := p.members.NewPassword(r.Context(), p.door.Flow(r), f.secret("password"), from(p.door.Know(w, r), f))
	if err != nil {
		if fields[codeOf(err)] != "password" {
			return p.codeWrong(w, r, f, err)
		}
		return again(f, err, func() error { return p.newPasswordPage(w, r, f) })
	}
	return p.step(w, r, step, "/account?done=password")
}
