package staff

import (
	"context"
	"net/http"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
	"waypost/internal/web/ui"
)

// reviewIn is when a hold is proposed to be looked at again.
const reviewIn = 90 * 24 * time.Hour

type holdsView struct {
	Wrong  string
	Away   string // which regions are missing, in words
	Holds  []holdLine
	Fields []field
}

// A holdLine is a hold in the list.
type holdLine struct {
	ID, Of, Ground, Ref, When string
	Late, Lifted              bool // looked at too late; over
}

// serveHolds serves GET /staff/holds, where ?of= names whose data is to be held.
func (p *Pages) serveHolds(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.holdsPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) holdsPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	if err := c.Must(account.ReadHolds); err != nil {
		return err
	}
	all, away, err := p.holds.List(r.Context())
	if err != nil {
		return err
	}
	reader := p.kit.Reader(r)
	view := holdsView{Wrong: wrong, Away: missing(reader, away), Fields: holdFields(reader, r)}
	for _, h := range all {
		view.Holds = append(view.Holds, line(reader, h))
	}
	return p.heldBack.Reply(w, r, status, reader, titled(reader.Say("holds.title"), "/staff/holds"), view)
}

func line(reader ui.Reader, h hold.Hold) holdLine {
	l := holdLine{
		ID: string(h.ID), Of: string(h.Of), Ground: reader.Say("holds.ground." + string(h.Ground)), Ref: h.Ref,
		When: reader.Say("holds.review_by", "when", reader.Day(h.Review)), Late: h.Lifted.IsZero() && h.Review.Before(time.Now()), Lifted: !h.Lifted.IsZero(),
	}
	if l.Lifted {
		l.When = reader.Say("holds.lifted_on", "when", reader.Day(h.Lifted))
	}
	return l
}

// holdMatters are what somebody sets a hold for; whether there is such a case isn't asked.
var holdMatters = []account.Matter{account.ForTicket, account.ForRequest, account.ForIncident, account.ForLawful}

// holdFields are those of the form that holds somebody's data.
func holdFields(reader ui.Reader, r *http.Request) []field {
	ground := field{Name: "ground", Label: reader.Say("holds.ground")}
	for _, g := range hold.Grounds {
		ground.Choices = append(ground.Choices, choice{string(g), reader.Say("holds.ground." + string(g)), text(r, "ground") == string(g)})
	}
	of := text(r, "of")
	if of == "" {
		of = r.URL.Query().Get("of")
	}
	return append([]field{
		{Name: "of", Type: "text", Label: reader.Say("holds.of"), Value: of, Complete: "off"},
		ground,
		{Name: "record", Type: "text", Label: reader.Say("holds.record"), Value: text(r, "record"), Complete: "off"},
		{Name: "reason", Type: "text", Label: reader.Say("holds.reason"), Value: text(r, "reason"), Complete: "off"},
		review(reader, r),
	}, why(reader, r, holdMatters)...)
}

// review is the field of a day on which a hold is looked at again.
func review(reader ui.Reader, r *http.Request) field {
	day := text(r, "review")
	if day == "" {
		day = time.Now().Add(reviewIn).UTC().Format(time.DateOnly)
	}
	return field{Name: "review", Type: "date", Label: reader.Say("holds.review"), Value: day, Complete: "off"}
}

var errDay = fault.New(fault.Invalid, "staff_day", "Please write the day like 2026-03-02: year, month, day.")

// dayOf is the day that stands in a field, the zero time where nothing does.
func dayOf(r *http.Request, name string) (time.Time, error) {
	written := strings.TrimSpace(text(r, name))
	if written == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, written)
	if err != nil {
		return time.Time{}, errDay
	}
	return t, nil
}

// setHold serves POST /staff/holds: of, ground, record, reason, review, and what for.
func (p *Pages) setHold(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.SetHolds); err != nil {
		return err
	}
	again := func(status int, wrong string) error { return p.holdsPage(w, r, c, status, wrong) }
	next, err := dayOf(r, "review")
	if err != nil {
		return p.holdAgain(p.kit.Reader(r), err, again)
	}
	want := hold.Hold{Of: inventory.Subject(text(r, "of")), Ground: hold.Ground(text(r, "ground")), Ref: text(r, "record"), Reason: text(r, "reason"), Review: next}
	err = p.staff.Hold(r.Context(), c, want.Of, account.DidHold, whyOf(r), want.Ground.Told(), func(ctx context.Context, note account.Note) error {
		_, err := p.holds.Set(ctx, string(c.ID), want, note)
		return err
	})
	if err != nil {
		return p.holdAgain(p.kit.Reader(r), err, again)
	}
	return p.goTo(w, r, "/staff/holds")
}

