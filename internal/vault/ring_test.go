package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"waypost/internal/vault"
)

func TestAKeyFileIsMadeOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys", "default.key")
	ids := make([]vault.KeyID, 8)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			r, err := vault.ReadRing(file)
			if err != nil {
				t.Error(err)
			}
			ids[i] = r.Current()
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Fatalf("keys %q, want the same for all", ids)
		}
	}
	for path, want := range map[string]os.FileMode{file: 0o600, filepath.Dir(file): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has the mode %v (%v), want %v", path, info.Mode(), err, want)
		}
	}
	if files, err := os.ReadDir(filepath.Dir(file)); len(files) != 1 || err != nil {
		t.Errorf("%d files (%v), want the key alone", len(files), err)
	}
}

func TestAKeyFileHoldsOlderKeysToo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "default.key")
	newer, older := newKey(), newKey()
	write(t, file, "# newest first\n\n  "+newer+"\r\n"+older, 0o640)
	r, err := vault.ReadRing(file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Current() != ring(t, newer).Current() {
		t.Error("the first key is not the current one")
	}
}

func TestKeyFilesThatWouldNotDo(t *testing.T) {
	good := newKey()
	for _, tc := range []struct {
		name, text string
		mode       os.FileMode
		want       string
	}{
		{"others may read", good, 0o644, "regional_key_exposed"},
		{"the group may write", good, 0o660, "regional_key_exposed"},
		{"an empty file", "# nothing\n", 0o600, "regional_key_invalid"},
		{"no base64", "hush-hush", 0o600, "regional_key_invalid"},
		{"too short", "c2hvcnQ=", 0o600, "regional_key_invalid"},
		{"the same twice", good + "\n" + good, 0o600, "regional_key_invalid"},
		{"something else", strings.Repeat("x", 65<<10), 0o600, "regional_key_invalid"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "default.key")
			write(t, file, tc.text, tc.mode)
			_, err := vault.ReadRing(file)
			if code(err) != tc.want {
				t.Fatalf("got %v, want %s", err, tc.want)
			}
			if !strings.Contains(err.Error(), file) {
				t.Errorf("%v does not name the file", err)
			}
			if strings.Contains(err.Error(), good) || strings.Contains(err.Error(), "hush") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
	if _, err := vault.ReadRing(t.TempDir()); code(err) == "" {
		t.Error("a folder was taken for a key file")
	}
}

func TestRingsHideThemselves(t *testing.T) {
	text := newKey()
	r := ring(t, text)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, r); len(got) > 40 {
			t.Errorf("%s shows the ring: %s", verb, got)
		}
	}
}

func write(t *testing.T, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}
