package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"waypost/internal/account"
	"waypost/internal/api/inbound"
	"waypost/internal/api/track17"
	"waypost/internal/config"
	"waypost/internal/hold"
	"waypost/internal/incident"
	"waypost/internal/inventory"
	"waypost/internal/quota"
	"waypost/internal/request"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// roles are who asks, in the order of the table's columns: nobody; a session
// that is over; the member whose things {account} and {device} are; another
// member; each role in the business account {team}; each duty of the staff.
var roles = []string{
	"visitor", "expired", "member", "other", "owner", "admin", "mate", "viewer", "billing", "support", "privacy", "security", "operator",
}

// answers are what a cell of the table says.
const (
	lets    = "yes"     // let in: shown, done, or told what is wrong with the form
	signsIn = "sign in" // sent to sign in first
	refuses = "no"      // told that it isn't allowed
	hides   = "none"    // answered as if there were nothing
)

// A row is one of the table: a route, what its places and its form are filled
// in with, and the answer to each role.
type row struct {
	route string
	with  [][2]string
	cells []string
}

// Every route is asked by every role, about its own or somebody else's things,
// and answers as docs/access.md says. Who may what is decided above the database,
// and the rooms' tests ask both, so one is enough here.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	table := readAccess(t)
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) {
		c.URL = "http://localhost"                                                                                        // where passkeys can be
		c.Providers.Facebook = config.FacebookProvider{ClientID: "1", ClientSecret: "in the test only", Version: "v25.0"} // who begins without a call
	})
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	served := slices.Concat(ownRoutes, s.site.Routes(), s.legal.Routes(), s.member.Routes(), s.staff.Routes(), inbound.Routes, track17.Routes, s.api.Routes(), s.reference.Routes())
	for _, route := range served {
		if !slices.ContainsFunc(table, func(r row) bool { return r.route == route }) {
			t.Errorf("docs/access.md has no row for %q. Look at each answer below: is it what that role may do? Then put the row into the table, "+
				"and fill its second column so that a form can succeed and {places} are somebody's (%s):\n%s", route, strings.Join(things, ", "), g.measure(row{route: route}))
		}
	}
	for _, r := range table {
		if !slices.Contains(served, r.route) {
			t.Errorf("docs/access.md has a row for %q, which isn't served", r.route)
			continue
		}
		if got := g.measure(r); got.String() != r.String() {
			t.Errorf("the answers differ from docs/access.md. It says\n%s\nand the server answers\n%s", r, got)
		}
	}
}

func (r row) String() string {
	var with []string
	for _, w := range r.with {
		with = append(with, w[0]+"="+w[1])
	}
	return "| " + strings.Join(append([]string{"`" + r.route + "`", strings.Join(with, " ")}, r.cells...), " | ") + " |"
}

// readAccess reads the table of docs/access.md.
func readAccess(t *testing.T) (table []row) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "access.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "<!-- routes -->\n")
	rest, _, _ = strings.Cut(rest, "<!-- end -->")
	lines := strings.Split(strings.TrimSpace(rest), "\n")
	if want := "| route | with | " + strings.Join(roles, " | ") + " |"; lines[0] != want {
		t.Fatalf("docs/access.md: the table begins with\n%s\nwant\n%s", lines[0], want)
	}
	for _, line := range lines[2:] {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != len(roles)+2 {
			t.Fatalf("docs/access.md: %d cells, want %d: %s", len(cells), len(roles)+2, line)
		}
		r := row{route: strings.Trim(cells[0], "`"), cells: cells[2:]}
		for _, w := range strings.Fields(cells[1]) {
			name, value, _ := strings.Cut(w, "=")
			r.with = append(r.with, [2]string{name, value})
		}
		table = append(table, r)
	}
	return table
}

// A gate asks a server as somebody.
type gate struct {
	t      *testing.T
	s      *server
	base   string
	n      int
	clerks map[string]account.Token // by duty
	scenes map[string]scene         // left as they were

	declared incident.ID // "" none yet
}

// measure asks a route as every role.
func (g *gate) measure(r row) row {
	g.t.Helper()
	r.cells = nil
	for _, role := range roles {
		r.cells = append(r.cells, g.ask(r, role))
	}
	return r
}

var placeIn = regexp.MustCompile(`\{(\w+)\}`)

