package provider

import (
	"maps"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestFieldsInEveryShape(t *testing.T) {
	want := map[string]string{"openid": "0PEN", "error": "100016"}
	for _, tc := range []struct {
		name, in string
		want     map[string]string
	}{
		{"JSON", `{"openid":"0PEN","error":100016}`, want},
		{"JSON with a mark at its start", "\xef\xbb\xbf {\"openid\":\"0PEN\",\"error\":\"100016\"}\r\n", want},
		{"JSON with what isn't plain", `{"openid":"0PEN","error":100016,"more":{"a":1},"list":[1]}`, want},
		{"JSONP", "callback( {\"openid\":\"0PEN\",\"error\":100016} );\n", want},
		{"JSONP without spaces and end", `cb({"openid":"0PEN","error":100016})`, want},
		{"a form in JSONP", `callback(openid=0PEN&error=100016);`, want},
		{"form", "openid=0PEN&error=100016", want},
		{"form with escapes", "openid=0%50EN&error=100016", want},
		{"a page", "<html>a=b</html>", nil},
		{"an empty call", "callback( );", nil},
		{"half a JSON object", `{"openid":"0P`, nil},
		{"a list", `["openid"]`, nil},
		{"not UTF-8", "openid=\xff", nil},
		{"nothing", " ", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := fields([]byte(tc.in))
			if tc.want == nil {
				if err == nil {
					t.Errorf("got %v, want an error", got)
				}
				return
			}
			if err != nil || !maps.Equal(got, tc.want) {
				t.Errorf("got %v, %v, want %v", got, err, tc.want)
			}
		})
	}
}

func TestNamesAreMadeHarmless(t *testing.T) {
	for in, want := range map[string]string{
		"  Erika \t\n Beispiel ":            "Erika Beispiel",
		"evil\u202egnp.exe":                 "evilgnp.exe",
		"a\x00b\u200bc\xffd":                "abcd",
		"👩\u200d💻 <b>小邮</b>":                "👩\u200d💻 <b>小邮</b>",
		strings.Repeat("邮", 150):            strings.Repeat("邮", 100),
		"\u2028line\u2029paragraph\u0085nl": "line paragraph nl",
	} {
		if got := cleanName(in); got != want {
			t.Errorf("cleanName(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `callback( {"a":"b"} );`, "a=b&c=d", "callback();", "\xef\xbb\xbf{}", "<a=b>", `{"a":{"b":[]}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := fields(in)
		if (err == nil) != (got != nil) {
			t.Errorf("got %v and %v", got, err)
		}
	})
}

func FuzzSignedRequest(f *testing.F) {
	f.Add("c2ln.eyJ1c2VyX2lkIjoiMSJ9")
	f.Add(".")
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, in string) {
		if subject, err := signedRequest(in, []byte("a secret that nobody guesses"), time.Unix(1_800_000_000, 0)); err == nil {
			t.Errorf("took %q for a request of %q", in, subject)
		}
	})
}

func FuzzCleanName(f *testing.F) {
	f.Add("Erika\u202e Beispiel")
	f.Fuzz(func(t *testing.T, in string) {
		got := cleanName(in)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxName || strings.ContainsAny(got, "\n\r\t\u2028\u202e\x00") {
			t.Errorf("cleanName(%q) = %q", in, got)
		}
	})
}
