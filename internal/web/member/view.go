package member

import (
	"html/template"
	"net/http"

	"waypost/internal/web/ui"
)

// A formView is a page with a form, a question, or only something to say.
type formView struct {
	Title, Lead string
	Points      []string // what is good to know before
	Parts       []part   // more of it
	Wrong       string   // what is wrong with the form as a whole
	Note        string   // what was done
	Action      string   // "" there is no form
	Next        string
	Hidden      map[string]string
	App         *app     // an authenticator app that is being set up; nil none
	Codes       []string // shown this once
	Fields      []field
	Check       *check
	Go          string // the button's words
	Grave       bool   // it can't be taken back
	Others      []button
	Passkey     *passkeyForm  // nil none is asked for
	With        *withView     // nil no provider is offered
	Received    *receivedView // what a provider said; nil none did
	To          *link         // where one goes on, when there is no form
	Below       []link
	Offer       bool // what was looked up before signing up is offered to be kept
}

// An app is how an authenticator app takes its secret: it scans QR, or opens
// URI on the same device.
type app struct{ QR, URI template.URL }

// A part is something to know under a title of its own.
type part struct {
	Title, Text string // "" none
	Points      []string
	Lang, Dir   string // of the points, "" as the page
}

type button struct{ Name, Value, Label string }

type link struct{ Href, Label string }

// A check is a box to tick.
type check struct {
	Name, Label, Error string
	Ticked             bool
	More               link
}

// reply answers with a page of a form.
func (p *Pages) reply(w http.ResponseWriter, r *http.Request, f *form, section string, view formView) error {
	view.Wrong = f.wrong[""]
	head := titled(view.Title, section, asked(r))
	for _, in := range view.Fields {
		if in.Grade {
			head.Scripts = []string{"password.js"}
		}
	}
	if view.Passkey != nil {
		head.Scripts = append(head.Scripts, "passkey.js")
	}
	if view.Offer {
		head.Scripts = append(head.Scripts, "keep.js")
	}
	status := f.status()
	if status != http.StatusOK && view.Action == "" && view.Passkey == nil {
		status = http.StatusNotFound
	}
	return p.form.Reply(w, r, status, f.reader, head, view)
}

// again answers a form that has something wrong in it, with page; err that
// isn't about what was filled in is returned.
func again(f *form, err error, page func() error) error {
	if err := f.blame(err); err != nil {
		return err
	}
	return page()
}

// over answers with a page that says why something can't go on, and where to
// begin again.
func (p *Pages) over(w http.ResponseWriter, r *http.Request, err error, begin ...link) error {
	f := p.blank(r)
	view := formView{Title: f.say("over.title"), Lead: says(f.reader, err), Below: begin}
	return p.form.Reply(w, r, ui.Status(err), f.reader, titled(view.Title, "", "/"), view)
}

// unreachable answers that a region can't be reached right now.
func (p *Pages) unreachable(w http.ResponseWriter, r *http.Request, err error) {
	f := p.blank(r)
	view := formView{Title: f.say("error.title.503"), Lead: says(f.reader, err), Below: []link{{"/", f.say("signin.track")}}}
	w.Header().Set("Retry-After", "60")
	if err := p.form.Reply(w, r, http.StatusServiceUnavailable, f.reader, titled(view.Title, "", "/"), view); err != nil {
		p.log.Error("page failed", "route", "away", "err", err)
	}
}

func (p *Pages) signInOrUp(f *form) []link {
	return []link{{"/signin", f.say("nav.signin")}, {"/signup", f.say("signup.title")}}
}
