package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// run runs one command line as a person would.
func run(t *testing.T, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Main(args, Stdio{In: strings.NewReader(in), Out: &o, Err: &e})
	return code, o.String(), e.String()
}

func TestHelpTeaches(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"--help"}, {"serve", "--help"}, {"carrier", "read", "--help"}} {
		code, out, errs := run(t, "", args...)
		if code != exitOK || !strings.Contains(out, "Usage: waypost") {
			t.Errorf("%v: exit %d, %q %q", args, code, out, errs)
		}
	}
	if _, out, _ := run(t, "", "recognise", "--help"); !strings.Contains(out, "Examples:") {
		t.Errorf("no examples in %q", out)
	}
	if code, _, errs := run(t, "", "serve", "--no-such"); code != exitUsage || !strings.Contains(errs, "--no-such") {
		t.Errorf("an unknown flag: exit %d, %q", code, errs)
	}
}

func TestRecogniseJSON(t *testing.T) {
	t.Parallel()
	text := "Hello Mara, UPS 1Z4A7B2C0364182055 left. And RR409172636GB?"
	code, out, errs := run(t, text, "recognise", "--json", "-")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want two numbers and what was ignored:\n%s", len(lines), out)
	}
	var ups, wrong numberJSON
	var last struct{ Ignored []ignoredJSON }
	for i, into := range []any{&ups, &wrong, &last} {
		if err := json.Unmarshal([]byte(lines[i]), into); err != nil {
			t.Fatalf("%v in %s", err, lines[i])
		}
	}
	if ups.Number != "1Z4A7B2C0364182055" || ups.Problem != "" || len(ups.Candidates) == 0 ||
		ups.Candidates[0].Carrier != "ups" || ups.Candidates[0].Key != 100002 || ups.Candidates[0].Score < 0.9 || len(ups.Candidates[0].Reasons) == 0 {
		t.Errorf("UPS: %s", lines[0])
	}
	if wrong.Problem != "check_digit" {
		t.Errorf("a wrong check digit: %s", lines[1])
	}
	for _, c := range wrong.Candidates {
		if c.Score >= 0.9 {
			t.Errorf("certain of a wrong check digit: %s", lines[1])
		}
	}
	if len(last.Ignored) == 0 || last.Ignored[0].Why == "" {
		t.Errorf("ignored: %s", lines[2])
	}
}

func TestRecogniseReadsAMail(t *testing.T) {
	t.Parallel()
	mail := "From: shop@shop.example\nSubject: Sent\nContent-Type: text/html\n\n" +
		`<script type="application/ld+json">{"@type": "ParcelDelivery", "trackingNumber": "281937465014", "provider": {"name": "FedEx"}, "expectedArrivalUntil": "2026-03-06"}</script><p>On its way</p>`
	code, out, errs := run(t, mail, "recognise", "-")
	if code != exitOK || !strings.Contains(out, "\n  expected on 2026-03-06") || !strings.Contains(out, "(fedex)") {
		t.Errorf("recognise: %d, %s\n%s", code, errs, out)
	}
	if _, out, _ = run(t, mail, "recognise", "--json"); !strings.Contains(out, `"expected":"2026-03-06"`) {
		t.Errorf("recognise --json lacks the day:\n%s", out)
	}
}

func TestRecogniseReadsLongLists(t *testing.T) {
	t.Parallel()
	var list strings.Builder
	for n := range maxNumbers + 5 {
		fmt.Fprintf(&list, "JT%013d\n", 1000000+n)
	}
	code, out, errs := run(t, list.String(), "recognise", "--json")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) != maxNumbers+1 {
		t.Fatalf("exit %d, %d lines: %s", code, len(lines), errs)
	}
	if last := lines[len(lines)-1]; !strings.Contains(last, "5 more numbers") {
		t.Errorf("what was left out isn't told: %s", last)
	}
}

func TestRecogniseNeedsAFile(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		t.TempDir(): "can't be read", filepath.Join(t.TempDir(), "nothing.txt"): "There is no file", "RR409172635CA": "echo RR409172635CA | waypost recognise",
	} {
		if code, _, errs := run(t, "", "recognise", name); code != exitFailed || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %q", name, code, errs)
		}
	}
}

func TestRecogniseCountry(t *testing.T) {
	t.Parallel()
	for country, want := range map[string]string{"jp": "yamato", "MY": "jt-express-my"} {
		_, out, _ := run(t, "612345678908", "recognise", "--json", "--country", country)
		var n numberJSON
		line, _, _ := strings.Cut(out, "\n")
		if err := json.Unmarshal([]byte(line), &n); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(n.Candidates[:3], func(c candidateJSON) bool { return string(c.Carrier) == want }) {
			t.Errorf("%s: %s is not among the first three: %s", country, want, line)
		}
	}
}

func TestCarrierList(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, "", "carrier", "list", "--json")
	var list []carrierJSON
	if err := json.Unmarshal([]byte(out), &list); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	connects, unproven := 0, 0
	for _, c := range list {
		if c.Connects {
			connects++
		}
		if c.Connects != (len(c.Sources) > 0) {
			t.Errorf("%s: connected is %v, by the sources %v", c.Carrier, c.Connects, c.Sources)
		}
		for _, s := range c.Sources {
			if s.Unproven != (s.Proof == "made") {
				t.Errorf("%s: unproven is %v with proof %q", s.Source, s.Unproven, s.Proof)
			}
			if s.Unproven {
				unproven++
				if !strings.Contains(errs, string(s.Source)) {
					t.Errorf("%s isn't told as unproven: %s", s.Source, errs)
				}
			}
		}
		if c.Name == "" || c.Kind == "" || c.Needs == nil {
			t.Errorf("incomplete: %+v", c)
		}
	}
	if len(list) < 400 || connects < 45 || unproven == 0 {
		t.Errorf("%d carriers, %d connected, %d unproven; want at least 400 and 45", len(list), connects, unproven)
	}
	if want := fmt.Sprintf("%d carriers, %d connected", len(list), connects); !strings.Contains(errs, want) {
		t.Errorf("it doesn't count %q: %s", want, errs)
	}
	if code, out, _ := run(t, "", "carrier", "list"); code != exitOK || !strings.Contains(out, "canada-post") {
		t.Errorf("the table: exit %d", code)
	}
}

