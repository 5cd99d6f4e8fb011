package app

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A screen is what a command writes while it runs.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// The simulator's output is a configuration. Connections that it has no world for
// answer in it, too, whatever way they have to sign in.
func TestConnectionsCanBeTriedAgainstTheirVectors(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	var out screen
	done := make(chan error, 1)
	go func() {
		done <- simCommand{Addr: "127.0.0.1:0", Speed: 300}.Run(ctx, Stdio{In: strings.NewReader(""), Out: &out, Err: io.Discard})
	}()
	config := soon(t, "the simulator's accounts", func() (string, bool) {
		_, accounts, ok := strings.Cut(out.String(), "accounts:\n")
		return "accounts:\n" + accounts, ok && strings.Contains(accounts, "  yunexpress:")
	})
	settings := filepath.Join(t.TempDir(), "waypost.yaml")
	if err := os.WriteFile(settings, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(config, "{main:"); n < 58 {
		t.Errorf("%d connections, want all that can be asked", n)
	}
	for _, source := range []string{"17track", "4px", "cdek", "dpd", "yunexpress"} {
		if code, said, errs := run(t, "", "carrier", "try", "--config", settings, "--number", "WP4820917365", source); code != exitOK || !strings.Contains(said, "found") {
			t.Errorf("%s: exit %d, %s%s", source, code, said, errs)
		}
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
