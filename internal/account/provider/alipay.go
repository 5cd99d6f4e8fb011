package provider

import (
	"cmp"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// alipay is Alipay's sign-in: a code that comes back as auth_code, and a
// gateway that takes calls signed with the app's key and signs its answers.
// The id is open_id for new apps, user_id (16 digits from 2088) for older ones.
type alipay struct {
	caller
	app                   string
	key                   *rsa.PrivateKey
	theirs                *rsa.PublicKey
	authorize, token, api string
}

func newAlipay(c config.AlipayProvider, client *outbound.Client) (alipay, []string) {
	const gateway = "https://openapi.alipay.com/gateway.do"
	var mistakes []string
	key, err := rsaPrivateKey(string(c.PrivateKey))
	if err != nil {
		mistakes = append(mistakes, "providers.alipay.private_key: "+err.Error())
	}
	theirs, err := rsaPublicKey(c.PublicKey)
	if err != nil {
		mistakes = append(mistakes, "providers.alipay.public_key: "+err.Error())
	}
	return alipay{
		caller: caller{"Alipay 支付宝", client}, app: c.ClientID, key: key, theirs: theirs,
		authorize: cmp.Or(c.Hosts.Authorize, "https://openauth.alipay.com"),
		token:     cmp.Or(c.Hosts.Token, gateway), api: cmp.Or(c.Hosts.API, gateway),
	}, mistakes
}

func (a alipay) Code() Code   { return "alipay" }
func (a alipay) Name() string { return a.name }

func (a alipay) Begin(_ context.Context, b Begin) (string, error) {
	return a.authorize + "/oauth2/publicAppAuthorize.htm?" + url.Values{
		"app_id": {a.app}, "scope": {"auth_user"}, "redirect_uri": {b.Redirect}, "state": {b.State},
	}.Encode(), nil
}

type alipayAnswer struct {
	Code        string `json:"code"`
	SubCode     string `json:"sub_code"`
	AccessToken string `json:"access_token"`
	UserID      string `json:"user_id"`
	OpenID      string `json:"open_id"`
	NickName    string `json:"nick_name"`
	Avatar      string `json:"avatar"`
}

func (a alipay) Exchange(ctx context.Context, c Callback) (Identity, error) {
	if err := returned(c, a.name); err != nil {
		return Identity{}, err
	}
	code, err := codeOf(c.Form, "auth_code", a.name)
	if err != nil {
		return Identity{}, err
	}
	if app := c.Form.Get("app_id"); app != "" && app != a.app {
		return Identity{}, errUntrusted.With(a.name).Because(errors.New("the code is for another app"))
	}
	granted, err := a.call(ctx, a.token, "alipay.system.oauth.token", url.Values{"grant_type": {"authorization_code"}, "code": {code}})
	if err != nil {
		return Identity{}, err
	}
	profile, err := a.call(ctx, a.api, "alipay.user.info.share", url.Values{"auth_token": {granted.AccessToken}})
	if err != nil {
		return Identity{}, err
	}
	return a.identify(granted, profile)
}

func (a alipay) identify(granted, profile alipayAnswer) (Identity, error) {
	if differ(granted.OpenID, profile.OpenID) || differ(granted.UserID, profile.UserID) {
		return Identity{}, errUntrusted.With(a.name).Because(errOtherPerson)
	}
	open, user := cmp.Or(granted.OpenID, profile.OpenID), cmp.Or(granted.UserID, profile.UserID)
	i := Identity{Provider: a.Code(), Subject: open, Union: user, Name: profile.NickName, Picture: profile.Avatar}
	if open == "" {
		i.Subject, i.Union = user, ""
	}
	return sound(i, a.name)
}

// differ reports whether two answers that may each leave a thing out contradict each other.
func differ(one, other string) bool { return one != "" && other != "" && one != other }

// chinaTime is the zone of the gateway's timestamps.
var chinaTime = time.FixedZone("CST", 8*60*60)

// call asks the gateway for a method, and returns the answer once its
// signature is verified. An error_response names no one and need not be signed.
func (a alipay) call(ctx context.Context, gateway, method string, values url.Values) (alipayAnswer, error) {
	for name, value := range map[string]string{
		"app_id": a.app, "method": method, "format": "JSON", "charset": "utf-8", "sign_type": "RSA2", "version": "1.0",
		"timestamp": time.Now().In(chinaTime).Format(time.DateTime),
	} {
		values.Set(name, value)
	}
	sign, err := alipaySign(a.key, values)
	if err != nil {
		return alipayAnswer{}, errSetup.With(a.name).Because(err)
	}
	values.Set("sign", sign)
	body, err := a.post(ctx, gateway, values)
	if err != nil {
		return alipayAnswer{}, err
	}
	return a.read(method, body)
}

func (a alipay) read(method string, body []byte) (alipayAnswer, error) {
	var parts map[string]json.RawMessage // keeps the bytes that are signed
	if err := a.decode(body, &parts); err != nil {
		return alipayAnswer{}, err
	}
	var answer alipayAnswer
	if raw, ok := parts["error_response"]; ok {
		if err := a.decode(raw, &answer); err != nil {
			return alipayAnswer{}, err
		}
		return alipayAnswer{}, a.failed(answer)
	}
	raw := parts[alipayResponse(method)]
	var sign string
	if err := json.Unmarshal(parts["sign"], &sign); err != nil {
		return alipayAnswer{}, errUntrusted.With(a.name).Because(errors.New("the answer is not signed"))
	}
	if err := alipayVerify(a.theirs, raw, sign); err != nil {
		return alipayAnswer{}, errUntrusted.With(a.name).Because(err)
	}
	if err := a.decode(raw, &answer); err != nil {
		return alipayAnswer{}, err
	}
	if answer.Code != "" && answer.Code != "10000" {
		return alipayAnswer{}, a.failed(answer)
	}
	return answer, nil
}

// failed sorts the gateway's public codes.
func (a alipay) failed(answer alipayAnswer) error {
	f := map[string]*fault.Error{"20000": errUnavailable, "40004": errUnavailable}[answer.Code]
	switch answer.SubCode {
	case "isv.code-invalid", "isv.code-is-used", "aop.invalid-auth-token", "aop.auth-token-time-out":
		f = errExpired
	case "isp.unknow-error", "aop.unknow-error": // so spelt
		f = errUnavailable
	}
	return told(cmp.Or(f, errSetup), a.name, fmt.Sprintf("%s/%s", answer.Code, answer.SubCode))
}
