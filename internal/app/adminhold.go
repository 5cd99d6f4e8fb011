package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/hold"
	"waypost/internal/inventory"
)

type adminHold struct {
	Set    adminHoldSet    `cmd:"" help:"Have somebody's data stay until the hold is lifted."`
	List   adminHoldList   `cmd:"" help:"The holds in force, the one to be looked at next first, then those that were lifted."`
	Show   adminHoldShow   `cmd:"" help:"A hold, and what was done to it."`
	Review adminHoldReview `cmd:"" help:"Say that a hold is still needed, and until when it is looked at again."`
	Lift   adminHoldLift   `cmd:"" help:"End a hold. What it kept is deleted with the next run."`
}

type (
	adminHoldSet struct {
		adminWhere
		adminWhy
		Account string      `arg:"" help:"The account's id, as waypost admin user find prints it, or a business account's."`
		Ground  hold.Ground `required:"" enum:"claim,order,silent_order" help:"claim: it is evidence in a dispute; order: a court or authority orders it; silent_order: it forbids to tell, too."`
		Ref     string      `required:"" help:"The number on record: C-2026-3."`
		Reason  string      `required:"" help:"Why, in a sentence. It is encrypted with the account's key."`
		Until   string      `required:"" placeholder:"DATE" help:"When somebody is to look whether it is still needed, 2026-03-02; within a year."`
	}
	adminHoldList struct{ adminWhere }
	adminHoldOne  struct {
		adminWhere
		ID hold.ID `arg:"" help:"As waypost admin hold list prints it."`
	}
	adminHoldShow   struct{ adminHoldOne }
	adminHoldReview struct {
		adminHoldOne
		adminWhy
		Until string `required:"" placeholder:"DATE" help:"When somebody is to look at it again, 2026-03-02; within a year."`
		Words string `required:"" help:"Why it is still needed."`
	}
	adminHoldLift struct {
		adminHoldOne
		adminWhy
		Words string `required:"" help:"Why it is needed no more."`
	}
)

type holdJSON struct {
	ID      string     `json:"id"`
	Account string     `json:"account"`
	Ground  string     `json:"ground"`
	Told    bool       `json:"told"` // whether its owner may know
	Ref     string     `json:"ref"`
	Reason  string     `json:"reason"`
	Review  time.Time  `json:"review"` // UTC
	Set     time.Time  `json:"set"`    // UTC
	Lifted  *time.Time `json:"lifted,omitempty"`
}

func newHoldJSON(h hold.Hold) holdJSON {
	j := holdJSON{ID: string(h.ID), Account: string(h.Of), Ground: string(h.Ground), Told: h.Ground.Told(), Ref: h.Ref, Reason: h.Reason, Review: h.Review, Set: h.Set}
	if !h.Lifted.IsZero() {
		j.Lifted = &h.Lifted
	}
	return j
}

var errDay = fault.New(fault.Invalid, "day", "%s is no day like 2026-03-02.")

func dayOf(text string) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, errDay.With(text)
	}
	return t, nil
}

func (c adminHoldSet) Run(ctx context.Context, stdio Stdio) error {
	until, err := dayOf(c.Until)
	if err != nil {
		return err
	}
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		of := inventory.Subject(c.Account)
		var id hold.ID
		err := p.members.Staff().Hold(ctx, account.Console(), of, account.DidHold, c.why(), c.Ground.Told(), func(ctx context.Context, note account.Note) (err error) {
			id, err = p.holds.Set(ctx, "", hold.Hold{Of: of, Ground: c.Ground, Ref: c.Ref, Reason: c.Reason, Review: until}, note)
			return err
		})
		if err != nil {
			return err
		}
		return c.tellHold(ctx, stdio, p, id)
	})
}

// tellHold prints a hold as it stands.
func (w adminWhere) tellHold(ctx context.Context, stdio Stdio, p *people, id hold.ID) error {
	h, err := p.holds.Get(ctx, id)
	if err != nil {
		return err
	}
	return w.tell(stdio.Out, newHoldJSON(h), func(out io.Writer) {
		if !h.Lifted.IsZero() {
			fmt.Fprintf(out, "%s was lifted.\n", h.ID)
			return
		}
		fmt.Fprintf(out, "%s holds the data of %s; look at it again by %s.\n", h.ID, h.Of, h.Review.Format(time.DateOnly))
	})
}

func (c adminHoldList) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		holds, away, err := p.holds.List(ctx)
		if err != nil {
			return err
		}
		missing(stdio.Err, away)
		all := []holdJSON{}
		for _, h := range holds {
			all = append(all, newHoldJSON(h))
		}
		return c.tell(stdio.Out, all, func(out io.Writer) {
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ACCOUNT\tGROUND\tREF\tREVIEW\tLIFTED\tID")
			for _, h := range all {
				lifted := "–"
				if h.Lifted != nil {
					lifted = h.Lifted.Format(time.DateOnly)
				}
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", h.Account, h.Ground, h.Ref, h.Review.Format(time.DateOnly), lifted, h.ID)
			}
			table.Flush() //nolint:errcheck // nobody is left to tell
		})
	})
}

type holdEntryJSON struct {
	Did   string    `json:"did"`
	By    string    `json:"by"` // "" at the console
	Words string    `json:"words"`
	At    time.Time `json:"at"` // UTC
}

func (c adminHoldShow) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		h, err := p.holds.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		entries, err := p.holds.History(ctx, h)
		if err != nil {
			return err
		}
		history := []holdEntryJSON{}
		for _, e := range entries {
			history = append(history, holdEntryJSON{string(e.Did), e.By, e.Words, e.At})
		}
		return c.tell(stdio.Out, map[string]any{"hold": newHoldJSON(h), "history": history}, func(out io.Writer) {
			fmt.Fprintf(out, "%s of %s, %s %s: %s\nLook at it again by %s.\n", h.ID, h.Of, h.Ground, h.Ref, h.Reason, h.Review.Format(time.DateOnly))
			for _, e := range history {
				fmt.Fprintf(out, "  %s  %s  %s\n", e.At.Format("2006-01-02 15:04 UTC"), e.Did, e.Words)
			}
		})
	})
}

// change changes a hold, writes down that it was, and prints it.
func (c adminHoldOne) change(ctx context.Context, stdio Stdio, why account.Why, did account.Deed, do func(ctx context.Context, p *people, note account.Note) error) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		h, err := p.holds.Get(ctx, c.ID)
		if err != nil {
			return err
		}
		err = p.members.Staff().Hold(ctx, account.Console(), h.Of, did, why, h.Ground.Told(), func(ctx context.Context, note account.Note) error { return do(ctx, p, note) })
		if err != nil {
			return err
		}
		return c.tellHold(ctx, stdio, p, c.ID)
	})
}

func (c adminHoldReview) Run(ctx context.Context, stdio Stdio) error {
	until, err := dayOf(c.Until)
	if err != nil {
		return err
	}
	return c.change(ctx, stdio, c.why(), account.DidReview, func(ctx context.Context, p *people, note account.Note) error {
		return p.holds.Review(ctx, "", c.ID, until, c.Words, note)
	})
}

func (c adminHoldLift) Run(ctx context.Context, stdio Stdio) error {
	return c.change(ctx, stdio, c.why(), account.DidRelease, func(ctx context.Context, p *people, note account.Note) error {
		return p.holds.Lift(ctx, "", c.ID, c.Words, note)
	})
}
