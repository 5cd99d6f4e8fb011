package app

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	v1 "waypost/internal/api/v1"
	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
)

// Who follows the address of an error's type reads what it means and what to do.
func TestEachKindOfErrorHasAPage(t *testing.T) {
	t.Parallel()
	_, base := start(t, dbtest.SQLite(t), nil)
	for _, k := range v1.Kinds {
		status, page := get(t, base+v1.ErrorPath+k.Code)
		if status != http.StatusOK || !contains(html.UnescapeString(page), k.Title, k.Text, k.Help) {
			t.Errorf("%s%s answers %d, and lacks what %s means", v1.ErrorPath, k.Code, status, k.Code)
		}
	}
	if status, _ := get(t, base+v1.ErrorPath+"nothing"); status != http.StatusNotFound {
		t.Errorf("a kind that there isn't has a page: %d", status)
	}
}

// What the reference offers to copy runs as it stands, in each language that is
// on this machine.
func TestCallsToCopyRun(t *testing.T) {
	t.Parallel()
	web := httptest.NewUnstartedServer(nil)
	base := "http://" + web.Listener.Addr().String()
	s, _ := startOn(t, web, dbtest.SQLite(t), func(c *config.Config) { c.URL = base })
	p := newMember(t, s, "kim@mail.example")
	store, err := s.people.quotas.Of(p.Account.Subject())
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.Make(t.Context(), p.Account.Subject(), quota.Settings{Name: "Test", Scopes: quota.Scopes}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range []struct{ id, says string }{
		{"getAccount", string(p.Account)}, {"lookUpParcel", `"number":"1Z4A7B2C0364182055"`}, {"getCarrier", `"code":"dhl-express"`},
	} {
		status, page := get(t, base+"/developer/reference/"+op.id)
		calls := regexp.MustCompile(`data-copy="([^"]+)"`).FindAllStringSubmatch(page, -1)
		if status != http.StatusOK || len(calls) != 4 {
			t.Fatalf("the page about %s answers %d with %d calls to copy", op.id, status, len(calls))
		}
		for i, run := range [][]string{{"sh", "call.sh"}, {"go", "run", "call.go"}, {"python3", "call.py"}, {"node", "call.mjs"}} {
			t.Run(op.id+" "+run[0], func(t *testing.T) {
				if _, err := exec.LookPath(run[0]); err != nil {
					t.Skipf("no %s here", run[0])
				}
				folder := t.TempDir()
				if err := os.WriteFile(filepath.Join(folder, run[len(run)-1]), []byte(html.UnescapeString(calls[i][1])), 0o600); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				c := exec.CommandContext(ctx, run[0], run[1:]...)
				c.Dir, c.Env = folder, append(os.Environ(), "WAYPOST_KEY="+key.Secret, "NO_PROXY=127.0.0.1", "GOFLAGS=")
				out, err := c.CombinedOutput()
				if err != nil || !strings.Contains(string(out), op.says) {
					t.Errorf("%v, and it says %s", err, out)
				}
			})
		}
	}
}

// From the page for developers to the first webhook: a key for tests, the first
// call, a test number that is kept, an inspector, and the event in it.
func TestADevelopersFirstFiveMinutes(t *testing.T) {
	t.Parallel()
	s, base := start(t, dbtest.SQLite(t), nil)
	deliverHooks(t, s)
	p := newMember(t, s, "kim@mail.example")
	page := func(method, path, form string) string {
		t.Helper()
		return exchange(t, method, base+path, form, "Content-Type", "application/x-www-form-urlencoded", "Cookie", "waypost_session="+string(p.token))
	}
	if home := page("GET", "/developer", ""); !contains(home, `href="/developer/keys/new"`, `href="/developer/webhooks"`, `href="/developer/reference"`) {
		t.Fatalf("the page for developers doesn't lead on: %s", home)
	}
	secret := regexp.MustCompile(`<code class="secret"[^>]*>(\w+)<`).FindStringSubmatch(page("POST", "/developer/keys/new", "name=CI&scope=read&scope=write&test=yes"))
	if secret == nil {
		t.Fatal("the page doesn't tell the key's secret")
	}
	call := func(method, path, body string) string {
		t.Helper()
		return exchange(t, method, base+path, body, "Content-Type", "application/json", "Authorization", "Bearer "+secret[1])
	}
	number := regexp.MustCompile(`WPTD\d+`).FindString(call("POST", "/v1/test/numbers", `{"story": "delivered"}`))
	if kept := call("POST", "/v1/watches", `{"items": [{"number": "`+number+`", "name": "First"}]}`); !strings.Contains(kept, `"made":true`) {
		t.Fatalf("the number isn't kept: %s", kept)
	}
	page("POST", "/developer/webhooks/new", "to=inspector&form=own&schedule=patient&name=Look")
	if moved := call("POST", "/v1/test/numbers/"+number+"/next", `{}`); !strings.Contains(moved, `"status":"InfoReceived"`) {
		t.Fatalf("the parcel doesn't move: %s", moved)
	}
	soon(t, "the event in the inspector", func() (bool, bool) {
		return true, strings.Contains(page("GET", "/developer/webhooks/log?state=taken", ""), number)
	})
	if events := call("GET", "/v1/events", ""); !contains(events, number, `"name":"First"`, `"type":"parcel.updated"`) {
		t.Errorf("the events are %s", events)
	}
}

// exchange sends a request with headers, and returns what is answered with success.
func exchange(t *testing.T, method, address, body string, header ...string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= 300 {
		t.Fatalf("%s %s answers %d: %v %s", method, address, resp.StatusCode, err, text)
	}
	return string(text)
}
