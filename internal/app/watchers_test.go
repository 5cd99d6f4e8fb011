package app

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
	"waypost/internal/watch"
)

// passing is what answers have of the moment in which they are given.
var passing = regexp.MustCompile(`"(?:sync_time|time_raw|read|asked|retrieved|next)[\w_]*":\s*"[^"]*"|nonce-[\w+/=-]+`)

// Whoever reads of a parcel reads the same, whether nobody watches it or many do:
// on the page, in our own API and in the compatible one.
func TestNobodyReadsWhoWatchesOrHowMany(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, func(c *config.Config) { c.Quota.Total, c.Quota.Rate = 100, 1000 })
		const number = "1Z4A7B2C0364182055"
		owner := newMember(t, s, "dev@mail.example").Account.Subject()
		key := must(must(s.people.quotas.Of(owner))(t).Make(t.Context(), owner, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, true))(t)
		ask := func(method, path, body string) string {
			t.Helper()
			r := must(http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body)))(t)
			r.Header.Set("17token", key.Secret)
			r.Header.Set("Authorization", "Bearer "+key.Secret)
			r.Header.Set("Content-Type", "application/json")
			answer := must(http.DefaultClient.Do(r))(t) //nolint:bodyclose // closed on the next line
			defer answer.Body.Close()                   //nolint:errcheck // read whole
			if answer.StatusCode != http.StatusOK {
				t.Fatalf("%s %s answers %d", method, path, answer.StatusCode)
			}
			return passing.ReplaceAllString(string(must(io.ReadAll(answer.Body))(t)), "")
		}
		ask(http.MethodPost, "//track/v2.4/register", `[{"number":"`+number+`"}]`)
		soon(t, "the carrier's answer", func() (bool, bool) {
			return true, strings.Contains(ask(http.MethodPost, "//track/v2.4/gettrackinfo", `[{"number":"`+number+`"}]`), `"latest_event":{`)
		})
		read := func() map[string]string {
			_, page := get(t, base+"/track?nums="+number)
			return map[string]string{
				"the page":           passing.ReplaceAllString(page, ""),
				"our API":            ask(http.MethodGet, "/v1/parcels?number="+number, ""),
				"the compatible API": ask(http.MethodPost, "//track/v2.4/gettrackinfo", `[{"number":"`+number+`"}]`),
			}
		}
		before := read()
		for i := range 3 {
			who := newMember(t, s, fmt.Sprintf("heron%d@mail.example", i)).Account.Subject()
			must(must(s.watches.Of(who))(t).Save(t.Context(), who, watch.New{Number: number, Carrier: "ups", Words: watch.Words{Name: "Heron's boots"}}))(t)
		}
		for name, answer := range read() {
			if answer != before[name] {
				t.Errorf("%s says something else once others watch:\n%s\nwas\n%s", name, answer, before[name])
			}
			if strings.Contains(answer, "Heron") || strings.Contains(answer, "heron") {
				t.Errorf("%s says who watches: %s", name, answer)
			}
		}
	})
}
