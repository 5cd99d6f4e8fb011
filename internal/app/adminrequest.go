package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/request"
)

type adminRequestCommand struct {
	List adminRequestList `cmd:"" help:"Those that are open, the late ones first. It names nobody."`
}

type adminRequestList struct {
	adminWhere
	State request.State `help:"Only those in a state: received, verifying, working, waiting, done, refused, taken_back, lapsed." enum:",received,verifying,working,waiting,done,refused,taken_back,lapsed" default:""`
}

type requestJSON struct {
	Number   request.Number  `json:"number"`
	Region   string          `json:"region"`
	Kind     request.Kind    `json:"kind"`
	Way      request.Way     `json:"way"`
	State    request.State   `json:"state"`
	Clerk    account.StaffID `json:"clerk,omitempty"`
	Received time.Time       `json:"received"` // UTC
	Due      time.Time       `json:"due"`      // UTC
	Late     time.Time       `json:"late"`     // UTC
	Most     time.Time       `json:"most"`     // UTC; what the law gives
	Stands   bool            `json:"stands"`   // while it waits for the person
	Over     request.Over    `json:"over,omitempty"`
}

func (c adminRequestList) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, cfg config.Config) error {
		all, err := request.Open(ctx, p.members.Staff(), requestRegions(p, cfg)...)
		if err != nil {
			return err
		}
		lines, away, err := all.List(ctx, account.Console(), request.Filter{State: c.State})
		if err != nil {
			return err
		}
		missing(stdio.Err, away)
		list := []requestJSON{}
		for _, l := range lines {
			list = append(list, requestJSON{
				l.Number, l.Region, l.Kind, l.Way, l.State, l.Clerk, l.Received, l.Clock.Due, l.Clock.Late, l.Clock.Most, l.Clock.Stands, l.Clock.Over,
			})
		}
		return c.tell(stdio.Out, list, func(out io.Writer) {
			if len(list) == 0 {
				fmt.Fprintln(out, "There are none.")
				return
			}
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "NUMBER\tKIND\tSTATE\tRECEIVED\tDUE\tLATE\tBY LAW\t")
			for _, one := range list {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", one.Number, one.Kind, one.State,
					one.Received.Format(time.DateOnly), one.Due.Format(time.DateOnly), one.Late.Format(time.DateOnly), one.Most.Format(time.DateOnly), one.Over)
			}
			table.Flush() //nolint:errcheck // nobody is left to tell
		})
	})
}
