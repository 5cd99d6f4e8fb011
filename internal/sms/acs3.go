package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const acs3 = "ACS3-HMAC-SHA256"

// signACS3 signs a request that has no body, for Alibaba Cloud
// (https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature).
func signACS3(r *http.Request, keyID, secret string, now time.Time, nonce string) {
	r.Header.Set("X-Acs-Date", now.UTC().Format("2006-01-02T15:04:05Z"))
	r.Header.Set("X-Acs-Signature-Nonce", nonce)
	r.Header.Set("X-Acs-Content-Sha256", hexHash(""))

	values := map[string]string{"host": r.URL.Host}
	names := []string{"host"}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			names = append(names, name)
			values[name] = strings.TrimSpace(r.Header.Get(name))
		}
	}
	slices.Sort(names)
	var headers strings.Builder
	for _, name := range names {
		headers.WriteString(name + ":" + values[name] + "\n")
	}
	signed := strings.Join(names, ";")
	request := strings.Join([]string{
		r.Method, "/", canonicalQuery(r.URL.Query()), headers.String(), signed, hexHash(""),
	}, "\n")

	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(acs3 + "\n" + hexHash(request)))
	r.Header.Set("Authorization", acs3+" Credential="+keyID+",SignedHeaders="+signed+",Signature="+hex.EncodeToString(mac.Sum(nil)))
}

// canonicalQuery sorts by name and escapes as RFC 3986 does.
func canonicalQuery(v url.Values) string { return strings.ReplaceAll(v.Encode(), "+", "%20") }

func hexHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
