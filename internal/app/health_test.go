package app

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/carrier"
	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/health"
	"waypost/internal/sim"
	"waypost/internal/status"
)

// The simulator renames a field while InPost is asked; the next parcel's first
// answer tells.
func TestASilentChangeOfAnswersIsSeenWithinOnePoll(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, nil)
		way := sim.Story{Born: s.sim.server.Clock().Now().Add(-24 * time.Hour), Steps: []sim.Step{{Kind: sim.Announced}, {After: time.Hour, Kind: sim.PickedUp}}}
		var numbers []string
		for i := range 21 {
			numbers = append(numbers, fmt.Sprintf("6201148293771058461203%02d", i))
			s.sim.server.Set(numbers[i], way)
		}
		get(t, base+"/track?nums="+strings.Join(numbers[:20], ","))
		until(t, base+"/metrics", `waypost_poll_asks_total{outcome="changed",source="inpost"} 20`)
		if err := s.health.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, base+"/metrics", `waypost_carrier_shape_changes{source="inpost"} 0`)
		if err := s.sim.server.Fail("inpost", sim.Fault{Kind: sim.Shape}); err != nil {
			t.Fatal(err)
		}
		get(t, base+"/track?nums="+numbers[20])
		told := regexp.MustCompile(`waypost_carrier_shape_changes\{source="inpost"\} [1-9]`)
		soon(t, "a changed shape in the metrics", func() (string, bool) {
			_, body := get(t, base+"/metrics")
			return body, told.MatchString(body)
		})
		g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}}
		if body := g.staffPage(account.Operator, "/staff/carriers"); !contains(body, "/staff/carriers/inpost", "Answers are built differently") {
			t.Errorf("the list says nothing of it:\n%s", body)
		}
		body := g.staffPage(account.Operator, "/staff/carriers/inpost")
		if !contains(body, "tracking_details.status", "is gone; it was always there", "waypost carrier record inpost", "Answered with a history") {
			t.Errorf("the page says nothing of it:\n%s", body)
		}
		if !contains(body, "I have looked at these") || contains(body, "Looked at by") {
			t.Errorf("nobody can say that they have looked:\n%s", body)
		}
		until := regexp.MustCompile(`name="until" value="(\d+)"`).FindStringSubmatch(body)
		if until == nil {
			t.Fatalf("there is no form:\n%s", body)
		}
		if body := g.staffForm(account.Operator, "/staff/carriers/inpost", url.Values{"until": {until[1]}}); !contains(body, "Looked at by", "tracking_details.status", "Nothing to do.") || contains(body, "I have looked at these") {
			t.Errorf("who looked isn't told, or it is still urgent:\n%s", body)
		}
		if _, body := get(t, base+"/metrics"); !strings.Contains(body, `waypost_carrier_shape_changes{source="inpost"} 0`) {
			t.Error("the metrics still tell of it")
		}
		if body := g.staffPage(account.Operator, "/staff/log"); !contains(body, "looked at a carrier’s changed answers") {
			t.Errorf("the log says nothing of it:\n%s", body)
		}
	})
}

