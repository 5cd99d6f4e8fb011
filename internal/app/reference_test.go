package app

import (
	"context"
	"html"
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
