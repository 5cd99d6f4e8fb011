package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnInterchangeIsTakenApart(t *testing.T) {
	const plain = "UNB+UNOA:1+AA+BB+260304:1700+1'UNH+1+EMSEVT:3'STS+1+EMI:M40'FTX+x++a?'b??c?+d'UNT+4+1'UNZ+1+1'"
	const want = `[{"reference":"1","segments":[` +
		`{"_line":2,"data":[["1"],["EMSEVT","3"]],"tag":"UNH"},{"_line":3,"data":[["1"],["EMI","M40"]],"tag":"STS"},` +
		`{"_line":4,"data":[["x"],[""],["a'b?c+d"]],"tag":"FTX"},{"_line":5,"data":[["4"],["1"]],"tag":"UNT"}],"sender":"AA","type":"EMSEVT"}]`
	for name, text := range map[string]string{
		"in one line":           plain,
		"a segment a line":      strings.ReplaceAll(plain, "'UN", "'\r\nUN"),
		"with its usual advice": "UNA:+.? '" + plain,
		"with another advice":   "UNA|*.\\ ~\n" + strings.NewReplacer("?'", "'", "??", "?", "?+", "+", ":", "|", "+", "*", "'", "~", "?", "?").Replace(strings.ReplaceAll(plain, "a?'b??c?+d", "a'b\x00c+d")),
	} {
		if name == "with another advice" {
			text = strings.ReplaceAll(strings.ReplaceAll(text, "a~b\x00c*d", "a'b?c+d"), "\x00", "?")
		}
		tree, err := edifactTree([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s:\n%s, want\n%s", name, got, want)
		}
	}
}

func TestWhatNoInterchangeIs(t *testing.T) {
	const begun = "UNB+UNOA:1+AA+BB+260304:1700+1'UNH+1+EMSEVT:3'"
	for name, text := range map[string]string{
		"nothing":                       "",
		"of another kind":               `{"number": "RR482910374DE"}`,
		"cut in a segment":              begun + "STS+1+EM",
		"cut behind a release":          begun + "STS+1+EM?",
		"cut in a message":              begun + "STS+1+EMI'",
		"a message within a message":    begun + begun[len("UNB+UNOA:1+AA+BB+260304:1700+1'"):] + "UNT+1+1'",
		"no interchange around it":      "UNH+1+EMSEVT:3'UNT+2+1'",
		"an advice that is cut":         "UNA:+.",
		"an advice with one mark twice": "UNA::.? '" + begun + "UNT+1+1'",
		"an advice with a letter":       "UNAE+.? '" + begun + "UNT+1+1'",
		"too many segments":             begun + strings.Repeat("UNT+1+1'UNH+1+EMSEVT:3'", maxSegments/2) + "UNT+1+1'",
		"too long a message":            begun + strings.Repeat("A'", maxMessage) + "UNT+1+1'",
		"a segment of too many parts":   begun + "A" + strings.Repeat("+", maxComponents) + "'UNT+1+1'",
	} {
		if tree, err := edifactTree([]byte(text)); err == nil {
			t.Errorf("%s: becomes %v", name, tree)
		}
	}
}

func FuzzEdifact(f *testing.F) {
	files, err := filepath.Glob("../../../sources/emsevt/*.edi")
	if err != nil || len(files) == 0 {
		f.Fatal("no files", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("UNA+++++++'"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tree, err := edifactTree(text)
		if err != nil {
			return
		}
		for _, m := range tree.([]any) {
			message := m.(map[string]any)
			segments := message["segments"].([]any)
			if last := segments[len(segments)-1].(map[string]any); last["tag"] != "UNT" {
				t.Errorf("a message ends with %v", last)
			}
		}
		if _, err := json.Marshal(tree); err != nil {
			t.Error(err)
		}
	})
}
