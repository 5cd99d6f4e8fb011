package member

import (
	"cmp"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/watch"
	"waypost/internal/web/tell"
	"waypost/internal/web/ui"
)

// A parcelRow is one watch as a list shows it.
type parcelRow struct {
	ID      string
	Tick    bool // it can be ticked, for what is done to several
	Href    string
	Name    string // "" it has none, and its number stands for it
	Number  string
	Carrier string // "" not known yet
	Badge   *tell.Badge
	State   tell.State
	ETA     string
	Why     *whyLook
	Note    []ui.Piece
	Tags    []tagLink
	Order   string
	Stands  string // since when it is archived; how its registration stands
}

// A tagLink leads to what has a tag, or nowhere.
type tagLink struct{ Name, Href string }

// A whyLook says why somebody should look at a parcel, since when, and what to do.
type whyLook struct{ Icon, Tone, Since, Do string }

func newParcelRow(t tell.Teller, s shelf, w watch.Watch) parcelRow {
	row := parcelRow{
		ID: string(w.ID), Tick: s.writes, Href: s.at("/") + string(w.ID), Name: w.Name, Number: w.Number,
		State: stateOf(t, s, w), Why: whyOf(t, w), Note: ui.Linked(w.Note), Order: w.Order,
	}
	row.carriedBy(t, w.By())
	if w.Settled.IsZero() {
		standing := w.Parcel.Standing(t.Now)
		row.ETA = cmp.Or(t.ETA(standing.ETA, standing.ETABy), t.MailedETA(w.Expected.Day, w.Expected.By))
	}
	for _, tag := range w.Tags {
		row.Tags = append(row.Tags, tagLink{tag, s.list(watch.Query{Tags: []string{tag}})})
	}
	if !w.Archived.IsZero() {
		row.Stands = t.Say("parcels.archived_on", "day", t.Day(w.Archived))
	}
	return row
}

// carriedBy names the row's carrier, "" none.
func (row *parcelRow) carriedBy(t tell.Teller, code carrier.Code) {
	if code == "" {
		return
	}
	row.Carrier = t.Name(code)
	if c, ok := t.Carriers.Carrier(code); ok {
		badge := tell.BadgeOf(c)
		row.Badge = &badge
	}
}

// stateOf tells how a watch's parcel is; how it was, when the parcel has gone.
func stateOf(t tell.Teller, s shelf, w watch.Watch) tell.State {
	if w.Parcel.ID != "" && len(w.Parcel.Asks) == 0 {
		if by, needs := s.Demands(w); len(needs) > 0 {
			return t.Needing(by)
		}
	}
	if w.Parcel.ID != "" {
		return t.State(w.Parcel)
	}
	return stateWas(t, w.Summary)
}

// stateWas tells how a parcel was when it was last read.
func stateWas(t tell.Teller, s watch.Summary) tell.State {
	main, label := string(s.Status.Main()), t.Say("status."+string(s.Status))
	return tell.State{Group: main, Look: tell.LookOf(main), Label: label, Truth: t.Say("truth.bare", "status", label)}
}

// whyOf says what a watch needs, nil nothing.
func whyOf(t tell.Teller, w watch.Watch) *whyLook {
	why := w.Attention(t.Now)
	if why == watch.NoAttention || !w.Archived.IsZero() {
		return nil
	}
	look := map[watch.Attention]tell.Look{
		watch.PickUp: {Icon: "st-availableforpickup", Tone: "near"}, watch.Failed: {Icon: "st-deliveryfailure", Tone: "warn"},
		watch.Customs: {Icon: "info", Tone: "warn"}, watch.Exceptional: {Icon: "st-exception", Tone: "bad"}, watch.Silent: {Icon: "st-expired", Tone: "warn"},
	}[why]
	since := w.Since
	if why == watch.Silent {
		since = w.Event
	}
	key := "attention." + string(why)
	out := &whyLook{look.Icon, look.Tone, t.Say(key + "_bare"), t.Say(key + "_do")}
	if since = cmp.Or(since, w.Event); !since.IsZero() {
		out.Since = t.Say(key, "day", t.Day(since), "n", int(t.Now.Sub(since)/(24*time.Hour)))
	}
	return out
}
