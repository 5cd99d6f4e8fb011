package member_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"waypost/internal/account/provider"
	"waypost/internal/config"
	"waypost/internal/dbtest"
)

// What Facebook posts when somebody wants their data deleted: its documentation
// of the data deletion callback.
func TestSomebodyWantsTheirDataFromAProviderDeleted(t *testing.T) {
	const shared = "in the test only"
	set, err := provider.New(config.Providers{Facebook: config.FacebookProvider{ClientID: "1", ClientSecret: shared, Version: "v25.0"}})
	if err != nil {
		t.Fatal(err)
	}
	w := newWorldAt(t, dbtest.Open(t, dbtest.SQLite(t)), "http://waypost.example", set)
	encode := base64.RawURLEncoding.EncodeToString
	payload := encode(fmt.Appendf(nil, `{"algorithm":"HMAC-SHA256","issued_at":%d,"user_id":"7"}`, time.Now().Unix()))
	mac := hmac.New(sha256.New, []byte(shared))
	mac.Write([]byte(payload)) //nolint:errcheck // it never fails

	b := w.browser()
	b.header.Set("Sec-Fetch-Site", "cross-site")
	const at = "/signin/with/facebook/revoke"
	b.post(at, "signed_request", encode([]byte("made up"))+"."+payload).is(http.StatusBadRequest)
	var answer struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}
	if err := json.Unmarshal([]byte(b.post(at, "signed_request", encode(mac.Sum(nil))+"."+payload).is(http.StatusOK).body), &answer); err != nil {
		t.Fatal(err)
	}
	page, ok := strings.CutPrefix(answer.URL, "http://waypost.example")
	if !ok || !strings.HasSuffix(page, "/"+answer.Code) {
		t.Fatalf("answer %+v, want a page of this site with the number", answer)
	}
	for _, words := range w.kit.Words() {
		checkPage(t, b.get(page+"?lang="+words.Lang).is(http.StatusOK), words.Lang)
	}
	b.get(page).says("carried out at once").says("Facebook")
	b.get(page + "0").is(http.StatusNotFound).says("no request with this number")
	b.get("/signin/with/facebook/revoked/20261129").is(http.StatusNotFound)
	b.post("/signin/with/apple/revoke").is(http.StatusNotFound)
}
