package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"waypost/internal/fault"
	"waypost/internal/retention"
)

// An adminExpire runs by hand what runs every hour by itself.
type adminExpire struct {
	adminWhere
	DryRun bool `help:"Delete nothing; say what would go."`
	Last   bool `help:"Do nothing; say what the last run of each room deleted."`
}

var errExpireBoth = fault.New(fault.Invalid, "expire_flags", "--dry-run says what would go, --last what went: give one of them.")

// An expiredJSON is what goes or went of a table. Of a room where nothing may ever
// go, or whose run broke off before, table is empty.
type expiredJSON struct {
	Room   string     `json:"room"`
	Region string     `json:"region"` // "" the parcels' database
	Table  string     `json:"table"`
	Rows   int        `json:"rows"`
	Due    *time.Time `json:"due,omitempty"` // UTC; when the oldest of those that are left are to go
	Began  time.Time  `json:"began"`         // UTC
	TookMS int64      `json:"took_ms"`
	Held   int        `json:"held"` // people whose data has to stay
	Failed bool       `json:"failed"`
}

// expired are a run's lines.
func expired(r retention.Run) []expiredJSON {
	line := expiredJSON{Room: r.Room, Region: r.Region, Began: r.Began, TookMS: r.Took.Milliseconds(), Held: r.Held, Failed: r.Failed}
	if len(r.Gone) == 0 {
		return []expiredJSON{line}
	}
	var all []expiredJSON
	for _, g := range r.Gone {
		one := line
		one.Table, one.Rows = g.Table, g.Rows
		if !g.Due.IsZero() {
			one.Due = &g.Due
		}
		all = append(all, one)
	}
	return all
}

func (c adminExpire) Run(ctx context.Context, stdio Stdio) error {
	if c.DryRun && c.Last {
		return errExpireBoth
	}
	cfg, err := c.settings()
	if err != nil {
		return err
	}
	s, err := newServer(ctx, cfg, newLogger(cfg.Log, stdio.Err))
	if err != nil {
		return err
	}
	defer s.close()
	work := func() ([]retention.Run, error) { return s.purgeAll(ctx, c.DryRun) }
	if c.Last {
		work = func() ([]retention.Run, error) { return s.purges.Last(ctx) }
	}
	runs, failed := work()
	all := []expiredJSON{}
	for _, r := range runs {
		all = append(all, expired(r)...)
	}
	err = c.tell(stdio.Out, all, func(out io.Writer) { c.print(out, all) })
	return errors.Join(failed, err)
}

// purgeAll runs every room's in every region, whatever becomes of the others.
func (s *server) purgeAll(ctx context.Context, try bool) (runs []retention.Run, err error) {
	var failed []error
	for _, r := range slices.Concat(s.commons(), s.rooms()) {
		run, err := s.purge(ctx, r, try)
		runs, failed = append(runs, run), append(failed, err)
	}
	return runs, errors.Join(failed...)
}

func (c adminExpire) print(out io.Writer, all []expiredJSON) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ROOM\tREGION\tTABLE\tROWS\tOLDEST LEFT IS DUE\tTOOK\t")
	rows, held := 0, 0
	for _, one := range all {
		due, region := "–", one.Region
		if one.Due != nil {
			due = one.Due.Format("2006-01-02 15:04 UTC")
		}
		if region == "" {
			region = "–"
		}
		failed := ""
		if one.Failed {
			failed = "broke off"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%d ms\t%s\n", one.Room, region, one.Table, one.Rows, due, one.TookMS, failed)
		rows, held = rows+one.Rows, max(held, one.Held)
	}
	table.Flush() //nolint:errcheck // nobody is left to tell
	switch {
	case c.DryRun:
		fmt.Fprintf(out, "\n%d rows would be deleted. People whose data has to stay: %d.\n", rows, held)
	case c.Last:
		fmt.Fprintf(out, "\n%d rows were deleted by the last runs.\n", rows)
	default:
		fmt.Fprintf(out, "\n%d rows were deleted. People whose data has to stay: %d.\n", rows, held)
	}
}
