package app

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A walker is somebody at a page in a browser.
type walker struct {
	t    *testing.T
	ctx  context.Context
	base string
	hand hand
}

// A hand is how a walker uses a page. Parts of it are named by CSS selectors.
type hand interface {
	press(w *walker, part string)       // a link, a button, a box
	fill(w *walker, part, text string)  // a field
	choose(w *walker, part, say string) // the choice of a list that is said
}

func (w *walker) press(part string) { w.t.Helper(); w.hand.press(w, part) }

func (w *walker) fill(part, text string) { w.t.Helper(); w.hand.fill(w, part, text) }

func (w *walker) choose(part, say string) { w.t.Helper(); w.hand.choose(w, part, say) }

// open goes to an address as if it was typed.
func (w *walker) open(path string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.Navigate(w.base+path)); err != nil {
		w.t.Fatalf("open %s: %v", path, err)
	}
}

// at waits until the page at an address is there.
func (w *walker) at(address string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.readyState === "complete" && location.pathname + location.search === %q`, address))
}

// reads waits until the page says something.
func (w *walker) reads(text string) {
	w.t.Helper()
	w.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector("main").innerText.includes(%q)`, text))
}

func (w *walker) until(script string) {
	w.t.Helper()
	eventually(w.t, w.ctx, script)
}

// text is what a part of the page says.
func (w *walker) text(part string) string {
	w.t.Helper()
	return ask[string](w.t, w.ctx, fmt.Sprintf(`document.querySelector(%q).innerText`, part))
}

// mouse is a hand that points.
type mouse struct{}

func (mouse) press(w *walker, part string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.Click(chromedp.CSS(part))); err != nil {
		w.t.Fatalf("press %s: %v", part, err)
	}
}

func (m mouse) fill(w *walker, part, text string) {
	w.t.Helper()
	m.press(w, part)
	w.keys(text)
}

func (mouse) choose(w *walker, part, say string) {
	w.t.Helper()
	ask[bool](w.t, w.ctx, fmt.Sprintf(`{
		const list = document.querySelector(%q);
		list.value = [...list.options].find((o) => o.text === %q).value;
		true
	}`, part, say))
}

// keyboard is a hand that has no mouse: it goes on with Tab, and wants to see
// where it is at every stop.
type keyboard struct{}

// mostStops bounds how often Tab is pressed on a page.
const mostStops = 200

func (keyboard) press(w *walker, part string) {
	w.t.Helper()
	reach(w, part)
	if ask[bool](w.t, w.ctx, `["checkbox", "radio"].includes(document.activeElement.type)`) {
		w.keys(" ")
	} else {
		w.keys(kb.Enter)
	}
}

func (keyboard) fill(w *walker, part, text string) {
	w.t.Helper()
	reach(w, part)
	w.keys(text)
}

func (keyboard) choose(w *walker, part, say string) {
	w.t.Helper()
	reach(w, part)
	w.keys(say)
	if got := ask[string](w.t, w.ctx, `document.activeElement.selectedOptions[0].text`); got != say {
		w.t.Fatalf("%q is chosen in %s, want %q", got, part, say)
	}
}

// reach goes on to a part of the page.
func reach(w *walker, part string) {
	w.t.Helper()
	there := fmt.Sprintf(`document.activeElement.matches(%q)`, part)
	for range mostStops {
		if ask[bool](w.t, w.ctx, there) {
			return
		}
		w.keys(kb.Tab)
		w.until(focusSeen) // the page scrolls there in its own time
	}
	w.t.Fatalf("Tab never comes to %s", part)
}

// focusSeen is whether what has the focus is in the window, with an outline or a
// shadow of its own.
const focusSeen = `{
	const e = document.activeElement, look = getComputedStyle(e), at = e.getBoundingClientRect();
	const drawn = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0 || look.boxShadow !== "none";
	const within = at.width > 0 && at.top < innerHeight && at.bottom > 0 && at.left < innerWidth && at.right > 0;
	e === document.body || drawn && within
}`

// keys types.
func (w *walker) keys(text string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(strings.ReplaceAll(text, "\n", kb.Enter))); err != nil {
		w.t.Fatalf("type: %v", err)
	}
}
