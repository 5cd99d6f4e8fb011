package account_test

import (
	"bytes"
	"crypto/sha1"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"waypost/internal/account"
)

func TestPasswordsAreWhatPeopleType(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i, tc := range []struct{ name, set, typed string }{
			{"an accent as one character or as two", "un été à la plage", "un e\u0301te\u0301 a\u0300 la plage"},
			{"spaces of another keyboard", "seventeen blue herons", "seventeen\u3000blue\u00a0herons"},
			{"another script", "蓝色的苍鹭在湖边飞", "蓝色的苍鹭在湖边飞"},
			{"a very long one", strings.Repeat("seventeen blue herons ", 40), strings.Repeat("seventeen blue herons ", 40)},
			{"emoji", "🦊🐻🐼🐨🐯🦁🐮🐷 and more", "🦊🐻🐼🐨🐯🦁🐮🐷 and more"},
		} {
			a := application()
			a.Contact.Value = fmt.Sprintf("m%d@mail.example", i)
			a.Password = tc.set
			from := home
			from.Address = network(i)
			w.join(a, from)
			if _, err := w.SignIn(t.Context(), a.Contact, tc.typed, from); err != nil {
				t.Errorf("%s: %v", tc.name, err)
			}
		}
	})
}

func TestStoredHashesThatCantBe(t *testing.T) {
	const good = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
	if got, err := account.ParsePHC(good); got != good || err != nil {
		t.Errorf("ParsePHC(%q) = %q, %v", good, got, err)
	}
	for name, bad := range map[string]string{
		"empty":                   "",
		"another algorithm":       strings.Replace(good, "argon2id", "argon2i", 1),
		"another version":         strings.Replace(good, "v=19", "v=16", 1),
		"more memory than we own": strings.Replace(good, "m=19456", "m=4000000000", 1),
		"no passes":               strings.Replace(good, "t=2", "t=0", 1),
		"no threads":              strings.Replace(good, "p=1", "p=0", 1),
		"a short salt":            strings.Replace(good, "c2FsdHNhbHRzYWx0c2FsdA", "c2Fs", 1),
		"no hash":                 strings.TrimSuffix(good, "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"),
		"something behind":        good + "$x",
		"leading zeros":           strings.Replace(good, "m=19456", "m=019456", 1),
	} {
		if _, err := account.ParsePHC(bad); err == nil {
			t.Errorf("%s: %q was read", name, bad)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := account.ParsePHC(text); err == nil && got != text {
			t.Errorf("ParsePHC(%q) is written %q", text, got)
		}
	})
}

// list writes a file of stolen passwords as Have I Been Pwned orders it.
func list(t *testing.T, end string, passwords ...string) string {
	t.Helper()
	var lines []string
	for _, p := range passwords {
		lines = append(lines, fmt.Sprintf("%X:%d", sha1.Sum([]byte(p)), len(p)))
	}
	slices.Sort(lines)
	file := filepath.Join(t.TempDir(), "stolen.txt")
	if err := os.WriteFile(file, []byte(strings.Join(lines, end)+end), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestStolenPasswordsAreFoundInAFile(t *testing.T) {
	var stolen []string
	for i := range 999 {
		stolen = append(stolen, fmt.Sprint("stolen heron ", i))
	}
	for _, end := range []string{"\n", "\r\n"} {
		b := must(account.OpenBreached(list(t, end, stolen...)))(t)
		for _, p := range stolen {
			if !must(b.Has(p))(t) {
				t.Errorf("%q is not found", p)
			}
		}
		for i := range 999 {
			if p := fmt.Sprint("honest heron ", i); must(b.Has(p))(t) {
				t.Errorf("%q is found", p)
			}
		}
		if !must(b.Has("QWERTY123"))(t) {
			t.Error("the short list is not looked at")
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFilesThatAreNoListOfStolenPasswords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passwords.txt")
	if err := os.WriteFile(file, []byte("password\n123456\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{file, file + ".gone"} {
		_, err := account.OpenBreached(f)
		wantFault(t, err, "breached_file")
	}
}

func FuzzBreachedLine(f *testing.F) {
	f.Add([]byte("0018A45C4D1DEF81644B54AB7F969B88D65B7F2C:12"))
	f.Add([]byte("0018a45c4d1def81644b54ab7f969b88d65b7f2c\r"))
	f.Fuzz(func(t *testing.T, line []byte) {
		sum, err := account.ParseBreachedLine(line)
		if err == nil && (len(sum) != 40 || !bytes.EqualFold(sum, line[:40])) {
			t.Errorf("%q is read as %q", line, sum)
		}
	})
}

func TestStrength(t *testing.T) {
	for _, tc := range []struct {
		password string
		about    []string
		min, max account.Grade
	}{
		{"aaaaaaaa", nil, account.Weakest, account.Weakest},
		{"mia@mail", []string{"mia@mail.example"}, account.Weakest, account.Weakest},
		{"Heron Supplies", []string{"Mia", "Heron Supplies"}, account.Weakest, account.Weakest},
		{"seventeen blue herons", nil, account.Strong, account.Strongest},
		{strings.Repeat("seventeen blue herons ", 40), nil, account.Strong, account.Strongest},
	} {
		if got := account.Strength(tc.password, tc.about...); got < tc.min || got > tc.max {
			t.Errorf("Strength(%q) = %d, want %d to %d", tc.password, got, tc.min, tc.max)
		}
	}
}
