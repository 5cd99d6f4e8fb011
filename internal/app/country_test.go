package app

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"waypost/internal/dbtest"
)

// Twelve digits are many carriers'. The browser's region preference brings those
// at home there to the front, and the page says so.
func TestTheRegionPreferenceSpeaksForItsCarriers(t *testing.T) {
	t.Parallel()
	_, base := start(t, dbtest.SQLite(t), nil)
	page := func(country string) string {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/track?nums=281937465014", nil)
		if err != nil {
			t.Fatal(err)
		}
		if country != "" {
			r.AddCookie(&http.Cookie{Name: "Country", Value: country})
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close() //nolint:errcheck // it was only read
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatal(answer.Status, err)
		}
		return string(body)
	}
	first := func(body string) string {
		_, candidates, _ := strings.Cut(body, `class="candidates"`)
		best, at := "", len(candidates)
		for _, name := range []string{"Yamato", "Lotte Global", "Delhivery"} {
			if i := strings.Index(candidates, name); i >= 0 && i < at {
				best, at = name, i
			}
		}
		return best
	}
	const why = "your country or region"
	if body := page(""); first(body) != "Yamato" || strings.Contains(body, why) {
		t.Errorf("without a preference %s is first, or a reason names one", first(body))
	}
	for country, want := range map[string]string{"KR": "Lotte Global", "IN": "Delhivery"} {
		if body := page(country); first(body) != want || !strings.Contains(body, why) {
			t.Errorf("with %s %q is first, want %s and a reason", country, first(body), want)
		}
	}
	if body := page("<b>"); strings.Contains(body, why) {
		t.Error("a cookie that names no country counts")
	}
}
