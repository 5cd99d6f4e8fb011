package staff

import (
	"net/http"
	"slices"
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
	Lawful       bool
	Incidents    bool
	Requests     string // how many there are about people's data; "" for who doesn't answer them
}

// serveHome serves GET /staff.
func (p *Pages) serveHome(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.homePage(w, r, c, http.StatusOK, "")
}

func (p *Pages) homePage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	reader := p.kit.Reader(r)
	view := homeView{Name: c.Name, Duties: duties(reader, c.Duties), Wrong: wrong, Manages: c.Can(account.ManageStaff), Carriers: c.Can(account.ReadCarriers), Files: c.Can(account.TakeFiles), Holds: c.Can(account.ReadHolds), Purges: c.Can(account.ReadPurges), Lawful: c.Can(account.HandleLawful), Incidents: p.incidents != nil && c.Can(account.ReadIncidents)}
	if c.Can(account.AnswerRequest) {
		t, err := p.requests.Tally(r.Context())
		if err != nil {
			return err
		}
		view.Requests = reader.Say("requests.link", "open", t.Open, "late", t.Late)
	}
	if c.Can(account.FindAccount) {
		view.Find = append([]field{{Name: "who", Type: "text", Label: reader.Say("staff.who"), Value: text(r, "who"), Complete: "off"}}, why(reader, r)...)
	}
	return p.home.Reply(w, r, status, reader, titled(reader.Say("staff.title"), "/staff"), view)
}

// why are the fields that say what one looks for.
func why(reader ui.Reader, r *http.Request) []field {
	matter := field{Name: "matter", Label: reader.Say("staff.matter")}
	for _, m := range account.Matters {
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
	ID, Matter, Ref string
	Facts           []fact
	Devices         []string
	Consents        []string
	Acts            []act
	Holds           bool
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
	reader := p.kit.Reader(r)
	view := seenView{ID: string(seen.Account), Matter: text(r, "matter"), Ref: text(r, "ref"), Facts: facts(reader, seen), Acts: acts(reader, c, seen), Holds: c.Can(account.SetHolds)}
	for _, d := range seen.Devices {
		view.Devices = append(view.Devices, d.Label+", "+reader.Day(d.Seen))
	}
	for _, e := range seen.Consents {
		view.Consents = append(view.Consents, e.Purpose+" "+e.Version+", "+moment(reader, e.At))
	}
	return p.seen.Reply(w, r, http.StatusOK, reader, titled(reader.Say("staff.account"), "/staff"), view)
}

// facts are what is shown of an account; what a duty doesn't let one see is empty.
func facts(reader ui.Reader, s account.Seen) []fact {
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
		if one.now && c.Can(one.power) {
			all = append(all, act{one.name, reader.Say("staff.act." + one.name), reader.Say("staff.means." + one.name), one.grave})
		}
	}
	return all
}

// act serves POST /staff/accounts/{account}: act, matter, ref, and for what
// can't be taken back sure=yes.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	reader, id := p.kit.Reader(r), account.ID(r.PathValue("account"))
	do := map[string]func() error{
		"signout": func() error { return p.staff.EndSessions(r.Context(), c, id, whyOf(r)) },
		"lock":    func() error { return p.staff.Lock(r.Context(), c, id, whyOf(r)) },
		"unlock":  func() error { return p.staff.Unlock(r.Context(), c, id, whyOf(r)) },
		"erase":   func() error { return p.staff.EraseChild(r.Context(), c, id, whyOf(r)) },
	}[text(r, "act")]
	if do == nil {
		return p.say(w, r, http.StatusBadRequest, reader.Say("staff.no_act"))
	}
	if text(r, "act") == "erase" && c.Can(account.EraseChild) && text(r, "sure") != "yes" {
		return p.say(w, r, http.StatusBadRequest, reader.Say("staff.unsure"))
	}
	if err := do(); err != nil {
		return err
	}
	return p.say(w, r, http.StatusOK, reader.Say("staff.did."+text(r, "act")))
}

type logView struct {
	Own     bool
	Entries []entry
}

type entry struct{ When, Who, Duty, Did, Of, Why string }

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
		view.Entries = append(view.Entries, entry{moment(reader, e.At), who, string(e.Duty), reader.Say("staff.deed." + string(e.Did)), e.Of, e.Why})
	}
	return p.trail.Reply(w, r, http.StatusOK, reader, titled(reader.Say("staff.log"), "/staff/log"), view)
}
