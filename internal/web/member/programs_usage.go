package member

import (
	"net/http"
	"strings"
	"time"

	"waypost/internal/quota"
	"waypost/internal/web/visit"
)

// daysShown is how many days of the ledger one page shows.
const daysShown = 31

// A usageView is the ledger by day.
type usageView struct {
	Title   string
	Quota   []fact
	Days    []usageDay
	Earlier string // "" there are none
	Newest  string // where the newest are, "" here
	Back    link
}

type usageDay struct{ Day, ISO, What, Sum, Ever string }

// serveUsage serves GET /developer/usage: before=2026-11-01 shows earlier days.
func (p *Pages) serveUsage(w http.ResponseWriter, r *http.Request, _ visit.Visit, s programs) error {
	f := p.blank(r)
	state, err := s.State(r.Context(), s.owner)
	if err != nil {
		return err
	}
	before, _ := time.Parse(time.DateOnly, r.URL.Query().Get("before")) //nolint:errcheck // what is no day is none
	days, err := s.Days(r.Context(), s.owner, before, daysShown+1)
	if err != nil {
		return err
	}
	view := usageView{Title: f.say("usage.title"), Quota: p.quotaFacts(f, state), Back: s.back(f, "", "programs.title")}
	if len(days) > daysShown {
		days = days[:daysShown]
		view.Earlier = s.at("/usage?before=" + days[daysShown-1].Began.Format(time.DateOnly))
	}
	if !before.IsZero() {
		view.Newest = s.at("/usage")
	}
	for _, d := range days {
		view.Days = append(view.Days, usageDay{
			Day: f.reader.Day(d.Began), ISO: d.Began.Format(time.DateOnly), What: matterWords(f, d),
			Sum: f.say("usage.sum", "drawn", d.Sum), Ever: f.say("usage.ever", "drawn", d.Used),
		})
	}
	return p.usage.Reply(w, r, http.StatusOK, f.reader, titled(view.Title, "developer", asked(r)), view)
}

var matters = []quota.Matter{quota.Registration, quota.Translation, quota.Standard, quota.Instant}

// matterWords says how often each matter was drawn for.
func matterWords(f *form, d quota.Day) string {
	var words []string
	for _, m := range matters {
		if n := d.Amounts[m] / m.Costs(); n > 0 {
			words = append(words, f.say("usage.matter."+string(m), "n", int(n)))
		}
	}
	return strings.Join(words, " · ")
}

// quotaFacts are how a quota stands, in words.
func (p *Pages) quotaFacts(f *form, s quota.State) []fact {
	today := f.say("quota.drawn", "drawn", s.Today)
	if s.Daily > 0 {
		today = f.say("quota.drawn_of", "drawn", s.Today, "most", s.Daily)
	}
	total, label := f.say("quota.drawn", "drawn", s.Used), "quota.total"
	if s.Total != quota.Unlimited {
		total = f.say("quota.drawn_left", "drawn", s.Used, "most", s.Total, "left", max(0, s.Remain()))
	}
	facts := []fact{{f.say("quota.today"), today}}
	if s.Monthly {
		label = "quota.month"
		facts = append(facts, fact{f.say(label), total}, fact{f.say("quota.anew"), f.reader.Day(nextMonth(time.Now().UTC()))})
	} else {
		facts = append(facts, fact{f.say(label), total})
	}
	return append(facts, fact{f.say("quota.rate"), f.say("quota.rate_value", "compatible", p.quotas.Most(quota.Compatible), "own", p.quotas.Most(quota.Own))})
}

// nextMonth is when the month after t's begins.
func nextMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}
