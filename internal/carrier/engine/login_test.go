package engine_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/outbound"
)

// gated is a source that gives its tokens somewhere else, in XML.
const gated = `
source: gated
connect:
  base: %s
  account: [user]
  auth:
    login:
      base: %s
      post: /token
      form: {user: '{account.user}'}
      token: '.session.token'
  budget: {calls: 60, per: 1h}
  ask: {get: '/parcels/{number}', headers: {X-Token: '{token}'}}
read:
  parcels: '.'
  events: '.events | items'
  event: {at: '.at', code: '.code'}
status: {'1': InTransit_Other}
vectors:
` + noVectors

func TestTokensCanBeHadElsewhere(t *testing.T) {
	asked := func(name, answer string, paths *[]string) *httptest.Server {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*paths = append(*paths, name+r.URL.Path+" "+r.Header.Get("X-Token"))
			fmt.Fprint(w, answer)
		}))
		t.Cleanup(server.Close)
		return server
	}
	var paths []string
	desk := asked("desk", `<?xml version="1.0"?><session><token>opened</token></session>`, &paths)
	hall := asked("hall", `{"events": {"at": "2026-03-02T14:11:00Z", "code": "1"}}`, &paths)
	both := asked("both", `{"session": {"token": "opened"}, "events": [{"at": "2026-03-02T14:11:00Z", "code": "1"}]}`, &paths)
	program := compile(t, "gated.yaml", fmt.Sprintf(gated, hall.URL, desk.URL))
	client := outbound.New(outbound.Options{Allow: []string{host(desk), host(hall), host(both)}})
	for _, tc := range []struct{ name, base, login, want string }{
		{"where the file says", "", "", "desk/token , hall/parcels/FP1 opened"},
		{"all in one place where the account says so", both.URL, "", "both/token , both/parcels/FP1 opened"},
		{"where the account says", both.URL, desk.URL, "desk/token , both/parcels/FP1 opened"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			paths = nil
			connector, err := program.Connect(engine.Account{Values: map[string]string{"user": "u"}, Base: tc.base, Login: tc.login}, client)
			if err != nil {
				t.Fatal(err)
			}
			reports, err := connector.Track(t.Context(), []carrier.Ask{{Number: "FP1"}})
			if err != nil || len(reports) != 1 || len(reports[0].Events) != 1 {
				t.Errorf("got %+v, %v", reports, err)
			}
			if got := strings.Join(paths, ", "); got != tc.want {
				t.Errorf("asked %q, want %q", got, tc.want)
			}
		})
	}
}

func host(s *httptest.Server) string { return strings.TrimPrefix(s.URL, "http://") }

// What a good answer always has is a failure where it's gone, not an empty list.
func TestItemsFailWhereThereIsNothing(t *testing.T) {
	program := compile(t, "gated.yaml", fmt.Sprintf(gated, "https://gated.example", "https://gated.example"))
	for answer, want := range map[string]carrier.ProblemKind{
		`{"events": []}`:     carrier.Missing,
		`{"history": []}`:    carrier.Unreadable,
		`{"events": "none"}`: carrier.Unreadable,
	} {
		reports, err := program.Read([]byte(answer), http.StatusOK, []string{"FP1"})
		if err != nil || len(reports) != 1 || reports[0].Problem == nil || reports[0].Problem.Kind != want {
			t.Errorf("%s becomes %+v, %v, want %s", answer, reports, err, want)
		}
	}
}
