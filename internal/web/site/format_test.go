package site

import (
	"net/http/httptest"
	"testing"

	"waypost/internal/carrier"
)

func TestAShapeKeepsHowNumbersBegin(t *testing.T) {
	s := newSite(t, newWorld())
	reader := s.kit.Reader(httptest.NewRequest("GET", "/", nil))
	for _, tc := range []struct{ pattern, good, want string }{
		{`1Z[0-9A-Z]{4}\d{2}`, "1Z4A7B21", "8 characters, like 1Z9A9A99 (9 stands for a digit, A for a letter)."},
		{`[A-Z]{2}\d{4}GB`, "RR4091GB", "8 characters, like AA9999GB (9 stands for a digit, A for a letter)."},
		{`\d{5}`, "48291", "5 digits, like 99999 (9 stands for a digit, A for a letter)."},
	} {
		if got := shape(reader, &carrier.Format{Pattern: tc.pattern, Good: []string{tc.good}}); got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.pattern, got, tc.want)
		}
	}
}
