package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"waypost/internal/config"
	"waypost/internal/fault"
)

var errWhichStaff = fault.New(fault.Invalid, "staff_which", "There is staff already. Say who gets a new link: waypost admin staff link ADDRESS. See: waypost admin staff list")

type adminKeyCommand struct {
	List   adminKeyList   `cmd:"" help:"The regional keys, and how many people's keys each wraps."`
	Rewrap adminKeyRewrap `cmd:"" help:"Wrap every person's key with the newest regional key, while everything runs."`
}

type (
	adminKeyList   struct{ adminWhere }
	adminKeyRewrap struct{ adminWhere }
)

type keyJSON struct {
	Region  string `json:"region"`
	Key     string `json:"key"`
	Wraps   int    `json:"wraps"`
	Current bool   `json:"current"`
	Held    bool   `json:"held"`
}

func (c adminKeyList) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		list := []keyJSON{}
		for _, r := range p.regions {
			counts, err := r.Vault.Counts(ctx)
			if err != nil {
				return err
			}
			for _, k := range counts {
				list = append(list, keyJSON{r.Name, string(k.Key), k.Wraps, k.Current, k.Held})
			}
		}
		return c.tell(stdio.Out, list, func(out io.Writer) {
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "REGION\tKEY\tWRAPS\tCURRENT\tHERE")
			for _, k := range list {
				fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", k.Region, k.Key, k.Wraps, yes(k.Current), yes(k.Held))
			}
			table.Flush() //nolint:errcheck // nobody is left to tell
		})
	})
}

func (c adminKeyRewrap) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		wrapped := map[string]int{}
		for _, r := range p.regions {
			n, err := r.Vault.Rewrap(ctx)
			if err != nil {
				return err
			}
			wrapped[r.Name] = n
		}
		return c.tell(stdio.Out, wrapped, func(out io.Writer) {
			for _, r := range p.regions {
				fmt.Fprintf(out, "%s: %d keys are wrapped with the newest regional key now.\n", r.Name, wrapped[r.Name])
			}
		})
	})
}
