package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drafted runs `carrier new` for Otter Post with a sample, and returns its file.
func drafted(t *testing.T, sample string, flags ...string) (file, out string) {
	t.Helper()
	folder := t.TempDir()
	name := filepath.Join(folder, "sample.txt")
	if err := os.WriteFile(name, []byte(sample), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"carrier", "new", "--yes", "--to=" + folder, "--name=Otter Post", "--country=de", "--kind=postal", "--number=RR409172635DE", "--base=https://api.otter.example", "--sample=" + name}
	code, out, errs := run(t, "", append(args, flags...)...)
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	file = filepath.Join(folder, "otter-post.yaml")
	if code, out, _ := run(t, "", "carrier", "check", file); code != exitOK {
		t.Errorf("the file isn't good: %s\n%s", out, read(t, file))
	}
	return read(t, file), out
}

func TestASampleIsUnderstood(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, sample string
		flags        []string
		want         []string
	}{
		{"one parcel, nested, a day and an hour apart, letters", `{"shipment": {"trackingNo": "RR409172635DE", "history": [
			{"date": "02.03.2026", "hour": "14:11", "status": {"code": "17", "text": "Departed from the hub"}, "location": {"city": "Halle"}},
			{"date": "03.03.2026", "hour": "08:05", "status": {"code": "44", "text": "Out for delivery"}, "location": {"city": "Utrecht"}}]}}`,
			[]string{"--auth=basic", "--zone=Europe/Berlin", "--status=17=InTransit_Other"},
			[]string{
				"account: [user, password]", "auth: {basic: '{account.user}:{account.password}'}", "number: '.shipment.trackingNo'", "events: '.shipment.history[]'",
				`at: {from: '.date + " " + .hour', as: dd.MM.yyyy HH:mm, zone: Europe/Berlin}`, "code: '.status.code'", "words: '.status.text'", "city: '.location.city'",
				"'17': InTransit_Other", "'44': OutForDelivery_Other", "check: s10, trust: standard",
				"events: 2, newest: '2026-03-03T08:05:00+01:00', code: '44', place: Utrecht}",
			}},
		{"XML, with attributes and without a zone", `<track><parcel number="RR409172635DE">
			<event code="A1"><when>2026-03-02 14:11:00</when><message>Arrived at the sorting centre</message></event>
			<event code="ZZ"><when>2026-03-03 08:05:00</when><message>Frobnicated</message></event></parcel></track>`,
			[]string{"--auth=query key", "--ask=/v1/{number}?lang=en"},
			[]string{
				"format: xml", "parcels: '.'", "number: '.track.parcel.number'", "events: '.track.parcel.event | each'", "query: {lang: en, key: '{account.api_key}'}",
				"A1: InTransit_Other", "# ZZ isn't known yet", "# without an offset", "status: InTransit_Other, events: 2, newest: '2026-03-03T08:05:00', code: ZZ, unknown: 1}",
			}},
		{"a list at the top, epochs, no code is known", `[{"id": "RR409172635DE", "scans": [{"timestamp": 1772460660, "type": "QQ"}, {"timestamp": 1772525100, "type": "WW"}]}]`,
			[]string{"--auth=oauth2 /oauth/token"},
			[]string{"account: [client_id, client_secret]", "{oauth2: {post: /oauth/token, client: basic}}", "parcels: '.[]'", "number: '.id'", "at: {from: '.timestamp', as: unix}", "# QQ isn't known yet", "unknown: 2}"}},
		{"a real answer is kept with look-alikes", `{"number": "RR409172635DE", "signedBy": "Mara Quillfeather", "events": [{"at": "2026-03-03T15:20:00Z", "code": "DONE", "text": "Delivered"}]}`,
			[]string{"--auth=none", "--recorded"},
			[]string{"proof: recorded", "DONE: Delivered_Other", "asked: [", "kind: delivered"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file, _ := drafted(t, tc.sample, tc.flags...)
			for _, want := range tc.want {
				if !strings.Contains(file, want) {
					t.Errorf("without %q:\n%s", want, file)
				}
			}
			if recorded := strings.Contains(file, "proof: recorded"); recorded && strings.Contains(file, "asked: [RR409172635DE]") {
				t.Errorf("the real number is kept:\n%s", file)
			}
		})
	}
}

