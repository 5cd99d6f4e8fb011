package staff

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/web/ui"
)

type homeView struct {
	Name, Duties string
	Wrong        string
	Find         []field // "" for who may not look
	Manages      bool
	Carriers     bool
	Files        bool
	Holds        bool
	Purges       bool
	Business     bool
	Lawful       bool
	Incidents    bool
	Requests     string // how many there are about people's data; "" for who doesn't answer them

	Recipients bool
	Waiting    int    // notices that the staff are to see to
	Away       string // which regions aren't counted, in words; "" all are
}

// serveHome serves GET /staff.
func (p *Pages) serveHome(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.homePage(w, r, c, http.StatusOK, "")
}

func (p *Pages) homePage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	reader := p.kit.Reader(r)
	view := homeView{Name: c.Name, Duties: duties(reader, c.Duties), Wrong: wrong, Manages: c.Can(account.ManageStaff), Carriers: c.Can(account.ReadCarriers), Files: c.Can(account.TakeFiles), Holds: c.Can(account.ReadHolds), Purges: c.Can(account.ReadPurges), Business: c.Can(account.CloseBusiness), Lawful: c.Can(account.HandleLawful), Incidents: p.incidents != nil && c.Can(account.ReadIncidents)}
	var away []string
	if c.Can(account.AnswerRequest) {
		t, uncounted, err := p.requests.Tally(r.Context())
		if err != nil {
			return err
		}
		away = append(away, uncounted...)
		view.Requests = reader.Say("requests.link", "open", t.Open, "late", t.Late)
	}
	if view.Recipients = c.Can(account.TellErasures); view.Recipients {
		counts, uncounted, err := p.noticeCounts(r.Context())
		if err != nil {
			return err
		}
		away = append(away, uncounted...)
		view.Waiting = counts.Escalated
	}
	view.Away = missing(reader, away)
	if c.Can(account.FindAccount) {
		view.Find = append([]field{{Name: "who", Type: "text", Label: reader.Say("staff.who"), Value: text(r, "who"), Complete: "off"}}, why(reader, r, p.staff.MattersOf(c))...)
	}
	return p.home.Reply(w, r, status, reader, titled(reader.Say("staff.title"), "/staff"), view)
}

// why are the fields that say what one looks for, one of all that there are.
func why(reader ui.Reader, r *http.Request, all []account.Matter) []field {
	matter := field{Name: "matter", Label: reader.Say("staff.matter")}
	for _, m := range all {
		matter.Choices = append(matter.Choices, choice{string(m), reader.Say("staff.matter." + string(m)), text(r, "matter") == string(m)})
	}
	return []field{matter, {Name: "ref", Type: "text", Label: reader.Say("staff.ref"), Value: text(r, "ref"), Complete: "off"}}
}

func whyOf(r *http.Request) account.Why {
	return account.Why{Matter: account.Matter(text(r, "matter")), Ref: text(r, "ref")}
}

func duties(reader ui.Reader, all []account.Duty) string {
	said := ""
	for i, d := range all {
		if i > 0 {
			said += reader.Say("list.comma")
		}
		said += reader.Say("staff.duty." + string(d))
	}
	return said
}

type seenView struct {
	Title, For, Until string
	Wrong, Done       string
	At                string // where its forms go
	Call              *callView
	Facts             []fact
	Devices           []string
	Consents          []string
	Acts              []act
	Holds             string // where their data can be made to stay, "" nowhere
}

// A callView is how a caller is to show who they are.
type callView struct {
	Sent bool
	Code field
}

type fact struct{ Name, Value string }

type act struct {
	Name, Label, Means string
	Grave              bool // wants a box ticked
}

// find serves POST /staff/find: who, matter, ref. It is no GET, so that an
// address stands in no address.
func (p *Pages) find(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	seen, err := p.staff.Find(r.Context(), c, text(r, "who"), whyOf(r))
	if err != nil {
		if !c.Can(account.FindAccount) {
			return err
		}
		status, words, ok := told(p.kit.Reader(r), err)
		if !ok {
			return err
		}
		return p.homePage(w, r, c, status, words)
	}
	return p.goTo(w, r, lookAt(seen))
}

