package member

import (
	"net/http"
	"slices"

	"waypost/internal/fault"
	"waypost/internal/message"
	"waypost/internal/status"
)

// unsubscribing is what mail programs call when somebody unsubscribes in them
// (RFC 8058): from anywhere, without cookies. The address carries the proof.
const unsubscribing = "POST /unsubscribe/{token}"

// serveUnsubscribe serves GET /unsubscribe/{token}: what can be ended. It changes
// nothing, because programs follow the links of messages.
func (p *Pages) serveUnsubscribe(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	now, err := p.messages.Refusal(r.Context(), message.Token(r.PathValue("token")))
	if err != nil {
		return p.unlinked(w, r, err)
	}
	view := formView{Title: f.say("unsubscribe.title"), Lead: f.say("unsubscribe.lead"), Action: r.URL.Path}
	if now.AllOff {
		view.Lead = f.say("unsubscribe.off")
		view.Hidden, view.Go = map[string]string{"do": "again", "scope": string(message.AllAlerts)}, f.say("unsubscribe.again")
		return p.reply(w, r, f, "", view)
	}
	scope := func(s message.Scope, label string) {
		view.Others = append(view.Others, button{"scope", string(s), label})
	}
	if now.Parcel && !now.ParcelOff {
		scope(message.ThisParcel, f.say("unsubscribe.parcel"))
	}
	if about := status.Main(r.URL.Query().Get("about")); slices.Contains(now.On, about) && slices.Contains(offered, about) {
		view.Hidden = map[string]string{"about": string(about)}
		scope(message.ThisStatus, f.say("unsubscribe.status", "status", mainly(f.reader, about)))
	}
	scope(message.AllAlerts, f.say("unsubscribe.all"))
	return p.reply(w, r, f, "", view)
}

// unsubscribe serves POST /unsubscribe/{token}: scope, about, and do=again to take
// it back. Without a scope, as from a mail program, it is all.
func (p *Pages) unsubscribe(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	token, scope, about := message.Token(r.PathValue("token")), message.Scope(f.text("scope")), status.Main(f.text("about"))
	if scope == "" {
		scope = message.AllAlerts
	}
	view := formView{Action: r.URL.Path, Hidden: map[string]string{"scope": string(scope), "about": string(about)}}
	if f.text("do") == "again" {
		err = p.messages.Readmit(r.Context(), token, scope, about)
		view.Title, view.Lead = f.say("unsubscribe.back"), f.say("unsubscribe.back_text")
		view.Go = f.say("unsubscribe.stop")
	} else {
		err = p.messages.Refuse(r.Context(), token, scope, about)
		view.Title, view.Lead = f.say("unsubscribe.done"), f.say("unsubscribe.done_text")
		view.Hidden["do"], view.Go = "again", f.say("unsubscribe.again")
	}
	if err != nil {
		return p.unlinked(w, r, err)
	}
	view.Below = []link{{"/account/alerts", f.say("alerts.title")}}
	return p.reply(w, r, f, "", view)
}

// unlinked answers that a link to unsubscribe can't be used any more.
func (p *Pages) unlinked(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	f := p.blank(r)
	return p.over(w, r, err, link{"/account/alerts", f.say("alerts.title")})
}
