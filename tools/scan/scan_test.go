package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What checks Waypost from outside shares no code with it, so that one mistake
// can't be in both.
func TestItSharesNoCode(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			if strings.HasPrefix(spec.Path.Value, `"waypost`) {
				t.Errorf("%s imports %s", file, spec.Path.Value)
			}
		}
	}
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWordsAreFoundHoweverTheyStand(t *testing.T) {
	word := "heron@mail.example"
	words := write(t, "words", []byte("something else\n"+word+"\nhex:00ff00ff00ff\n"))
	for name, tc := range map[string]struct {
		content string
		want    int
	}{
		"not at all":              {"nothing of that", exitFine},
		"as it is":                {"from heron@mail.example, today", exitFound},
		"over a piece's end":      {strings.Repeat("x", step+3) + word, exitFound},
		"in hex":                  {hex.EncodeToString([]byte("from " + word)), exitFound},
		"in HEX":                  {strings.ToUpper(hex.EncodeToString([]byte("from " + word))), exitFound},
		"in base64 at 0":          {base64.StdEncoding.EncodeToString([]byte("abc" + word)), exitFound},
		"in base64 at 1":          {base64.StdEncoding.EncodeToString([]byte("abcd" + word + "?")), exitFound},
		"in base64 at 2":          {base64.RawURLEncoding.EncodeToString([]byte("abcde" + word + "?")), exitFound},
		"what is no text":         {"\x01\x00\xff\x00\xff\x00\xff\x01", exitFound},
		"half of what is no text": {"\x01\x00\xff\x00\xff\x00\x01", exitFine},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), []string{"finds", "--words", words, write(t, "file", []byte(tc.content))}, &out, t.Output()); code != tc.want {
			t.Errorf("%s: %d, want %d: %s", name, code, tc.want, &out)
		}
	}
	if code := run(t.Context(), []string{"finds", "--words", write(t, "words", []byte("abc\n")), words}, t.Output(), t.Output()); code != exitWrong {
		t.Errorf("a word that stands everywhere: %d", code)
	}
}

func TestWhatIsThereTooLongIsSeen(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	inventory := write(t, "inventory.json", []byte(`[
		{"room": "r", "table": "note", "column": "made_ms", "whose": "member", "retention": {"rule": "made", "for_ms": 86400000}},
		{"room": "r", "table": "note", "column": "ends_ms", "whose": "member", "retention": {"rule": "made", "for_ms": 86400000}},
		{"room": "r", "table": "link", "column": "used_ms", "whose": "member", "retention": {"rule": "used", "for_ms": 86400000}},
		{"room": "r", "table": "account", "column": "created_ms", "whose": "member", "retention": {"rule": "account"}},
		{"room": "r", "table": "parcel", "column": "made_ms", "whose": "nobody", "retention": {"rule": "made", "for_ms": 1}}]`))
	for name, tc := range map[string]struct {
		made, used time.Duration
		want       int
	}{
		"in time":          {23 * time.Hour, time.Hour, exitFine},
		"a run's time ago": {25 * time.Hour, time.Hour, exitFine},
		"made too long":    {28 * time.Hour, time.Hour, exitFound},
		"used too long":    {time.Hour, 28 * time.Hour, exitFound},
	} {
		file := filepath.Join(t.TempDir(), "data.db")
		d, err := sql.Open("sqlite", "file:"+file)
		if err != nil {
			t.Fatal(err)
		}
		ms := func(ago time.Duration) int64 { return now.Add(-ago).UnixMilli() }
		for _, statement := range []string{
			`CREATE TABLE note (made_ms BIGINT, ends_ms BIGINT)`, `CREATE TABLE link (used_ms BIGINT)`, `CREATE TABLE account (created_ms BIGINT)`, `CREATE TABLE parcel (made_ms BIGINT)`,
			fmt.Sprintf(`INSERT INTO note VALUES (%d, %d)`, ms(tc.made), ms(-time.Hour)), fmt.Sprintf(`INSERT INTO link VALUES (%d)`, ms(tc.used)),
			`INSERT INTO account VALUES (1)`, `INSERT INTO parcel VALUES (1)`,
		} {
			if _, err := d.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		code := run(t.Context(), []string{"old", "--inventory", inventory, "--data", "sqlite:" + file, "--at", now.Format(time.RFC3339)}, &out, t.Output())
		var found []overdue
		if err := json.Unmarshal(out.Bytes(), &found); err != nil || code != tc.want || len(found) > 1 {
			t.Errorf("%s: %d, want %d: %s", name, code, tc.want, &out)
		}
	}
}

func TestWhatADumpHas(t *testing.T) {
	for cell, want := range map[string]string{
		`plain`: "plain", `\N`: "", `\\x00ff`: "\x00\xff", `a\tb\\n`: "a\tb\\n", `\\xyz`: `\xyz`,
	} {
		if got := string(unescaped(cell)); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
}

// Whose key is wrapped with a regional key that isn't given is said, not fallen over.
func TestAKeyThatIsMissingIsNamed(t *testing.T) {
	secret := bytes.Repeat([]byte("k"), 32)
	keys, err := readRing([]string{write(t, "keys", []byte(base64.StdEncoding.EncodeToString(secret)))})
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	root, subject := bytes.Repeat([]byte("r"), 32), "eu-0190d5a0-0000-7000-8000-000000000001"
	var regional string
	var wrapped []byte
	for id, key := range keys {
		nonce := make([]byte, 12)
		regional, wrapped = id, key.Seal(append([]byte{1}, nonce...), nonce, root, []byte("root\x00store"))
	}
	names, err := derived(root, "waypost key store: names of subjects", 32)
	if err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, names)
	h.Write([]byte(subject))
	file := filepath.Join(t.TempDir(), "keys.db")
	d, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`CREATE TABLE root_key (regional TEXT, wrapped BLOB)`, `CREATE TABLE subject_key (name TEXT, regional TEXT, wrapped BLOB)`,
		fmt.Sprintf(`INSERT INTO root_key VALUES ('%s', X'%x')`, regional, wrapped),
		fmt.Sprintf(`INSERT INTO subject_key VALUES ('%s', 'another', X'01%x')`, base64.RawURLEncoding.EncodeToString(h.Sum(nil)), make([]byte, 60)),
	} {
		if _, err := d.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := keyIn(t.Context(), "sqlite:"+file, keys, subject); err == nil || !strings.Contains(err.Error(), "needs regional key another") {
		t.Errorf("got %v, want the name of the key that is missing", err)
	}
}