// lookAt is where a look goes on.
func lookAt(seen account.Seen) string { return "/staff/looks/" + string(seen.Look) }

// serveLook serves GET /staff/looks/{look}.
func (p *Pages) serveLook(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	seen, err := p.staff.Look(r.Context(), c, account.LookID(r.PathValue("look")))
	if err != nil {
		return err
	}
	return p.lookPage(w, r, c, seen, http.StatusOK, "")
}

func (p *Pages) lookPage(w http.ResponseWriter, r *http.Request, c account.Clerk, seen account.Seen, status int, wrong string) error {
	reader := p.kit.Reader(r)
	view := seenView{
		Title: reader.Say("staff.account"), Wrong: wrong, At: lookAt(seen), Facts: facts(reader, seen), Acts: acts(reader, c, seen),
		For:   reader.Say("staff.for", "matter", reader.Say("staff.matter."+string(seen.Why.Matter)), "ref", seen.Why.Ref),
		Until: reader.Say("staff.written", "when", moment(reader, seen.Ends)),
	}
	if key := "staff.did." + r.URL.Query().Get("done"); r.Method == http.MethodGet && reader.Has(key) {
		view.Done = reader.Say(key)
	}
	if seen.Why.Matter == account.ForCall {
		view.Title = reader.Say("call.caller")
		if seen.Call.Proved.IsZero() {
			view.Call = &callView{Sent: seen.Call.Sent, Code: field{Name: "code", Type: "text", Label: reader.Say("call.code"), Complete: "off"}}
			view.Until = reader.Say("call.written", "when", moment(reader, seen.Ends))
		} else {
			view.Until = reader.Say("call.proved."+string(seen.Call.By), "at", moment(reader, seen.Call.Proved), "when", moment(reader, seen.Ends))
		}
	}
	if c.Can(account.SetHolds) && len(seen.Shows) > 0 {
		view.Holds = "/staff/holds?of=" + string(seen.Account)
	}
	for _, d := range seen.Devices {
		view.Devices = append(view.Devices, d.Label+", "+reader.Day(d.Seen))
	}
	for _, e := range seen.Consents {
		stands := reader.Say("staff.consent.taken")
		if e.Given {
			stands = reader.Say("staff.consent.given")
		}
		view.Consents = append(view.Consents, strings.TrimSpace(e.Purpose+" "+e.Version)+", "+stands+", "+moment(reader, e.At))
	}
	return p.seen.Reply(w, r, status, reader, titled(view.Title, "/staff"), view)
}

// facts are what is shown of an account; what a duty doesn't let one see is empty.
func facts(reader ui.Reader, s account.Seen) []fact {
	if len(s.Shows) == 0 {
		return nil
	}
	all := []fact{
		{reader.Say("staff.id"), string(s.Account)},
		{reader.Say("staff.state"), reader.Say("staff.state." + string(s.State))},
		{reader.Say("staff.since"), moment(reader, s.Created)},
		{reader.Say("staff.name"), s.Nickname},
		{reader.Say("staff.restricted"), restricted(reader, s)},
	}
	if s.Country != "" {
		all = append(all, fact{reader.Say("staff.country"), reader.Country(s.Country)})
	}
	if s.Age != "" {
		all = append(all, fact{reader.Say("staff.age"), reader.Say("staff.age." + string(s.Age))})
	}
	if s.Password {
		all = append(all, fact{reader.Say("staff.password"), reader.Say("staff.has_password")})
	}
	for _, c := range s.Contacts {
		all = append(all, fact{reader.Say("staff.kind." + string(c.Kind)), c.Shown})
	}
	var shown []fact
	for _, f := range all {
		if f.Value != "" {
			shown = append(shown, f)
		}
	}
	return shown
}

// restricted says since when an account's owner has their data restricted, "" it
// isn't.
func restricted(reader ui.Reader, s account.Seen) string {
	if s.Restricted.IsZero() {
		return ""
	}
	return reader.Say("staff.restricted_since", "day", reader.Day(s.Restricted))
}

