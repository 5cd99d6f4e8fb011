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
	ctx, cancel := context.WithTimeout(ctx, 20*time.Minute) // every page three times, on a busy machine
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
	t.Parallel()
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
		whole(chromedp.CSS("#parcels")),
	)
	if err != nil {
		t.Fatal(err)
	}
	if n := ask[int](t, ctx, `document.querySelectorAll("#parcels > li").length`); n != 40 {
		t.Errorf("%d parcels are shown, want 40", n)
	}
	ask[bool](t, ctx, `window.stayed = true`)
	const histories = `document.querySelectorAll("#parcels [data-part=history]").length`
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](histories+" >= 20", chromedp.WithPollingTimeout(patience))); err != nil {
		t.Fatalf("only %d histories came: %v", ask[int](t, ctx, histories), err)
	}
	if !ask[bool](t, ctx, `window.stayed === true`) {
		t.Error("the page was loaded again while it filled")
	}
	if at := ask[string](t, ctx, `location.pathname + location.search`); !strings.HasPrefix(at, "/track?") || strings.Contains(at, "4711") || strings.Contains(at, "Dear") {
		t.Errorf("the address is %s, want the list's, without the text", at)
	}
	if meant := ask[string](t, ctx, `document.querySelector("#p-RR409172636GB .correction .number").textContent`); meant != "RR409172366GB" { // two digits exchanged
		t.Errorf("the mistyped number is taken for %q", meant)
	}
	if err := chromedp.Do(ctx, shot("results-1280", 1280), shot("results-390", 390)); err != nil {
		t.Error(err)
	}
	filterInBrowser(t, ctx)
	shareInBrowser(t, ctx, base)
}

const (
	shownCards   = `[...document.querySelectorAll("#parcels > li")].filter(c => c.checkVisibility())`
	shownNumbers = shownCards + `.map(c => c.querySelector("h2").textContent).join()`
)

// filterInBrowser narrows the list to what nobody can be asked about, which
// stays as it is, and looks at what is left.
func filterInBrowser(t *testing.T, ctx context.Context) {
	t.Helper()
	chip := chromedp.CSS(`[data-filter=stuck]`)
	if err := chromedp.Do(ctx, chromedp.Click(chip)); err != nil {
		t.Fatal(err)
	}
	count := ask[int](t, ctx, `Number(document.querySelector("[data-filter=stuck] [data-count]").textContent)`)
	shown := ask[int](t, ctx, shownCards+`.length`)
	if count == 0 || count == 40 || shown != count {
		t.Errorf("the filter says %d and shows %d parcels", count, shown)
	}
	if !ask[bool](t, ctx, shownCards+`.every(c => c.dataset.group === "stuck")`) {
		t.Error("parcels of other groups are shown")
	}
	if sum := ask[int](t, ctx, `[...document.querySelectorAll("[data-filter]:not([data-filter=''])")].reduce((n, f) => n + Number(f.querySelector("[data-count]").textContent), 0)`); sum != 40 {
		t.Errorf("the filters' counts add up to %d, want 40", sum)
	}
}

// shareInBrowser opens the addresses that people pass on: the list's own, with
// its filter, and one parcel's.
func shareInBrowser(t *testing.T, ctx context.Context, base string) {
	t.Helper()
	before := ask[string](t, ctx, shownNumbers)
	list := ask[string](t, ctx, `location.href`)
	one := ask[string](t, ctx, `document.querySelector("#parcels > li:has([data-part=history]) [data-share]").getAttribute("href")`)
	number := ask[string](t, ctx, `document.querySelector("#parcels > li:has([data-part=history]) h2").textContent`)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank"), chromedp.Navigate(list), whole(chromedp.CSS("#parcels"))); err != nil {
		t.Fatal(err)
	}
	if after := ask[string](t, ctx, shownNumbers); after != before {
		t.Errorf("opened again the list shows %s, want %s", after, before)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(base+one), chromedp.WaitVisible(chromedp.CSS(".events"))); err != nil {
		t.Fatal(err)
	}
	if alone := ask[string](t, ctx, shownNumbers); alone != number {
		t.Errorf("the parcel's own address shows %s, want %s with its history open", alone, number)
	}
}

// whole waits for a part of a page, and for the rest of it: a part is visible
// before all of it has come.
func whole(part chromedp.CSS) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		if _, err := chromedp.WaitVisible(part)(ctx, target); err != nil {
			return none, err
		}
		_, err = chromedp.Poll[bool](`document.readyState === "complete"`)(ctx, target)
		return none, err
	}
}

// eventually waits until a script says true, also while pages come and go.
func eventually(t *testing.T, ctx context.Context, script string) {
	t.Helper()
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if v, err := chromedp.Run(within, chromedp.Evaluate[bool](script)); err == nil && v {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-within.Done():
			there := ask[string](t, ctx, `location.href + ", focus at " + document.activeElement.outerHTML.slice(0, 200) + "\n" + document.body.innerText`)
			t.Fatalf("it never was so that %s\n%s", script, there)
		}
	}
}

// ask is the value of a script in the page.
func ask[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// shot keeps a picture of the whole page in the folder WAYPOST_SHOTS, if it is set.
func shot(name string, width int64) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (none chromedp.Void, err error) {
		folder := os.Getenv("WAYPOST_SHOTS")
		if folder == "" {
			return none, nil
		}
		if _, err := chromedp.EmulateViewport(width, 900)(ctx, target); err != nil {
			return none, err
		}
		png, err := chromedp.FullScreenshot(100)(ctx, target)
		if err != nil {
			return none, err
		}
		return none, os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
	}
}