// fill is the row's path and form, filled in with a scene's things.
func (r row) fill(sc scene) (path string, form url.Values) {
	things := func(text string) string {
		return placeIn.ReplaceAllStringFunc(text, func(place string) string {
			return cmp.Or(sc.things[strings.Trim(place, "{}")], "nothing")
		})
	}
	_, path, _ = strings.Cut(strings.ReplaceAll(r.route, "{$}", ""), " ")
	form = url.Values{}
	for _, w := range r.with {
		if place := "{" + w[0] + "}"; strings.Contains(path, place) {
			path = strings.ReplaceAll(path, place, url.PathEscape(things(w[1])))
		} else {
			form.Add(things(w[0]), things(w[1]))
		}
	}
	return things(path), form
}

// ask makes a request as a role, with things of its own, and says how it was answered.
func (g *gate) ask(r row, role string) string {
	g.t.Helper()
	method, pattern, _ := strings.Cut(r.route, " ")
	scene := g.scene(role, fmt.Sprint(r.route, r.with), method == http.MethodGet)
	path, form := r.fill(scene)
	ctx, cancel := context.WithTimeout(g.t.Context(), patience)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, method, g.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		g.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range scene.cookies {
		q.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(q)
	if err != nil {
		g.t.Fatalf("%s %s as %s: %v", method, path, role, err)
	}
	resp.Body.Close() //nolint:errcheck // a live page goes on for ever
	if role != "member" {
		g.untouched(r, role, scene, "")
	}
	if !slices.Contains([]string{"owner", "admin", "mate"}, role) {
		g.untouched(r, role, scene, "team_")
	}
	if scene.member.token != "" && role != "member" && role != "expired" && !strings.HasPrefix(pattern, "/staff/") {
		if _, err := g.s.people.members.Session(g.t.Context(), scene.member.token); err != nil {
			g.t.Errorf("%s as %s signs somebody else out", r.route, role)
		}
	}
	answer := g.judge(r, role, resp)
	if method != http.MethodGet && answer != lets {
		g.left(scene)
	}
	return answer
}

func (g *gate) judge(r row, role string, resp *http.Response) string {
	to := resp.Header.Get("Location")
	switch {
	case resp.StatusCode >= http.StatusInternalServerError:
		g.t.Errorf("%s as %s answers %d", r.route, role, resp.StatusCode)
		return fmt.Sprint(resp.StatusCode)
	case strings.HasPrefix(to, "/signin"), strings.HasPrefix(to, "/staff/signin"):
		return signsIn
	case resp.StatusCode == http.StatusForbidden, resp.StatusCode == http.StatusUnauthorized:
		return refuses
	case resp.StatusCode == http.StatusNotFound:
		return hides
	}
	return lets
}

// things are what places can be filled in with.
var things = []string{"{account}", "{device}", "{watch}", "{view}", "{import}", "{undo}", "{team}", "{team_watch}", "{team_view}", "{team_import}", "{team_undo}", "{key}", "{secret}", "{team_key}", "{team_secret}", "{hook}", "{team_hook}", "{mate}", "{invitation}", "{invited}", "{staff}", "{link}", "{look}", "{hold}", "{incident}", "{request}"}

// A scene is somebody who asks, and the things there are.
type scene struct {
	key     string // of others like it
	cookies map[string]string
	things  map[string]string
	member  person // whose {account} and {device} are
}

// scene makes what a request of a role needs, as far as it is named, unless there
// is one that the request before left as it was.
func (g *gate) scene(role, named string, reads bool) scene {
	g.t.Helper()
	teamKept := strings.Contains(named, "{team_")
	team := teamKept || slices.Contains(roles[4:9], role) || strings.Contains(named, "{team}") || strings.Contains(named, "{invited}")
	staff := strings.Contains(named, "{staff}") || strings.Contains(named, "{link}")
	looked := strings.Contains(named, "{look}")
	kept := regexp.MustCompile(`\{(watch|view|import|undo|key|secret|hook)\}`).MatchString(named)
	asks := strings.Contains(named, "{request}")
	member := team || kept || looked || asks || role == "member" || role == "expired" || strings.Contains(named, "{account}") || strings.Contains(named, "{device}") || strings.Contains(named, "{hold}")
	key := fmt.Sprint(role, team, staff, asks, looked, kept, teamKept, member, strings.Contains(named, "{hold}"), strings.Contains(named, "{incident}"), reads)
	if old, ok := g.scenes[key]; ok {
		if !reads {
			delete(g.scenes, key)
		}
		return old
	}
	sc := scene{key: key, cookies: map[string]string{}, things: map[string]string{}}
	if member {
		sc.member = g.member("member", reads)
		sc.things["account"], sc.things["device"] = string(sc.member.Account), sc.member.ID
	}
	switch role {
	case "member":
		sc.cookies["waypost_session"] = string(sc.member.token)
	case "other":
		sc.cookies["waypost_session"] = string(g.member("other", reads).token)
	case "expired":
		sc.cookies["waypost_session"], sc.cookies["waypost_staff"] = string(g.over(sc.member)), "default.over"
	case "support", "privacy", "security", "operator":
		sc.cookies["waypost_staff"] = string(g.clerk(account.Duty(role)))
	}
	if team {
		g.team(role, reads, sc)
	}
	if kept {
		g.keep(sc, "", sc.member.Account.Subject())
	}
	if teamKept {
		g.keep(sc, "team_", account.TeamID(sc.things["team"]).Subject())
	}
	if asks {
		sc.things["request"] = string(g.raise(sc.member, request.Delete))
	}
	if staff {
		link := g.invite(account.Support)
		sc.things["staff"], sc.things["link"] = string(link.Staff), string(link.Token)
	}
	if strings.Contains(named, "{hold}") {
		sc.things["hold"] = string(g.hold(sc.member.Account.Subject()))
	}
	if strings.Contains(named, "{incident}") {
		sc.things["incident"] = string(g.incident())
	}
	if looked {
		sc.things["look"] = g.look(role, sc.member.Account)
	}
	if reads {
		g.left(sc)
	}
	return sc
}

// hold has somebody's data stay.
func (g *gate) hold(of inventory.Subject) hold.ID {
	g.t.Helper()
	return must(g.s.people.holds.Set(g.t.Context(), "", hold.Hold{
		Of: of, Ground: hold.Claim, Ref: "C-2026-3", Reason: "A parcel that was lost is in dispute.", Review: time.Now().Add(60 * 24 * time.Hour),
	}))(g.t)
}

// incident is one that was declared at the console; every scene has the same.
func (g *gate) incident() incident.ID {
	g.t.Helper()
	if g.declared == "" {
		id, err := g.s.incidents.Declare(g.t.Context(), account.Console(), incident.High, incident.Facts{Title: "A disk is missing", Happened: "A disk with a backup is missing."}, incident.Times{Noticed: time.Now().Add(-time.Hour)})
		if err != nil {
			g.t.Fatal(err)
		}
		g.declared = id
	}
	return g.declared
}

// look is one at an account by who asks, if they may look, else by somebody else.
func (g *gate) look(role string, id account.ID) string {
	g.t.Helper()
	duty := account.Support
	if slices.Contains([]string{"privacy", "security"}, role) {
		duty = account.Duty(role)
	}
	staff := g.s.people.members.Staff()
	clerk, err := staff.Session(g.t.Context(), g.clerk(duty))
	if err != nil {
		g.t.Fatal(err)
	}
	seen, err := staff.Find(g.t.Context(), clerk, string(id), account.Why{Matter: account.ForTicket, Ref: "T-1"})
	if err != nil {
		g.t.Fatal(err)
	}
	return string(seen.Look)
}

// left has a scene that is as it was serve the next request, but for those with a
// member of the staff.
func (g *gate) left(sc scene) {
	if !strings.HasPrefix(sc.cookies["waypost_staff"], "default.") {
		g.scenes[sc.key] = sc
	}
}

// keep puts a parcel, a view and an import on somebody's shelf, and another
// parcel whose archiving can be undone, and gives them a key with two secrets.
// What they are called begins with prefix.
func (g *gate) keep(sc scene, prefix string, owner inventory.Subject) {
	g.t.Helper()
	ctx := g.t.Context()
	store, err := g.s.watches.Of(owner)
	if err != nil {
		g.t.Fatal(err)
	}
	saved, err := store.Save(ctx, owner, watch.New{Number: "1Z4A7B2C0364182055", Words: watch.Words{Name: "Hers"}}, watch.New{Number: "RR409172635CA"})
	if err != nil {
		g.t.Fatal(err)
	}
	view, err := store.SaveView(ctx, owner, watch.View{Name: "Hers", Query: watch.Query{Text: "hers"}})
	if err != nil {
		g.t.Fatal(err)
	}
	preview, err := store.Import(ctx, owner, watch.File{Content: []byte("620114829377105846120395"), Pasted: true})
	if err != nil {
		g.t.Fatal(err)
	}
	done, err := store.Apply(ctx, owner, watch.Change{Do: watch.Archive}, saved[1].ID)
	if err != nil {
		g.t.Fatal(err)
	}
	key := g.key(owner)
	for name, id := range map[string]string{
		"watch": string(saved[0].ID), "view": string(view), "import": string(preview.Import), "undo": string(done.Undo),
		"key": string(key.ID), "secret": string(key.Secrets[1].ID), "hook": string(g.hook(owner)),
	} {
		sc.things[prefix+name] = id
	}
}

// key gives somebody a key that was rotated, so that its old secret goes on.
func (g *gate) key(owner inventory.Subject) quota.Key {
	g.t.Helper()
	store, err := g.s.people.quotas.Of(owner)
	if err != nil {
		g.t.Fatal(err)
	}
	made, err := store.Make(g.t.Context(), owner, quota.Settings{Name: "Hers", Scopes: quota.Scopes}, false)
	if err != nil {
		g.t.Fatal(err)
	}
	if made, err = store.Rotate(g.t.Context(), owner, made.ID, time.Hour); err != nil {
		g.t.Fatal(err)
	}
	return made.Key
}

// hook gives somebody an endpoint that was told of one event, a test.
func (g *gate) hook(owner inventory.Subject) webhook.EndpointID {
	g.t.Helper()
	store, err := g.s.hooks.Of(owner)
	if err != nil {
		g.t.Fatal(err)
	}
	made, err := store.Create(g.t.Context(), owner, webhook.Settings{Name: "Hers", Inspect: true})
	if err != nil {
		g.t.Fatal(err)
	}
	if _, err := store.Try(g.t.Context(), owner, made.ID); err != nil {
		g.t.Fatal(err)
	}
	return made.ID
}

// untouched fails the test when a request of somebody who may not has changed
// what keep put on a shelf: two parcels, one of them archived, one view, one import;
// one key with two secrets, and one endpoint that is on.
func (g *gate) untouched(r row, role string, sc scene, prefix string) {
	g.t.Helper()
	if sc.things[prefix+"watch"] == "" {
		return
	}
	ctx, owner := g.t.Context(), sc.member.Account.Subject()
	if prefix != "" {
		owner = account.TeamID(sc.things["team"]).Subject()
	}
	store, err := g.s.watches.Of(owner)
	if err != nil {
		g.t.Fatal(err)
	}
	open, err := store.List(ctx, owner, watch.Query{})
	if err != nil || len(open.Watches) != 1 || open.Watches[0].Name != "Hers" {
		g.t.Errorf("%s as %s changes somebody else's parcels: %+v, %v", r.route, role, open.Watches, err)
	}
	views, err := store.Views(ctx, owner)
	if err != nil || len(views) != 1 {
		g.t.Errorf("%s as %s changes somebody else's views: %v, %v", r.route, role, views, err)
	}
	if preview, err := store.Preview(ctx, owner, watch.ImportID(sc.things[prefix+"import"])); err != nil || preview.Revision != 1 {
		g.t.Errorf("%s as %s changes somebody else's import: %v, %v", r.route, role, preview.Revision, err)
	}
	programs, err := g.s.people.quotas.Of(owner)
	if err != nil {
		g.t.Fatal(err)
	}
	keys, err := programs.List(ctx, owner)
	if err != nil || len(keys) != 1 || keys[0].Name != "Hers" || len(keys[0].Secrets) != 2 || !keys[0].Revoked.IsZero() {
		g.t.Errorf("%s as %s changes somebody else's keys: %+v, %v", r.route, role, keys, err)
	}
	hooks, err := g.s.hooks.Of(owner)
	if err != nil {
		g.t.Fatal(err)
	}
	endpoints, err := hooks.Endpoints(ctx, owner)
	if err != nil || len(endpoints) != 1 || endpoints[0].Name != "Hers" || endpoints[0].State != webhook.On || len(endpoints[0].Secrets) != 1 {
		g.t.Errorf("%s as %s changes somebody else's endpoints: %d, %v", r.route, role, len(endpoints), err)
	}
}

// member signs somebody new up, with a picture for who wants to see it.
func (g *gate) member(name string, picture bool) person {
	g.t.Helper()
	g.n++
	p := newMember(g.t, g.s, fmt.Sprintf("%s%d@mail.example", name, g.n))
	if !picture {
		return p
	}
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 9, 9))); err != nil {
		g.t.Fatal(err)
	}
	if err := g.store(p).SetPicture(g.t.Context(), p.Account, &file); err != nil {
		g.t.Fatal(err)
	}
	return p
}

