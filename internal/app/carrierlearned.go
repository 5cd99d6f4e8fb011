package app

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/figure"
	"waypost/internal/memory"
)

type carrierLearnedCommand struct {
	adminWhere
	Reset bool `help:"Forget all of it; recognition is as it was at first."`
}

func (c carrierLearnedCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.databases(ctx, stdio, func(databases *db.Set, cfg config.Config, log *slog.Logger) error {
		book, err := memory.Open(ctx, databases.Parcels, figure.New(cfg.Publish.Least), log)
		if err != nil {
			return err
		}
		if c.Reset {
			if err := book.Reset(ctx); err != nil {
				return err
			}
			fmt.Fprintln(stdio.Err, "What was learned is forgotten. A server that runs knows of it within minutes.")
		}
		entries := book.Known().Entries()
		return c.tell(stdio.Out, entries, func(out io.Writer) { printLearned(out, entries) })
	})
}

func printLearned(out io.Writer, entries []memory.Entry) {
	if len(entries) == 0 {
		fmt.Fprintln(out, "Nothing was learned yet: carriers have to answer for a few numbers that look alike.")
		return
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "LIKE\tCOUNTRY\tNUMBERS\tCARRIERS")
	for _, e := range entries {
		fmt.Fprintf(table, "%s\t%s\t%.0f\t%s\n", e.Likeness, cmp.Or(e.Country, "-"), e.Numbers, mostFirst(e.Carriers))
	}
	table.Flush() //nolint:errcheck // nobody is left to tell
}

// mostFirst lists carriers with their numbers, those with most of them first.
func mostFirst(numbers map[carrier.Code]float64) string {
	order := slices.SortedFunc(maps.Keys(numbers), func(a, b carrier.Code) int {
		return cmp.Or(cmp.Compare(numbers[b], numbers[a]), cmp.Compare(a, b))
	})
	var words []string
	for _, code := range order {
		words = append(words, fmt.Sprintf("%s %.0f", code, numbers[code]))
	}
	return cmp.Or(strings.Join(words, ", "), "-")
}
