package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/fault"
)

// answeredHow is what the ledger notes of how a guardian agreed.
const answeredHow = "guardian's page, from the link in the message to them, box ticked"

// serveQuestion serves GET /guardian/{token}: whether a child may have an account.
func (p *Pages) serveQuestion(w http.ResponseWriter, r *http.Request) error {
	return p.questionPage(w, r, p.blank(r))
}

func (p *Pages) questionPage(w http.ResponseWriter, r *http.Request, f *form) error {
	q, err := p.members.Question(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return p.gone(w, r, err)
	}
	return p.reply(w, r, f, "", formView{
		Title: f.say("guardian.title", "name", q.Nickname), Lead: f.say("guardian.lead", "name", q.Nickname, "country", f.reader.Country(q.Country)),
		Points: []string{f.say("guardian.yes_means"), f.say("guardian.no_means"), f.say("guardian.until", "day", f.reader.Day(q.Ends))},
		Action: r.URL.Path, Go: f.say("guardian.yes"),
		Check: &check{
			Name: "terms", Label: f.say("guardian.agree"), Error: f.wrong["terms"], Ticked: f.text("terms") != "",
			More: link{"/terms", f.say("terms.read")},
		},
		Others: []button{{"answer", "no", f.say("guardian.no")}},
	})
}

// answer serves POST /guardian/{token}: terms for yes, answer=no.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	yes := f.text("answer") != "no"
	terms := account.Terms{}
	if f.text("terms") != "" {
		terms = account.Terms{Version: TermsVersion, Wording: f.say("guardian.agree"), How: answeredHow}
	}
	if err := p.members.Answer(r.Context(), account.Token(r.PathValue("token")), yes, terms); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return p.gone(w, r, err)
		}
		return again(f, err, func() error { return p.questionPage(w, r, f) })
	}
	view := formView{Title: f.say("guardian.thanks"), Lead: f.say("guardian.was_yes")}
	if !yes {
		view.Lead = f.say("guardian.was_no")
	}
	return p.reply(w, r, f, "", view)
}

// serveUndo serves GET /undo/{token}: what would be undone. It changes nothing,
// because programs follow the links of messages.
func (p *Pages) serveUndo(w http.ResponseWriter, r *http.Request) error {
	f := p.blank(r)
	u, err := p.members.Undoing(r.Context(), account.Token(r.PathValue("token")))
	if err != nil {
		return p.gone(w, r, err)
	}
	return p.reply(w, r, f, "", formView{
		Title: f.say("undo.title"), Lead: f.say("undo.lead", "what", f.say("what."+string(u.What)), "when", utc(f, u.At)),
		Points: []string{f.say("undo.puts_back"), f.say("undo.signs_out"), f.say("undo.until", "day", f.reader.Day(u.Ends))},
		Action: r.URL.Path, Go: f.say("undo.go"), Below: []link{{"/", f.say("undo.leave")}},
	})
}

// undo serves POST /undo/{token}.
func (p *Pages) undo(w http.ResponseWriter, r *http.Request) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	if _, err := p.members.Undo(r.Context(), account.Token(r.PathValue("token"))); err != nil {
		return p.gone(w, r, err)
	}
	return p.reply(w, r, f, "", formView{
		Title: f.say("undone.title"), Lead: f.say("undone.lead"), To: &link{"/forgot", f.say("forgot.title")},
	})
}

// gone answers that what a message's link led to is over.
func (p *Pages) gone(w http.ResponseWriter, r *http.Request, err error) error {
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	f := p.blank(r)
	return p.over(w, r, err, link{"/signin", f.say("nav.signin")}, link{"/forgot", f.say("forgot.title")})
}
