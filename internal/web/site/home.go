package site

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// A box is the form into which everything is pasted.
type box struct {
	Rows int
	Text string
}

type homeView struct {
	Box      box
	Examples []Example
}

// serveHome serves GET /.
func (s *Site) serveHome(w http.ResponseWriter, r *http.Request) error {
	reader := s.kit.Reader(r)
	head := ui.Head{About: reader.Say("home.about"), Here: "/", Scripts: []string{"home.js"}}
	return s.home.Reply(w, r, http.StatusOK, reader, head, homeView{Box: box{Rows: 5}, Examples: s.examples})
}

type cookiesView struct {
	Cookies []cookieRow
	Keys    []storageKey
}

// A cookieRow is one of visit's cookies, with words for what it is for and when
// it is set.
type cookieRow struct{ Name, Purpose, When, Life string }

// cookieRows are the cookies in the order in which one meets them.
func cookieRows(reader ui.Reader) []cookieRow {
	lives := visit.Cookies()
	var all []cookieRow
	for _, name := range slices.Sorted(maps.Keys(lives)) {
		row := cookieRow{Name: name, Purpose: reader.Say("cookies.purpose." + name), When: reader.Say("cookies.when." + name)}
		switch life := lives[name]; {
		case life >= 24*time.Hour:
			row.Life = reader.Say("cookies.days", "n", int(life.Hours()/24))
		case life >= time.Hour:
			row.Life = reader.Say("cookies.hours", "n", int(life.Hours()))
		default:
			row.Life = reader.Say("cookies.minutes", "n", int(life.Minutes()))
		}
		all = append(all, row)
	}
	return all
}

// A storageKey is something that scripts keep in the browser's own storage.
type storageKey struct{ Key, Values, Purpose, Until string }

// storage lists all of them; a test compares it with the scripts.
var storage = []storageKey{
	{"theme", "light, dark", "cookies.theme", "cookies.theme_until"},
	{"looked-up", "nums, fc", "cookies.looked_up", "cookies.looked_up_until"},
}

// serveCookies serves GET /cookies.
func (s *Site) serveCookies(w http.ResponseWriter, r *http.Request) error {
	reader := s.kit.Reader(r)
	head := ui.Head{Title: reader.Say("cookies.title"), About: reader.Say("cookies.about"), Here: "/cookies"}
	return s.cookies.Reply(w, r, http.StatusOK, reader, head, cookiesView{cookieRows(reader), storage})
}

// serveRobots serves GET /robots.txt: what people look up is nobody else's to list.
func serveRobots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("User-agent: *\nDisallow: /track\n"))
	return err
}
