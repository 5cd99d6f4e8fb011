package provider

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"time"

	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// facebook is Facebook Login. A token is asked about before it is believed,
// calls carry a proof that the app's secret is known, and an e-mail comes
// without a word on whether it was verified. No PKCE with a secret.
type facebook struct {
	caller
	app, secret           string
	authorize, token, api string // with the version
}

func newFacebook(c config.FacebookProvider, client *outbound.Client) facebook {
	const graph = "https://graph.facebook.com"
	return facebook{
		caller: caller{"Facebook", client}, app: c.ClientID, secret: string(c.ClientSecret),
		authorize: cmp.Or(c.Hosts.Authorize, "https://www.facebook.com") + "/" + c.Version,
		token:     cmp.Or(c.Hosts.Token, graph) + "/" + c.Version,
		api:       cmp.Or(c.Hosts.API, graph) + "/" + c.Version,
	}
}

func (f facebook) Code() Code   { return "facebook" }
func (f facebook) Name() string { return f.name }

func (f facebook) Begin(_ context.Context, b Begin) (string, error) {
	return f.authorize + "/dialog/oauth?" + url.Values{
		"client_id": {f.app}, "redirect_uri": {b.Redirect}, "state": {b.State},
		"response_type": {"code"}, "scope": {"email,public_profile"},
	}.Encode(), nil
}

type facebookAnswer struct {
	Error *struct {
		Code int `json:"code"`
	} `json:"error"`
	AccessToken string `json:"access_token"`
	Data        struct {
		IsValid bool `json:"is_valid"`
		AppID   text `json:"app_id"`
		UserID  text `json:"user_id"`
	} `json:"data"`
	ID      text   `json:"id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	Picture struct {
		Data struct {
			URL          string `json:"url"`
			IsSilhouette bool   `json:"is_silhouette"`
		} `json:"data"`
	} `json:"picture"`
}

func (f facebook) Exchange(ctx context.Context, c Callback) (Identity, error) {
	if err := returned(c, f.name); err != nil {
		return Identity{}, err
	}
	code, err := codeOf(c.Form, "code", f.name)
	if err != nil {
		return Identity{}, err
	}
	granted, err := f.ask(ctx, f.token+"/oauth/access_token", url.Values{
		"client_id": {f.app}, "client_secret": {f.secret}, "redirect_uri": {c.Redirect}, "code": {code},
	})
	if err != nil {
		return Identity{}, err
	}
	subject, err := f.audience(ctx, granted.AccessToken)
	if err != nil {
		return Identity{}, err
	}
	me, err := f.ask(ctx, f.api+"/me", url.Values{
		"fields": {"id,name,email,picture"}, "access_token": {granted.AccessToken}, "appsecret_proof": {f.proof(granted.AccessToken)},
	})
	if err != nil {
		return Identity{}, err
	}
	return f.identify(subject, me)
}

// audience asks whom a token is for: the token of another app would sign in
// that app's people here.
func (f facebook) audience(ctx context.Context, token string) (string, error) {
	a, err := f.ask(ctx, f.api+"/debug_token", url.Values{"input_token": {token}, "access_token": {f.app + "|" + f.secret}})
	if err != nil {
		return "", err
	}
	if !a.Data.IsValid || string(a.Data.AppID) != f.app {
		return "", errUntrusted.With(f.name).Because(errors.New("the token is not valid for this app"))
	}
	return string(a.Data.UserID), nil
}

func (f facebook) identify(subject string, me facebookAnswer) (Identity, error) {
	if string(me.ID) != subject {
		return Identity{}, errUntrusted.With(f.name).Because(errOtherPerson)
	}
	picture := me.Picture.Data.URL
	if me.Picture.Data.IsSilhouette {
		picture = ""
	}
	return sound(Identity{Provider: f.Code(), Subject: subject, Email: me.Email, Name: me.Name, Picture: picture}, f.name)
}

func (f facebook) proof(token string) string {
	mac := hmac.New(sha256.New, []byte(f.secret))
	mac.Write([]byte(token)) // a Hash's Write never fails
	return hex.EncodeToString(mac.Sum(nil))
}

func (f facebook) ask(ctx context.Context, address string, query url.Values) (facebookAnswer, error) {
	body, err := f.get(ctx, address, query)
	if err != nil {
		return facebookAnswer{}, err
	}
	var a facebookAnswer
	if err := f.decode(body, &a); err != nil {
		return facebookAnswer{}, err
	}
	if a.Error != nil {
		return facebookAnswer{}, told(facebookFault(a.Error.Code), f.name, strconv.Itoa(a.Error.Code))
	}
	return a, nil
}

// facebookFault sorts the Graph API's error codes.
func facebookFault(code int) *fault.Error {
	switch code {
	case 100: // a parameter, which is what a used or expired code is called
		return errExpired
	case 1, 2, 4, 17, 32, 341, 613: // unknown, down, and the several limits of calls
		return errUnavailable
	}
	return errSetup
}

// Revocation reads the form that Facebook posts when a person removes the app,
// or asks for their data to be deleted: both hold a signed_request.
func (f facebook) Revocation(form url.Values) (string, error) {
	return signedRequest(form.Get("signed_request"), []byte(f.secret), time.Now())
}
