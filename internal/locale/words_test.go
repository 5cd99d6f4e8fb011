package locale

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// tables are a table a language, in the order of spoken.
func tables(texts ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i, s := range spoken {
		files["words/"+s.lang+"/own.yaml"] = &fstest.MapFile{Data: []byte(texts[min(i, len(texts)-1)])}
	}
	return files
}

func load(t *testing.T, texts ...string) []*Words {
	t.Helper()
	all, err := Load(tables(texts...), "words")
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestSharedWordsAreWhole(t *testing.T) {
	all := load(t, "hello: Hi")
	for _, wrong := range Check(all) {
		t.Error(wrong)
	}
	if all[0].Say("hello") != "Hi" || !all[2].Has("date.day") || all[2].Dir != "rtl" {
		t.Errorf("read %v", all[0].Keys())
	}
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	all := load(t,
		"a: '{n} of {m}'\nb: x\nmany: {one: '{n} day', other: '{n} days'}",
		"a: '{n}'\nc: y\nmany: '{n} 天'",
		"a: '{n} {m}'\nb: x\nmany: {one: '{n} a', other: '{n} b'}")
	got := strings.Join(Check(all), "\n")
	for _, want := range []string{
		"zh: a has the places [{n}], want [{m} {n}]", "zh: b is missing", "zh: c is not in en", "ar: many has no words for few",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not among:\n%s", want, got)
		}
	}
	if strings.Contains(got, "zh: many") {
		t.Errorf("one form is all that Chinese needs:\n%s", got)
	}
}

func TestTablesThatCantBeUsed(t *testing.T) {
	for name, text := range map[string]string{
		"a key that is shared already":   "date.day: x",
		"a list":                         "a: [x]",
		"plurals without the usual form": "a: {one: x}",
		"no words":                       "a: ''",
		"no YAML":                        "a: {",
	} {
		if _, err := Load(tables(text), "words"); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestChoose(t *testing.T) {
	all := load(t, "a: x")
	for _, tc := range []struct {
		wanted []string
		want   string
	}{
		{[]string{"zh-Hant-TW"}, "zh"},
		{[]string{"ar-EG"}, "ar"},
		{[]string{"", "zh"}, "zh"},
		{[]string{"fi", "ar"}, "ar"},
		{[]string{"fi"}, "en"},
		{[]string{"no language"}, "en"},
		{nil, "en"},
	} {
		if got := Choose(all, tc.wanted...).Lang; got != tc.want {
			t.Errorf("%v: got %s, want %s", slices.Clone(tc.wanted), got, tc.want)
		}
	}
}
