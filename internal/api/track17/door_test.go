package track17_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"waypost/internal/api/track17"
	"waypost/internal/db"
	"waypost/internal/dbtest"
	"waypost/internal/quota"
	"waypost/internal/watch"
)

// each runs test with the API on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		test(t, newWorld(t, d, roomy, quota.Plan{Total: quota.Unlimited}))
	})
}

// code is the top-level code of an answer.
func (h heard) code(t *testing.T) int {
	t.Helper()
	var in struct {
		Code int `json:"code"`
	}
	if err := json.Unmarshal(h.body, &in); err != nil {
		t.Fatalf("%s: %v", h.body, err)
	}
	return in.Code
}

func TestTheFourthRequestInASecondWaits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d, 3, quota.Plan{Total: quota.Unlimited})
		var last heard
		for i := 0; i < 60 && last.status != http.StatusTooManyRequests; i++ { // a slow machine may take a second for three
			last = w.send("POST", "/track/v2.2/getquota", w.secret, "")
		}
		if last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") != "1" || last.code(t) != 429 {
			t.Errorf("got %d, Retry-After %q, %s; want 429, 1 and code 429", last.status, last.header.Get("Retry-After"), last.body)
		}
	})
}

func TestWhoMayNotCallIsToldWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := w.keys.Stores()[0]
		elsewhere := must(quota.ParseRanges("192.0.2.1"))(t)
		fenced := must(s.Make(t.Context(), mia, quota.Settings{Name: "fenced", Scopes: quota.Scopes, From: elsewhere}, false))(t)
		for _, tc := range []struct {
			name, secret, endpoint string
			status, code           int
		}{
			{"no key", "", "getquota", 401, -18010002},
			{"a wrong key", "eu_0000000000000000000000000000000000000", "getquota", 401, -18010002},
			{"another address", fenced.Secret, "getquota", 401, -18010001},
			{"a key that only reads", w.key(mia, quota.Read), "stoptrack", 401, -18010005},
			{"a key without real time", w.key(mia, quota.Read, quota.Write), "getRealTimeTrackInfo", 401, -18019912},
			{"a good key", w.secret, "getquota", 200, 0},
		} {
			got := w.send("POST", "/track/v2.4/"+tc.endpoint, tc.secret, "")
			if got.status != tc.status || got.code(t) != tc.code {
				t.Errorf("%s: got %d and %s, want %d and %d", tc.name, got.status, got.body, tc.status, tc.code)
			}
			if got.header.Get("Content-Type") != "application/json" {
				t.Errorf("%s: Content-Type %q, want application/json", tc.name, got.header.Get("Content-Type"))
			}
		}
	})
}

func TestPathsAreTakenAsTheyAreWritten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for path, status := range map[string]int{
			"/track/v2/getquota": 200, "//track/v2/getquota": 200, "/track//v2//getquota/": 200, "/Track/V2/getQuota": 200,
			"/track/v2.3/getquota": 404, "/track/v2/nothing": 404, "/track/v2": 404, "/v2/getquota": 404,
		} {
			if got := w.send("POST", path, w.secret, "{}"); got.status != status {
				t.Errorf("POST %s: got %d, want %d", path, got.status, status)
			}
		}
	})
}

func TestABodyThatIsTooLargeIsNoData(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := w.send("POST", "/track/v2.4/register", w.secret, `[{"number":"`+strings.Repeat("1", 2<<20)+`"}]`)
		if got.status != 200 || got.code(t) != -18010013 {
			t.Errorf("got %d and %s, want 200 and -18010013", got.status, got.body)
		}
	})
}

func TestTheListOfCarriersIsReadByPickers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := w.send("GET", "/asset/carrier/info/apicarrier.all.json", "", "")
		var list []map[string]any
		if err := json.Unmarshal(got.body, &list); err != nil || len(list) < 300 {
			t.Fatalf("%d carriers, %v", len(list), err)
		}
		for _, c := range list {
			if c["key"] != float64(3011) {
				continue
			}
			want := map[string]any{
				"key": 3011.0, "_country": 301.0, "_country_iso": "CN", "_email": nil, "_tel": c["_tel"], "_url": "https://www.chinapost.com.cn",
				"_name": "China Post", "_name_zh-cn": "中国邮政", "_name_zh-hk": c["_name_zh-hk"],
			}
			if a, b := must(json.Marshal(c))(t), must(json.Marshal(want))(t); !bytes.Equal(a, b) {
				t.Errorf("got %s, want %s", a, b)
			}
		}
		r := httptest.NewRequest("GET", "/asset/carrier/info/apicarrier.all.json", nil)
		r.Header.Set("If-None-Match", got.header.Get("ETag"))
		again := httptest.NewRecorder()
		w.handler.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified {
			t.Errorf("the same list again is %d, want 304", again.Code)
		}
	})
}

func TestFortyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var b strings.Builder
		for i := range 40 {
			b.WriteString(`,{"number":"` + strconv.Itoa(100000000000+i) + `","carrier":100002}`)
		}
		body := "[" + b.String()[1:] + "]"
		for _, endpoint := range []string{"register", "gettrackinfo", "changeinfo", "stoptrack", "retrack", "deletetrack"} {
			got := w.send("POST", "/track/v2.4/"+endpoint, w.secret, body)
			var in struct {
				Data struct{ Accepted, Rejected []json.RawMessage }
			}
			must(struct{}{}, json.Unmarshal(got.body, &in))(t)
			if n := len(in.Data.Accepted) + len(in.Data.Rejected); got.status != 200 || n != 40 {
				t.Errorf("%s: %d of 40 numbers are answered", endpoint, n)
			}
		}
	})
}

