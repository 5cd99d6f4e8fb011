package app

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// built are the folders of the built-in carrier and source files.
var built = "--in=" + filepath.Join("..", "..", "carriers") + "," + filepath.Join("..", "..", "sources")

func TestEveryConnectionsVectorsAreAsExpected(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, "", "carrier", "test", built)
	if code != exitOK {
		t.Fatalf("exit %d: %s\n%s", code, errs, out)
	}
	counts := regexp.MustCompile(`(?m)^(\d+) sources, (\d+) vectors: (\d+) as expected`).FindStringSubmatch(out)
	if counts == nil || counts[2] != counts[3] {
		t.Fatalf("it doesn't count: %s", out)
	}
	if n, _ := strconv.Atoi(counts[1]); n < 45 || strings.Count(out, "good   ") != n {
		t.Errorf("%d sources are good, want at least 45", n)
	}
	if !strings.Contains(out, "unproven, with made answers only: ") {
		t.Errorf("it doesn't say which sources are unproven: %s", out)
	}
}

func TestADifferenceSaysWhatCameAndFromWhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "inpost"), os.DirFS(filepath.Join("..", "..", "carriers", "inpost"))); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "carriers", "inpost.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Replace(string(text), "status: Delivered_Other, events: 10", "status: Exception_Lost, events: 9", 1)
	if err := os.WriteFile(filepath.Join(folder, "inpost.yaml"), []byte(wrong), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := run(t, "", "carrier", "test", "--in="+folder, "inpost")
	if code != exitFailed || !strings.Contains(errs, "1 vector different") {
		t.Errorf("exit %d: %s", code, errs)
	}
	line := regexp.MustCompile(`status\n +expected  Exception_Lost\n +came      Delivered_Other\n +read from line (\d+) of the answer: delivered`).FindStringSubmatch(out)
	if line == nil || !strings.Contains(out, "events\n      expected  9\n      came      10") || !strings.Contains(out, "WRONG  inpost, 1 of") {
		t.Fatalf("the difference: %s", out)
	}
	answer, err := os.ReadFile(filepath.Join(folder, "inpost", "delivered.json"))
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := strconv.Atoi(line[1]); !strings.Contains(strings.Split(string(answer), "\n")[n-1], `"delivered"`) {
		t.Errorf("line %d of the answer has no delivery", n)
	}
}

func TestNothingIsTestedWithoutFiles(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"There are no carrier files": {"--in=" + t.TempDir()},
		"There is no file of nobody": {built, "nobody"},
	} {
		if code, _, errs := run(t, "", append([]string{"carrier", "test"}, args...)...); code != exitFailed || !strings.Contains(errs, name) {
			t.Errorf("exit %d, want %q: %s", code, name, errs)
		}
	}
}
