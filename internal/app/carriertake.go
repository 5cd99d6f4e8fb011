package app

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/fault"
)

type carrierTakeCommand struct {
	Account carrier.AccountCode `arg:"" help:"SOURCE/NAME, as in the configuration."`
	Files   []string            `arg:"" help:"Files with what the source sent, or folders of such files." type:"existingpath"`
	Config  string              `help:"Configuration file with the account." type:"path" env:"WAYPOST_CONFIG"`
}

func (c carrierTakeCommand) Run(ctx context.Context, stdio Stdio) error {
	files, err := filesIn(c.Files)
	if err != nil {
		return err
	}
	cfg, err := config.Load(c.Config, environment(), nil)
	if err != nil {
		return err
	}
	s, err := newServer(ctx, cfg, newLogger(cfg.Log, stdio.Err))
	if err != nil {
		return err
	}
	defer s.close()
	if _, err := s.pushes(c.Account); err != nil {
		return err
	}
	unread := 0
	for _, file := range files {
		text, err := readBounded(file)
		if err != nil {
			return err
		}
		took, err := s.takeFile(ctx, c.Account, text)
		if fault.KindOf(err) == fault.Invalid {
			unread++
			fmt.Fprintf(stdio.Out, "UNREAD  %s: %v\n", file, err)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(stdio.Out, "taken   %s: %s, %d wanted, %d changed\n", file, counted(took.parcels, "parcel"), took.known, took.changed)
		for _, line := range strings.FieldsFunc(took.remarks(), func(r rune) bool { return r == '\n' }) {
			fmt.Fprintf(stdio.Out, "        %s\n", line)
		}
	}
	if unread > 0 {
		return fault.New(fault.Invalid, "take_unread", "%s none of %s's. All others were taken in.").With(counted(unread, "file"), c.Account)
	}
	return nil
}

// readBounded reads a file that is no larger than files of events are.
func readBounded(name string) ([]byte, error) {
	unreadable := func(err error) error {
		return fault.New(fault.Invalid, "take_file", "%s can't be read.").With(name).Because(err)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxEventFile+1)) // too much is refused as too large by whoever reads it
	if err != nil {
		return nil, unreadable(err)
	}
	return text, nil
}

// filesIn are the files named, and those in the folders named, without hidden ones.
func filesIn(names []string) ([]string, error) {
	var all []string
	for _, name := range names {
		err := filepath.WalkDir(name, func(file string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && d.Name()[0] != '.' {
				all = append(all, file)
			}
			return err
		})
		if err != nil {
			return nil, fault.New(fault.Invalid, "take_folder", "%s can't be read.").With(name).Because(err)
		}
	}
	return all, nil
}
