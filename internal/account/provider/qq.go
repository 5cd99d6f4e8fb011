package provider

import (
	"cmp"
	"context"
	"net/url"
	"strings"

	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// qq is QQ Connect: https://wiki.connect.qq.com. Answers come as JSON, JSONP
// or form text, labelled text/html; the person's id needs a call of its own;
// there is no e-mail and no PKCE.
type qq struct {
	caller
	app, secret           string
	authorize, token, api string
}

func newQQ(c config.AppProvider, client *outbound.Client) qq {
	const host = "https://graph.qq.com"
	return qq{
		caller: caller{"QQ", client}, app: c.ClientID, secret: string(c.ClientSecret),
		authorize: cmp.Or(c.Hosts.Authorize, host), token: cmp.Or(c.Hosts.Token, host), api: cmp.Or(c.Hosts.API, host),
	}
}

func (q qq) Code() Code   { return "qq" }
func (q qq) Name() string { return q.name }

func (q qq) Begin(_ context.Context, b Begin) (string, error) {
	v := url.Values{
		"response_type": {"code"}, "client_id": {q.app}, "redirect_uri": {b.Redirect},
		"state": {b.State}, "scope": {"get_user_info"},
	}
	if strings.Contains(b.UserAgent, "Mobile") {
		v.Set("display", "mobile")
	}
	return q.authorize + "/oauth2.0/authorize?" + v.Encode(), nil
}

func (q qq) Exchange(ctx context.Context, c Callback) (Identity, error) {
	if err := returned(c, q.name); err != nil {
		return Identity{}, err
	}
	if c.Form.Get("usercancel") != "" { // how the mobile page says no
		return Identity{}, errCancelled.With(q.name)
	}
	if c.Form.Has("msg") { // then code is an error's
		return Identity{}, told(qqFault(c.Form.Get("code")), q.name, c.Form.Get("code"))
	}
	code, err := codeOf(c.Form, "code", q.name)
	if err != nil {
		return Identity{}, err
	}
	granted, err := q.ask(ctx, q.token+"/oauth2.0/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {q.app}, "client_secret": {q.secret},
		"code": {code}, "redirect_uri": {c.Redirect}, "fmt": {"json"},
	})
	if err != nil {
		return Identity{}, err
	}
	return q.identify(ctx, granted["access_token"])
}

func (q qq) identify(ctx context.Context, token string) (Identity, error) {
	me, err := q.me(ctx, token)
	if err != nil {
		return Identity{}, err
	}
	if me["client_id"] != q.app || me["openid"] == "" {
		return Identity{}, errUntrusted.With(q.name).Because(errNoSubject)
	}
	profile, err := q.ask(ctx, q.api+"/user/get_user_info", url.Values{
		"access_token": {token}, "oauth_consumer_key": {q.app}, "openid": {me["openid"]},
	})
	if err != nil {
		return Identity{}, err
	}
	picture := cmp.Or(profile["figureurl_qq_2"], profile["figureurl_qq_1"])
	if rest, ok := strings.CutPrefix(picture, "http://"); ok { // its picture hosts serve both
		picture = "https://" + rest
	}
	return sound(Identity{
		Provider: q.Code(), Subject: me["openid"], Union: me["unionid"],
		Name: profile["nickname"], Picture: picture,
	}, q.name)
}

// me asks who a token is for; again without the union id where the app may not see it.
func (q qq) me(ctx context.Context, token string) (map[string]string, error) {
	query := url.Values{"access_token": {token}, "unionid": {"1"}, "fmt": {"json"}}
	f, err := q.fields(ctx, q.api+"/oauth2.0/me", query)
	if err == nil && f["error"] == qqNoUnion {
		query.Del("unionid")
		f, err = q.fields(ctx, q.api+"/oauth2.0/me", query)
	}
	if err != nil {
		return nil, err
	}
	return f, q.failed(f)
}

func (q qq) ask(ctx context.Context, address string, query url.Values) (map[string]string, error) {
	f, err := q.fields(ctx, address, query)
	if err != nil {
		return nil, err
	}
	return f, q.failed(f)
}

func (q qq) fields(ctx context.Context, address string, query url.Values) (map[string]string, error) {
	body, err := q.get(ctx, address, query)
	if err != nil {
		return nil, err
	}
	f, err := fields(body)
	if err != nil {
		return nil, errUnavailable.With(q.name).Because(err)
	}
	return f, nil
}

// failed finds the error in an answer: OAuth's calls say error, the API says
// ret, and an early form of both says code.
func (q qq) failed(f map[string]string) error {
	for _, field := range []string{"error", "ret", "code"} {
		if code := f[field]; code != "" && code != "0" {
			return told(qqFault(code), q.name, code)
		}
	}
	return nil
}

const qqNoUnion = "100048"

// qqFault sorts the public return codes of QQ Connect's wiki.
func qqFault(code string) *fault.Error {
	switch code {
	case "100018", "100019", "100020", "100021": // the code: unreadable, no token for it, used, no token
		return errExpired
	case "100030": // the person withdrew what they allowed
		return errCancelled
	case "-1", "100000", "100001", "100002", "100004", "100005", "100008", "100009", "100010", "100011":
		return errSetup // a parameter; the app's id, key, address or release
	}
	return errUnavailable
}
