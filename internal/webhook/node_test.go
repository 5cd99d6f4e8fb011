package webhook_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/webhook"
)

// verifier checks deliveries with npm's standardwebhooks: those that it is given
// on standard input, and each again with a letter of the body changed.
const verifier = `
const { Webhook } = require(process.argv[2] + "/node_modules/standardwebhooks");
const verify = (d, body) => { try { new Webhook(d.secret).verify(body, d.headers); return true } catch { return false } };
const all = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(all.map((d) => verify(d, d.body) && !verify(d, d.body.replace("TEST1", "TEST2"))).join(" "));
`

func TestNodeVerifiesDeliveries(t *testing.T) {
	folder := os.Getenv("WAYPOST_TEST_STANDARDWEBHOOKS")
	if folder == "" {
		t.Skip("WAYPOST_TEST_STANDARDWEBHOOKS names no folder with npm's standardwebhooks; tools/with-parts prepares one where there is node and npm")
	}
	type delivery struct {
		Secret  string            `json:"secret"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	}
	each(t, func(t *testing.T, w *world) {
		r := newReceiver(t)
		e := w.endpoint(webhook.Settings{URL: r.URL, Ed25519: true})
		e = must(w.store().Rotate(t.Context(), mia, e.ID, time.Hour))(t)
		w.run()
		w.tell(w.keep(mia, "TEST1", watch.ByAPI), status.InTransitOther)
		w.soon("a delivery", func() bool { return len(r.all()) == 1 })
		var all []delivery
		for _, s := range e.Secrets {
			d := delivery{Secret: s.Value, Headers: map[string]string{}, Body: string(r.all()[0].body)}
			for name := range r.all()[0].header {
				d.Headers[strings.ToLower(name)] = r.all()[0].header.Get(name)
			}
			all = append(all, d)
		}
		file := filepath.Join(t.TempDir(), "verify.js")
		if err := os.WriteFile(file, []byte(verifier), 0o600); err != nil {
			t.Fatal(err)
		}
		input := must(json.Marshal(all))(t)
		node := exec.CommandContext(t.Context(), "node", file, folder) //nolint:gosec // our own program
		node.Stdin = strings.NewReader(string(input))
		if out, err := node.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "true true" {
			t.Errorf("the two secrets that sign are %s, %v; want true true", out, err)
		}
	})
}
