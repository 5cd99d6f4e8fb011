package site

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/poll"
	"waypost/internal/web/tell"
)

// Known is how a browser goes on knowing those parcels of which it has given what
// their carriers demand besides the number. *visit.Door has it.
type Known interface {
	Known(r *http.Request) map[string]parcel.Mark
	Learn(w http.ResponseWriter, r *http.Request, number string, of parcel.Mark)
	Remind(w http.ResponseWriter, r *http.Request)
}

const (
	// maxNeeds bounds the form, in bytes.
	maxNeeds = 16 << 10

	// guessed is how many more numbers such a form counts as: it may be a guess.
	guessed = 16
)

// A tried is a form that was filled in and can't be used.
type tried struct {
	number string
	typed  carrier.Given
	wrong  []carrier.Need
}

// serveNeeds serves POST /track/needs: what the carrier by demands besides the
// number of, in fields that are named as the needs are; nums, fc and status are
// the list's. What was given stands in no address, and the cookie that finds the
// parcel again doesn't hold it.
func (s *Site) serveNeeds(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxNeeds)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("read the form: %w", asInvalid(err))
	}
	k := s.knowFor(r)
	q := readQuery(r.PostForm, k)
	number := r.PostForm.Get("of")
	at := slices.IndexFunc(q.items, func(it item) bool { return it.Text == number })
	if at < 0 || s.known == nil {
		return errForm
	}
	if ok, err := s.chargedFor(w, r, len(q.items)+guessed); !ok {
		return err
	}
	if by := q.carrier(r.PostForm.Get("by"), k); by != "" && len(q.items[at].Candidates) > 1 {
		q = q.choosing(number, by) // who is told what nobody else is to know is no guess
	}
	given, typed, wrong := tell.ReadNeeds(r.PostForm)
	plan := k.Plan(q.items[at].Number, q.items[at].named, given)
	if len(wrong) > 0 || len(plan.Given) == 0 {
		return s.show(w, r, k, q, &tried{number, typed, wrong})
	}
	parcels, err := s.parcels.Want(r.Context(), []parcel.Want{{
		Key: plan.Key, Given: plan.Given, Askings: plan.Askings, Choice: plan.Choice, Until: time.Now().Add(wantFor), Visitor: true,
	}})
	if err != nil {
		return fmt.Errorf("want a parcel by more than its number: %w", err)
	}
	s.known.Learn(w, r, number, parcels[0].Mark)
	http.Redirect(w, r, s.kit.Reader(r).Link(q.address("/track")+"#p-"+number), http.StatusSeeOther)
	return nil
}

// wantKnown wants those of the rows that the browser knows more of, and fills
// their parcels in. One that has gone is a row like others.
func (s *Site) wantKnown(ctx context.Context, rows []row, known map[string]parcel.Mark) error {
	var wants []parcel.Want
	for _, r := range rows {
		if mark, ok := known[r.Text]; ok {
			key := r.key()
			key.Mark = mark
			wants = append(wants, parcel.Want{Key: key, Until: time.Now().Add(wantFor), Visitor: true})
		}
	}
	if len(wants) == 0 {
		return nil
	}
	parcels, err := s.parcels.Want(ctx, wants)
	if err != nil {
		return fmt.Errorf("want parcels that are known by more than their number: %w", err)
	}
	mark(rows, parcels)
	return nil
}

// mark gives rows the parcels that are known by more than their number.
func mark(rows []row, parcels []parcel.Parcel) {
	for i := range rows {
		for k := range parcels {
			if p := &parcels[k]; p.Mark != "" && p.Number == rows[i].Text && p.Carrier == rows[i].plan.Key.Carrier {
				rows[i].plan.Key, rows[i].parcel = p.Key, p
			}
		}
	}
}

// marksOf are the parcels that a request's browser knows more of.
func (s *Site) marksOf(r *http.Request) map[string]parcel.Mark {
	if s.known == nil {
		return nil
	}
	return s.known.Known(r)
}

// demands is what a carrier wants to know about a row before it answers, or once
// more; nothing while others may still answer, or have.
func (d *desk) demands(r row) (carrier.Code, []carrier.Need) {
	if p := r.parcel; p != nil {
		if !p.Lacks && (len(p.History.Legs) > 0 || p.Awaits()) {
			return "", nil
		}
		if code, needs := p.Demands(d.know.Catalogue); len(needs) > 0 {
			return code, needs
		}
	}
	for _, m := range r.plan.Missing {
		if m.Why == poll.NeedsMore {
			return m.Carrier, m.Needs
		}
	}
	return "", nil
}

// needs puts the form on the card that asks for what a carrier demands, and says
// who sees a parcel that is known by more than its number.
func (d *desk) needs(c *card, r row) {
	code, needs := d.demands(r)
	asked := r.parcel != nil && tell.Needy(r.parcel.Asks) != nil
	switch {
	case len(needs) > 0:
		c.Needs = d.form(r, code, needs)
	case asked:
		d.outsideNeeds(c, tell.Needy(r.parcel.Asks))
	}
	switch {
	case r.key().Mark == "":
	case len(r.parcel.History.Legs) > 0:
		c.note("key", "calm", d.Say("notice.given", "carrier", d.Name(r.carrierOf())))
	case c.Needs != nil && !r.parcel.Lacks && !asked:
		c.note("key", "calm", d.Say("notice.given_missing"))
	}
}

// outsideNeeds says what a carrier wants to know whose source can't be told.
func (d *desk) outsideNeeds(c *card, a *parcel.Ask) {
	kind := carrier.PostalCode
	if a.Problem == carrier.NeedsPhone {
		kind = carrier.PhoneLast4
	}
	c.note("info", "warn", d.Say(needWords[kind], "carrier", d.Name(a.Carrier)))
	c.note("outside", "calm", d.Say("notice.needs_outside", "carrier", d.Name(a.Carrier)))
}

// form asks for needs on a row.
func (d *desk) form(r row, code carrier.Code, needs []carrier.Need) *tell.NeedForm {
	var typed carrier.Given
	var wrong []carrier.Need
	if d.tried != nil && d.tried.number == r.Text {
		typed, wrong = d.tried.typed, d.tried.wrong
	}
	f := d.NeedForm("need-"+r.Text, code, needs, typed, wrong)
	f.Action = "/track/needs"
	f.Hidden = []tell.Fact{{Name: "of", Value: r.Text}, {Name: "by", Value: string(code)}, {Name: "nums", Value: d.list.nums()}, {Name: "fc", Value: d.list.carriers()}, {Name: "status", Value: d.list.status}}
	return f
}