// acts are what a clerk may do to an account as it stands.
func acts(reader ui.Reader, c account.Clerk, s account.Seen) (all []act) {
	locked := s.State == account.Locked
	for _, one := range []struct {
		power account.Power
		name  string
		now   bool
		grave bool
	}{
		{account.EndSessions, "signout", !locked, false},
		{account.LockAccount, "lock", slices.Contains([]account.State{account.Active, account.Deactivated, account.Leaving}, s.State), false},
		{account.UnlockAccount, "unlock", locked, false},
		{account.EraseChild, "erase", true, true},
	} {
		if one.now && s.Can(c, one.power) {
			all = append(all, act{one.name, reader.Say("staff.act." + one.name), reader.Say("staff.means." + one.name), one.grave})
		}
	}
	return all
}

// shown are powers to read, in words.
func shown(reader ui.Reader, powers []account.Power) string {
	texts := make([]string, len(powers))
	for i, power := range powers {
		texts[i] = reader.Say("staff.shows." + string(power))
	}
	return strings.Join(texts, reader.Say("list.comma"))
}

// act serves POST /staff/looks/{look}: act, for what can't be taken back sure=yes,
// and to enter a caller's code, code.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	reader, ctx, act := p.kit.Reader(r), r.Context(), text(r, "act")
	seen, err := p.staff.Look(ctx, c, account.LookID(r.PathValue("look")))
	if err != nil {
		return err
	}
	if act == "send" || act == "enter" {
		return p.hear(w, r, c, seen)
	}
	do := map[string]func(context.Context, account.Clerk, account.ID, account.Why) error{
		"signout": p.staff.EndSessions, "lock": p.staff.Lock, "unlock": p.staff.Unlock, "erase": p.staff.EraseChild,
	}[act]
	switch {
	case do == nil:
		return p.say(w, r, http.StatusBadRequest, reader.Say("staff.no_act"))
	case len(seen.Shows) == 0:
		return p.lookPage(w, r, c, seen, http.StatusForbidden, reader.Say("fault.caller_unknown"))
	case act == "erase" && seen.Can(c, account.EraseChild) && text(r, "sure") != "yes":
		return p.lookPage(w, r, c, seen, http.StatusBadRequest, reader.Say("staff.unsure"))
	}
	if err := do(ctx, c, seen.Account, seen.Why); err != nil {
		return err
	}
	if act == "erase" {
		return p.say(w, r, http.StatusOK, reader.Say("staff.did.erase"))
	}
	return p.goTo(w, r, lookAt(seen)+"?done="+act)
}

// hear sends a caller's code, or takes it.
func (p *Pages) hear(w http.ResponseWriter, r *http.Request, c account.Clerk, seen account.Seen) (err error) {
	if text(r, "act") == "send" {
		err = p.staff.SendCall(r.Context(), c, seen.Look)
	} else {
		err = p.staff.EnterCall(r.Context(), c, seen.Look, text(r, "code"))
	}
	if err != nil {
		return again(p.kit.Reader(r), err, func(status int, wrong string) error { return p.lookPage(w, r, c, seen, status, wrong) })
	}
	return p.goTo(w, r, lookAt(seen)+"?done="+text(r, "act"))
}

type logView struct {
	Own     bool
	Entries []entry
}

type entry struct{ When, Who, Duty, Did, Shown, Of, Why string }

// serveLog serves GET /staff/log: what was done, newest first.
func (p *Pages) serveLog(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	all, err := p.staff.Log(r.Context(), c, time.Now().Add(time.Minute))
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := logView{Own: !c.Can(account.ReadLog)}
	for _, e := range all {
		who := e.Name
		if who == "" {
			who = string(e.By)
		}
		view.Entries = append(view.Entries, entry{
			moment(reader, e.At), who, string(e.Duty), reader.Say("staff.deed." + string(e.Did)), shown(reader, e.Shown), e.Of, e.Why,
		})
	}
	return p.trail.Reply(w, r, http.StatusOK, reader, titled(reader.Say("staff.log"), "/staff/log"), view)
}