func (g *gate) store(p person) *account.Store {
	g.t.Helper()
	store, err := g.s.people.members.Of(p.Account)
	if err != nil {
		g.t.Fatal(err)
	}
	return store
}

// over is a token whose session was ended.
func (g *gate) over(p person) account.Token {
	g.t.Helper()
	if err := g.s.people.members.SignOut(g.t.Context(), p.token); err != nil {
		g.t.Fatal(err)
	}
	return p.token
}

// team makes a business account with a mate to whom it is offered, with an
// invitation to member's address, and with who asks in their role.
func (g *gate) team(role string, reads bool, sc scene) {
	g.t.Helper()
	teams, owner := g.s.people.members.Teams(), g.member("owner", reads)
	id, err := teams.New(g.t.Context(), owner.Session, "Heron Supplies")
	if err != nil {
		g.t.Fatal(err)
	}
	join := func(p person, role account.Role) {
		i := g.inviteTo(owner, id, p, role)
		if _, err := teams.Accept(g.t.Context(), p.Session, i.Token); err != nil {
			g.t.Fatal(err)
		}
	}
	mate := g.member("mate", false)
	join(mate, account.RoleViewer)
	switch {
	case role == "owner":
		sc.cookies["waypost_session"] = string(owner.token)
	case slices.Contains(roles[5:9], role):
		who := g.member(role, reads)
		join(who, map[string]account.Role{"admin": account.RoleAdmin, "mate": account.RoleMember, "viewer": account.RoleViewer, "billing": account.RoleBilling}[role])
		sc.cookies["waypost_session"] = string(who.token)
	}
	letter := g.inviteTo(owner, id, sc.member, account.RoleViewer)
	open, err := teams.Invitations(g.t.Context(), owner.Session, id)
	if err != nil || len(open) != 1 {
		g.t.Fatalf("open invitations: %v, %v", open, err)
	}
	if err := teams.Offer(g.t.Context(), owner.Session, id, mate.Account, true); err != nil {
		g.t.Fatal(err)
	}
	sc.things["team"], sc.things["mate"] = string(id), string(mate.Account)
	sc.things["invitation"], sc.things["invited"] = open[0].ID, string(letter.Token)
}

