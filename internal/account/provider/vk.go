package provider

import (
	"cmp"
	"context"
	"crypto/subtle"
	"net/url"

	"golang.org/x/oauth2"

	"waypost/internal/config"
	"waypost/internal/outbound"
)

// vk is VK ID, OAuth 2.1: PKCE is required, the return's device_id goes into
// the exchange, the state comes back in every answer, errors come with HTTP
// 200 too, and the person's id is a number here and a text there.
type vk struct {
	caller
	app, serviceToken     string
	authorize, token, api string
}

func newVK(c config.VKProvider, client *outbound.Client) vk {
	const host = "https://id.vk.ru"
	return vk{
		caller: caller{"VK ID", client}, app: c.ClientID, serviceToken: string(c.ServiceToken),
		authorize: cmp.Or(c.Hosts.Authorize, host), token: cmp.Or(c.Hosts.Token, host), api: cmp.Or(c.Hosts.API, host),
	}
}

func (v vk) Code() Code   { return "vk" }
func (v vk) Name() string { return v.name }

func (v vk) Begin(_ context.Context, b Begin) (string, error) {
	lang := "3" // English
	if b.Lang == "ru" {
		lang = "0"
	}
	return v.authorize + "/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {v.app}, "redirect_uri": {b.Redirect}, "state": {b.State},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(b.Verifier)}, "code_challenge_method": {"S256"},
		"scope": {"vkid.personal_info email"}, "lang_id": {lang},
	}.Encode(), nil
}

type vkAnswer struct {
	Error       string `json:"error"`
	State       string `json:"state"`
	AccessToken string `json:"access_token"`
	UserID      text   `json:"user_id"`
	User        struct {
		UserID    text   `json:"user_id"`
		FirstName string `json:"first_name"`
		LastName  string `json:"last_name"`
		Avatar    string `json:"avatar"`
		Email     string `json:"email"`
	} `json:"user"`
}

func (v vk) Exchange(ctx context.Context, c Callback) (Identity, error) {
	if err := returned(c, v.name); err != nil {
		return Identity{}, err
	}
	code, err := codeOf(c.Form, "code", v.name)
	if err != nil {
		return Identity{}, err
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "code_verifier": {c.Verifier}, "client_id": {v.app},
		"device_id": {c.Form.Get("device_id")}, "redirect_uri": {c.Redirect}, "state": {c.State},
	}
	if v.serviceToken != "" {
		form.Set("service_token", v.serviceToken)
	}
	granted, err := v.ask(ctx, v.token+"/oauth2/auth", form)
	if err != nil {
		return Identity{}, err
	}
	if subtle.ConstantTimeCompare([]byte(granted.State), []byte(c.State)) != 1 {
		return Identity{}, errUntrusted.With(v.name).Because(errState)
	}
	profile, err := v.ask(ctx, v.api+"/oauth2/user_info", url.Values{"client_id": {v.app}, "access_token": {granted.AccessToken}})
	if err != nil {
		return Identity{}, err
	}
	return v.identify(granted, profile)
}

func (v vk) identify(granted, profile vkAnswer) (Identity, error) {
	u := profile.User
	if u.UserID != granted.UserID {
		return Identity{}, errUntrusted.With(v.name).Because(errOtherPerson)
	}
	return sound(Identity{
		Provider: v.Code(), Subject: string(u.UserID), Email: u.Email,
		Name: u.FirstName + " " + u.LastName, Picture: u.Avatar,
	}, v.name)
}

func (v vk) ask(ctx context.Context, address string, form url.Values) (vkAnswer, error) {
	body, err := v.post(ctx, address, form)
	if err != nil {
		return vkAnswer{}, err
	}
	var a vkAnswer
	if err := v.decode(body, &a); err != nil {
		return vkAnswer{}, err
	}
	if a.Error != "" {
		return vkAnswer{}, told(oauthFault(a.Error), v.name, a.Error)
	}
	return a, nil
}
