package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/gist"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

type carrierUnmappedCommand struct{ adminWhere }

type unmappedJSON struct {
	Source  carrier.SourceCode `json:"source"`
	File    string             `json:"file"`
	Code    string             `json:"code"` // "" where there were only words
	Words   string             `json:"words"`
	Means   status.Sub         `json:"means"`   // what the words say, "" nothing for sure
	Because string             `json:"because"` // the phrase that says so, as the rules spell it
	Answers int                `json:"answers"`
	First   time.Time          `json:"first"`
	Last    time.Time          `json:"last"`
	Line    string             `json:"line"` // for the file's status map, "" where nothing can be proposed
}

func (c carrierUnmappedCommand) Run(ctx context.Context, stdio Stdio) error {
	return c.databases(ctx, stdio, func(databases *db.Set, cfg config.Config, log *slog.Logger) error {
		k, err := loadKnowledge(cfg.Carriers)
		if err != nil {
			return err
		}
		tellMistakes(stdio.Err, k.mistakes)
		store, err := parcel.Open(ctx, databases.Parcels, log)
		if err != nil {
			return err
		}
		all, err := store.Unmapped(ctx)
		if err != nil {
			return err
		}
		list := []unmappedJSON{}
		for _, u := range stillUnmapped(k.catalogue, all) {
			source, _ := k.catalogue.Source(u.Source)
			list = append(list, unmappedJSON{u.Source, source.File, u.Code, u.Words, u.Means, gist.Of(u.Words).Because, u.Answers, u.First, u.Last, u.Line()})
		}
		return c.tell(stdio.Out, list, func(out io.Writer) { printUnmapped(out, list) })
	})
}

// unmapped is what the files as they are now don't have.
func (s *server) unmapped(ctx context.Context) ([]parcel.Unmapped, error) {
	all, err := s.store.Unmapped(ctx)
	return stillUnmapped(s.files.Load().catalogue, all), err
}

// stillUnmapped leaves out what the files have by now, and sources that are gone.
func stillUnmapped(cat *carrier.Catalogue, all []parcel.Unmapped) []parcel.Unmapped {
	return slices.DeleteFunc(all, func(u parcel.Unmapped) bool {
		source, known := cat.Source(u.Source)
		return !known || source.Status.Maps(u.Unknown)
	})
}

func printUnmapped(out io.Writer, list []unmappedJSON) {
	if len(list) == 0 {
		fmt.Fprintln(out, "Every code that carriers sent has a meaning.")
	}
	file := ""
	for _, u := range list {
		if u.File != file {
			file = u.File
			fmt.Fprintf(out, "%s, status:\n", file)
		}
		line := u.Line
		if line == "" {
			line = "    # no proposal: its words say nothing for sure"
		}
		because := ""
		if u.Because != "" {
			because = fmt.Sprintf(" (by %q)", u.Because)
		}
		fmt.Fprintf(out, "# answers: %d, last on %s: %s%s\n%s\n", u.Answers, u.Last.Format(time.DateOnly), u.Words, because, line)
	}
}
