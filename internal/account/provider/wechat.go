package provider

import (
	"cmp"
	"context"
	"net/url"
	"strconv"
	"strings"

	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// weChat is WeChat: a QR code on websites (open.weixin.qq.com), and a page of
// its own in WeChat's browser, which needs an official account. Every answer
// is HTTP 200 and labelled text/plain; there is no e-mail and no PKCE.
type weChat struct {
	caller
	site, inApp           weChatApp
	authorize, token, api string
}

type weChatApp struct{ id, secret string }

func newWeChat(c config.WeChatProvider, client *outbound.Client) weChat {
	const host = "https://api.weixin.qq.com"
	return weChat{
		caller:    caller{"WeChat 微信", client},
		site:      weChatApp{c.ClientID, string(c.ClientSecret)},
		inApp:     weChatApp{c.InApp.ClientID, string(c.InApp.ClientSecret)},
		authorize: cmp.Or(c.Hosts.Authorize, "https://open.weixin.qq.com"),
		token:     cmp.Or(c.Hosts.Token, host), api: cmp.Or(c.Hosts.API, host),
	}
}

func (w weChat) Code() Code   { return "wechat" }
func (w weChat) Name() string { return w.name }

// via marks a return from WeChat's own browser, where another app's code
// comes back. Whoever changes it gets a code that the app doesn't know.
const via = "via"

// Begin keeps the order of parameters that WeChat documents; some of its
// clients rely on it, and on the fragment.
func (w weChat) Begin(_ context.Context, b Begin) (string, error) {
	if w.inApp.id != "" && strings.Contains(b.UserAgent, "MicroMessenger") {
		return w.authorize + "/connect/oauth2/authorize?appid=" + url.QueryEscape(w.inApp.id) +
			"&redirect_uri=" + url.QueryEscape(b.Redirect+"?"+via+"=app") +
			"&response_type=code&scope=snsapi_userinfo&state=" + url.QueryEscape(b.State) + "#wechat_redirect", nil
	}
	lang := "en"
	if chinese(b.Lang) {
		lang = "cn"
	}
	return w.authorize + "/connect/qrconnect?appid=" + url.QueryEscape(w.site.id) +
		"&redirect_uri=" + url.QueryEscape(b.Redirect) +
		"&response_type=code&scope=snsapi_login&state=" + url.QueryEscape(b.State) + "&lang=" + lang + "#wechat_redirect", nil
}

func chinese(lang string) bool { return lang == "zh" || strings.HasPrefix(lang, "zh-") }

func (w weChat) Exchange(ctx context.Context, c Callback) (Identity, error) {
	if err := returned(c, w.name); err != nil {
		return Identity{}, err
	}
	code, err := codeOf(c.Form, "code", w.name)
	if err != nil {
		return Identity{}, err
	}
	app := w.site
	if c.Form.Get(via) == "app" && w.inApp.id != "" {
		app = w.inApp
	}
	granted, err := w.ask(ctx, w.token+"/sns/oauth2/access_token", url.Values{
		"appid": {app.id}, "secret": {app.secret}, "code": {code}, "grant_type": {"authorization_code"},
	})
	if err != nil {
		return Identity{}, err
	}
	if granted.Snapshot == 1 {
		return Identity{}, errPreview.With(w.name)
	}
	profile, err := w.ask(ctx, w.api+"/sns/userinfo", url.Values{
		"access_token": {granted.AccessToken}, "openid": {granted.OpenID}, "lang": {"zh_CN"},
	})
	if err != nil {
		return Identity{}, err
	}
	if profile.OpenID != granted.OpenID {
		return Identity{}, errUntrusted.With(w.name).Because(errOtherPerson)
	}
	return sound(Identity{
		Provider: w.Code(), Subject: granted.OpenID, Union: cmp.Or(profile.UnionID, granted.UnionID),
		Name: profile.Nickname, Picture: profile.HeadImgURL,
	}, w.name)
}

type weChatAnswer struct {
	ErrCode     int    `json:"errcode"`
	AccessToken string `json:"access_token"`
	OpenID      string `json:"openid"`
	UnionID     string `json:"unionid"`
	Snapshot    int    `json:"is_snapshotuser"` // 1: a made-up person, for a preview
	Nickname    string `json:"nickname"`
	HeadImgURL  string `json:"headimgurl"`
}

func (w weChat) ask(ctx context.Context, address string, query url.Values) (weChatAnswer, error) {
	body, err := w.get(ctx, address, query)
	if err != nil {
		return weChatAnswer{}, err
	}
	var a weChatAnswer
	if err := w.decode(body, &a); err != nil {
		return weChatAnswer{}, err
	}
	if a.ErrCode != 0 {
		return weChatAnswer{}, w.failed(a.ErrCode)
	}
	return a, nil
}

// failed sorts WeChat's global return codes.
func (w weChat) failed(code int) error {
	f := map[int]*fault.Error{
		40029: errExpired, 40163: errExpired, 41008: errExpired, 42003: errExpired, // code: invalid, used, missing, too old
		40013: errSetup, 40125: errSetup, 41002: errSetup, 41004: errSetup, // appid, secret: wrong or missing
		40164: errSetup, 48001: errSetup, // our address isn't on the app's list; the app lacks the permission
	}[code]
	return told(cmp.Or(f, errUnavailable), w.name, strconv.Itoa(code))
}
