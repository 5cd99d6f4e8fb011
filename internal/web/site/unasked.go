package site

import (
	"strings"

	"waypost/internal/poll"
	"waypost/internal/recognise"
)

// obstacle is the one reason that is told when nobody can be asked: that which
// the reader can do most about.
func (r row) obstacle() poll.Missing {
	for _, why := range []poll.Why{poll.NotOnAGuess, poll.NeedsMore, poll.NotConnected, poll.NoSource} {
		for _, m := range r.plan.Missing {
			if m.Why == why {
				return m
			}
		}
	}
	return poll.Missing{}
}

// unasked is a number that nobody can be asked about, and what would help.
func (d *desk) unasked(c *card, r row) {
	switch missing := r.obstacle(); missing.Why {
	case poll.NotOnAGuess:
		c.Label, c.Truth = d.Say("label.stuck_choose"), d.Say("truth.choose")
		c.note("info", "calm", d.Say("notice.choose"))
	case poll.NeedsMore:
		c.Label = d.Say("label.stuck_needs")
		c.Truth = d.Say("truth.needs", "carrier", d.Name(missing.Carrier))
	case poll.NotConnected, poll.NoSource:
		c.Label = d.Say("label.stuck_unconnected")
		c.Truth = d.Say("truth.unconnected", "carrier", d.Name(missing.Carrier))
		d.unconnected(c, missing)
	default:
		c.Label = d.Say("label.stuck_number")
		d.badNumber(c, r)
	}
}

func (d *desk) unconnected(c *card, m poll.Missing) {
	text := d.Say("notice.unconnected_bare", "carrier", d.Name(m.Carrier))
	if len(m.Values) > 0 {
		text = d.Say("notice.unconnected", "carrier", d.Name(m.Carrier), "source", m.Source, "values", strings.Join(m.Values, ", "))
	}
	c.note("info", "calm", text)
	if c.Outside != nil {
		c.note("outside", "calm", d.Say("notice.unconnected_visitor"))
	}
}

func (d *desk) badNumber(c *card, r row) {
	if r.Problem == recognise.NoProblem {
		c.Truth = d.Say("truth.nowhere")
	} else {
		c.Truth = d.Say("truth." + string(r.Problem))
	}
	for _, reason := range r.Reasons {
		switch reason.Code {
		case recognise.IsS10:
			c.note("info", "calm", d.Reason(reason))
		case recognise.IsSSCC:
			c.note("info", "calm", d.Say("notice.sscc"))
		}
	}
	if r.Closest != "" {
		c.Correction = &correction{r.Closest, d.list.correcting(r.Text, r.Closest).address("/track")}
	}
	if r.Problem == recognise.UnknownFormat {
		c.note("info", "calm", d.Say("notice.unknown_format"))
		return
	}
	c.note("info", "calm", d.Say("notice.number"))
}