// inviteTo invites somebody, and returns what they are sent.
func (g *gate) inviteTo(owner person, id account.TeamID, p person, role account.Role) account.Letter {
	g.t.Helper()
	ctx, members := g.t.Context(), g.s.people.members
	profile, err := g.store(p).Profile(ctx, p.Account)
	if err != nil {
		g.t.Fatal(err)
	}
	if err := members.Teams().Invite(ctx, owner.Session, id, profile.Main(), role, somewhere()); err != nil {
		g.t.Fatal(err)
	}
	open, err := members.Teams().Invitations(ctx, owner.Session, id)
	if err != nil {
		g.t.Fatal(err)
	}
	letter, err := members.InvitationToSend(ctx, account.Invited{ID: open[len(open)-1].ID})
	if err != nil {
		g.t.Fatal(err)
	}
	return letter
}

// invite adds somebody to the staff who hasn't come in yet.
func (g *gate) invite(duty account.Duty) account.Link {
	g.t.Helper()
	g.n++
	contact := account.Contact{Kind: account.Mail, Value: fmt.Sprintf("%s%d@staff.example", duty, g.n)}
	link, err := g.s.people.members.Staff().Invite(g.t.Context(), account.Console(), contact, []account.Duty{duty})
	if err != nil {
		g.t.Fatal(err)
	}
	return link
}

