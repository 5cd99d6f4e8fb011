package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"waypost/internal/config"
)

// A guide is docs/carriers.md as somebody reads it who never added a carrier.
type guide struct {
	text   string
	blocks []block
}

type block struct{ kind, text string }

func readGuide(t *testing.T) guide {
	t.Helper()
	way, _, found := strings.Cut(read(t, "..", "..", "docs", "carriers.md"), "\n## The file\n")
	if !found {
		t.Fatal("the guide doesn't end where the format begins")
	}
	g := guide{text: way}
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(way, -1) {
		g.blocks = append(g.blocks, block{m[1], m[2]})
	}
	return g
}

// file is the guide's block that begins so.
func (g guide) file(t *testing.T, kind, begin string) string {
	t.Helper()
	for _, b := range g.blocks {
		if b.kind == kind && strings.Contains(b.text, begin) {
			return b.text
		}
	}
	t.Fatalf("the guide shows no %s with %q", kind, begin)
	return ""
}

// A step is a command of the guide, what is typed into it, and what it prints
// where the guide says so.
type step struct {
	command string
	typed   []string
	prints  string
}

const prompt = " > "

func (g guide) steps() []step {
	var steps []step
	for _, b := range g.blocks {
		if b.kind != "" {
			continue
		}
		for line := range strings.Lines(b.text) {
			line = strings.TrimSuffix(line, "\n")
			command, shown := strings.CutPrefix(line, "$ ")
			if shown || strings.HasPrefix(line, "waypost ") || strings.HasPrefix(line, "curl ") {
				steps = append(steps, step{command: command})
				continue
			}
			last := &steps[len(steps)-1]
			if question, answer, asked := strings.Cut(line, prompt); asked {
				last.typed = append(last.typed, answer)
				last.prints += question + prompt
				continue
			}
			last.prints += line + "\n"
		}
	}
	return steps
}

// keystrokes are those of a step, with Enter.
func (s step) keystrokes() int {
	n := len(s.command) + 1
	for _, typed := range s.typed {
		n += len(typed) + 1
	}
	return n
}

// The guide is followed to the letter: its commands are given, its questions
// answered, its files saved, and what it shows has to come.
func TestTheGuideLeadsToAConnectedCarrier(t *testing.T) {
	g := readGuide(t)
	simulation, err := startSimulation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("http://127.0.0.1:9099", simulation.base)
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"two.json":     g.file(t, "json", "HILL482910375"),
		"waypost.yaml": here.Replace(g.file(t, "yaml", "accounts:")),
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	steps, keys, answers := g.steps(), 0, 0
	for _, s := range steps {
		keys += s.keystrokes()
		answers += len(s.typed)
		s.command = here.Replace(s.command)
		s.take(t)
	}
	if got := read(t, "overlay", "hilltop.yaml"); !strings.HasPrefix(got, strings.Split(g.file(t, "yaml", "carrier: hilltop"), "vectors:")[0]) {
		t.Errorf("the guide shows another file than carrier new writes:\n%s", got)
	}
	if want := fmt.Sprintf("%d commands, %d answers, %d keystrokes", len(steps), answers, keys); !strings.Contains(strings.Join(strings.Fields(g.text), " "), want) {
		t.Errorf("the guide doesn't say that its way takes %s", want)
	}
	_, out, _ := run(t, "", "carrier", "list", "--json", "--carriers=overlay")
	var list []carrierJSON
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(list, func(c carrierJSON) bool {
		return c.Carrier == "hilltop" && c.Connects && c.Recognises && c.Sources[0].Unproven
	}) {
		t.Error("Hilltop isn't connected and recognised, or the simulator counts as proof")
	}
}

// take does what the command says.
func (s step) take(t *testing.T) {
	t.Helper()
	args := strings.Fields(s.command)
	switch {
	case s.command == "waypost sim": // it runs, on another port
	case args[0] == "curl":
		s.call(t)
	case args[1] == "serve":
		serveAndLook(t, args[len(args)-1])
	default:
		in := strings.Join(s.typed, "\n") + "\n"
		code, out, errs := run(t, in, args[1:]...)
		if code != exitOK {
			t.Fatalf("%s: exit %d\n%s%s", s.command, code, out, errs)
		}
		if s.prints != "" && s.prints != out {
			t.Errorf("%s prints\n%s, the guide says\n%s", s.command, out, s.prints)
		}
	}
}

var curl = regexp.MustCompile(`^curl -H '([\w-]+): (.*)' '(.*)'$`)

func (s step) call(t *testing.T) {
	t.Helper()
	m := curl.FindStringSubmatch(s.command)
	if m == nil {
		t.Fatalf("%s isn't understood", s.command)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m[3], http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(m[1], m[2])
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "not_found") {
		t.Errorf("%s: %d %s %v", s.command, resp.StatusCode, body, err)
	}
}

// serveAndLook runs a server with the guide's settings until a page shows the
// parcel.
func serveAndLook(t *testing.T, settings string) {
	t.Helper()
	cfg, err := config.Load(settings, nil, map[string]any{"addr": "127.0.0.1:0", "data": filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	s, err := newServer(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.run(ctx, in, func() (config.Config, error) { return cfg, nil }) }()
	var address string
	if _, err := fmt.Fscanf(out, "Waypost is at %s\n", &address); err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // so that it can go on printing
	page := until(t, address+"/track?nums=HILL482910375", `data-part="history"`)
	if !strings.Contains(page, "Hilltop Parcels") {
		t.Error("the page lacks the carrier")
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("stopping: %v", err)
	}
}
