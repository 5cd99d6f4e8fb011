package app

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
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
	pushes, err := s.pushes(c.Account)
	if err != nil {
		return err
	}
	unread := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return fault.New(fault.Invalid, "take_file", "%s can't be read.").With(file).Because(err)
		}
		reports, err := engine.Pushed(pushes, text)
		if err != nil {
			unread++
			fmt.Fprintf(stdio.Out, "UNREAD  %s: %v\n", file, err)
			continue
		}
		heard, err := s.poller.Hear(ctx, c.Account, reports)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdio.Out, "taken   %s: %s, %d wanted, %d changed\n", file, counted(len(reports), "parcel"), heard.Known, len(heard.Changes))
	}
	if unread > 0 {
		return fault.New(fault.Invalid, "take_unread", "%s none of %s's. All others were taken in.").With(counted(unread, "file"), c.Account)
	}
	return nil
}

// pushes is what reads what an account is sent.
func (s *server) pushes(code carrier.AccountCode) (*engine.Program, error) {
	account, ok := s.poller.Account(code)
	if !ok {
		return nil, fault.New(fault.NotFound, "take_account", "There is no account %s in the configuration.").With(code)
	}
	program, mistakes := engine.Compile(account.Source)
	if len(mistakes) > 0 || program.Pushes() == nil {
		return nil, fault.New(fault.Invalid, "take_source", "The file of %s doesn't say how what it sends is read (push:).").With(account.Source.Code)
	}
	return program.Pushes(), nil
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
