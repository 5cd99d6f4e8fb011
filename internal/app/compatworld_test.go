package app

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"waypost/internal/config"
	"waypost/internal/quota"
	"waypost/internal/sim"
	"waypost/internal/webhook"
)

// A compatWorld is a server that a client's program is run against, with a
// recorder between the two.
type compatWorld struct {
	client   client
	address  string // of the recorder
	key      string
	number   string
	receive  string // where the client's own receiver is to listen
	recorder *recorder
}

// A recorder writes down what passes it.
type recorder struct {
	mu    sync.Mutex
	lines []string
}

// newCompatWorld starts a server whose carriers are simulated, with an account
// that has a key, and an endpoint: where the client listens, else an inspector.
func newCompatWorld(t *testing.T, c client) *compatWorld {
	t.Helper()
	s, address := start(t, "", func(cfg *config.Config) { here(cfg) })
	deliverHooks(t, s)
	owner := newMember(t, s, "mia@mail.example").Account.Subject()
	keys, err := s.people.quotas.Of(owner)
	if err != nil {
		t.Fatal(err)
	}
	key, err := keys.Make(t.Context(), owner, quota.Settings{Name: c.repo, Scopes: quota.Scopes}, true)
	if err != nil {
		t.Fatal(err)
	}
	w := &compatWorld{client: c, key: key.Secret, number: "1Z4A7B2C0364182055", receive: freePort(t), recorder: &recorder{}}
	s.sim.server.Set(w.number, sim.Story{Plan: "plain", Steps: []sim.Step{{Kind: sim.Announced}, {Kind: sim.PickedUp}, {Kind: sim.Departed}}})
	w.address = w.recorder.between(t, address)
	hooks, err := s.hooks.Of(owner)
	if err != nil {
		t.Fatal(err)
	}
	to := webhook.Settings{Name: c.repo, Inspect: true, Form: webhook.TrackV24}
	if c.receives {
		to = webhook.Settings{Name: c.repo, URL: "http://" + w.receive + "/", Form: webhook.Form(c.versions), Key: string(key.ID)}
	}
	if _, err := hooks.Create(t.Context(), owner, to); err != nil {
		t.Fatal(err)
	}
	return w
}

func (r *recorder) note(line string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, line)
}

// listen notes what a program prints, line by line.
func (r *recorder) listen(out io.Reader) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		r.note("    " + strings.TrimSpace(lines.Text()))
	}
}

func (r *recorder) between(t *testing.T, target string) string {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(to)
			p.Out.URL.Path, p.Out.URL.RawPath = p.In.URL.Path, p.In.URL.RawPath
		},
		ModifyResponse: func(resp *http.Response) error {
			body, err := io.ReadAll(resp.Body)
			resp.Body = io.NopCloser(bytes.NewReader(body))
			r.note(fmt.Sprintf("← %d %s", resp.StatusCode, shortened(body)))
			return err
		},
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.note(fmt.Sprintf("→ %s %s %s", req.Method, req.URL.Path, shortened(body)))
		req.Body = io.NopCloser(bytes.NewReader(body))
		req.Header.Del("Accept-Encoding")
		proxy.ServeHTTP(w, req)
	}))
	t.Cleanup(web.Close)
	return web.URL
}

const transcriptLine = 400

func shortened(body []byte) string {
	text := strings.Join(strings.Fields(string(body)), " ")
	if len(text) > transcriptLine {
		return text[:transcriptLine] + fmt.Sprintf("… (%d bytes)", len(body))
	}
	return text
}

// freePort is an address of this machine on which nobody listens.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// drive runs the client's program in a copy of its checkout in which the
// address, and nothing else, was changed.
func (w *compatWorld) drive(t *testing.T, checkout string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "around", "it", "client")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	w.must(t, folder, "sh", "-c", `git -C "$1" archive "$2" | tar -x`, "sh", checkout, w.client.commit)
	for _, host := range w.client.hosts {
		w.must(t, folder, "sh", "-c", `grep -rlF "$1" . | xargs -r sed -i "s#$1#$2#g"`, "sh", host, w.address)
	}
	w.bring(t, folder)
	for _, command := range w.client.prepare {
		w.must(t, folder, command...)
	}
	said := filepath.Join(folder, "said.log")
	run := exec.CommandContext(t.Context(), w.client.run[0], w.client.run[1:]...)
	run.Dir = folder
	run.Env = append(os.Environ(), w.client.env...)
	run.Env = append(run.Env, "WAYPOST_KEY="+w.key, "WAYPOST_NUMBER="+w.number, "WAYPOST_RECEIVE="+w.receive, "WAYPOST_SAID="+said)
	out, in := io.Pipe()
	run.Stdout, run.Stderr = in, in
	heard := make(chan struct{})
	go func() { w.recorder.listen(out); close(heard) }()
	err := run.Run()
	in.Close() //nolint:errcheck // a pipe closes
	<-heard
	if err != nil {
		t.Errorf("%s: %v\n%s", w.client.repo, err, strings.Join(w.recorder.lines, "\n"))
	}
}

// bring puts our driver, and what the client expects around it, into its copy.
func (w *compatWorld) bring(t *testing.T, folder string) {
	t.Helper()
	from := os.DirFS(filepath.Join("testdata", "compat", w.client.folder))
	to := folder
	if w.client.language == "Go" {
		to = filepath.Join(folder, "drive")
	}
	if err := os.CopyFS(to, from); err != nil {
		t.Fatal(err)
	}
	for name, text := range w.client.beside {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *compatWorld) must(t *testing.T, folder string, command ...string) {
	t.Helper()
	run := exec.CommandContext(t.Context(), command[0], command[1:]...)
	run.Dir = folder
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
}

// write adds the client's run to the transcript.
func (w *compatWorld) write(out *strings.Builder) {
	c := w.client
	fmt.Fprintf(out, "### %s (%s, %s)\n\nCommit %s. Each → is what the program sent, ← what Waypost answered; between them is what the driver saw.\n\n```\n%s\n```\n\n",
		c.repo, c.language, c.versions, c.commit, strings.Join(w.recorder.lines, "\n"))
}
