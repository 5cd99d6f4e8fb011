package provider_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// qqFake answers as QQ Connect does: labelled text/html, in the shape it is
// told to, whatever fmt says.
type qqFake struct {
	shape   string // json, jsonp, form
	token   string // an error code that the token call answers
	me      string
	user    string
	noUnion bool // the app may not see union ids
	app     string
}

func (q qqFake) start(t *testing.T) config.Providers {
	t.Helper()
	host := fake(t, map[string]http.HandlerFunc{
		"GET /oauth2.0/authorize": func(w http.ResponseWriter, r *http.Request) {
			if !has(r.URL.Query(), map[string]string{"response_type": "code", "client_id": "1010", "scope": "get_user_info"}) {
				http.Error(w, "parameters", http.StatusBadRequest)
				return
			}
			sendBack(w, r, url.Values{"code": {"c0de"}})
		},
		"GET /oauth2.0/token":     q.tokenCall,
		"GET /oauth2.0/me":        q.meCall,
		"GET /user/get_user_info": q.userCall,
	})
	return config.Providers{QQ: config.AppProvider{ClientID: "1010", ClientSecret: "shh", Hosts: config.Hosts{Authorize: host, Token: host, API: host}}}
}

func (q qqFake) tokenCall(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	switch {
	case q.token != "":
		q.fail(w, q.token)
	case !has(v, map[string]string{"grant_type": "authorization_code", "client_id": "1010", "client_secret": "shh", "redirect_uri": ours + "/signin/with/qq/callback"}):
		q.fail(w, "100001")
	case v.Get("code") != "c0de":
		q.fail(w, "100019")
	default:
		q.answer(w, `{"access_token":"t0ken","expires_in":7776000,"refresh_token":"r"}`, "access_token=t0ken&expires_in=7776000&refresh_token=r")
	}
}

func (q qqFake) meCall(w http.ResponseWriter, r *http.Request) {
	app := "1010"
	if q.app != "" {
		app = q.app
	}
	v := r.URL.Query()
	switch {
	case q.me != "":
		q.fail(w, q.me)
	case v.Get("access_token") != "t0ken":
		q.fail(w, "100016")
	case q.noUnion && v.Get("unionid") == "1":
		q.fail(w, "100048")
	case q.noUnion:
		q.answer(w, `{"client_id":"`+app+`","openid":"0PEN"}`, "client_id="+app+"&openid=0PEN")
	default:
		q.answer(w, `{"client_id":"`+app+`","openid":"0PEN","unionid":"UID_1"}`, "client_id="+app+"&openid=0PEN&unionid=UID_1")
	}
}

func (q qqFake) userCall(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if q.user != "" || !has(r.URL.Query(), map[string]string{"access_token": "t0ken", "oauth_consumer_key": "1010", "openid": "0PEN"}) {
		fmt.Fprintf(w, `{"ret":%s,"msg":%q}`, q.user, gossip)
		return
	}
	fmt.Fprint(w, `{"ret":0,"msg":"","is_lost":0,"nickname":"小 邮\u202e","gender":"女","figureurl_qq_1":"http://pic.example/40","figureurl_qq_2":"http://pic.example/100"}`)
}

func (q qqFake) answer(w http.ResponseWriter, object, form string) {
	w.Header().Set("Content-Type", "text/html")
	switch q.shape {
	case "jsonp":
		fmt.Fprintf(w, "callback( %s );\n", object)
	case "form":
		fmt.Fprint(w, form)
	default:
		fmt.Fprint(w, object)
	}
}

func (q qqFake) fail(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "text/html")
	if q.shape == "json" {
		fmt.Fprintf(w, `{"error":%s,"error_description":%q}`, code, gossip)
		return
	}
	fmt.Fprintf(w, "callback( {\"error\":%s,\"error_description\":%q} );\n", code, gossip) // also where answers are forms
}

func TestQQInEveryShape(t *testing.T) {
	want := provider.Identity{Provider: "qq", Subject: "0PEN", Union: "UID_1", Name: "小 邮", Picture: "https://pic.example/100"}
	for _, shape := range []string{"json", "jsonp", "form"} {
		t.Run(shape, func(t *testing.T) {
			f := begin(t, qqFake{shape: shape}.start(t), "qq")
			got, err := f.back(t, f.allow(t))
			wantIdentity(t, got, err, want)

			f = begin(t, qqFake{shape: shape, noUnion: true}.start(t), "qq")
			got, err = f.back(t, f.allow(t))
			without := want
			without.Union = ""
			wantIdentity(t, got, err, without)
		})
	}
}

func TestQQFailures(t *testing.T) {
	for _, tc := range []struct {
		name string
		fake qqFake
		want string
	}{
		{"a code that was used", qqFake{token: "100020"}, "sign_in_expired"},
		{"a secret that is wrong", qqFake{token: "100009"}, "sign_in_setup"},
		{"a token that is refused", qqFake{me: "100016"}, "sign_in_unavailable"},
		{"a token for another app", qqFake{app: "2020"}, "sign_in_untrusted"},
		{"a profile that the person closed", qqFake{user: "100030"}, "sign_in_cancelled"},
		{"a profile call with a wrong parameter", qqFake{user: "-1"}, "sign_in_setup"},
	} {
		for _, shape := range []string{"json", "jsonp", "form"} {
			t.Run(tc.name+" as "+shape, func(t *testing.T) {
				tc.fake.shape = shape
				f := begin(t, tc.fake.start(t), "qq")
				_, err := f.back(t, f.allow(t))
				wantFault(t, err, tc.want)
			})
		}
	}
}

func TestQQReturns(t *testing.T) {
	f := begin(t, qqFake{}.start(t), "qq", func(b *provider.Begin) { b.UserAgent = "Mozilla/5.0 (Linux; Android 15) Mobile" })
	if got := f.address.Query().Get("display"); got != "mobile" {
		t.Errorf("display %q, want mobile for a phone", got)
	}
	for _, tc := range []struct {
		name string
		form url.Values
		want string
	}{
		{"cancelled on a phone", url.Values{"usercancel": {"1"}, "state": {f.begin.State}}, "sign_in_cancelled"},
		{"an error in the address", url.Values{"code": {"100010"}, "msg": {gossip}, "state": {f.begin.State}}, "sign_in_setup"},
		{"without a code", url.Values{"state": {f.begin.State}}, "sign_in_cancelled"},
		{"another flow's state", url.Values{"code": {"c0de"}, "state": {"x"}}, "sign_in_untrusted"},
		{"without a state", url.Values{"code": {"c0de"}}, "sign_in_untrusted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := f.back(t, tc.form)
			wantFault(t, err, tc.want)
		})
	}
}
