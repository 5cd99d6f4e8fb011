package staff

import (
	"context"
	"net/http"

	"waypost/internal/account"
	"waypost/internal/inventory"
	"waypost/internal/mail"
	"waypost/internal/recipient"
	"waypost/internal/web/ui"
)

// Recipients are the services outside that are told of erasures.
// *recipient.Recipients has it.
type Recipients interface {
	Of(who inventory.Subject) (*recipient.Store, error)
	Reached(do func(*recipient.Store) error) (away []string, err error)
	Called(to recipient.To, lang string) string
}

type recipientsView struct {
	Away      string // which regions are missing, in words
	Facts     []fact
	Why       []field
	Open      []noticeLine
	Confirmed []noticeLine
}

// A noticeLine is a notice in the list. Nobody is named.
type noticeLine struct {
	ID, Called string
	Facts      []fact
	Loud       bool // the staff are to see to it
}

// serveRecipients serves GET /staff/recipients: which services were told of
// erasures and which confirmed, those for the staff to see to among them.
func (p *Pages) serveRecipients(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.TellErasures); err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := recipientsView{Why: why(reader, r, p.staff.MattersOf(c))}
	counts, uncounted, err := p.noticeCounts(r.Context())
	if err != nil {
		return err
	}
	view.Facts = []fact{
		{reader.Say("recipients.open"), reader.Say("health.count", "n", counts.Open)},
		{reader.Say("recipients.escalated"), reader.Say("health.count", "n", counts.Escalated)},
		{reader.Say("recipients.confirmed"), reader.Say("health.count", "n", counts.Confirmed)},
	}
	away, err := p.noticeLines(r.Context(), reader, &view)
	if err != nil {
		return err
	}
	view.Away = missing(reader, append(away, uncounted...))
	return p.told.Reply(w, r, http.StatusOK, reader, titled(reader.Say("recipients.title"), "/staff/recipients"), view)
}

// noticeLines lists the notices of all regions but those that are away.
func (p *Pages) noticeLines(ctx context.Context, reader ui.Reader, view *recipientsView) (away []string, err error) {
	return p.recipients.Reached(func(s *recipient.Store) error {
		all, err := s.Notices(ctx)
		for _, n := range all {
			line := noticeLine{ID: n.ID, Called: p.recipients.Called(n.To, reader.Lang), Facts: noticeFacts(reader, n), Loud: !n.Escalated.IsZero()}
			if n.Confirmed.IsZero() {
				view.Open = append(view.Open, line)
			} else {
				view.Confirmed = append(view.Confirmed, line)
			}
		}
		return err
	})
}

// noticeCounts counts the notices of all regions but those that are away.
func (p *Pages) noticeCounts(ctx context.Context) (sum recipient.Counts, away []string, err error) {
	away, err = p.recipients.Reached(func(s *recipient.Store) error {
		c, err := s.Counts(ctx)
		sum.Open, sum.Escalated, sum.Confirmed = sum.Open+c.Open, sum.Escalated+c.Escalated, sum.Confirmed+c.Confirmed
		return err
	})
	return sum, away, err
}

func noticeFacts(reader ui.Reader, n recipient.Notice) []fact {
	all := []fact{{reader.Say("recipients.erased"), moment(reader, n.Made)}, {reader.Say("recipients.way"), reader.Say("recipients.way." + string(n.Way))}}
	if !n.Told.IsZero() {
		all = append(all, fact{reader.Say("recipients.told"), moment(reader, n.Told)})
	}
	if n.Problem != "" {
		all = append(all, fact{reader.Say("recipients.problem"), n.Problem})
	}
	if !n.Confirmed.IsZero() {
		all = append(all, fact{reader.Say("recipients.confirmed_at"), moment(reader, n.Confirmed) + ", " + reader.Say("recipients.how."+string(n.How))})
	}
	if n.Ref != "" {
		all = append(all, fact{reader.Say("staff.ref"), n.Ref})
	}
	return all
}

type noticeLetterView struct {
	mail.Letter
	ID string
}

// takeNotice serves POST /staff/recipients/{notice}: act letter or confirm, matter,
// ref. It is written down first.
func (p *Pages) takeNotice(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	reader, id := p.kit.Reader(r), r.PathValue("notice")
	did := map[string]account.Deed{"letter": account.DidSeeNote, "confirm": account.DidConfirm}[text(r, "act")]
	if err := c.Must(account.TellErasures); err != nil {
		return err
	}
	if did == "" {
		return p.say(w, r, http.StatusBadRequest, reader.Say("staff.no_act"))
	}
	s, err := p.recipients.Of(inventory.Subject(id))
	if err != nil {
		return err
	}
	if err := s.Waits(r.Context(), id); err != nil {
		return err
	}
	why := whyOf(r)
	if err := p.staff.TakeNotice(r.Context(), c, id, did, why); err != nil {
		return err
	}
	if did == account.DidSeeNote {
		l, err := s.Letter(r.Context(), id)
		if err != nil {
			return err
		}
		return p.letter.Reply(w, r, http.StatusOK, reader, titled(reader.Say("recipients.letter"), "/staff/recipients"), noticeLetterView{l, id})
	}
	if err := s.ConfirmBy(r.Context(), id, string(c.ID), why.String()); err != nil {
		return err
	}
	return p.goTo(w, r, "/staff/recipients")
}
