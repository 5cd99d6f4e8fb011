package provider_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// alipayFake is the gateway: it checks the app's signature over the parameters,
// wherever they stand, and signs answers.
type alipayFake struct {
	app, own *rsa.PrivateKey
	token    string // the inner object of the token's answer
	profile  string
	err      string // the inner object of an error_response
	tamper   func(answer string) string
}

// rsaKeys are made once: a key takes a while.
var rsaKeys = sync.OnceValue(func() [2]*rsa.PrivateKey {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func newAlipayFake(t *testing.T) *alipayFake {
	t.Helper()
	keys := rsaKeys()
	return &alipayFake{
		app: keys[0], own: keys[1],
		token:   `{"access_token":"t0ken","open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5","expires_in":1296000, "re_expires_in":2592000,"refresh_token":"r","auth_start":"2026-11-01 10:00:00"}`,
		profile: `{"code":"10000","msg":"Success","open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5","avatar":"https:\/\/pic.example\/a","nick_name":"小邮 & <b>"}`,
		tamper:  func(answer string) string { return answer },
	}
}

func (a *alipayFake) start(t *testing.T) config.Providers {
	t.Helper()
	host := fake(t, map[string]http.HandlerFunc{
		"GET /oauth2/publicAppAuthorize.htm": func(w http.ResponseWriter, r *http.Request) {
			q := r.URL.Query()
			if q.Get("scope") != "auth_user" {
				http.Error(w, "scope", http.StatusBadRequest)
				return
			}
			sendBack(w, r, url.Values{"auth_code": {"c0de"}, "app_id": {q.Get("app_id")}, "scope": {"auth_user"}})
		},
		"POST /gateway.do": a.gateway,
	})
	return config.Providers{Alipay: config.AlipayProvider{
		ClientID: "2021", PrivateKey: config.Secret(bareKey(t, a.app)), PublicKey: publicPEM(t, &a.own.PublicKey),
		Hosts: config.Hosts{Authorize: host, Token: host + "/gateway.do", API: host + "/gateway.do"},
	}}
}

func bareKey(t *testing.T, key *rsa.PrivateKey) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func publicPEM(t *testing.T, key *rsa.PublicKey) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func (a *alipayFake) gateway(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	method := r.Form.Get("method")
	switch {
	case !a.signed(r.Form):
		a.answer(w, "error", `{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature","sub_msg":"`+gossip+`"}`)
	case a.err != "":
		a.answer(w, "error", a.err)
	case method == "alipay.system.oauth.token" && has(r.Form, map[string]string{"grant_type": "authorization_code", "code": "c0de", "biz_content": ""}):
		a.answer(w, "alipay_system_oauth_token", a.token)
	case method == "alipay.user.info.share" && r.Form.Get("auth_token") == "t0ken":
		a.answer(w, "alipay_user_info_share", a.profile)
	default:
		a.answer(w, "error", `{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"`+gossip+`"}`)
	}
}

// signed checks a call's signature with nothing of the product's.
func (a *alipayFake) signed(form url.Values) bool {
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name != "sign" && form.Get(name) != "" {
			pairs = append(pairs, name+"="+form.Get(name))
		}
	}
	signature, err := base64.StdEncoding.DecodeString(form.Get("sign"))
	digest := sha256.Sum256([]byte(strings.Join(pairs, "&")))
	return err == nil && form.Get("sign_type") == "RSA2" && rsa.VerifyPKCS1v15(&a.app.PublicKey, crypto.SHA256, digest[:], signature) == nil
}

func (a *alipayFake) answer(w http.ResponseWriter, name, inner string) {
	digest := sha256.Sum256([]byte(inner))
	signature, err := rsa.SignPKCS1v15(rand.Reader, a.own, crypto.SHA256, digest[:])
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	fmt.Fprint(w, a.tamper(fmt.Sprintf(`{"%s_response":%s,"sign":%q}`, name, inner, base64.StdEncoding.EncodeToString(signature))))
}

func TestAlipay(t *testing.T) {
	const open = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"
	want := provider.Identity{Provider: "alipay", Subject: open, Name: "小邮 & <b>", Picture: "https://pic.example/a"}
	older := func(s string) string {
		return strings.ReplaceAll(s, `"open_id":"`+open+`"`, `"user_id":"2088123412341234"`)
	}
	for _, tc := range []struct {
		name   string
		change func(*alipayFake)
		want   func(*provider.Identity)
	}{
		{"a new app", func(*alipayFake) {}, func(*provider.Identity) {}},
		{"an older app", func(a *alipayFake) { a.token, a.profile = older(a.token), older(a.profile) },
			func(i *provider.Identity) { i.Subject = "2088123412341234" }},
		{"an app that moves from one to the other", func(a *alipayFake) { a.profile = older(a.profile) },
			func(i *provider.Identity) { i.Union = "2088123412341234" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAlipayFake(t)
			tc.change(a)
			f := begin(t, a.start(t), "alipay")
			got, err := f.back(t, f.allow(t))
			w := want
			tc.want(&w)
			wantIdentity(t, got, err, w)
		})
	}
}

func TestAlipayFailures(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*alipayFake)
		want   string
	}{
		{"a changed answer", func(a *alipayFake) {
			a.tamper = func(s string) string { return strings.Replace(s, "074a", "174a", 1) }
		}, "sign_in_untrusted"},
		{"a space added to the answer", func(a *alipayFake) {
			a.tamper = func(s string) string { return strings.Replace(s, `,"open_id"`, `, "open_id"`, 1) }
		}, "sign_in_untrusted"},
		{"another signature", func(a *alipayFake) {
			a.tamper = func(s string) string { return strings.Replace(s, `"sign":"`, `"sign":"AAAA`, 1) }
		}, "sign_in_untrusted"},
		{"no signature", func(a *alipayFake) {
			a.tamper = func(s string) string { return s[:strings.LastIndex(s, `,"sign"`)] + "}" }
		}, "sign_in_untrusted"},
		{"an answer to another call", func(a *alipayFake) {
			a.tamper = func(s string) string { return strings.Replace(s, "alipay_system_oauth", "alipay_other", 1) }
		}, "sign_in_untrusted"},
		{"no answer at all", func(a *alipayFake) { a.tamper = func(string) string { return "<html>" + gossip } }, "sign_in_unavailable"},
		{"two people", func(a *alipayFake) { a.profile = strings.Replace(a.profile, "074a", "174a", 1) }, "sign_in_untrusted"},
		{"nobody", func(a *alipayFake) { a.token, a.profile = `{"access_token":"t0ken"}`, `{"code":"10000"}` }, "sign_in_untrusted"},
		{"a code that is invalid", func(a *alipayFake) {
			a.err = `{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"` + gossip + `"}`
		}, "sign_in_expired"},
		{"a gateway in trouble", func(a *alipayFake) {
			a.err = `{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error","sub_msg":"` + gossip + `"}`
		}, "sign_in_unavailable"},
		{"an app without the permission", func(a *alipayFake) {
			a.err = `{"code":"40006","msg":"Insufficient Permissions","sub_code":"isv.insufficient-isv-permissions","sub_msg":"` + gossip + `"}`
		}, "sign_in_setup"},
		{"a failure inside the profile's answer", func(a *alipayFake) {
			a.profile = `{"code":"20001","msg":"` + gossip + `","sub_code":"aop.invalid-auth-token"}`
		}, "sign_in_expired"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := newAlipayFake(t)
			tc.change(a)
			f := begin(t, a.start(t), "alipay")
			_, err := f.back(t, f.allow(t))
			wantFault(t, err, tc.want)
		})
	}
	t.Run("the key of another app", func(t *testing.T) {
		a := newAlipayFake(t)
		c := a.start(t)
		c.Alipay.PrivateKey = config.Secret(bareKey(t, a.own))
		f := begin(t, c, "alipay")
		_, err := f.back(t, f.allow(t))
		wantFault(t, err, "sign_in_setup")
	})
	t.Run("a code for another app", func(t *testing.T) {
		f := begin(t, newAlipayFake(t).start(t), "alipay")
		form := f.allow(t)
		form.Set("app_id", "2022")
		_, err := f.back(t, form)
		wantFault(t, err, "sign_in_untrusted")
	})
}

