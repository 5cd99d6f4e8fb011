package engine_test

import (
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"waypost/internal/carrier"
)

// An answer in XML brings nothing along but itself: no entities of its own,
// from nowhere.
func TestEntitiesAreNotRead(t *testing.T) {
	const number = "7023210039414604"
	program := compileFile(t, filepath.Join("testdata", "prairie.yaml"))
	good := readTestdata(t, "prairie/delivered.xml")
	head, rest, _ := strings.Cut(string(good), "?>")
	for name, answer := range map[string]string{
		"a file":            head + `?><!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + rest,
		"an address":        head + `?><!DOCTYPE a SYSTEM "https://evil.example/a.dtd">` + rest,
		"one that grows":    head + `?><!DOCTYPE a [<!ENTITY e "aaaa"><!ENTITY f "&e;&e;&e;">]>` + rest,
		"one nobody made":   strings.Replace(string(good), number, "&e;", 1),
		"one inside of all": strings.Replace(string(good), number, `<!DOCTYPE a>`+number, 1),
	} {
		reports, err := program.Read([]byte(answer), http.StatusOK, []string{number})
		var problem *carrier.Problem
		if !errors.As(err, &problem) || problem.Kind != carrier.Unreadable {
			t.Errorf("%s: read as %+v, %v", name, reports, err)
		}
	}
	if reports, err := program.Read(good, http.StatusOK, []string{number}); err != nil || len(reports) != 1 || reports[0].Problem != nil {
		t.Errorf("without any: %+v, %v", reports, err)
	}
}
