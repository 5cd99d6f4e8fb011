package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"waypost/internal/closing"
	"waypost/internal/config"
	"waypost/internal/fault"
)

type adminClosing struct {
	Declare adminClosingDeclare `cmd:"" help:"Declare that the business ends, or to whom it is handed over. Everybody is told."`
	Show    adminClosingShow    `cmd:"" help:"What is declared."`
	Cancel  adminClosingCancel  `cmd:"" help:"Take it back, until its day. Everybody who was told is told that, too."`
}

type (
	adminClosingDeclare struct {
		adminWhere
		Ends    string `required:"" placeholder:"DATE" help:"On which day, 2026-03-02 (UTC): closing.notice from now or later."`
		Contact string `required:"" help:"Who answers questions: an e-mail address or a phone number."`
		To      string `help:"Who takes the business over. Without it the business ends, and everybody is erased."`
		Changes string `help:"What changes, in the words that members read; needed with --to."`
		Consent bool   `help:"Only those are handed over who agree; the others are erased."`
		Yes     bool   `required:"" help:"That you mean it: on the day people are erased, which can't be taken back."`
	}
	adminClosingShow   struct{ adminWhere }
	adminClosingCancel struct{ adminWhere }
)

type closingJSON struct {
	Kind      closing.Kind `json:"kind"`
	To        string       `json:"to,omitempty"`
	Contact   string       `json:"contact"`
	Changes   string       `json:"changes,omitempty"`
	Consent   bool         `json:"consent,omitempty"`
	Declared  time.Time    `json:"declared"`
	Ends      time.Time    `json:"ends"`
	Ending    time.Time    `json:"ending,omitzero"`
	Cancelled time.Time    `json:"cancelled,omitzero"`
	Done      time.Time    `json:"done,omitzero"`
}

var errClosingDay = fault.New(fault.Invalid, "closing_day", "%s is no day like 2026-03-02.")

func (c adminClosingDeclare) Run(ctx context.Context, stdio Stdio) error {
	ends, err := time.Parse(time.DateOnly, c.Ends)
	if err != nil {
		return errClosingDay.With(c.Ends)
	}
	kind := closing.Closure
	if c.To != "" {
		kind = closing.Transfer
	}
	return c.open(ctx, stdio, func(p *people, cfg config.Config) error {
		d, err := p.closing.Declare(ctx, closing.Declaration{Kind: kind, To: c.To, Contact: c.Contact, Changes: c.Changes, Consent: c.Consent, Ends: ends}, cfg.Closing.Notice)
		if err != nil {
			return err
		}
		return c.tellClosing(stdio, d)
	})
}

func (c adminClosingShow) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		d, err := p.closing.Last(ctx)
		if err != nil {
			return err
		}
		return c.tellClosing(stdio, d)
	})
}

func (c adminClosingCancel) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		d, err := p.closing.Cancel(ctx)
		if err != nil {
			return err
		}
		return c.tellClosing(stdio, d)
	})
}

// tellClosing prints a declaration.
func (w adminWhere) tellClosing(stdio Stdio, d closing.Declaration) error {
	shown := closingJSON{d.Kind, d.To, d.Contact, d.Changes, d.Consent, d.Declared, d.Ends, d.Ending, d.Cancelled, d.Done}
	return w.tell(stdio.Out, shown, func(out io.Writer) {
		day := d.Ends.Format("2006-01-02 15:04 UTC")
		if d.Kind == closing.Transfer {
			fmt.Fprintf(out, "The business is handed over to %s on %s.\n", d.To, day)
		} else {
			fmt.Fprintf(out, "The business ends on %s, and everybody is erased.\n", day)
		}
		switch {
		case !d.Cancelled.IsZero():
			fmt.Fprintln(out, "It was taken back; whoever was told is told that.")
		case !d.Done.IsZero():
			fmt.Fprintln(out, "All is done.")
		case !d.Ending.IsZero():
			fmt.Fprintln(out, "Its day has come; it is being done, and can't be taken back.")
		default:
			fmt.Fprintln(out, "Everybody is being told. Until then: waypost admin closing cancel")
		}
	})
}
