package app

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"waypost/internal/carrier"
	"waypost/internal/dbtest"
)

// browser opens a Chromium window. Without one the test is skipped, or fails
// where WAYPOST_REQUIRE has the word chromium.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if slices.Contains(strings.Split(os.Getenv("WAYPOST_REQUIRE"), ","), "chromium") {
			t.Fatal("Chromium is required and not installed")
		}
		t.Skip("no Chromium is installed")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en"))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeWindow := chromedp.NewContext(allocated)
	t.Cleanup(closeWindow)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// mixed are forty numbers as people paste them: of all connected carriers, and
// some that are recognised only, one with a wrong check digit.
func mixed(t *testing.T, s *server) string {
	t.Helper()
	catalogue := s.known.Load().Catalogue
	var lines []string
	seen := map[string]bool{}
	add := func(connected bool) {
		for _, c := range catalogue.Carriers() {
			if (len(c.Via) > 0) != connected {
				continue
			}
			for _, f := range c.Formats[:min(len(c.Formats), 3)] {
				if len(lines) < 39 && f.Trust != carrier.Observed && f.Check != "none" && !strings.Contains(f.Pattern, "(?P<") && !seen[f.Good[0]] {
					seen[f.Good[0]] = true
					lines = append(lines, c.Name()+": "+f.Good[0])
				}
			}
		}
	}
	add(true)
	add(false)
	return "Dear all,\n\n" + strings.Join(lines, "\n") + "\nRR 40917263 6 GB\n\nOrder 4711, 49.90 EUR, see you"
}

// The main job: a text with forty numbers is pasted, and their parcels arrive.
func TestAPasteOfFortyNumbersFillsLive(t *testing.T) {
	s, base := start(t, dbtest.SQLite(t), nil)
	ctx := browser(t)
	text := chromedp.CSS("textarea")
	err := chromedp.Do(ctx,
		chromedp.EmulateViewport(1280, 900),
		chromedp.Navigate(base+"/"),
		chromedp.WaitVisible(text),
		shot("home-1280", 1280), shot("home-390", 390),
		chromedp.SetValue(text, mixed(t, s)),
		chromedp.Submit(text),
		chromedp.WaitVisible(chromedp.CSS("#parcels")),
	)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll("#parcels > li").length`))
	if err != nil || shown != 40 {
		t.Errorf("%d parcels are shown (%v), want 40", shown, err)
	}
	const histories = `document.querySelectorAll("#parcels [data-part=history]").length`
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](histories+" >= 20", chromedp.WithPollingTimeout(time.Minute))); err != nil {
		n, _ := chromedp.Run(ctx, chromedp.Evaluate[int](histories)) // only for the message
		t.Fatalf("only %d histories came, without a reload: %v", n, err)
	}
	if err := chromedp.Do(ctx, shot("results-1280", 1280), shot("results-390", 390)); err != nil {
		t.Error(err)
	}
}

// shot keeps a picture of the page in the folder WAYPOST_SHOTS, if it is set.
func shot(name string, width int64) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		folder := os.Getenv("WAYPOST_SHOTS")
		if folder == "" {
			return none, nil
		}
		if _, err := chromedp.EmulateViewport(width, 900)(ctx, target); err != nil {
			return none, err
		}
		png, err := chromedp.CaptureScreenshot()(ctx, target)
		if err != nil {
			return none, err
		}
		return none, os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
}
