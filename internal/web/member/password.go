package member

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// grade serves POST /password/grade: how hard the password in a form is to
// guess, with the same measure that refuses it. It is asked here because the
// measure's word lists are larger than all other scripts together; what comes
// is the form that will come anyway, and nothing of it is kept.
func (p *Pages) grade(w http.ResponseWriter, r *http.Request) error {
	if err := p.door.ChargeGrade(r); err != nil {
		return err
	}
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	grade := account.Strength(f.secret("password"), f.text("nickname"), f.text("contact"), f.text("company"))
	return replyJSON(w, http.StatusOK, map[string]any{"grade": grade, "words": f.say("grade." + strconv.Itoa(int(grade)))})
}

// replyJSON answers one of the pages' scripts.
func replyJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// codeOf is a fault's code, "" for what is none.
func codeOf(err error) string {
	var e *fault.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// servePassword serves GET /account/password.
func (p *Pages) servePassword(w http.ResponseWriter, r *http.Request, v visit.Visit, _ *account.Store) error {
	return p.passwordPage(w, r, p.blank(r), v)
}

func (p *Pages) passwordPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit) error {
	title := f.say("password.set")
	if v.Profile.Password {
		title = f.say("password.change")
	}
	return p.reply(w, r, f, "account", formView{
		Title: title, Lead: f.say("password.lead"), Action: "/account/password",
		Fields: []field{f.field("password", "password", "password.new", "new-password").graded().first()},
		Go:     f.say("form.save"), Below: []link{p.toAccount(f)},
	})
}

func (p *Pages) toAccount(f *form) link { return link{"/account", f.say("form.leave")} }

// setPassword serves POST /account/password: password.
func (p *Pages) setPassword(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if err := s.SetPassword(r.Context(), v.Session, f.secret("password"), from(v.From, f)); err != nil {
		return again(f, err, func() error { return p.passwordPage(w, r, f, v) })
	}
	return p.goTo(w, r, "/account?done=password")
}