// ailing is an operator, while InPost's source has all that there can be to do.
func (g *gate) ailing() scene {
	g.t.Helper()
	call := health.Call{Account: "inpost/simulator", At: time.Now(), Took: time.Second, Numbers: 1}
	for _, kind := range carrier.ProblemKinds {
		call.Problem = &carrier.Problem{Kind: kind}
		g.s.health.Answered(call)
	}
	unknown := []carrier.Unknown{{Code: "X", Words: "Nobody home", Means: status.DeliveryFailureNoBody}, {Words: "Thank you"}}
	call.Problem, call.Reports = nil, []carrier.Report{{Unknown: unknown}}
	g.s.health.Answered(call)
	if err := g.s.store.NoteUnmapped(g.t.Context(), "inpost", unknown); err != nil {
		g.t.Fatal(err)
	}
	tracked := carrier.Path{Name: "tracking_details", Forms: carrier.List | carrier.Object, In: 1, Objects: 30, Used: true}
	at := carrier.Path{Name: "tracking_details.datetime", Forms: carrier.Text, In: 30, Used: true}
	answer := []carrier.Path{{Forms: carrier.Object, In: 1, Objects: 1}, tracked, at}
	for range 20 {
		g.s.health.Shaped("inpost", carrier.Shape{Paths: answer})
	}
	g.s.health.Shaped("inpost", carrier.Shape{Paths: answer[:2]})
	if err := g.s.health.Flush(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	must(g.s.health.Begin(g.t.Context(), call.Account, "620114829377105846120395", time.Now(), false))(g.t)
	if err := g.s.health.Tried(g.t.Context(), health.Trial{Account: call.Account, Number: "620114829377105846120395", Outcome: string(carrier.Missing)}); err != nil {
		g.t.Fatal(err)
	}
	return g.scene("operator", "", true)
}

// staffPage is a page of the staff, as somebody with that duty sees it.
func (g *gate) staffPage(duty account.Duty, path string) string {
	g.t.Helper()
	return g.staffAsks(duty, http.MethodGet, path, http.NoBody)
}

// staffForm posts a form, and returns the page that it leads to.
func (g *gate) staffForm(duty account.Duty, path string, form url.Values) string {
	g.t.Helper()
	return g.staffAsks(duty, http.MethodPost, path, strings.NewReader(form.Encode()))
}

func (g *gate) staffAsks(duty account.Duty, method, path string, body io.Reader) string {
	g.t.Helper()
	r, err := http.NewRequestWithContext(g.t.Context(), method, g.base+path, body)
	if err != nil {
		g.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	jar, err := cookiejar.New(nil)
	if err != nil {
		g.t.Fatal(err)
	}
	jar.SetCookies(r.URL, []*http.Cookie{{Name: "waypost_staff", Value: string(g.clerk(duty)), Path: "/"}})
	resp, err := (&http.Client{Jar: jar}).Do(r)
	if err != nil {
		g.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		g.t.Fatalf("%s %s: %d %v", method, path, resp.StatusCode, err)
	}
	return html.UnescapeString(string(page))
}

func TestTheCommandLineTellsOfHealth(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d := dbtest.Open(t, "sqlite:"+filepath.Join(folder, "parcels.db"))
	book, err := health.Open(t.Context(), d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	book.Answered(health.Call{Account: "inpost/open", At: time.Now(), Took: time.Second, Numbers: 7, Problem: &carrier.Problem{Kind: carrier.LimitedKind}})
	if err := book.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, "", "carrier", "health", "--data", folder, "--json")
	var list []sourceHealthJSON
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != exitOK {
		t.Fatalf("%d %v %s %s", code, err, out, errs)
	}
	first := list[0] // it is the one that needs somebody
	if first.Source != "inpost" || !slices.Equal(first.Findings, []health.Finding{health.Limited}) || first.Accounts[0].Counts["limited"] != 7 || first.Accounts[0].P95MS != 1100 {
		t.Errorf("the first source is %+v", first)
	}
	if code, out, _ := run(t, "", "carrier", "health", "--data", folder); code != exitOK || !contains(out, "inpost/open", "limited") {
		t.Errorf("%d %s", code, out)
	}
}

// postNord is an account at a simulator, with that key and those canaries.
func (s *simulation) postNord(key string, canaries ...string) map[string]map[string]config.Account {
	return map[string]map[string]config.Account{"postnord": {"main": {
		Values: map[string]config.Secret{"api_key": config.Secret(key)}, Base: s.base + "/postnord", Concurrency: 1, Canaries: canaries,
	}}}
}

func TestCredentialsAreTriedWhenTheyAreEntered(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		simulation, err := startSimulation(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, number := range []string{"84620173946SE", "12345678901SE"} { // the file's own, which is asked about where there is no canary
			simulation.server.Set(number, sim.Story{Steps: []sim.Step{{Kind: sim.PickedUp}}})
		}
		s, base := start(t, address, func(c *config.Config) { c.Accounts = simulation.postNord("mistyped") })
		g := &gate{t: t, s: s, base: base, clerks: map[string]account.Token{}}
		shows := func(words ...string) {
			t.Helper()
			soon(t, words[0]+" on the page", func() (string, bool) {
				body := g.staffPage(account.Operator, "/staff/carriers/postnord")
				return body, contains(body, words...)
			})
		}
		shows("The credentials are refused", "accounts.postnord", "Credentials tried")
		s.reload(t.Context(), func() (config.Config, error) {
			cfg := s.cfg
			cfg.Accounts = simulation.postNord(simulation.server.Credentials("postnord")["api_key"])
			return cfg, nil
		})
		shows("Answered with a history,", "Credentials tried")
		s.reload(t.Context(), func() (config.Config, error) {
			cfg := s.cfg
			cfg.Accounts = simulation.postNord(simulation.server.Credentials("postnord")["api_key"], "12345678901SE", "not a number")
			return cfg, nil
		})
		shows("Canary 12345678901SE", "Canary not a number", "A canary isn’t found")
		trials, err := s.health.Trials(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := outcomeOf(trials, "12345678901SE"); got != health.Found && got != string(carrier.Missing) {
			t.Errorf("the canary's outcome is %q", got)
		}
	})
}

func outcomeOf(trials []health.Trial, number string) string {
	i := slices.IndexFunc(trials, func(t health.Trial) bool { return t.Number == number })
	if i < 0 {
		return ""
	}
	return trials[i].Outcome
}

func TestTheCommandLineTriesAnAccount(t *testing.T) {
	t.Parallel()
	simulation, err := startSimulation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	try := func(key string) (int, string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "waypost.yaml")
		text := "accounts: {postnord: {main: {base: '" + simulation.base + "/postnord', values: {api_key: " + key + "}}}}"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, _ := run(t, "", "carrier", "try", "postnord/main", "--config", file)
		return code, out
	}
	if code, out := try("mistyped"); code != exitCarrier || !contains(out, "postnord/main", "auth") {
		t.Errorf("refused: %d %s", code, out)
	}
	if code, out := try(simulation.server.Credentials("postnord")["api_key"]); code != exitOK || !contains(out, "postnord/main") {
		t.Errorf("taken: %d %s", code, out)
	}
	if code, _, errs := run(t, "", "carrier", "try", "postnord/main"); code != exitFailed || !contains(errs, "no account postnord/main") {
		t.Errorf("none: %d %s", code, errs)
	}
}
