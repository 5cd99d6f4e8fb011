package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/health"
	"waypost/internal/outbound"
	"waypost/internal/parcel"
)

type carrierHealthCommand struct {
	adminWhere
}

func (c carrierHealthCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.databases(ctx, stdio, func(databases *db.Set, cfg config.Config, log *slog.Logger) error {
		k, err := loadKnowledge(cfg.Carriers)
		if err != nil {
			return err
		}
		connected, err := connect(k.catalogue, cfg.Accounts, outbound.New(outbound.Options{}), nil)
		if err != nil {
			return err
		}
		store, err := parcel.Open(ctx, databases.Parcels, log)
		if err != nil {
			return err
		}
		book, err := health.Open(ctx, databases.Parcels, log)
		if err != nil {
			return err
		}
		all, err := states(ctx, book, store, connected.accounts)
		if err != nil {
			return err
		}
		return c.tell(stdio.Out, healthJSON(all), func(out io.Writer) { printHealth(out, all) })
	})
}

// A sourceHealthJSON is a source's state; figures are of a day.
type sourceHealthJSON struct {
	Source   carrier.SourceCode  `json:"source"`
	File     string              `json:"file"`
	Findings []health.Finding    `json:"findings"`
	Accounts []accountHealthJSON `json:"accounts"`
	Changes  []changeJSON        `json:"changes"`
}

type accountHealthJSON struct {
	Account   carrier.AccountCode `json:"account"`
	Asked     int64               `json:"asked"`
	Counts    health.Figures      `json:"counts"` // by what happened
	MedianMS  int64               `json:"median_ms"`
	P95MS     int64               `json:"p95_ms"`
	Success   time.Time           `json:"last_success,omitzero"`
	LeftAlone time.Time           `json:"left_alone_until,omitzero"`
	News      *newsJSON           `json:"subscriptions,omitempty"`
}

// A newsJSON is how it stands with subscriptions, in numbers.
type newsJSON struct {
	Held    int                 `json:"held"`
	Wished  int                 `json:"to_be_made"`
	Refused int                 `json:"refused"`
	Failing int                 `json:"failing"`
	Lapse   time.Time           `json:"first_lapses,omitzero"`
	Problem carrier.ProblemKind `json:"problem,omitempty"`
	Reason  string              `json:"reason,omitempty"`
}

type changeJSON struct {
	Path   string        `json:"path"`
	Change health.Change `json:"change"`
	Used   bool          `json:"used"`
	At     time.Time     `json:"at"`
	Seen   time.Time     `json:"seen,omitzero"` // when somebody of the staff had looked at it
}

func healthJSON(all []health.State) []sourceHealthJSON {
	list := []sourceHealthJSON{}
	for _, s := range all {
		one := sourceHealthJSON{Source: s.Source, File: s.File, Findings: append([]health.Finding{}, s.Findings()...), Changes: []changeJSON{}}
		for _, a := range s.Accounts {
			var news *newsJSON
			if a.News != nil {
				news = new(newsJSON(*a.News))
			}
			one.Accounts = append(one.Accounts, accountHealthJSON{News: news,
				Account: a.Code, Asked: a.Day.Asked(), Counts: a.Day.Counts(), Success: a.Success, LeftAlone: a.Open,
				MedianMS: a.Day.Latency(.5).Milliseconds(), P95MS: a.Day.Latency(.95).Milliseconds(),
			})
		}
		for _, c := range s.Changes {
			one.Changes = append(one.Changes, changeJSON{c.Path, c.Change, c.Used, c.At, c.Seen})
		}
		list = append(list, one)
	}
	return list
}

func printHealth(out io.Writer, all []health.State) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ACCOUNT\tASKED IN A DAY\tANSWERED\tNOT FOUND\tP95\tLAST SUCCESS\tNEEDS SOMEBODY")
	for _, s := range all {
		var found []string
		for _, f := range s.Findings() {
			found = append(found, string(f))
		}
		for _, a := range s.Accounts {
			last := "-"
			if !a.Success.IsZero() {
				last = a.Success.Format(time.RFC3339)
			}
			fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%v\t%s\t%s\n", a.Code, a.Day.Asked(), a.Day.Of(health.Found, health.Same),
				a.Day.Of(string(carrier.Missing)), a.Day.Latency(.95), last, strings.Join(found, ", "))
		}
	}
	table.Flush() //nolint:errcheck // a closed output is nobody's trouble
	for _, s := range all {
		for _, a := range s.Accounts {
			if n := a.News; n != nil {
				fmt.Fprintf(out, "%s: news of %s subscribed to, of %d to be, %d refused, %d failing", a.Code, counted(n.Held, "number"), n.Wished, n.Refused, n.Failing)
				if n.Failing > 0 {
					fmt.Fprintf(out, " (%s: %s)", n.Problem, n.Reason)
				}
				fmt.Fprintln(out)
			}
		}
		for _, c := range s.Changes {
			if c.Loud() {
				fmt.Fprintf(out, "%s: %s is %s since %s\n", s.Source, c.Path, c.Change, c.At.Format(time.RFC3339))
			}
		}
	}
}
