package training_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/fault"
	"waypost/internal/training"
)

func TestTheShippedTrainingIsWholeInEveryLanguage(t *testing.T) {
	all, err := training.Read("")
	if err != nil {
		t.Fatal(err)
	}
	english := all.In("en")
	for _, lang := range training.Languages[1:] {
		for i, c := range all.In(lang) {
			if c.Title == english[i].Title || len(c.Points) != len(english[i].Points) {
				t.Errorf("%s: course %s", lang, c.ID)
			}
			for n, p := range c.Points {
				if p == english[i].Points[n] {
					t.Errorf("%s: %q isn't said", lang, p)
				}
			}
		}
	}
	if english[0].ID != "security" || english[1].ID != "privacy" || all.Version == "" {
		t.Errorf("the training is %+v", all)
	}
}

func TestAnOperatorsTraining(t *testing.T) {
	const whole = `
version: heron-3
courses:
- {id: security, title: {en: Locks}, points: [{en: Lock the door., zh: 锁门。}]}
- {id: privacy, title: {en: Whispers}, points: [{en: Tell nobody.}]}
`
	for _, tc := range []struct{ name, file, version, says, wrong string }{
		{"replaces the shipped one", whole, "heron-3", "Locks\n- 锁门。\nWhispers\n- Tell nobody.\n", ""},
		{"adds to it", "version: heron-3\nadds: true\ncourses:\n- {id: security, points: [{en: Lock the door.}]}\n- {id: forklifts, title: {en: Forklifts}, points: [{en: Wear the belt.}]}", "2026-11+heron-3", "- Lock the door.\n隐私\n", ""},
		{"has no version", strings.Replace(whole, "version: heron-3", "", 1), "", "", "version needs"},
		{"has a course too few", "version: x\ncourses:\n- {id: security, title: {en: Locks}, points: [{en: Lock the door.}]}", "", "", "no course privacy"},
		{"has no English", strings.Replace(whole, "en: Tell nobody.", "zh: 保密。", 1), "", "", "words in English"},
		{"adds a point without words", "version: x\nadds: true\ncourses:\n- {id: security, points: [{}]}", "", "", "words in English"},
		{"adds a course without a title", "version: x\nadds: true\ncourses:\n- {id: forklifts, points: [{en: Wear the belt.}]}", "", "", "words in English"},
		{"has words of nothing but space", strings.Replace(whole, "en: Tell nobody.", "en: ' '", 1), "", "", "words in English"},
		{"is no list", "courses: 7", "", "", "can't be read"},
		{"has a word that isn't known", strings.Replace(whole, "version", "verison", 1), "", "", "verison"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "training.yaml")
			if err := os.WriteFile(path, []byte(tc.file), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := training.Read(path)
			if tc.wrong != "" {
				if err == nil || !strings.Contains(fault.Text(err), tc.wrong) {
					t.Errorf("got %v, want %q", err, tc.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.Version != tc.version || !strings.Contains(got.Wording("zh"), tc.says) {
				t.Errorf("version %s says\n%s", got.Version, got.Wording("zh"))
			}
		})
	}
	if _, err := training.Read(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(fault.Text(err), "staff.training") {
		t.Errorf("of a file that isn't there: %v", err)
	}
}
