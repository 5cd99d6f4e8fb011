package member

import (
	"errors"
	"net/http"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// A passkeyForm is a form whose answer the browser gives: a script asks it, and
// sends what it says. Without script the form isn't shown, and a sentence says why.
type passkeyForm struct {
	Does   string // get or create, as navigator.credentials has it
	Ask    string // where the question comes from
	Action string // where the answer goes
	Next   string
	Fields []field
	Go     string // the button's words
}

// passkey returns the form that asks for a passkey at /passkey/PURPOSE and
// sends it to action; nil where the site can have none.
func (p *Pages) passkey(f *form, purpose, action, label string) *passkeyForm {
	if !p.passkeys {
		return nil
	}
	return &passkeyForm{Does: "get", Ask: "/passkey/" + purpose, Action: action, Next: f.next(""), Go: label}
}

// routePasskeys is the list of the addresses that passkeys alone need.
func (p *Pages) routePasskeys() {
	p.handle("POST /passkey/signin", p.askSignIn)
	p.handle("POST /passkey/second", p.askSecond)
	p.own("POST /passkey/prove", p.askProve)
	p.own("POST /passkey/new", p.askNew)
	p.own("GET /account/passkeys/new", p.proven(p.serveNewPasskey))
	p.own("POST /account/passkeys/new", p.proven(p.newPasskey))
	p.own("GET /account/passkeys/{id}", p.servePasskey)
	p.own("POST /account/passkeys/{id}", p.renamePasskey)
	p.own("GET /account/passkeys/{id}/remove", p.proven(p.serveRemovePasskey))
	p.own("POST /account/passkeys/{id}/remove", p.proven(p.removePasskey))
}

// askSignIn serves POST /passkey/signin: the question for anybody's passkey.
func (p *Pages) askSignIn(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	ask, err := p.members.SignInByPasskey(r.Context(), from(p.door.Know(w, r), f))
	return p.replyAsk(w, r, f, ask, err)
}

// askSecond serves POST /passkey/second: the question in a sign-in that is
// to be finished by a passkey.
func (p *Pages) askSecond(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	ask, err := p.members.AskPasskey(r.Context(), p.door.Flow(r), from(p.door.Know(w, r), f))
	return p.replyAsk(w, r, f, ask, err)
}

// askProve serves POST /passkey/prove.
func (p *Pages) askProve(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f := p.blank(r)
	ask, err := s.ProveByPasskey(r.Context(), v.Session, from(v.From, f))
	return p.replyAsk(w, r, f, ask, err)
}

// askNew serves POST /passkey/new: the question for a passkey to be made.
func (p *Pages) askNew(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	if !v.Session.Fresh() {
		return p.proveFirst(w, r, v, s, "/account/passkeys/new")
	}
	f := p.blank(r)
	ask, err := s.BeginPasskey(r.Context(), v.Session, from(v.From, f))
	return p.replyAsk(w, r, f, ask, err)
}

// replyAsk answers a script with a question for the browser, which carries on
// with its flow; or with {"wrong": …}, what the reader is told instead.
func (p *Pages) replyAsk(w http.ResponseWriter, r *http.Request, f *form, ask account.Ask, err error) error {
	var e *fault.Error
	if err != nil && (!errors.As(err, &e) || !f.reader.Has("fault."+e.Code)) {
		return err
	}
	if err != nil {
		return replyJSON(w, ui.Status(err), map[string]string{"wrong": says(f.reader, err)})
	}
	p.door.Begin(w, r, ask.Flow)
	return replyJSON(w, http.StatusOK, ask.Options)
}

// showed takes a browser's answer to the question for a passkey, and goes on to
// next. When it is refused, or came too late, page is shown with the reason.
func (p *Pages) showed(w http.ResponseWriter, r *http.Request, f *form, next string, page func() error) error {
	step, err := p.answered(r, p.door.Know(w, r), f)
	if err != nil {
		return refused(f, err, page)
	}
	return p.step(w, r, step, next)
}

func (p *Pages) answered(r *http.Request, where account.From, f *form) (account.Step, error) {
	token := p.door.Flow(r)
	if token == "" {
		return account.Step{}, errNoCookie
	}
	return p.members.EnterPasskey(r.Context(), token, f.answer(), from(where, f))
}

// refused is again for a page that can begin anew by itself: that the question
// is over is said there too.
func refused(f *form, err error, page func() error) error {
	if fault.KindOf(err) == fault.NotFound {
		f.wrong[""] = says(f.reader, err)
		return page()
	}
	return again(f, err, page)
}

// answer returns what a browser answered, whole: the account room bounds it.
func (f *form) answer() []byte { return []byte(f.values.Get("answer")) }