// holdAgain is again, also for an account that isn't there: it was typed.
func (p *Pages) holdAgain(reader ui.Reader, err error, page func(status int, wrong string) error) error {
	status, words, ok := told(reader, err)
	if !ok {
		return err
	}
	return page(status, words)
}

type holdView struct {
	ID     string
	Wrong  string
	Facts  []fact
	Acts   []holdAct
	Fields []field
	Review field
}

// A holdAct is something that was done to a hold.
type holdAct struct{ When, Who, Did, Words string }

// serveHold serves GET /staff/holds/{hold}: what it is, and what was done to it.
func (p *Pages) serveHold(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	return p.holdPage(w, r, c, http.StatusOK, "")
}

func (p *Pages) holdPage(w http.ResponseWriter, r *http.Request, c account.Clerk, status int, wrong string) error {
	if err := c.Must(account.ReadHolds); err != nil {
		return err
	}
	h, err := p.holds.Get(r.Context(), hold.ID(r.PathValue("hold")))
	if err != nil {
		return err
	}
	history, err := p.holds.History(r.Context(), h)
	if err != nil {
		return err
	}
	names, err := p.staff.Names(r.Context(), c)
	if err != nil {
		return err
	}
	reader, l := p.kit.Reader(r), line(p.kit.Reader(r), h)
	view := holdView{ID: l.ID, Wrong: wrong, Facts: []fact{
		{reader.Say("holds.whose"), l.Of},
		{reader.Say("holds.ground"), l.Ground},
		{reader.Say("holds.record"), l.Ref},
		{reader.Say("holds.reason"), h.Reason},
		{reader.Say("holds.stands"), l.When},
	}}
	for _, e := range history {
		by := calledBy(reader, names, account.StaffID(e.By), "staff.duty.console")
		view.Acts = append(view.Acts, holdAct{moment(reader, e.At), by, reader.Say("holds.did." + string(e.Did)), e.Words})
	}
	if !l.Lifted {
		view.Review = review(reader, r)
		view.Fields = append([]field{{Name: "words", Type: "text", Label: reader.Say("holds.words"), Value: text(r, "words"), Complete: "off"}}, why(reader, r, holdMatters)...)
	}
	return p.held.Reply(w, r, status, reader, titled(reader.Say("holds.one"), "/staff/holds"), view)
}

// changeHold serves POST /staff/holds/{hold}: act=review with review, or lift; words,
// and what for.
func (p *Pages) changeHold(w http.ResponseWriter, r *http.Request, c account.Clerk) error {
	if err := c.Must(account.SetHolds); err != nil {
		return err
	}
	h, err := p.holds.Get(r.Context(), hold.ID(r.PathValue("hold")))
	if err != nil {
		return err
	}
	var did account.Deed
	var do func(ctx context.Context, note account.Note) error
	switch text(r, "act") {
	case "review":
		did, do = account.DidReview, func(ctx context.Context, note account.Note) error {
			next, err := dayOf(r, "review")
			if err != nil {
				return err
			}
			return p.holds.Review(ctx, string(c.ID), h.ID, next, text(r, "words"), note)
		}
	case "lift":
		did, do = account.DidRelease, func(ctx context.Context, note account.Note) error {
			return p.holds.Lift(ctx, string(c.ID), h.ID, text(r, "words"), note)
		}
	default:
		return p.say(w, r, http.StatusBadRequest, p.kit.Reader(r).Say("staff.no_act"))
	}
	if err := p.staff.Hold(r.Context(), c, h.Of, did, whyOf(r), h.Ground.Told(), do); err != nil {
		return p.holdAgain(p.kit.Reader(r), err, func(status int, wrong string) error { return p.holdPage(w, r, c, status, wrong) })
	}
	return p.goTo(w, r, "/staff/holds/"+string(h.ID))
}
