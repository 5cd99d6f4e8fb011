package engine_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/engine"
	"waypost/internal/outbound"
)

// subscriber is what subscribes at a shipped source, whose answers serve gives.
func subscriber(t *testing.T, code carrier.SourceCode, values map[string]string, serve http.HandlerFunc) carrier.Subscriber {
	t.Helper()
	server := httptest.NewServer(serve)
	t.Cleanup(server.Close)
	cat, _ := builtin.Catalogue()
	source, ok := cat.Source(code)
	if !ok {
		t.Fatalf("there is no source %s", code)
	}
	program, mistakes := engine.Compile(source)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	client := outbound.New(outbound.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
	s, err := program.Subscriber(engine.Account{Code: carrier.AccountCode(code + "/main"), Base: server.URL, Values: values}, client, "https://waypost.example/push/"+string(code)+"/main")
	if err != nil || s == nil {
		t.Fatalf("%v, %v", s, err)
	}
	return s
}

func TestUPSIsToldWhereItsNewsGo(t *testing.T) {
	var mu sync.Mutex
	var bodies []string
	tokens := 0
	s := subscriber(t, "ups", map[string]string{"client_id": "id", "client_secret": "in the test only", "push_credential": "in the test only"},
		func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if r.URL.Path == "/security/v1/oauth/token" {
				tokens++
				w.Write([]byte(`{"access_token": "t` + string(rune('0'+tokens)) + `", "expires_in": "14399"}`)) //nolint:errcheck // a test's
				return
			}
			body, _ := io.ReadAll(r.Body)
			bodies = append(bodies, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization")+" "+string(body))
			if tokens == 1 { // it is old already
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			w.Write([]byte(`{"validTrackingNumbers": ["1Z4A7B2C0364182055"], "invalidTrackingNumbers": ["1Z88R0X30319772400"]}`)) //nolint:errcheck // a test's
		})
	if terms := s.Terms(); terms.Most != 100 || terms.Lasts.Hours() != 14*24 || terms.Ends || !terms.Takes.MatchString("1Z4A7B2C0364182055") || terms.Takes.MatchString("H2048173653") {
		t.Errorf("its terms are %+v", terms)
	}
	made, err := s.Subscribe(t.Context(), []carrier.Ask{{Number: "1Z4A7B2C0364182055"}, {Number: "1Z88R0X30319772400"}})
	if err != nil || len(made) != 2 || made[0].Problem != nil || made[1].Problem == nil || made[1].Problem.Kind != carrier.BadNumber {
		t.Errorf("subscribed to %+v, %v", made, err)
	}
	last := bodies[len(bodies)-1]
	for _, part := range []string{"POST /api/track/v2/subscription/standard/package Bearer t2 ", `"url":"https://waypost.example/push/ups/main"`, `"credential":"in the test only"`} {
		if !strings.Contains(last, part) {
			t.Errorf("the request %s lacks %s", last, part)
		}
	}
	if len(bodies) != 2 {
		t.Errorf("%d requests, want one with each token", len(bodies))
	}
}

func TestAfterShipIsToldThatNobodyWantsIt(t *testing.T) {
	var mu sync.Mutex
	var asked []string
	s := subscriber(t, "aftership", map[string]string{"api_key": "in the test only", "webhook_secret": "in the test only"},
		func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, r.Method+" "+r.URL.Path)
			if r.Method == http.MethodDelete {
				w.WriteHeader(http.StatusNotFound)
				return
			}
			w.Write([]byte(`{"meta": {"code": 201}, "data": {"id": "abc", "tracking_number": "9405510898765432101231"}}`)) //nolint:errcheck // a test's
		})
	made, err := s.Subscribe(t.Context(), []carrier.Ask{{Number: "9405510898765432101231"}})
	if err != nil || len(made) != 1 || made[0].Remote != "abc" {
		t.Fatalf("subscribed to %+v, %v", made, err)
	}
	if err := s.End(t.Context(), made); err != nil {
		t.Errorf("what it doesn't know any more is no problem: %v", err)
	}
	if want := []string{"POST /tracking/2025-04/trackings", "DELETE /tracking/2025-04/trackings/abc"}; !slices.Equal(asked, want) {
		t.Errorf("asked %v, want %v", asked, want)
	}
}

func TestWhatIsAnsweredToASubscriptionIsSurvived(t *testing.T) {
	for _, code := range []carrier.SourceCode{"ups", "17track", "aftership"} {
		for _, body := range []string{"", "null", "[]", "{}", "5", `"x"`, "<a/>", `{"data": null}`, `{"data": []}`, `{"data": {"accepted": 5, "rejected": {"x": 1}}}`, `{"validTrackingNumbers": {"a": [1]}}`, strings.Repeat("[", 100_000)} {
			for _, status := range []int{200, 400, 401, 429, 500} {
				s := subscriber(t, code, map[string]string{"client_id": "i", "client_secret": "s", "push_credential": "c", "key": "k", "api_key": "k", "webhook_secret": "s"},
					func(w http.ResponseWriter, r *http.Request) {
						if strings.Contains(r.URL.Path, "oauth") {
							w.Write([]byte(`{"access_token": "t", "expires_in": 100}`)) //nolint:errcheck // a test's
							return
						}
						w.WriteHeader(status)
						w.Write([]byte(body)) //nolint:errcheck // a test's
					})
				made, err := s.Subscribe(t.Context(), []carrier.Ask{{Number: "1Z4A7B2C0364182055"}})
				if err == nil && (len(made) != 1 || made[0].Problem == nil) {
					t.Errorf("%s, HTTP %d, %.20q: made %+v of nothing", code, status, body, made)
				}
			}
		}
	}
}

// Vectors of subscriptions are held to like others.
func TestWrongSubscriptionsAreSeen(t *testing.T) {
	text, err := os.ReadFile("../../../sources/aftership.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"an unknown name":         {"trackings/{remote}", "trackings/{romote}"},
		"no way":                  {"    post: /tracking/2025-04/trackings\n", ""},
		"a moment":                {"    json: '{tracking_number: .number}'\n", "    json: '{tracking_number: .number}'\n    lasts: 1s\n"},
		"room for one number":     {"    json: '{tracking_number: .number}'\n", "    numbers: 5\n    text: '{number}'\n"},
		"another request":         {"json: '{tracking_number: .number}'", "json: '{number: .number}'"},
		"another answer":          {"| {number: .tracking_number, id}'", "| {number: .id}'"},
		"an answer without proof": {"http: 201, proof: made", "http: 201"},
	} {
		folder := t.TempDir()
		if err := os.CopyFS(filepath.Join(folder, "aftership"), os.DirFS("../../../sources/aftership")); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, "aftership.yaml")
		changed := strings.Replace(string(text), change[0], change[1], 1)
		if changed == string(text) {
			t.Fatalf("%s changes nothing", name)
		}
		if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		if mistakes := engine.CheckFile(file); len(mistakes) == 0 {
			t.Errorf("%s isn't seen", name)
		}
	}
}
