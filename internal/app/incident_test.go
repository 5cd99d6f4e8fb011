package app

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"waypost/internal/account"
	"waypost/internal/config"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/incident"
	"waypost/internal/inventory"
)

// A clerk declares an incident, finds whom it concerns, and writes to them;
// another approves it; and a member gets the letter, is led to the page with it by
// every page, and isn't any more once they opened it. Each page is judged in every
// language.
func TestTheLifeOfAnIncident(t *testing.T) {
	t.Parallel()
	axe := axeSource(t)
	s, base := start(t, "sqlite:"+filepath.Join(t.TempDir(), "parcels.db"), func(c *config.Config) { c.URL = "http://localhost" })
	deliver(t, s)
	g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}, scenes: map[string]scene{}}
	mia := newMember(t, s, "mia@mail.example").scene()
	security, privacy := g.scene("security", "", true), g.scene("privacy", "", true)
	ctx := browser(t)
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: axe}); err != nil {
		t.Fatal(err)
	}
	see := func(p sight, says ...string) {
		t.Helper()
		p.name = p.path
		look(t, ctx, base, p, "en")
		for _, want := range says {
			eventually(t, ctx, fmt.Sprintf(`document.body.innerText.includes(%q)`, want))
		}
	}
	noticed := time.Now().UTC().Add(-time.Hour)
	see(security.sends("/staff/incidents", fmt.Sprintf(`
		const f = document.querySelector("main form");
		f.title.value = "A backup was copied"; f.severity.value = "high"; f.noticed.value = %q; f.happened.value = "A disk with a backup is missing.";
		f.submit()`, noticed.Format("2006-01-02T15:04"))), "I-1 A backup was copied", "70 h 5", "End it, and note")
	at := "/staff/incidents/I-1"
	press := func(form, act string) string {
		return fmt.Sprintf(`document.querySelector('main form%s button[value="%s"]').click()`, form, act)
	}
	see(security.sends(at+"/scope", `document.getElementById("way-copy").checked = true; document.getElementById("kind-contacts").checked = true; `+press("[enctype]", "add")), "Who existed at a time")
	see(security.sends(at+"/scope", press("", "look")), "List 1")
	finished(t, s, "I-1")
	see(security.at(at+"/scope"), "One person can be told.", "Germany", "e-mail address and phone number")
	see(security.sends(at+"/scope", press("", "freeze")), "List 1 holds.")
	see(security.sends(at+"/notices", press("", "ask")), "A notice is missing", "default en")
	see(security.sends(at+"/notices", `
		const f = document.getElementById("happened").form;
		f.title.value = "A disk is missing"; f.happened.value = "A disk with your address is missing."; f.effects.value = "False letters."; f.done.value = "The key is void.";
		f.do.value = "Open no links."; f.remedies.value = "Ask the office.";
		f.querySelector("button").click()`), "complete")
	see(security.sends(at+"/notices", press("", "ask")), "Approval was asked for")
	see(mia.at("/account"), "mia@mail.example")
	if ask[bool](t, ctx, `document.querySelector(".announced") !== null`) {
		t.Error("she is led to what nobody approved")
	}
	see(security.sends(at+"/notices", `document.getElementById("approve-sure").checked = true; `+press("", "approve")), "Somebody else has to approve")
	see(privacy.sends(at+"/notices", `document.getElementById("approve-sure").checked = true; `+press("", "approve")), "Telling people")

	if got := mailed(t, s, `/account/incidents`); got != "/account/incidents" {
		t.Errorf("her letter leads to %q", got)
	}
	see(privacy.at(at+"/telling"), "There is no push channel yet", "A message left")
	see(mia.at("/parcels"), "An incident concerned your data.")
	concern := mia.at("/account/incidents")
	see(concern, "A disk with your address is missing.", "What can follow of it", "The key is void.", "Open no links.", "Ask the office.")
	see(mia.at("/parcels"), "")
	if ask[bool](t, ctx, `document.querySelector(".announced") !== null`) {
		t.Error("she is still led to what she has read")
	}
	see(security.sends(at, press("", "contain")), "Contained")
	see(security.sends(at, `const f = document.querySelector('main button[value="spare_authority"]').form; f.words.value = "A test."; `+press("", "spare_authority")), "need not be told: A test.")
	sights := []sight{
		security.at("/staff/incidents"), security.at(at), security.at(at + "/scope"), security.at(at + "/notices"), security.at(at + "/telling"), concern,
		g.byHand(security, "I-1", incident.ByCall), g.byHand(security, "I-1", incident.ByLetter),
	}
	for _, as := range []struct {
		lang  string
		width int64
	}{{"en", 390}, {"zh", 1280}, {"ar", 320}} {
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(as.width, 900)); err != nil {
			t.Fatal(err)
		}
		for _, p := range sights {
			g.waits("I-1", map[bool]incident.Channel{true: incident.ByCall, false: incident.ByLetter}[strings.HasSuffix(p.path, "calls")])
			p.name = p.path
			look(t, ctx, base, p, as.lang)
			for _, wrong := range awaited[[]string](t, ctx, judged) {
				t.Errorf("%s in %s at %d: %s", p.name, as.lang, as.width, wrong)
			}
			if err := chromedp.Do(ctx, shot("incident"+regexp.MustCompile(`\W+`).ReplaceAllString(p.path, "-")+"-"+as.lang, as.width)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// finished waits until the search for an incident's people is.
func finished(t *testing.T, s *server, id incident.ID) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if must(s.incidents.Scope(t.Context(), account.Console(), id))(t).Done {
			return
		}
	}
	t.Fatal("the search doesn't end")
}

