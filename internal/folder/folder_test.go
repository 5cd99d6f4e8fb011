package folder

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// A box is a watched folder, and what was taken of it.
type box struct {
	t     *testing.T
	path  string
	mu    sync.Mutex
	taken []string
	say   func(name, content string) (string, error)
}

func newBox(t *testing.T) *box {
	return &box{t: t, path: t.TempDir(), say: func(string, string) (string, error) { return "", nil }}
}

func (b *box) watcher() *Folder {
	return &Folder{Path: b.path, Most: 1 << 20, Take: func(_ context.Context, name string, content []byte) (string, error) {
		b.mu.Lock()
		b.taken = append(b.taken, name+": "+string(content))
		b.mu.Unlock()
		return b.say(name, string(content))
	}}
}

func (b *box) put(name, content string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.path, name), []byte(content), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func look(t *testing.T, f *Folder, after time.Duration) (took, refused int) {
	t.Helper()
	took, refused, err := f.Look(t.Context(), noon.Add(after))
	if err != nil {
		t.Fatal(err)
	}
	return took, refused
}

// in lists the files of a place, with what stands in those that say why.
func (b *box) in(place string) []string {
	b.t.Helper()
	entries, err := os.ReadDir(filepath.Join(b.path, place))
	if err != nil {
		b.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		name := e.Name()
		if strings.HasSuffix(name, reason) {
			text, err := os.ReadFile(filepath.Join(b.path, place, name))
			if err != nil {
				b.t.Fatal(err)
			}
			name += "=" + strings.TrimSpace(string(text))
		}
		names = append(names, name)
	}
	return names
}

func (b *box) wants(place string, want ...string) {
	b.t.Helper()
	if got := b.in(place); !slices.Equal(got, want) {
		b.t.Errorf("%q holds %v, want %v", place, got, want)
	}
}

func TestFilesAreTakenOnce(t *testing.T) {
	b := newBox(t)
	f := b.watcher()
	b.put("a.csv", "one")
	if took, _ := look(t, f, 0); took != 0 {
		t.Error("a file was taken the moment that it appeared")
	}
	if took, refused := look(t, f, Quiet); took != 1 || refused != 0 {
		t.Errorf("took %d, refused %d, want the one", took, refused)
	}
	look(t, f, 2*Quiet)
	look(t, f, 3*Quiet)
	if want := []string{"a.csv: one"}; !slices.Equal(b.taken, want) {
		t.Errorf("took %v, want %v", b.taken, want)
	}
	b.wants("done", "a.csv")
	b.put("a.csv", "another of that name")
	look(t, f, 4*Quiet)
	look(t, f, 5*Quiet)
	b.wants("done", "a-2.csv", "a.csv")
	b.wants(".")
}

func TestHalfWrittenFilesAreLeftAlone(t *testing.T) {
	b := newBox(t)
	f := b.watcher()
	for i := range 5 {
		b.put("slow.edi", strings.Repeat("x", i+1))
		b.put("slow.csv.part", "x")
		b.put(".hidden", "x")
		if took, _ := look(t, f, time.Duration(i)*Quiet); took != 0 {
			t.Fatalf("after %d writes it was taken", i+1)
		}
	}
	if err := os.Mkdir(filepath.Join(b.path, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(b.path, "link")); err != nil {
		t.Fatal(err)
	}
	look(t, f, 5*Quiet)
	look(t, f, 6*Quiet)
	if want := []string{"slow.edi: xxxxx"}; !slices.Equal(b.taken, want) {
		t.Errorf("took %v, want %v", b.taken, want)
	}
	b.wants(".", ".hidden", "link", "slow.csv.part")
}

func TestWhyAFileFailedStandsBesideIt(t *testing.T) {
	b := newBox(t)
	f := b.watcher()
	f.Most = 1 << 20
	b.say = func(name, _ string) (string, error) {
		if name == "good.csv" {
			return "Line 3 has no time.", nil
		}
		return "", &Refusal{"It is no CSV."}
	}
	b.put("bad.csv", "?")
	b.put("good.csv", "!")
	b.put("huge.csv", strings.Repeat("x", 1<<20+1))
	look(t, f, 0)
	if took, refused := look(t, f, Quiet); took != 1 || refused != 2 {
		t.Errorf("took %d, refused %d", took, refused)
	}
	b.wants("failed", "bad.csv", "bad.csv.reason.txt=It is no CSV.", "huge.csv", "huge.csv.reason.txt=The file is larger than 1 MiB.")
	b.wants("done", "good.csv", "good.csv.reason.txt=Line 3 has no time.")
}

func TestWhatCantBeTakenJustNowIsTriedAgain(t *testing.T) {
	b := newBox(t)
	f := b.watcher()
	down := errors.New("the database is away")
	b.say = func(string, string) (string, error) { return "", down }
	b.put("a.csv", "one")
	look(t, f, 0)
	if _, _, err := f.Look(t.Context(), noon.Add(Quiet)); !errors.Is(err, down) {
		t.Errorf("the failure is told as %v", err)
	}
	b.wants(".", "a.csv")
	b.say = func(string, string) (string, error) { return "", nil }
	look(t, f, 2*Quiet)
	if took, _ := look(t, f, 3*Quiet); took != 1 {
		t.Error("it isn't tried again")
	}
	b.wants("done", "a.csv")
	b.wants(".")
}

func TestTwoProgramsTakeAFileOnce(t *testing.T) {
	b := newBox(t)
	const files = 60
	for i := range files {
		b.put(strings.Repeat("f", i+1)+".csv", "x")
	}
	var all sync.WaitGroup
	for range 4 {
		f := b.watcher()
		look(t, f, 0)
		all.Go(func() {
			if _, _, err := f.Look(t.Context(), noon.Add(Quiet)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(b.taken) != files || len(slices.Compact(slices.Sorted(slices.Values(b.taken)))) != files {
		t.Errorf("%d files were taken %d times", files, len(b.taken))
	}
	b.wants(".")
}

func TestWhatAProgramThatDiedHadIsTakenAgain(t *testing.T) {
	b := newBox(t)
	f := b.watcher()
	look(t, f, 0)
	held := filepath.Join(b.path, taking, "1772452800000-a.csv") // since noon
	if err := os.WriteFile(held, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	look(t, f, stuck-time.Second)
	if len(b.in(".")) > 0 {
		t.Error("it was given back while somebody may be taking it in")
	}
	look(t, f, stuck)
	look(t, f, stuck+Quiet)
	if want := []string{"a.csv: one"}; !slices.Equal(b.taken, want) {
		t.Errorf("took %v, want %v", b.taken, want)
	}
}
