package sms

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"

	"waypost/internal/fault"
)

// The examples that Alibaba Cloud publishes with its signature, version 3:
// https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature.
func TestTheSignatureIsThatOfThePublishedExamples(t *testing.T) {
	for _, tc := range []struct{ date, nonce, signature string }{
		{"2023-10-26T10:22:32Z", "3156853299f313e23d1673dc12e1703d", "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"},
		{"2023-10-26T09:01:01Z", "d410180a5abf7fe235dd9b74aca91fc0", "e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804"},
	} {
		r, err := http.NewRequest(http.MethodPost,
			"https://ecs.cn-shanghai.aliyuncs.com/?RegionId=cn-shanghai&ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339, tc.date)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Acs-Action", "RunInstances")
		r.Header.Set("X-Acs-Version", "2014-05-26")
		signACS3(r, "YourAccessKeyId", "YourAccessKeySecret", at, tc.nonce)
		want := "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=" + tc.signature
		if got := r.Header.Get("Authorization"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

var authorization = regexp.MustCompile(`^ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})$`)

// signatureOf computes the signature of what arrived, from the raw request alone.
func signatureOf(c call, signedHeaders, secret string) string {
	_, rawQuery, _ := strings.Cut(c.RequestURI, "?")
	pairs := strings.Split(rawQuery, "&")
	sort.Strings(pairs)
	headers := ""
	for _, name := range strings.Split(signedHeaders, ";") {
		value := c.Header.Get(name)
		if name == "host" {
			value = c.Host
		}
		headers += name + ":" + value + "\n"
	}
	canonical := fmt.Sprintf("%s\n/\n%s\n%s\n%s\n%x", c.Method, strings.Join(pairs, "&"), headers, signedHeaders, sha256.Sum256([]byte(c.body)))
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "ACS3-HMAC-SHA256\n%x", sha256.Sum256([]byte(canonical)))
	return fmt.Sprintf("%x", mac.Sum(nil))
}

func TestAliyunIsAskedAsItsReferenceSays(t *testing.T) {
	for _, tc := range []struct{ name, to, number string }{
		{"in mainland China without the country", "+8613000000001", "13000000001"},
		{"elsewhere with it, without a plus", "+41790000001", "41790000001"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			base, client, calls := fake(t, 200, `{"Message": "OK", "RequestId": "1", "Code": "OK", "BizId": "2^0"}`)
			s := NewAliyun(Aliyun{KeyID: "id", KeySecret: "hush", Sign: "路标 (A+B)", Templates: map[Kind]string{Code: "SMS_1"}, Base: base}, client, nil)
			m := hello
			m.To, m.Params = tc.to, map[string]string{"code": "482913", "name": "李 *~'\"&=+"}
			for range 2 {
				if err := s.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			nonces := map[string]bool{}
			for _, c := range *calls {
				q := c.URL.Query()
				var params map[string]string
				if err := json.Unmarshal([]byte(q.Get("TemplateParam")), &params); err != nil || fmt.Sprint(params) != fmt.Sprint(m.Params) {
					t.Errorf("parameters %q, %v", q.Get("TemplateParam"), err)
				}
				if q.Get("PhoneNumbers") != tc.number || q.Get("SignName") != "路标 (A+B)" || q.Get("TemplateCode") != "SMS_1" || len(q) != 4 || c.body != "" {
					t.Errorf("query %v, body %q", q, c.body)
				}
				if c.Method != "POST" || c.Header.Get("x-acs-action") != "SendSms" || c.Header.Get("x-acs-version") != "2017-05-25" {
					t.Errorf("%s %v", c.Method, c.Header)
				}
				if at, err := time.Parse(time.RFC3339, c.Header.Get("x-acs-date")); err != nil || time.Since(at) > time.Minute || at.Location() != time.UTC {
					t.Errorf("date %q, %v", c.Header.Get("x-acs-date"), err)
				}
				parts := authorization.FindStringSubmatch(c.Header.Get("Authorization"))
				if parts == nil || parts[1] != "id" || parts[3] != signatureOf(c, parts[2], "hush") {
					t.Errorf("authorization %q", c.Header.Get("Authorization"))
				}
				nonces[c.Header.Get("x-acs-signature-nonce")] = true
			}
			if len(nonces) != 2 {
				t.Errorf("nonces %v", nonces)
			}
		})
	}
}

func TestAliyunAnswers(t *testing.T) {
	for _, tc := range []struct {
		status int
		code   string
		want   error
	}{
		{200, "isv.MOBILE_NUMBER_ILLEGAL", ErrRefused},
		{200, "isv.BUSINESS_LIMIT_CONTROL", errLimited},
		{200, "isv.SMS_CONTENT_ILLEGAL", errRejected},
		{200, "isv.AMOUNT_NOT_ENOUGH", errSetup},
		{200, "isp.SYSTEM_ERROR", errUnreachable},
		{400, "Throttling.User", errLimited},
		{404, "InvalidAccessKeyId.NotFound", errSetup},
		{503, "ServiceUnavailable", errUnreachable},
		{502, "", errUnreachable},
	} {
		answer := "<html>bad gateway</html>"
		if tc.code != "" {
			answer = fmt.Sprintf(`{"Code": %q, "Message": "41790000001 482913", "RequestId": "1"}`, tc.code)
		}
		base, client, _ := fake(t, tc.status, answer)
		err := NewAliyun(Aliyun{KeyID: "id", KeySecret: "s", Templates: map[Kind]string{Code: "SMS_1"}, Base: base}, client, nil).Send(t.Context(), hello)
		if !errors.Is(err, tc.want) {
			t.Errorf("%d %s: got %v, want %v", tc.status, tc.code, err, tc.want)
			continue
		}
		tells(t, err)
	}
}

func TestAKindWithoutATemplateTellsTheOperator(t *testing.T) {
	err := NewAliyun(Aliyun{}, nil, nil).Send(t.Context(), hello)
	if !errors.Is(err, errTemplate) || !strings.Contains(fault.Text(err), "sms.aliyun.templates.code") {
		t.Errorf("got %v", err)
	}
}
