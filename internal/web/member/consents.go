package member

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/account/provider"
	"waypost/internal/fault"
	"waypost/internal/web/visit"
)

// A consentsView is what somebody agreed to, refused and took back, and what the
// site may ask a browser for.
type consentsView struct {
	Wrong, Done string
	Rows        []consentRow
	Newer       string // the version of the terms that wasn't agreed to yet; "" none
	CanRefuse   bool   // selling and sharing wasn't refused yet
	Browser     bool   // the browser says so by itself
	Alerts      string // where messages about parcels are chosen, "" nowhere
	Deactivate  link
	Entries     []consentEntry
	Device      []deviceUse
}

// A consentRow is how one purpose stands.
type consentRow struct {
	Title, State string
	Purpose      string // "" it ends with the account only
}

// A consentEntry is one of the ledger, in words.
type consentEntry struct{ Title, State, When, Version, Wording, How string }

// A deviceUse is something of the device that pages may ask for.
type deviceUse struct{ Title, Text string }

// deviceUses are what scripts use of a device, and what they never do; a test
// compares them with the scripts.
var deviceUses = []string{"clipboard", "share", "credentials", "others"}

var errPurpose = fault.New(fault.Invalid, "purpose", "That can't be taken back here.")

// serveConsents serves GET /account/consents.
func (p *Pages) serveConsents(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	return p.consentsPage(w, r, p.blank(r), v, s)
}

func (p *Pages) consentsPage(w http.ResponseWriter, r *http.Request, f *form, v visit.Visit, s *account.Store) error {
	all, err := s.Consents(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	view := consentsView{
		Wrong: f.wrong[""], CanRefuse: true, Browser: v.NoSale, Deactivate: link{"/account/deactivate", f.say("consents.deactivate")},
	}
	if done := r.URL.Query().Get("done"); done == "consents" && r.Method == http.MethodGet {
		view.Done = f.say("done.consents")
	}
	if p.messages != nil {
		view.Alerts = "/account/alerts"
	}
	for _, c := range latest(all) {
		row := consentRow{Title: p.titleOf(f, c.Purpose), State: f.say(decidedAs(c), "day", f.reader.Day(c.At))}
		if c.Given && strings.HasPrefix(c.Purpose, account.ForLink) {
			row.Purpose = c.Purpose
		}
		switch {
		case c.Purpose == account.ForSale:
			view.CanRefuse = false
		case c.Purpose == account.ForTerms && c.Version != TermsVersion:
			view.Newer = TermsVersion
		}
		view.Rows = append(view.Rows, row)
	}
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i]
		view.Entries = append(view.Entries, consentEntry{
			p.titleOf(f, c.Purpose), f.say(decidedAs(c), "day", f.reader.Day(c.At)), utc(f, c.At), c.Version, c.Wording, c.How,
		})
	}
	for _, use := range deviceUses {
		view.Device = append(view.Device, deviceUse{f.say("uses." + use), f.say("uses." + use + "_text")})
	}
	return p.consents.Reply(w, r, f.status(), f.reader, titled(f.say("consents.title"), "account", "/account/consents"), view)
}

// newerTerms reports whether the terms have changed since somebody agreed to them.
func newerTerms(ctx context.Context, v visit.Visit, s *account.Store) (bool, error) {
	all, err := s.Consents(ctx, v.Session.Account)
	for _, c := range latest(all) {
		if c.Purpose == account.ForTerms && c.Version != TermsVersion {
			return true, err
		}
	}
	return false, err
}

// latest are the last entries of each purpose, in the order of the first ones.
func latest(all []account.Consent) []account.Consent {
	var last []account.Consent
	at := map[string]int{}
	for _, c := range all {
		if i, ok := at[c.Purpose]; ok {
			last[i] = c
			continue
		}
		at[c.Purpose] = len(last)
		last = append(last, c)
	}
	return last
}

// decidedAs is the key of the words of how an entry stands.
func decidedAs(c account.Consent) string {
	switch {
	case c.Purpose == account.ForUse && c.Given:
		return "consents.lifted"
	case c.Purpose == account.ForUse:
		return "consents.restricted"
	case strings.HasPrefix(c.Purpose, account.ForObjection) && c.Given:
		return "consents.unobjected"
	case strings.HasPrefix(c.Purpose, account.ForObjection):
		return "consents.objected"
	case c.Given:
		return "consents.given"
	case c.Purpose == account.ForSale:
		return "consents.refused"
	}
	return "consents.taken"
}

// titleOf is what people call a purpose.
func (p *Pages) titleOf(f *form, purpose string) string {
	if code, ok := strings.CutPrefix(purpose, account.ForLink); ok {
		name := code
		if o, err := p.members.Offer(provider.Code(code)); err == nil {
			name = o.Name
		}
		return f.say("consents.link", "provider", name)
	}
	if use, ok := strings.CutPrefix(purpose, account.ForObjection); ok {
		return f.say("consents.objection", "what", p.useOf(f, use))
	}
	return f.say("consents.purpose." + purpose)
}

// decide serves POST /account/consents: purpose. It ends at once what was
// agreed to, or refuses that data is sold or shared; of the terms it agrees to the
// version that holds now, if the form names that one.
func (p *Pages) decide(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	purpose := f.text("purpose")
	switch code, isLink := strings.CutPrefix(purpose, account.ForLink); {
	case isLink:
		err = p.members.Unlink(r.Context(), v.Session, provider.Code(code), from(v.From, f))
		if codeOf(err) == "link_missing" { // what was wanted
			err = nil
		}
	case purpose == account.ForSale:
		_, err = s.Decide(r.Context(), v.Session.Account, account.Consent{
			Purpose: account.ForSale, Wording: f.say("consents.refuse_text"), How: "POST /account/consents",
		})
	case purpose == account.ForTerms && f.text("version") == TermsVersion:
		_, err = s.Decide(r.Context(), v.Session.Account, account.Consent{
			Purpose: account.ForTerms, Version: TermsVersion, Wording: f.say("terms.agree"), How: "POST /account/consents", Given: true,
		})
	default:
		err = errPurpose
	}
	if err != nil {
		return again(f, err, func() error { return p.consentsPage(w, r, f, v, s) })
	}
	return p.goTo(w, r, "/account/consents?done=consents")
}

// A downloaded is an entry of the ledger as programs read it.
type downloaded struct {
	Purpose string    `json:"purpose"`
	Given   bool      `json:"given"`
	At      time.Time `json:"at"` // UTC
	Version string    `json:"version,omitempty"`
	Wording string    `json:"wording,omitempty"`
	How     string    `json:"how"`
}

// downloadConsents serves GET /account/consents/download: the ledger as JSON,
// oldest first.
func (p *Pages) downloadConsents(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	all, err := s.Consents(r.Context(), v.Session.Account)
	if err != nil {
		return err
	}
	entries := []downloaded{}
	for _, c := range all {
		entries = append(entries, downloaded{c.Purpose, c.Given, c.At, c.Version, c.Wording, c.How})
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="waypost-consents.json"`)
	h.Set("Cache-Control", "no-store")
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	return out.Encode(entries)
}
