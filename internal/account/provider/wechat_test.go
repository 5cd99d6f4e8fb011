package provider_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"waypost/internal/account/provider"
	"waypost/internal/config"
)

// weChatFake answers as WeChat does: always HTTP 200, labelled text/plain.
type weChatFake struct {
	errcode  int
	noUnion  bool
	snapshot bool
	openID   string // of the profile, when it isn't the token's
}

func (w weChatFake) start(t *testing.T) config.Providers {
	t.Helper()
	host := fake(t, map[string]http.HandlerFunc{
		"GET /connect/qrconnect": func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.RawQuery, "appid=wxsite&redirect_uri=") || r.URL.Query().Get("scope") != "snsapi_login" {
				http.Error(rw, "order of parameters", http.StatusBadRequest)
				return
			}
			sendBack(rw, r, url.Values{"code": {"site-code"}})
		},
		"GET /connect/oauth2/authorize": func(rw http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.RawQuery, "appid=wxapp&redirect_uri=") || r.URL.Query().Get("scope") != "snsapi_userinfo" {
				http.Error(rw, "order of parameters", http.StatusBadRequest)
				return
			}
			sendBack(rw, r, url.Values{"code": {"app-code"}})
		},
		"GET /sns/oauth2/access_token": w.token,
		"GET /sns/userinfo":            w.userinfo,
	})
	return config.Providers{WeChat: config.WeChatProvider{
		ClientID: "wxsite", ClientSecret: "site-shh",
		InApp: config.InAppKeys{ClientID: "wxapp", ClientSecret: "app-shh"},
		Hosts: config.Hosts{Authorize: host, Token: host, API: host},
	}}
}

func (w weChatFake) token(rw http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	app, _, _ := strings.Cut(v.Get("code"), "-")
	switch {
	case w.errcode != 0:
		w.fail(rw, w.errcode)
	case v.Get("appid") != "wx"+app || v.Get("secret") != app+"-shh":
		w.fail(rw, 40029) // a code of another app
	default:
		answer := map[string]any{"access_token": "t0ken", "expires_in": 7200, "refresh_token": "r", "openid": "o-" + app, "scope": v.Get("scope")}
		if w.snapshot {
			answer["is_snapshotuser"] = 1
		}
		w.answer(rw, answer)
	}
}

func (w weChatFake) userinfo(rw http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("access_token") != "t0ken" {
		w.fail(rw, 40001)
		return
	}
	openID := r.URL.Query().Get("openid")
	if w.openID != "" {
		openID = w.openID
	}
	answer := map[string]any{"openid": openID, "nickname": "小邮", "sex": 0, "headimgurl": "https://pic.example/132", "privilege": []string{}}
	if !w.noUnion {
		answer["unionid"] = "u-1"
	}
	w.answer(rw, answer)
}

func (w weChatFake) answer(rw http.ResponseWriter, v any) {
	writeJSON(rw, http.StatusOK, "text/plain", v)
}

func (w weChatFake) fail(rw http.ResponseWriter, code int) {
	w.answer(rw, map[string]any{"errcode": code, "errmsg": gossip + ", rid: 1-2-3"})
}

func inWeChat(b *provider.Begin) { b.UserAgent = "Mozilla/5.0 (iPhone) MicroMessenger/8.0" }

func TestWeChatOnTheSiteAndInItsBrowserIsOnePerson(t *testing.T) {
	c := weChatFake{}.start(t)
	site := begin(t, c, "wechat")
	if site.address.Fragment != "wechat_redirect" {
		t.Errorf("fragment %q, want wechat_redirect", site.address.Fragment)
	}
	got, err := site.back(t, site.allow(t))
	wantIdentity(t, got, err, provider.Identity{Provider: "wechat", Subject: "o-site", Union: "u-1", Name: "小邮", Picture: "https://pic.example/132"})

	app := begin(t, c, "wechat", inWeChat)
	if app.address.Fragment != "wechat_redirect" {
		t.Errorf("fragment %q, want wechat_redirect", app.address.Fragment)
	}
	there, err := app.back(t, app.allow(t))
	if err != nil {
		t.Fatal(err)
	}
	if got.Keys()[0] != there.Keys()[0] || there.Keys()[1] != "o-app" {
		t.Errorf("keys %q and %q, want the same first one", got.Keys(), there.Keys())
	}
}

func TestWeChatInItsBrowserWithoutAnOfficialAccount(t *testing.T) {
	c := weChatFake{noUnion: true}.start(t)
	c.WeChat.InApp = config.InAppKeys{}
	f := begin(t, c, "wechat", inWeChat)
	got, err := f.back(t, f.allow(t))
	wantIdentity(t, got, err, provider.Identity{Provider: "wechat", Subject: "o-site", Name: "小邮", Picture: "https://pic.example/132"})
}

func TestWeChatFailures(t *testing.T) {
	for _, tc := range []struct {
		name string
		fake weChatFake
		want string
	}{
		{"a code that is invalid", weChatFake{errcode: 40029}, "sign_in_expired"},
		{"a code that was used", weChatFake{errcode: 40163}, "sign_in_expired"},
		{"a secret that is wrong", weChatFake{errcode: 40125}, "sign_in_setup"},
		{"too often", weChatFake{errcode: 45011}, "sign_in_unavailable"},
		{"busy", weChatFake{errcode: -1}, "sign_in_unavailable"},
		{"a code that nobody knows", weChatFake{errcode: 99999}, "sign_in_unavailable"},
		{"the preview's made-up person", weChatFake{snapshot: true}, "sign_in_preview"},
		{"a profile of somebody else", weChatFake{openID: "o-other"}, "sign_in_untrusted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := begin(t, tc.fake.start(t), "wechat")
			_, err := f.back(t, f.allow(t))
			wantFault(t, err, tc.want)
		})
	}
	t.Run("denied comes back with the state only", func(t *testing.T) {
		f := begin(t, weChatFake{}.start(t), "wechat")
		_, err := f.back(t, url.Values{"state": {f.begin.State}})
		wantFault(t, err, "sign_in_cancelled")
	})
	t.Run("a forged word of which app it was", func(t *testing.T) {
		f := begin(t, weChatFake{}.start(t), "wechat")
		form := f.allow(t)
		form.Set("via", "app")
		_, err := f.back(t, form)
		wantFault(t, err, "sign_in_expired")
	})
}