func TestCarrierRead(t *testing.T) {
	t.Parallel()
	answers := filepath.Join("..", "..", "carriers", "inpost")
	code, out, errs := run(t, "", "carrier", "read", "inpost", filepath.Join(answers, "delivered.json"), "--json")
	var list []answerJSON
	if err := json.Unmarshal([]byte(out), &list); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, errs)
	}
	if len(list) != 1 || list[0].Status != "Delivered" || list[0].SubStatus != "Delivered_Other" || len(list[0].Events) != 10 ||
		list[0].Events[0].Time == "" || list[0].Events[0].TimeUTC == "" || list[0].Events[0].Place.Country != "PL" {
		t.Errorf("delivered: %s", out)
	}
	for _, tc := range []struct {
		name string
		args []string
		code int
		want string // on standard error, or standard output for exit 0
	}{
		{"not found is an empty list", []string{"inpost", filepath.Join(answers, "not-found.json"), "--http=404"}, exitOK, "[]"},
		{"limited", []string{"inpost", filepath.Join(answers, "limited.json"), "--http=429"}, exitCarrier, `"kind":"limited"`},
		{"broken", []string{"inpost", filepath.Join(answers, "broken.json")}, exitCarrier, `"kind":"broken"`},
		{"no such carrier", []string{"nobody", filepath.Join(answers, "broken.json")}, exitFailed, "There is no carrier"},
		{"no such file", []string{"inpost", filepath.Join(answers, "nothing.json")}, exitFailed, "can't be read"},
		{"recognised only", []string{"yamato", filepath.Join(answers, "broken.json")}, exitFailed, "no source"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			code, out, errs := run(t, "", append([]string{"carrier", "read", "--json"}, tc.args...)...)
			text := errs
			if tc.code == exitOK {
				text = out
			}
			if code != tc.code || !strings.Contains(text, tc.want) {
				t.Errorf("exit %d, want %d with %s; out %q, err %q", code, tc.code, tc.want, out, errs)
			}
		})
	}
}

func TestCarrierCheckNamesFileAndLine(t *testing.T) {
	t.Parallel()
	if code, out, errs := run(t, "", "carrier", "check", filepath.Join("..", "..", "carriers", "inpost.yaml")); code != exitOK {
		t.Errorf("a shipped file: exit %d, %s %s", code, out, errs)
	}
	file := filepath.Join(t.TempDir(), "fjordpost.yaml")
	text := "carrier: fjordpost\nnames: {nb: Fjordpost}\nkind: postal\nnumbers:\n  - {name: a, pattern: '[', check: none, trust: observed, good: ['1']}\ncolor: red\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := run(t, "", "carrier", "check", file)
	if code != exitFailed || !strings.Contains(out, "fjordpost.yaml:6:") {
		t.Errorf("exit %d, %q", code, out)
	}
}

func TestTrackAsksTheSimulator(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, "", "track", "--demo", "--json", "1Z4A7B2C0364182055")
	var list []answerJSON
	if err := json.Unmarshal([]byte(out), &list); code != exitOK || err != nil || len(list) != 1 || len(list[0].Events) == 0 {
		t.Fatalf("exit %d, %v: %s %s", code, err, out, errs)
	}
	if !strings.Contains(errs, "Simulated") {
		t.Errorf("it doesn't say that it is simulated: %q", errs)
	}
	if code, _, errs := run(t, "", "track", "--json", "1Z4A7B2C0364182055"); code != exitCarrier || !strings.Contains(errs, "not_connected") {
		t.Errorf("without an account: exit %d, %s", code, errs)
	}
}

func TestTrackTellsWhatACarrierNeeds(t *testing.T) {
	t.Parallel()
	const number = "SF1823746501928"
	if code, _, errs := run(t, "", "track", "--demo", "--json", number); code != exitCarrier || !strings.Contains(errs, "knows: phone_last4. Give it with --need") {
		t.Errorf("without: exit %d, %s", code, errs)
	}
	if code, _, errs := run(t, "", "track", "--demo", "--need", "phone_last4=call me", number); code != exitFailed || !strings.Contains(errs, `phone_last4 can't be "call me"`) {
		t.Errorf("with another thing: exit %d, %s", code, errs)
	}
	code, out, errs := run(t, "", "track", "--demo", "--json", "--need", "phone_last4=0142", number)
	var list []answerJSON
	if err := json.Unmarshal([]byte(out), &list); code != exitOK || err != nil || len(list) != 1 || len(list[0].Events) == 0 {
		t.Errorf("with it: exit %d, %v: %s %s", code, err, out, errs)
	}
}

func TestCarrierCheckMissesKindsOfVectors(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "carriers", "inpost.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"in_transit", "delivered", "exception", "not_found", "needs_more", "limited", "broken", "private"} {
		file := filepath.Join(t.TempDir(), "inpost.yaml")
		without := regexp.MustCompile(`kind: `+kind+`\b,?`).ReplaceAll(text, nil)
		if err := os.WriteFile(file, without, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, _ := run(t, "", "carrier", "check", file)
		if code != exitFailed || !strings.Contains(out, "none of kind "+kind) {
			t.Errorf("without %s: exit %d, %q", kind, code, out)
		}
	}
}
