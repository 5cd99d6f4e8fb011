// Package folder takes in files that are put into a folder, each once, whoever else
// watches it: several programs may share a folder. It knows nothing of what stands in
// the files.
package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Where files go, in the folder. What is being taken in stands in taking, its name
// led by when that began.
const (
	taking = ".taking"
	done   = "done"
	failed = "failed"
)

const (
	// Quiet is how long a file must not have changed to be whole: who writes one
	// slowly writes something more often than that.
	Quiet = 10 * time.Second

	// stuck is after how long a file is taken to be left by a program that died.
	stuck = 15 * time.Minute

	// mostAtOnce bounds the files of one look.
	mostAtOnce = 100

	permissions = 0o700
)

// reason is how the name of what is said about a file ends.
const reason = ".reason.txt"

// unfinished are the endings that programs give to files that aren't whole yet.
var unfinished = []string{".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp"}

// A Refusal is why a file can't be taken in, and never will be: in words for whoever
// put it there.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return r.Text }

// Take takes in what stands in a file, and returns what is to be remarked on it, ""
// nothing. It fails with a *Refusal where the file is of no use; after any other error
// the file is tried again. It may be called twice for a file, if the program dies.
type Take func(ctx context.Context, name string, content []byte) (remarks string, err error)

// A Folder is one that is watched. Not safe for concurrent use; other programs may
// watch the same.
type Folder struct {
	Path string
	Most int64 // bytes of a file
	Take Take

	seen map[string]state // of files, at the look before
}

// A state tells whether a file was changed.
type state struct {
	size    int64
	changed time.Time
	first   time.Time // when it was seen so
}

// Look takes in the files that are whole, and returns how many were done and how many
// failed. A file is whole when it hasn't changed since a look at least Quiet before.
// Hidden files, those whose name says that they are unfinished, and folders are left
// alone.
func (f *Folder) Look(ctx context.Context, now time.Time) (took, refused int, err error) {
	for _, name := range []string{taking, done, failed} {
		if err := os.MkdirAll(filepath.Join(f.Path, name), permissions); err != nil {
			return 0, 0, fmt.Errorf("folder: %w", err)
		}
	}
	if err := f.putBack(now); err != nil {
		return 0, 0, err
	}
	names, err := f.whole(now)
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		if ctx.Err() != nil {
			return took, refused, ctx.Err()
		}
		switch well, mine, err := f.one(ctx, name, now); {
		case err != nil:
			return took, refused, err
		case mine && well:
			took++
		case mine:
			refused++
		}
	}
	return took, refused, nil
}

// whole lists the files that can be taken, by name.
func (f *Folder) whole(now time.Time) ([]string, error) {
	entries, err := os.ReadDir(f.Path)
	if err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	before := f.seen
	f.seen = map[string]state{}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !e.Type().IsRegular() || name[0] == '.' || name[0] == '~' || slices.Contains(unfinished, strings.ToLower(filepath.Ext(name))) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			continue // somebody else took it
		}
		s := state{info.Size(), info.ModTime(), now}
		if old, ok := before[name]; ok && old.size == s.size && old.changed.Equal(s.changed) {
			s.first = old.first
		}
		f.seen[name] = s
		if now.Sub(s.first) >= Quiet && len(names) < mostAtOnce {
			names = append(names, name)
		}
	}
	return names, nil
}

// one takes a file in, unless another program was faster.
func (f *Folder) one(ctx context.Context, name string, now time.Time) (well, mine bool, err error) {
	held := filepath.Join(f.Path, taking, strconv.FormatInt(now.UnixMilli(), 10)+"-"+name)
	switch err := os.Rename(filepath.Join(f.Path, name), held); {
	case errors.Is(err, fs.ErrNotExist):
		return false, false, nil
	case err != nil:
		return false, false, fmt.Errorf("folder: %w", err)
	}
	delete(f.seen, name)
	remarks, err := f.taken(ctx, name, held)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		return false, true, f.move(held, failed, name, refusal.Text)
	case err != nil:
		return false, true, errors.Join(err, f.restore(held, name))
	}
	return true, true, f.move(held, done, name, remarks)
}

func (f *Folder) taken(ctx context.Context, name, held string) (remarks string, err error) {
	file, err := os.Open(held)
	if err != nil {
		return "", fmt.Errorf("folder: %w", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, f.Most+1))
	if err != nil {
		return "", fmt.Errorf("folder: %w", err)
	}
	if int64(len(content)) > f.Most {
		return "", &Refusal{fmt.Sprintf("The file is larger than %d MiB.", f.Most>>20)}
	}
	return f.Take(ctx, name, content)
}

// move puts a file where it ends, under a name that is free there, and beside it what
// is said about it.
func (f *Folder) move(held, into, name, words string) error {
	free, err := f.free(into, name)
	if err != nil {
		return err
	}
	if words != "" {
		if err := os.WriteFile(free+reason, []byte(words+"\n"), 0o600); err != nil {
			return fmt.Errorf("folder: %w", err)
		}
	}
	if err := os.Rename(held, free); err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	return nil
}

// mostAlike bounds the files of one name in one place.
const mostAlike = 10_000

// free reserves a name: the file's own, or with a number before its ending.
func (f *Folder) free(into, name string) (string, error) {
	ext := filepath.Ext(name)
	for n := 1; n < mostAlike; n++ {
		try := name
		if n > 1 {
			try = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
		}
		file := filepath.Join(f.Path, into, try)
		switch reserved, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); {
		case errors.Is(err, fs.ErrExist):
			continue
		case err != nil:
			return "", fmt.Errorf("folder: %w", err)
		default:
			return file, reserved.Close()
		}
	}
	return "", fmt.Errorf("folder: %s has too many files called %s", into, name)
}

// putBack frees files whose program died while it took them in.
func (f *Folder) putBack(now time.Time) error {
	entries, err := os.ReadDir(filepath.Join(f.Path, taking))
	if err != nil {
		return fmt.Errorf("folder: %w", err)
	}
	for _, e := range entries {
		began, name, ok := strings.Cut(e.Name(), "-")
		ms, err := strconv.ParseInt(began, 10, 64)
		if !ok || err != nil || now.Sub(time.UnixMilli(ms)) < stuck {
			continue
		}
		if err := f.restore(filepath.Join(f.Path, taking, e.Name()), name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// restore puts a file back where it was, without taking a newer one's place.
func (f *Folder) restore(held, name string) error {
	back, err := f.free(".", name)
	if err != nil {
		return err
	}
	if err := os.Rename(held, back); err != nil {
		return errors.Join(fmt.Errorf("folder: %w", err), os.Remove(back))
	}
	return nil
}