// clerk is a session of somebody of the staff, another one when the last is over.
func (g *gate) clerk(duty account.Duty) account.Token {
	g.t.Helper()
	ctx, staff := g.t.Context(), g.s.people.members.Staff()
	if _, err := staff.Session(ctx, g.clerks[string(duty)]); err == nil {
		return g.clerks[string(duty)]
	}
	token := g.comesIn(duty)
	clerk, err := staff.Session(ctx, token)
	if err != nil {
		g.t.Fatal(err)
	}
	if err := staff.Train(ctx, clerk, g.s.people.training.Version, "test"); err != nil {
		g.t.Fatal(err)
	}
	g.clerks[string(duty)] = token
	return token
}

// comesIn is a session of somebody of the staff who has yet to take the training.
func (g *gate) comesIn(duty account.Duty) account.Token {
	g.t.Helper()
	ctx, staff := g.t.Context(), g.s.people.members.Staff()
	link := g.invite(duty)
	e, err := staff.Entering(ctx, link.Token)
	if err != nil {
		g.t.Fatal(err)
	}
	code, err := totp.GenerateCode(strings.ReplaceAll(e.App.Secret, " ", ""), time.Now())
	if err != nil {
		g.t.Fatal(err)
	}
	token, err := staff.Enter(ctx, link.Token, account.Newcomer{Name: string(duty), Password: "eleven grey lighthouses", Code: code}, somewhere())
	if err != nil {
		g.t.Fatal(err)
	}
	return token
}
