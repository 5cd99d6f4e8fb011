package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"waypost/internal/account"
	"waypost/internal/config"
)

// axeSource is the script of axe-core, which judges a page by WCAG.
func axeSource(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("WAYPOST_TEST_AXE")
	if folder == "" {
		t.Skip("WAYPOST_TEST_AXE names no folder with npm's axe-core; tools/with-parts prepares one where there is node and npm")
	}
	script, err := os.ReadFile(filepath.Join(folder, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// judged asks axe for what is wrong, by all rules of WCAG 2.2 AA and what its
// authors call best practice; and whether the page is wider than the window, or a
// control sticks out of what it is in.
const judged = `axe.run({preload: false, resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) => {
	const wrong = r.violations.map((v) => v.id + " (" + v.help + "): " + v.nodes.map((n) => n.html + " " + n.failureSummary).join("; "));
	const root = document.documentElement;
	if (root.scrollWidth > root.clientWidth) wrong.push("the page is " + root.scrollWidth + " wide in a window of " + root.clientWidth);
	for (const control of document.querySelectorAll("main :is(.panel, .page) :is(input, select, textarea, button)")) {
		const own = control.getBoundingClientRect(), around = control.closest(".panel, .page").getBoundingClientRect();
		if (own.width > 1 && (own.left < around.left || own.right > around.right)) wrong.push("it sticks out: " + control.outerHTML);
	}
	return wrong;
})`

// Every page, in three languages, light and dark, from left to right and from
// right to left, on a phone and a large screen, and as narrow as a page at 1280
// pixels becomes at four times its size (WCAG 2.2, 1.4.10).
func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	axe := axeSource(t)
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) { c.URL = "http://localhost" }) // where passkeys can be
	deliver(t, s)
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	pages := g.sights(readAccess(t))
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: axe}); err != nil {
		t.Fatal(err)
	}
	for _, as := range []struct {
		lang, scheme string
		width        int64
	}{{"en", "light", 390}, {"zh", "dark", 1280}, {"ar", "light", 320}} {
		scheme := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: as.scheme}}}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, scheme); err != nil {
			t.Fatal(err)
		}
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(as.width, 900)); err != nil {
			t.Fatal(err)
		}
		for _, p := range pages {
			look(t, ctx, base, p, as.lang)
			for _, wrong := range awaited[[]string](t, ctx, judged) {
				t.Errorf("%s in %s at %d: %s", p.name, as.lang, as.width, wrong)
			}
			picture := fmt.Sprintf("%s-%s-%d", strings.Trim(regexp.MustCompile(`\W+`).ReplaceAllString(p.name, "-"), "-"), as.lang, as.width)
			if err := chromedp.Do(ctx, shot(picture, as.width)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// look opens a page as who may see it, and sends its form.
func look(t *testing.T, ctx context.Context, base string, p sight, lang string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience) // what never ends is no page
	defer cancel()
	if _, err := chromedp.Call(ctx, network.ClearBrowserCookies, struct{}{}); err != nil {
		t.Fatal(err)
	}
	var cookies network.SetCookiesParams
	for name, value := range p.cookies {
		cookies.Cookies = append(cookies.Cookies, &network.CookieParam{Name: name, Value: value, URL: base + "/staff"})
	}
	if _, err := chromedp.Call(ctx, network.SetCookies, cookies); err != nil {
		t.Fatal(err)
	}
	joint := "?"
	if strings.Contains(p.path, "?") {
		joint = "&"
	}
	address := base + p.path + joint + "lang=" + lang
	answer, err := chromedp.Run(ctx, chromedp.NavigateResponse(address))
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	if answer.URL != address || p.missing != (answer.Status == http.StatusNotFound) {
		t.Errorf("%s is at %s, with status %d", p.name, answer.URL, answer.Status)
	}
	if err := chromedp.Do(ctx, whole(chromedp.CSS("h1"))); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
	if p.send == "" {
		return
	}
	ask[bool](t, ctx, `setTimeout(() => {`+p.send+`}); window.left = true`)
	eventually(t, ctx, `!window.left && document.readyState === "complete"`)
}

// awaited is ask for a script that answers later.
func awaited[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, func(p *runtime.EvaluateParams) { chromedp.EvalAwaitPromise(p) }))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
