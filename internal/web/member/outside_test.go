package member_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"waypost/internal/account"
	"waypost/internal/dbtest"
)

// lure is what somebody could write anywhere to lead others astray, and short
// enough for every field.
const lure = `https://evil.example/a //evil.example javascript:alert(1) <a href="http://evil.example">x</a>`

// What members write, wherever they or others see it, leads nowhere but by a
// link that says so.
func TestWhatMembersWriteLeadsNowhereUnmarked(t *testing.T) {
	w := newWorld(t, dbtest.Open(t, dbtest.SQLite(t)))
	name := lure[:40]
	b, noah := w.join("nickname", name, "company", lure), w.join("contact", "noah@mail.example", "nickname", "Noah")
	team := b.post("/teams", "name", lure).is(http.StatusOK).at
	b.post(team+"/invitations", "contact", "noah@mail.example", "role", "viewer").isAt(team + "?done=invited")
	invited := "/invited/" + string(w.letter(account.LetterInvitation).Token)
	asked := noah.get(invited).is(http.StatusOK)
	noah.post(invited).isAt(team + "?done=joined")
	id := b.post("/parcels", "text", ups).ids()[0]
	b.post("/parcels/"+id, "name", lure, "note", lure, "tags", name, "order", lure).says("Saved.")
	b.post("/parcels/views", "name", name, "back", "q=evil").says("The view is saved.")
	preview := b.upload("/parcels/import", "list.csv", []byte("number,name,note\n"+postal+",https://evil.example,https://evil.example\n"))

	pages := []page{asked, preview, noah.get("/teams"), noah.get(team)}
	for _, at := range []string{"/account", "/welcome", "/teams", team, team + "/leave", team + "/close", "/parcels", "/parcels/" + id, "/parcels/alerts/" + id, "/account/alerts"} {
		pages = append(pages, b.get(at))
	}
	marked := 0
	for _, p := range pages {
		if !strings.Contains(p.is(http.StatusOK).body, "evil.example") && p.at != "/account/alerts" {
			t.Errorf("%s doesn't show what was written; %s", p.at, p.said())
		}
		marked += p.marked()
	}
	if marked != 4 {
		t.Errorf("%d links lead outside, want the note's two, in the list and on its page", marked)
	}
}

// marked fails the test when a page has an address in it that leads elsewhere
// and isn't marked, and returns how many are.
func (p page) marked() (n int) {
	p.t.Helper()
	doc, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		p.t.Fatal(err)
	}
	for at := range doc.Descendants() {
		for _, name := range []string{"href", "src", "action", "formaction"} {
			to := attr(at, name)
			if to == "" || strings.HasPrefix(to, "#") || strings.HasPrefix(to, "data:image/") || strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
				continue
			}
			rel := strings.Fields(attr(at, "rel"))
			isMarked := at.Data == "a" && strings.HasPrefix(to, "http") && strings.Contains(text(at), "leads to another website, evil.example")
			for _, want := range []string{"external", "nofollow", "noopener", "noreferrer"} {
				isMarked = isMarked && slices.Contains(rel, want)
			}
			if !isMarked {
				p.t.Errorf("%s: <%s %s=%q rel=%q> leads outside", p.at, at.Data, name, to, rel)
			}
			n++
		}
	}
	return n
}

// text is what stands in a node.
func text(n *html.Node) string {
	var b strings.Builder
	for at := range n.Descendants() {
		if at.Type == html.TextNode {
			b.WriteString(at.Data)
		}
	}
	return b.String()
}