func TestKeysAreReadAsTheyAreHandedOut(t *testing.T) {
	a := newAlipayFake(t)
	good := a.start(t)
	pkcs1 := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(a.app)}))
	for _, key := range []string{pkcs1, bareKey(t, a.app), strings.Join([]string{bareKey(t, a.app)[:64], bareKey(t, a.app)[64:]}, "\n")} {
		c := good
		c.Alipay.PrivateKey = config.Secret(key)
		if _, err := provider.New(c); err != nil {
			t.Error(err)
		}
	}
	c := good
	c.Alipay.PrivateKey, c.Alipay.PublicKey = "not a key", "bm90IGEga2V5"
	c.Apple = config.AppleProvider{ClientID: "a", TeamID: "T", KeyID: "K", PrivateKey: config.Secret(bareKey(t, a.app))}
	_, err := provider.New(c)
	if err == nil {
		t.Fatal("keys that are none were taken")
	}
	for _, want := range []string{"providers.alipay.private_key: ", "providers.alipay.public_key: ", "providers.apple.private_key: "} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the report lacks %q: %v", want, err)
		}
	}
	if raw, _ := json.Marshal(err.Error()); strings.Contains(string(raw), "not a key") {
		t.Errorf("the report shows a key: %s", raw)
	}
}