// concerned is an incident whose people wait for a call or a letter.
func (g *gate) concerned() incident.ID {
	g.t.Helper()
	id := g.incident()
	if one := must(g.s.incidents.Get(g.t.Context(), account.Console(), id))(g.t); one.Frozen == 0 {
		tellsOf(g.t, g.s, id, string(g.member("mia", false).Account), "nobody@mail.example")
	}
	return id
}

// tellsOf has people be told of an incident.
func tellsOf(t *testing.T, s *server, id incident.ID, people ...string) {
	t.Helper()
	ctx, console, all := t.Context(), account.Console(), s.incidents
	other := account.Clerk{ID: account.StaffID(s.people.regions[0].Name + "-0190d5a0-0000-7000-8000-0000000000b1"), Duties: []account.Duty{account.Privacy}}
	for _, err := range []error{
		all.AddCriterion(ctx, console, id, incident.Criterion{Way: incident.ByList, Kinds: []inventory.Kind{inventory.Contacts, inventory.Parcels}, List: people}),
		all.Look(ctx, console, id), all.Looked(ctx, incident.Looking{Incident: id, List: 1}), all.Freeze(ctx, console, id),
		all.SaveDraft(ctx, console, id, incident.Draft{Lang: "en", Text: incident.Text{Title: "A disk is missing", Happened: "A disk.", Effects: "False letters.", Done: "The key is void.", Do: "Open no links.", Remedies: "Ask."}}),
		all.Ask(ctx, console, id), all.Approve(ctx, other, id), all.Tell(ctx),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// waits has those whom an incident concerns wait for the staff.
func (g *gate) waits(id incident.ID, by incident.Channel) {
	g.t.Helper()
	err := g.s.incidents.Stores()[0].DB.Tx(g.t.Context(), func(tx *db.Tx) error {
		_, err := tx.ExecContext(g.t.Context(), `UPDATE incident_person SET state = $1, channel = $2 WHERE incident_id = $3`, incident.ByHand, by, id)
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

// byHand is the page of those whom the staff call or write to.
func (g *gate) byHand(sc scene, id incident.ID, by incident.Channel) sight {
	g.waits(id, by)
	return sc.at("/staff/incidents/" + string(id) + map[incident.Channel]string{incident.ByCall: "/calls", incident.ByLetter: "/letters"}[by])
}

// At the console an incident is declared, listed, and its record taken out.
func TestIncidentsAtTheConsole(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "I-1.zip")
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"declare", "A disk is missing", "--happened", "A disk with a backup.", "--severity", "high", "--noticed", "yesterday"}, exitFailed, "is no time"},
		{[]string{"declare", "A disk is missing", "--happened", "A disk with a backup.", "--severity", "high", "--noticed", "2026-03-02T14:30"}, exitOK, "I-1"},
		{[]string{"list"}, exitOK, "2026-03-05 14:30 UTC"},
		{[]string{"export", "I-1", file}, exitOK, "I-1.zip"},
		{[]string{"export", "I-1", file}, exitFailed, "Can't write"},
		{[]string{"export", "I-2", filepath.Join(folder, "2.zip")}, exitFailed, "no such incident"},
	} {
		code, out, errs := run(t, "", append([]string{"admin", "incident"}, append(tc.args, "--data", folder)...)...)
		if code != tc.code || !strings.Contains(out+errs, tc.says) {
			t.Errorf("%q: exit %d, %q, %q; want %d and %q", tc.args, code, out, errs, tc.code, tc.says)
		}
	}
	files := unzip(t, must(os.ReadFile(file))(t))
	if !strings.Contains(string(files["report.html"]), "A disk with a backup.") {
		t.Errorf("the record is %s", files["report.html"])
	}
}

// Whatever a room holds of people, those whom an incident there concerns are found.
func TestEveryRoomOfPeopleIsSearched(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, _ := start(t, address, nil)
		fill(t, s)
		offered := map[string]bool{}
		for _, table := range s.incidents.Tables() {
			offered[table.Name] = true
		}
		asked := map[string]bool{}
		for _, r := range s.rooms() {
			for _, f := range r.Fields() {
				name := r.name + "." + f.Table
				if asked[name] || f.Whose == inventory.Nobody || f.Kind == inventory.Counts || r.name == "incident" {
					continue // of an incident's own the list is there
				}
				asked[name] = true
				if searched, ok := r.Room.(inventory.Searched); !ok || !offered[name] {
					t.Errorf("%s isn't searched", name)
				} else if _, err := searched.Touched(t.Context(), f.Table, time.Unix(0, 0), time.Time{}, "", 10); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	})
}
