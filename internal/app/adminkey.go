package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"waypost/internal/config"
	"waypost/internal/fault"
)

var errWhichStaff = fault.New(fault.Invalid, "staff_which", "There is staff already. Say who gets a new link: waypost admin staff link ADDRESS. See: waypost admin staff list")

var errKeyStore = fault.New(fault.Unavailable, "key_store_failed", "The keys of %s couldn't be read or written. The others are done; run the command again.")

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
		var failed error
		for _, s := range p.stores {
			counts, err := s.keys.Counts(ctx)
			if err != nil {
				failed = errors.Join(failed, errKeyStore.With(s.name).Because(err))
			}
			for _, k := range counts {
				list = append(list, keyJSON{s.name, string(k.Key), k.Wraps, k.Current, k.Held})
			}
		}
		err := c.tell(stdio.Out, list, func(out io.Writer) {
			table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "REGION\tKEY\tWRAPS\tCURRENT\tHERE")
			for _, k := range list {
				fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%s\n", k.Region, k.Key, k.Wraps, yes(k.Current), yes(k.Held))
			}
			table.Flush() //nolint:errcheck // nobody is left to tell
		})
		return errors.Join(failed, err)
	})
}

func (c adminKeyRewrap) Run(ctx context.Context, stdio Stdio) error {
	return c.open(ctx, stdio, func(p *people, _ config.Config) error {
		wrapped := map[string]int{}
		var failed error
		for _, s := range p.stores {
			n, err := s.keys.Rewrap(ctx)
			if err != nil {
				failed = errors.Join(failed, errKeyStore.With(s.name).Because(err))
				continue
			}
			wrapped[s.name] = n
		}
		err := c.tell(stdio.Out, wrapped, func(out io.Writer) {
			for _, name := range sortedKeys(wrapped) {
				fmt.Fprintf(out, "%s: %d keys are wrapped with the newest regional key now.\n", name, wrapped[name])
			}
		})
		return errors.Join(failed, err)
	})
}
