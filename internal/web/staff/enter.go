package staff

import (
	"html/template"
	"net/http"

	"waypost/internal/account"
	"waypost/internal/web/visit"
)

// serveEnter serves GET /staff/enter/{token}: setting everything up by a link.
func (p *Pages) serveEnter(w http.ResponseWriter, r *http.Request) error {
	return p.enterPage(w, r, http.StatusOK, "")
}

func (p *Pages) enterPage(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	e, err := p.staff.Entering(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := formView{
		Title: reader.Say("staff.enter"), Lead: reader.Say("staff.enter_lead"), Wrong: wrong, Action: r.URL.Path, Go: reader.Say("staff.enter_go"),
		Points: []string{reader.Say("staff.enter_app"), reader.Say("staff.enter_until", "when", moment(reader, e.Ends))},
		QR:     r.URL.Path + "/qr", Secret: e.App.Secret, URI: e.App.URI,
	}
	if e.Contact.IsZero() {
		view.Fields = append(view.Fields, field{Name: "contact", Type: "email", Label: reader.Say("staff.contact"), Value: text(r, "contact"), Complete: "email"})
	}
	view.Fields = append(view.Fields,
		field{Name: "name", Type: "text", Label: reader.Say("staff.name"), Value: text(r, "name"), Complete: "name"},
		field{Name: "password", Type: "password", Label: reader.Say("staff.password"), Complete: "new-password"},
		field{Name: "code", Type: "text", Label: reader.Say("staff.code"), Complete: "one-time-code"},
	)
	return p.form.Reply(w, r, status, reader, titled(view.Title, "/staff/signin"), view)
}

// appLink is where an authenticator app on the same device opens.
func (v formView) AppLink() template.URL { return template.URL(v.URI) } //nolint:gosec // the account room made it

// serveQR serves GET /staff/enter/{token}/qr.
func (p *Pages) serveQR(w http.ResponseWriter, r *http.Request) error {
	e, err := p.staff.Entering(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(e.App.QR)
	return err
}

// enter serves POST /staff/enter/{token}: contact, name, password, code.
func (p *Pages) enter(w http.ResponseWriter, r *http.Request) error {
	session, err := p.staff.Enter(r.Context(), account.Token(r.PathValue("token")), account.Newcomer{
		Contact: text(r, "contact"), Name: text(r, "name"), Password: r.PostFormValue("password"), Code: text(r, "code"),
	}, visit.Of(r.Context()).From)
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.enterPage(w, r, status, wrong) })
	}
	p.door.StaffIn(w, session)
	return p.goTo(w, r, "/staff")
}

// serveSignIn serves GET /staff/signin.
func (p *Pages) serveSignIn(w http.ResponseWriter, r *http.Request) error {
	return p.signInPage(w, r, http.StatusOK, "")
}

func (p *Pages) signInPage(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	reader := p.kit.Reader(r)
	return p.form.Reply(w, r, status, reader, titled(reader.Say("staff.signin"), "/staff/signin"), formView{
		Title: reader.Say("staff.signin"), Lead: reader.Say("staff.signin_lead"), Wrong: wrong, Action: "/staff/signin", Go: reader.Say("staff.signin_go"),
		Fields: []field{
			{Name: "contact", Type: "email", Label: reader.Say("staff.contact"), Value: text(r, "contact"), Complete: "username"},
			{Name: "password", Type: "password", Label: reader.Say("staff.password"), Complete: "current-password"},
			{Name: "code", Type: "text", Label: reader.Say("staff.code"), Complete: "one-time-code"},
		},
	})
}

// signIn serves POST /staff/signin: contact, password, code.
func (p *Pages) signIn(w http.ResponseWriter, r *http.Request) error {
	wrong := func(err error) error {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.signInPage(w, r, status, wrong) })
	}
	contact, err := account.MailOnly(text(r, "contact"))
	if err != nil {
		return wrong(err)
	}
	session, err := p.staff.SignIn(r.Context(), contact, r.PostFormValue("password"), text(r, "code"), visit.Of(r.Context()).From)
	if err != nil {
		return wrong(err)
	}
	p.door.StaffIn(w, session)
	return p.goTo(w, r, "/staff")
}

// signOut serves POST /staff/signout.
func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	token := p.door.Staff(r)
	p.door.StaffOut(w)
	if err := p.staff.SignOut(r.Context(), token); err != nil {
		return err
	}
	return p.goTo(w, r, "/staff/signin")
}

// serveProve serves GET /staff/prove.
func (p *Pages) serveProve(w http.ResponseWriter, r *http.Request, _ account.Clerk) error {
	return p.provePage(w, r, http.StatusOK, "")
}

func (p *Pages) provePage(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	reader := p.kit.Reader(r)
	return p.form.Reply(w, r, status, reader, titled(reader.Say("staff.prove"), "/staff/prove"), formView{
		Title: reader.Say("staff.prove"), Lead: reader.Say("staff.prove_lead"), Wrong: wrong, Action: "/staff/prove", Go: reader.Say("staff.prove_go"), Back: true,
		Fields: []field{{Name: "code", Type: "text", Label: reader.Say("staff.code"), Complete: "one-time-code"}},
	})
}

// prove serves POST /staff/prove: code.
func (p *Pages) prove(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	session, err := p.staff.Prove(r.Context(), c, text(r, "code"))
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.provePage(w, r, status, wrong) })
	}
	p.door.StaffIn(w, session)
	return p.goTo(w, r, "/staff")
}
