package sim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waypost/internal/sim"
)

// noon is when tests ask, unless they say something else.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// start runs a simulator whose clock stands at noon.
func start(t *testing.T) (*sim.Server, string) {
	t.Helper()
	s := sim.New(sim.Options{Clock: sim.NewClock(noon, 0)})
	return s, serve(t, s)
}

// serve answers with s until the test ends.
func serve(t *testing.T, s *sim.Server) (base string) {
	t.Helper()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request; pairs are header names and values.
func ask(t *testing.T, method, url, body string, pairs ...string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, text}
}

// at finds a value in a JSON answer by its path: "parcels.0.events".
func (a answer) at(t *testing.T, path string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("the answer is no JSON: %v\n%.400s", err, a.body)
	}
	for _, key := range strings.Split(path, ".") {
		switch inner := v.(type) {
		case map[string]any:
			v = inner[key]
		case []any:
			n := 0
			for _, digit := range key {
				n = n*10 + int(digit-'0')
			}
			if n >= len(inner) {
				return nil
			}
			v = inner[n]
		default:
			return nil
		}
	}
	return v
}
