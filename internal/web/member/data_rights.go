package member

import (
	"net/http"

	"waypost/internal/account"
	"waypost/internal/web/visit"
)

// A right is one of those that a member has, and where it is used: by a link or a
// form with one button.
type right struct {
	Title, Text string
	State       string // how it stands, "" nothing is to be said
	To          []link
	Action      string // of the form, "" none
	Name, Value string // that it sends
	Go          string
}

// What is restricted, and what isn't. TestEverySeamOfARestrictionIsDeclared has
// the same from the other side: everything that is done with people's data.
var (
	restrictStops = []string{"restrict.alerts", "restrict.hooks", "restrict.keys", "restrict.parcels", "restrict.learning", "restrict.mates", "restrict.staff"}
	restrictGoes  = []string{"restrict.safety", "restrict.abuse", "restrict.ends", "restrict.teams"}
)

// all are the words of several keys.
func (f *form) all(keys []string) []string {
	words := make([]string, len(keys))
	for i, key := range keys {
		words[i] = f.say(key)
	}
	return words
}

// rightsOf are a member's rights, but for that to restrict, which has more to say.
func (p *Pages) rightsOf(r *http.Request, f *form, v visit.Visit, s *account.Store) ([]right, error) {
	sale, err := p.saleOf(r, f, v, s)
	if err != nil {
		return nil, err
	}
	at := func(path, key string) []link { return []link{{path, f.say(key)}} }
	all := []right{
		{Title: f.say("data.see"), Text: f.say("data.see_text")},
		{Title: f.say("data.right"), Text: f.say("data.right_text"), To: at("/account", "account.title")},
		{Title: f.say("copy.title"), Text: f.say("copy.lead"), To: at("/my-data/copy", "copy.title")},
		{Title: f.say("data.take"), Text: f.say("data.take_text"), To: at("/parcels/export?format=csv", "data.take_parcels")},
		{Title: f.say("restrict.title"), Text: f.say("restrict.short"), To: at("/my-data#restrict", "restrict.title")},
		{Title: f.say("object.title"), Text: f.say("data.object_text"), To: at("/my-data/object", "object.go")},
		{Title: f.say("data.withdraw"), Text: f.say("data.withdraw_text"), To: at("/account/consents", "consents.title")},
		sale,
		{Title: f.say("data.other"), Text: f.say("data.other_text"), To: at("/my-data/requests", "requests.title")},
		{Title: f.say("deactivate.title"), Text: f.say("data.deactivate_text"), To: at("/account/deactivate", "deactivate.title")},
		{Title: f.say("delete.title"), Text: f.say("delete.lead"), To: at("/my-data/delete", "delete.title")},
	}
	if p.incidents != nil {
		all = append(all, right{Title: f.say("concern.title"), Text: f.say("concern.lead"), To: at("/account/incidents", "concern.title")})
	}
	return all, nil
}

// saleOf is the right that one's data is neither sold nor shared.
func (p *Pages) saleOf(r *http.Request, f *form, v visit.Visit, s *account.Store) (right, error) {
	sale := right{Title: f.say("data.sale"), Text: f.say("data.sale_text")}
	ledger, err := s.Consents(r.Context(), v.Session.Account)
	if err != nil {
		return sale, err
	}
	for _, c := range latest(ledger) {
		if c.Purpose == account.ForSale {
			sale.State = f.say("data.sale_refused", "day", f.reader.Day(c.At))
		}
	}
	if v.NoSale {
		sale.State += " " + f.say("data.sale_heard")
	}
	if sale.State == "" {
		sale.Action, sale.Name, sale.Value, sale.Go = "/account/consents", "purpose", account.ForSale, f.say("consents.refuse")
	}
	return sale, nil
}

// restrict serves POST /my-data/restrict: on=yes restricts the member's data,
// anything else lifts that.
func (p *Pages) restrict(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
	f, err := p.filled(r)
	if err != nil {
		return err
	}
	on, wording, done := f.text("on") == "yes", "restrict.ledger_lift", "lifted"
	if on {
		wording, done = "restrict.ledger", "restricted"
	}
	if err := s.Restrict(r.Context(), v.Session, on, f.say(wording), "POST /my-data/restrict", from(v.From, f)); err != nil {
		return err
	}
	return p.goTo(w, r, "/my-data?done="+done+"#restrict")
}
