package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"waypost/internal/config"
	"waypost/internal/dbtest"
)

// settings is a configuration with folders of the test's own.
func settings(t testing.TB, flags map[string]any) config.Config {
	t.Helper()
	folder := t.TempDir()
	flags["data"] = folder
	flags["keys.default.store"] = "sqlite:" + filepath.Join(folder, "keys", "default.db")
	cfg, err := config.Load("", nil, flags)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// start runs a whole Waypost, with the simulator, on the database at address.
func start(t testing.TB, address string, change func(*config.Config)) (*server, string) {
	t.Helper()
	return startOn(t, httptest.NewUnstartedServer(nil), address, change)
}

// startOn is start on a web server whose port is known before.
func startOn(t testing.TB, web *httptest.Server, address string, change func(*config.Config)) (*server, string) {
	t.Helper()
	cfg := settings(t, map[string]any{"demo": true, "url": "http://127.0.0.1", "database.parcels": address})
	if change != nil {
		change(&cfg)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, err := newServer(ctx, cfg, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for _, run := range []func(context.Context) error{s.poller.Run, s.health.Run} {
		work.Go(func() {
			if err := run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	web.Config.Handler = s.handler()
	web.Start()
	t.Cleanup(func() {
		s.site.Close()
		s.api.Close()
		web.Close()
		cancel()
		work.Wait()
		s.close()
	})
	return s, web.URL
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// patience is how long something that is to come is waited for, on a machine that has
// much else to do.
const patience = 3 * time.Minute

// until asks for a page again and again until it shows what is wanted.
func until(t *testing.T, address, want string) string {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		status, body := get(t, address)
		if status == http.StatusOK && strings.Contains(body, want) {
			return body
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never showed %q; last, with status %d:\n%s", address, want, status, body)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

func TestAPastedMailBecomesHistories(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		_, base := start(t, address, nil)
		mail := "Dear Mara,\n\nyour order 4711 has left:\nUPS: 1Z4A7B2C0364182055\nand InPost 620114829377105846120395, Canada Post RR409172635CA too."
		resp, err := http.PostForm(base+"/track", url.Values{"text": {mail}})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("the paste: %d %v", resp.StatusCode, err)
		}
		for _, number := range []string{"1Z4A7B2C0364182055", "620114829377105846120395", "RR409172635CA"} {
			if !strings.Contains(string(body), number) {
				t.Errorf("the answer lacks %s", number)
			}
			page := until(t, base+"/track?nums="+number, "data-part=\"history\"")
			if !strings.Contains(page, "Simulated") {
				t.Errorf("%s is shown as if it were real", number)
			}
		}
		if strings.Contains(resp.Request.URL.String(), "Mara") {
			t.Error("the pasted text is in the address")
		}
	})
}

// The guide's example is dropped into the overlay folder of a Waypost that
// runs, asked over the simulator's generic form, and shown.
func TestACarrierIsAddedByAFile(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "docs", "carriers.md"))
	if err != nil {
		t.Fatal(err)
	}
	example := regexp.MustCompile("(?s)```yaml\n(#[^\n]*\ncarrier: hilltop\n.*?)```").FindSubmatch(guide)
	if example == nil {
		t.Fatal("the guide has no example file")
	}
	number := regexp.MustCompile(`good: \[(\w+)`).FindSubmatch(example[1])
	if number == nil {
		t.Fatal("the guide's example has no good number")
	}
	list := "/track?nums=" + string(number[1])
	dbtest.EachURL(t, func(t *testing.T, address string) {
		simulation, err := startSimulation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		account := map[string]config.Account{"main": {
			Values: map[string]config.Secret{"api_key": config.Secret(simulation.server.Credentials("generic")["api_key"])},
			Base:   simulation.base + "/generic", Simulated: true, Concurrency: 1,
		}}
		s, base := start(t, address, nil)
		if _, body := get(t, base+list); strings.Contains(body, "Hilltop") {
			t.Fatal("the carrier is known before its file is there")
		}
		if err := os.MkdirAll(s.cfg.Carriers, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.cfg.Carriers, "hilltop.yaml"), example[1], 0o600); err != nil {
			t.Fatal(err)
		}
		s.reload(t.Context(), func() (config.Config, error) {
			cfg := s.cfg
			cfg.Accounts = map[string]map[string]config.Account{"hilltop": account}
			return cfg, nil
		})
		page := until(t, base+list, "data-part=\"history\"")
		for _, want := range []string{"Hilltop Parcels", "Simulated"} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
	})
}

func TestAMistakeInTheOverlayDisablesThatFileOnly(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) {
		if err := os.MkdirAll(c.Carriers, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(c.Carriers, "broken.yaml"), []byte("carrier: broken\nkind: nonsense\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	})
	if n := len(s.known.Load().Catalogue.Carriers()); n < 60 {
		t.Errorf("%d carriers are left", n)
	}
	if status, _ := get(t, base+"/carriers/ups"); status != http.StatusOK {
		t.Errorf("another carrier's page: %d", status)
	}
	if status, _ := get(t, base+"/carriers/broken"); status != http.StatusNotFound {
		t.Errorf("the broken carrier's page: %d, want 404", status)
	}
}

func TestHealthReadinessMetrics(t *testing.T) {
	t.Parallel()
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), nil)
	get(t, base+"/track?nums=1Z4A7B2C0364182055")
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/metrics": "waypost_http_request_seconds"} {
		if status, body := get(t, base+path); status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, without %q", path, status, want)
		}
	}
	s.stopping.Store(true)
	if status, _ := get(t, base+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("while it stops, /readyz says %d", status)
	}
}

func TestServePrintsItsAddressAndStops(t *testing.T) {
	t.Parallel()
	cfg := settings(t, map[string]any{"demo": true, "addr": "127.0.0.1:0"})
	ctx, stop := context.WithCancel(t.Context())
	s, err := newServer(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.run(ctx, in, func() (config.Config, error) { return cfg, nil }) }()
	var address string
	if _, err := fmt.Fscanf(out, "Waypost is at %s\n", &address); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // so that it can go on printing
	if status, _ := get(t, address+"/healthz"); status != http.StatusOK {
		t.Errorf("at the printed address: %d", status)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("stopping: %v", err)
	}
}
