package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/fault"
	"waypost/internal/folder"
	"waypost/internal/web/staff"
)

const (
	// maxEventFile bounds a file of events, in bytes: more than engine reads of any.
	maxEventFile = 4 << 20

	// heardAtOnce bounds the parcels of one transaction. A file that is taken in to
	// its middle is taken in again: that harms nothing.
	heardAtOnce = 200

	// foldersEvery is how often folders are looked into.
	foldersEvery = 10 * time.Second

	// mostSlips bounds what is said of one file.
	mostSlips = 100
)

var errFileUnread = fault.New(fault.Invalid, "take_unread", "This is none of %s's files: %s.")

// A taken file is what came of it.
type takenFile struct {
	parcels, known, changed int
	slips                   []engine.Slip
}

// takeFile takes in a file of what an account's source sent. It fails with a
// *fault.Error of kind Invalid where the file is of no use.
func (s *server) takeFile(ctx context.Context, code carrier.AccountCode, content []byte) (takenFile, error) {
	reports, slips, err := s.readFile(code, content)
	if err != nil {
		return takenFile{}, err
	}
	took := takenFile{parcels: len(reports), slips: slips}
	for some := range slices.Chunk(reports, heardAtOnce) {
		heard, err := s.poller.Hear(ctx, code, some)
		if err != nil {
			return takenFile{}, err
		}
		took.known, took.changed = took.known+heard.Known, took.changed+len(heard.Changes)
	}
	return took, nil
}

// readFile reads a file of what an account's source sent, and changes nothing.
func (s *server) readFile(code carrier.AccountCode, content []byte) ([]carrier.Report, []engine.Slip, error) {
	pushes, err := s.pushes(code)
	if err != nil {
		return nil, nil, err
	}
	reports, slips, err := engine.Told(pushes, content)
	var problem *carrier.Problem
	if errors.As(err, &problem) {
		return nil, nil, errFileUnread.With(code, problem.Text)
	}
	return reports, slips, err
}

// pushes is what reads what an account is sent.
func (s *server) pushes(code carrier.AccountCode) (*engine.Program, error) {
	account, ok := s.poller.Account(code)
	if !ok {
		return nil, fault.New(fault.NotFound, "take_account", "There is no account %s in the configuration.").With(code)
	}
	pushes := (*s.pushed.Load())[code]
	if pushes == nil {
		return nil, fault.New(fault.Invalid, "take_source", "The file of %s doesn't say how what it sends is read (push:).").With(account.Source.Code)
	}
	return pushes, nil
}

// watchFolders takes in what is put into accounts' folders, until ctx ends.
func (s *server) watchFolders(ctx context.Context) error {
	watched := map[carrier.AccountCode]*folder.Folder{}
	ticker := time.NewTicker(foldersEvery)
	defer ticker.Stop()
	for {
		for code, path := range *s.folders.Load() {
			f := watched[code]
			if f == nil || f.Path != path {
				f = &folder.Folder{Path: path, Most: maxEventFile, Take: s.takeFrom(code)}
				watched[code] = f
			}
			took, refused, err := f.Look(ctx, time.Now())
			if took+refused > 0 {
				s.log.Info("files of events taken in", "account", code, "done", took, "failed", refused)
			}
			if err != nil && ctx.Err() == nil {
				s.log.Error("folder of events can't be taken in, will retry", "account", code, "err", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// takeFrom takes in the files of an account's folder.
func (s *server) takeFrom(code carrier.AccountCode) folder.Take {
	return func(ctx context.Context, _ string, content []byte) (string, error) {
		took, err := s.takeFile(ctx, code, content)
		var told *fault.Error
		if errors.As(err, &told) && told.Kind == fault.Invalid {
			return "", &folder.Refusal{Text: told.Error()}
		}
		if err != nil {
			return "", err
		}
		return took.remarks(), nil
	}
}

// remarks are what wasn't taken in of a file, a line each; "" nothing.
func (t takenFile) remarks() string {
	var lines []string
	for i, slip := range t.slips {
		if i == mostSlips {
			lines = append(lines, fmt.Sprintf("and %d more", len(t.slips)-i))
			break
		}
		lines = append(lines, slip.String())
	}
	return strings.Join(lines, "\n")
}

// eventFiles is what the staff's page does with files of events.
type eventFiles struct{ *server }

func (f eventFiles) Accounts() []carrier.AccountCode {
	var all []carrier.AccountCode
	for code := range *f.pushed.Load() {
		all = append(all, code)
	}
	slices.Sort(all)
	return all
}

func (f eventFiles) Look(ctx context.Context, code carrier.AccountCode, content []byte) (staff.FileLook, error) {
	reports, slips, err := f.readFile(code, content)
	if err != nil {
		return staff.FileLook{}, err
	}
	numbers := make([]string, len(reports))
	for i, r := range reports {
		numbers[i] = r.Number
	}
	wanted, err := f.store.Awaited(ctx, numbers)
	return staff.FileLook{Reports: reports, Wanted: wanted, Slips: slips}, err
}

func (f eventFiles) Take(ctx context.Context, code carrier.AccountCode, content []byte) (staff.FileTaken, error) {
	took, err := f.takeFile(ctx, code, content)
	return staff.FileTaken{Parcels: took.parcels, Known: took.known, Changed: took.changed, Slips: len(took.slips)}, err
}
