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

func TestAnAnswerThatWasSeenIsToldFromOthers(t *testing.T) {
	onePage := strings.NewReplacer( // fjordpost, without a login and further pages
		"  account: [client_id, client_secret]\n", "", "  auth: {oauth2: {post: /oauth/token, client: basic}}\n", "",
		"    next: '.next'\n", "", "    pages: 3\n", "",
	).Replace(string(readTestdata(t, "fjordpost.yaml")))
	moved := string(readTestdata(t, "fjordpost/delivered.json"))
	httpStatus, body := http.StatusOK, moved
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(httpStatus)
		fmt.Fprint(w, body)
	}))
	defer server.Close()
	client := outbound.New(outbound.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
	connector, err := compile(t, "testdata/fjordpost.yaml", onePage).Connect(engine.Account{Code: "fjordpost/main", Base: server.URL}, client)
	if err != nil {
		t.Fatal(err)
	}
	track := func(a carrier.Ask) carrier.Report {
		t.Helper()
		reports, err := connector.Track(t.Context(), []carrier.Ask{a})
		if err != nil || len(reports) != 1 {
			t.Fatalf("%d reports, %v", len(reports), err)
		}
		return reports[0]
	}
	first := track(carrier.Ask{Number: "FP2048173653"})
	if first.Digest == "" || first.Same || len(first.Events) != 12 {
		t.Fatalf("the first answer is %+v", first)
	}
	seen := carrier.Ask{Number: "FP2048173653", Seen: first.Digest}
	if again := track(seen); !again.Same || again.Digest != first.Digest || again.Number != seen.Number || again.Events != nil {
		t.Errorf("the same answer is %+v", again)
	}
	for _, other := range []struct {
		name       string
		ask        carrier.Ask
		httpStatus int
		body       string
	}{
		{"body", seen, http.StatusOK, moved + " "},
		{"HTTP status", seen, http.StatusAccepted, moved},
		{"number", carrier.Ask{Number: "FP20481736530", Seen: first.Digest}, http.StatusOK, moved},
		{"postcode", carrier.Ask{Number: "FP2048173653", Seen: first.Digest, Params: map[carrier.Need]string{carrier.PostalCode: "0150"}}, http.StatusOK, moved},
	} {
		httpStatus, body = other.httpStatus, other.body
		if got := track(other.ask); got.Same || got.Digest == first.Digest || len(got.Events) != 12 {
			t.Errorf("with another %s the answer is %+v", other.name, got)
		}
	}
}