func TestACarrierThatIsOnlyRecognised(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	code, out, errs := run(t, "", "carrier", "new", "--yes", "--to="+folder, "--name=Otter Post", "--number=OTR4410", "--number=OTR4411")
	if code != exitOK || strings.Contains(out, "account") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if code, out, _ := run(t, "", "carrier", "check", filepath.Join(folder, "otter-post.yaml")); code != exitOK {
		t.Errorf("the file isn't good: %s", out)
	}
	if _, out, _ := run(t, "OTR9917", "recognise", "--json", "--carriers="+folder, "-"); !strings.Contains(out, `"otter-post"`) {
		t.Errorf("its numbers aren't recognised: %s", out)
	}
}

func TestTheInterviewAsksAgainAndReplacesNothingUnasked(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "otter.yaml")
	answers := []string{"", "Otter Post", "Otter Post", "otter", "Germany", "DE", "parcels", "", "", "", "OTR4410", ""}
	code, out, errs := run(t, strings.Join(answers, "\n")+"\n", "carrier", "new", "--to="+folder)
	if code != exitOK {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, want := range []string{"This needs an answer", "lower case with hyphens", "two letters", "it is one of [postal"} {
		if !strings.Contains(out, want) {
			t.Errorf("it doesn't say %q: %s", want, out)
		}
	}
	first := read(t, file)
	args := []string{"carrier", "new", "--to=" + folder, "--name=Otter Express", "--code=otter", "--country=DE", "--kind=express", "--site=https://otter.example", "--link=https://otter.example/{number}"}
	code, _, errs = run(t, "no\n", args...)
	if code != exitFailed || !strings.Contains(errs, "stays as it is") || read(t, file) != first {
		t.Errorf("exit %d: %s", code, errs)
	}
	if code, _, _ := run(t, "", append(args, "--yes")...); code != exitFailed || read(t, file) != first {
		t.Errorf("asked nothing, and replaced: exit %d", code)
	}
	if code, _, errs := run(t, "yes\nOTR4410\n\n", args...); code != exitOK || !strings.Contains(read(t, file), "Otter Express") {
		t.Errorf("the answer was yes: exit %d, %s", code, errs)
	}
}

func TestASampleIsPasted(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	pasted := "-\n{\"number\": \"OTR4410\", \"events\": [\n{\"at\": \"2026-03-03T15:20:00Z\", \"code\": \"DONE\", \"text\": \"Delivered\"}]}\n.\n"
	code, out, errs := run(t, pasted, "carrier", "new", "--to="+folder, "--name=Otter", "--code=otter", "--country=DE", "--kind=parcel", "--site=https://otter.example",
		"--link=https://otter.example/{number}", "--number=OTR4410", "--base=https://api.otter.example", "--auth=none", "--ask=/{number}")
	if code != exitOK || !strings.Contains(read(t, folder, "otter.yaml"), "DONE: Delivered_Other") || !strings.Contains(read(t, folder, "otter", "sample.json"), "DONE") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestWhatNoFileCanBeMadeOf(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	sample := filepath.Join(folder, "sample.json")
	private := filepath.Join(folder, "private.json")
	for file, text := range map[string]string{
		sample:  `{"number": "OTR4410"}`,
		private: `{"number": "OTR4410", "note": "Ring twice", "events": [{"at": "2026-03-03T15:20:00Z", "code": "DONE"}]}`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name, want string
		flags      []string
	}{
		{"no name", "--name", nil},
		{"a wrong country", "two letters", []string{"--name=Otter", "--country=Germany"}},
		{"no sample", "--sample", []string{"--name=Otter", "--base=https://api.otter.example"}},
		{"a sample without events", "no list of events", []string{"--name=Otter", "--base=https://api.otter.example", "--sample=" + sample}},
		{"a sub-status that isn't", "sub-status", []string{"--name=Otter", "--base=https://api.otter.example", "--sample=" + private, "--status=DONE=Arrived"}},
		{"a real answer that may be private", ".note", []string{"--name=Otter", "--base=https://api.otter.example", "--sample=" + private, "--recorded"}},
	} {
		code, out, errs := run(t, "", append([]string{"carrier", "new", "--yes", "--to=" + folder}, tc.flags...)...)
		if code != exitFailed || !strings.Contains(errs, tc.want) {
			t.Errorf("%s: exit %d, want %q: %s%s", tc.name, code, tc.want, out, errs)
		}
		if _, err := os.Stat(filepath.Join(folder, "otter.yaml")); !os.IsNotExist(err) {
			t.Errorf("%s: a file was written", tc.name)
		}
	}
}