// The worked examples of the reference's section on webhooks.
func TestSignaturesAreTheDocumentedOnes(t *testing.T) {
	catalogue, _ := files()
	r := watch.Registration{Number: "LX900112236CN", Carrier: "china-post"}
	for _, tc := range []struct {
		version    track17.Version
		body, sign string
	}{
		{
			track17.V24, `{"event":"TRACKING_STOPPED","data":{"number":"LX900112236CN","carrier":3011,"param":null,"tag":null}}`,
			"6f4ef48b31d88591b5f2e020f19c532b1997c10796baee54ff18013c1a1f674c",
		},
		{
			track17.V1, `{"sign":"e6078cb95eb7da50e5581f1e7b469405b7215e11487624bb7024dad46616085b",` +
				`"event":"TRACKING_STOPPED","data":{"number":"LX900112236CN","carrier":3011,"tag":null}}`,
			"e6078cb95eb7da50e5581f1e7b469405b7215e11487624bb7024dad46616085b",
		},
	} {
		m := track17.Render(tc.version, catalogue, track17.Ended, r, r.Created)
		body, sign := m.Sign("K3Y")
		if string(body) != tc.body || sign != tc.sign {
			t.Errorf("%s: got %s signed %s, want %s signed %s", tc.version, body, sign, tc.body, tc.sign)
		}
	}
}

// What a webhook carries is what gettrackinfo answers.
func TestAWebhookCarriesAnAcceptedItem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.send("POST", "/track/v2.4/register", w.secret, `[{"number":"LX900112236CN","tag":"web-5512"}]`)
		w.happen("told LX900112236CN")
		catalogue, _ := files()
		for _, version := range track17.Versions {
			r := must(w.watches.Stores()[0].Find(t.Context(), mia, watch.Reference{Number: "LX900112236CN"}))(t)[0][0]
			got := w.send("POST", "/track/"+string(version)+"/gettrackinfo", w.secret, `[{"number":"LX900112236CN"}]`)
			var in struct {
				Data struct{ Accepted []json.RawMessage }
			}
			must(struct{}{}, json.Unmarshal(got.body, &in))(t)
			m := track17.Render(version, catalogue, track17.Updated, r, time.Now())
			want := `{"event":"TRACKING_UPDATED","data":` + string(in.Data.Accepted[0]) + `}`
			if string(m.Body()) != want {
				t.Errorf("%s: got\n%s\nwant\n%s", version, m.Body(), want)
			}
			if again := track17.Render(version, catalogue, track17.Updated, r, time.Now()); !bytes.Equal(again.Body(), m.Body()) {
				t.Errorf("%s: rendered again it is another", version)
			}
		}
	})
}

// bodies are what clients could send in anger.
var bodies = []string{
	``, `null`, `[]`, `{}`, `[{}]`, `[null]`, `"x"`, `[{"number":"LX900112236CN"}]`, `[{"number":123,"carrier":"x"}]`,
	`[{"number":{"a":[1]},"carrier":1e400,"items":{"tag":7}}]`, `[{"number":"1Z4A7B2C0364182055","carrier_new":-1,"carrier_old":"9e9"}]`,
	`{"page_no":1e18,"number":",,,","register_time_from":"2000/13/45"}`, "[{\"number\":\"\xff\xfe\"}]", `[{"number":"\u0000\ud800"}]`,
	`[{"number":"LX900112236CN","special_tracking_info":[],"lang":true,"auto_detection":"maybe","cacheLevel":{}}]`,
	`[{"number":"RR123456785DE","items":null}]`, `[[[[[[[[]]]]]]]]`, `{"page_no":-9,"order_by":[],"push_status_code":"200"}`,
	`{"number":"\u0000,LX900112236CN"}`, `{"page_no":1000000000}`, `{"register_time_from":"9999-12-31","push_time_to":"0001-01-01"}`,
	`[{"number":"LX900112236CN","tag":"\u0000","items":{"remark":"\u0000\uffff"}}]`, `{"push_status_code":-1000000000,"carrier":7}`,
}

// anything sends a body to every endpoint: nothing breaks.
func (w *world) anything(body string) {
	w.t.Helper()
	for _, version := range track17.Versions {
		for _, endpoint := range track17.Endpoints() {
			path := "/track/" + string(version) + "/" + endpoint
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("17token", w.secret)
			answer := httptest.NewRecorder()
			w.handler.ServeHTTP(answer, r)
			if answer.Code != 200 || !json.Valid(answer.Body.Bytes()) {
				w.t.Errorf("POST %s %q: %d %s", path, body, answer.Code, answer.Body)
			}
		}
	}
}

func TestAnyBodyIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, body := range bodies {
			w.anything(body)
		}
	})
}

func FuzzRequests(f *testing.F) {
	for _, body := range bodies {
		f.Add(body)
	}
	w := newWorld(f, dbtest.Open(f, dbtest.SQLite(f)), roomy, quota.Plan{Total: quota.Unlimited})
	f.Fuzz(func(t *testing.T, body string) {
		here := *w
		here.t = t
		here.anything(body)
	})
}
