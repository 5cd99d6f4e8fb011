package member_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticator apps use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// shows is what an authenticator app shows at a time (RFC 6238).
func shows(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	sum := hmac.New(sha1.New, key)
	binary.Write(sum, binary.BigEndian, uint64(at.Unix()/30)) //nolint:errcheck,gosec // a hash takes everything
	digest := sum.Sum(nil)
	n := binary.BigEndian.Uint32(digest[digest[19]&15:]) & 0x7fffffff
	return fmt.Sprintf("%06d", n%1_000_000)
}

func TestAnAuthenticatorApp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		b := w.join()
		p := b.get("/account/app").is(http.StatusOK).says("data:image/png")
		found := regexp.MustCompile(`into the app: ([A-Z2-7 ]+)`).FindStringSubmatch(p.body)
		if found == nil {
			t.Fatalf("the page shows no secret: %s", p.said())
		}
		b.post("/account/app", "code", "000000").is(http.StatusBadRequest).says("not the code that the app shows")
		done := b.post("/account/app", "code", shows(t, found[1], time.Now())).is(http.StatusOK).says("Your recovery codes")
		recovery := regexp.MustCompile(`<li><code>([^<]+)</code>`).FindStringSubmatch(done.body)
		if recovery == nil {
			t.Fatal("no recovery codes are shown")
		}
		b.get("/account").says("is asked for when you sign in")

		c := w.browser()
		c.get("/signin/second").is(http.StatusNotFound)
		c.post("/signin", "contact", mia, "password", secret, "next", "/account/app").isAt("/signin/second?next=%2Faccount%2Fapp")
		c.get("/account").isAt("/signin?next=%2Faccount")
		c.post("/signin/second", "code", "123", "next", "/account/app").is(http.StatusBadRequest).says("not the code that the app shows")
		c.get("/signin/second?by=recovery").is(http.StatusOK).says("One of your recovery codes")
		c.post("/signin/second", "code", recovery[1], "by", "recovery", "next", "/account/app").isAt("/account/app").says("9 recovery codes")
		c.post("/account/recovery").is(http.StatusOK).says("Your recovery codes")
		c.post("/account/app", "remove", "1").isAt("/account?done=app_removed").says("No authenticator app")
	})
}
