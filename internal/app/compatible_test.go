package app

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"waypost/internal/config"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
	"waypost/internal/webhook"
)

// A client of the compatible API registers a number, is told of it by a webhook
// that it checks with its key, reads it, has it pushed and asked for at once, and
// stops it: through the real poller, queues and ledger, with the simulator as the
// carrier.
func TestAClientOfTheCompatibleAPI(t *testing.T) {
	t.Parallel()
	dbtest.EachURL(t, func(t *testing.T, address string) {
		s, base := start(t, address, func(c *config.Config) { here(c); c.Quota.Total, c.Quota.Rate = 100, 1000 })
		deliverHooks(t, s)
		owner := newMember(t, s, "mia@mail.example").Account.Subject()
		keys := must(s.people.quotas.Of(owner))(t)
		key := must(keys.Make(t.Context(), owner, quota.Settings{Name: "Shop", Scopes: quota.Scopes}, true))(t)
		at, got := hookReceiver(t)
		hooks := must(s.hooks.Of(owner))(t)
		must(hooks.Create(t.Context(), owner, webhook.Settings{URL: at, Form: webhook.TrackV24, Key: string(key.ID)}))(t)
		call := func(endpoint, body string) string {
			t.Helper()
			r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, base+"//track/v2.4/"+endpoint, strings.NewReader(body)))(t)
			r.Header.Set("17token", key.Secret)
			answer := must(http.DefaultClient.Do(r))(t) //nolint:bodyclose // closed on the next line
			defer answer.Body.Close()
			text := string(must(io.ReadAll(answer.Body))(t))
			if answer.StatusCode != http.StatusOK || answer.Header.Get("Set-Cookie") != "" {
				t.Fatalf("%s: %d, cookie %q, %s", endpoint, answer.StatusCode, answer.Header.Get("Set-Cookie"), text)
			}
			return text
		}
		const number, item = "1Z4A7B2C0364182055", `[{"number":"1Z4A7B2C0364182055","tag":"web-5512"}]`

		want := `{"code":0,"data":{"accepted":[{"origin":1,"number":"` + number + `","carrier":100002,"email":null,"tag":"web-5512","lang":null}],"rejected":[]}}`
		if answer := call("register", item); answer != want {
			t.Errorf("register: got %s, want %s", answer, want)
		}
		soon(t, "the carrier's answer", func() (bool, bool) { return true, strings.Contains(call("gettrackinfo", item), `"latest_event":{`) })
		soon(t, "the webhook", func() (bool, bool) { return true, len(got()) >= 1 })
		for _, g := range got() {
			sum := sha256.Sum256([]byte(string(g.body) + "/" + key.Secret))
			if sign := hex.EncodeToString(sum[:]); g.header.Get("sign") != sign {
				t.Errorf("the webhook is signed %s, want %s", g.header.Get("sign"), sign)
			}
			if !strings.HasPrefix(string(g.body), `{"event":"TRACKING_UPDATED","data":{"number":"`+number+`","carrier":100002,"param":null,"tag":"web-5512"`) {
				t.Errorf("the webhook is %s", g.body)
			}
		}
		before := len(got())
		call("push", item)
		soon(t, "the push", func() (bool, bool) { return true, len(got()) > before })
		if answer := call("getRealTimeTrackInfo", `[{"number":"1Z88R0X30319772400","cacheLevel":1}]`); !strings.Contains(answer, `"latest_event":{`) {
			t.Errorf("real time: %s", answer)
		}
		if answer := call("stoptrack", item); !strings.Contains(answer, `"accepted":[{`) {
			t.Errorf("stop: %s", answer)
		}
		ended := `{"event":"TRACKING_STOPPED","data":{"number":"` + number + `","carrier":100002,"param":null,"tag":"web-5512"}}`
		soon(t, "the end", func() (bool, bool) {
			all := got()
			return true, string(all[len(all)-1].body) == ended
		})
		soon(t, "the push is noted", func() (bool, bool) {
			return true, strings.Contains(call("gettracklist", "{}"), `"push_status":"Success","push_status_code":200`)
		})
		var counts struct{ Data map[string]int }
		must(struct{}{}, json.Unmarshal([]byte(call("getquota", "")), &counts))(t)
		if counts.Data["quota_used"] != 11 || counts.Data["quota_total"] != 100 {
			t.Errorf("quota: %v, want 1 for the registration and 10 for the question", counts.Data)
		}
	})
}
