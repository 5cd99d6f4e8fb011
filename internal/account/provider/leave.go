package provider

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"waypost/internal/fault"
)

// A Leaver is a provider that can be told that somebody's account here is no more.
//
// Leave takes back, at the provider, what the person allowed this installation:
// subject is the person's id there, refresh the token of Identity.Refresh, "" none.
// It fails with a fault of code sign_in_no_leave when the provider can't be told so
// of this person, which another try doesn't change, and as Exchange does otherwise.
type Leaver interface {
	Leave(ctx context.Context, subject, refresh string) error
}

// ErrNoLeave says that a provider has no way to be told of a person.
var ErrNoLeave = fault.New(fault.NotFound, "sign_in_no_leave", "%s has no interface to be told that somebody left.")

// maxRefresh bounds a refresh token that is kept, in bytes.
const maxRefresh = 4096

// Leave deletes what the person allowed the app, with the app's own token
// (Graph API, User/permissions).
func (f facebook) Leave(ctx context.Context, subject, _ string) error {
	query := url.Values{"access_token": {f.app + "|" + f.secret}}
	r, err := http.NewRequestWithContext(ctx, http.MethodDelete, f.api+"/"+url.PathEscape(subject)+"/permissions?"+query.Encode(), nil)
	if err != nil {
		return errSetup.With(f.name).Because(err)
	}
	body, err := f.do(ctx, r)
	if err != nil {
		return err
	}
	var answer struct {
		Success text `json:"success"`
		facebookAnswer
	}
	if err := f.decode(body, &answer); err != nil {
		return err
	}
	switch {
	case answer.Error != nil:
		return told(facebookFault(answer.Error.Code), f.name, fmt.Sprint(answer.Error.Code))
	case answer.Success != "true":
		return errUnavailable.With(f.name).Because(fmt.Errorf("success is %q", shortCode(string(answer.Success))))
	}
	return nil
}

// Leave revokes the refresh token (RFC 7009), where the provider gave one and says
// where that is done. Apple's is https://appleid.apple.com/auth/revoke.
func (o *openID) Leave(ctx context.Context, _, refresh string) error {
	if refresh == "" {
		return ErrNoLeave.With(o.name)
	}
	p, d, err := o.discover(ctx)
	if err != nil {
		return err
	}
	if d.Revocation == "" {
		return ErrNoLeave.With(o.name)
	}
	conf, err := o.oauth(p, d, "")
	if err != nil {
		return err
	}
	form := url.Values{"token": {refresh}, "token_type_hint": {"refresh_token"}}
	if conf.Endpoint.AuthStyle == oauth2.AuthStyleInParams {
		form.Set("client_id", conf.ClientID)
		if conf.ClientSecret != "" {
			form.Set("client_secret", conf.ClientSecret)
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Revocation, strings.NewReader(form.Encode()))
	if err != nil {
		return errSetup.With(o.name).Because(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if conf.Endpoint.AuthStyle == oauth2.AuthStyleInHeader {
		r.SetBasicAuth(url.QueryEscape(conf.ClientID), url.QueryEscape(conf.ClientSecret)) // RFC 6749, 2.3.1
	}
	resp, err := o.client.Do(r)
	if err != nil {
		return errUnavailable.With(o.name).Because(err)
	}
	resp.Body.Close()                     //nolint:errcheck // it is in memory
	if resp.StatusCode != http.StatusOK { // which a token that is no more gets, too (RFC 7009, 2.2)
		return errUnavailable.With(o.name).Because(fmt.Errorf("revocation: status %d", resp.StatusCode))
	}
	return nil
}

// refreshOf is a token as it is kept, "" for one that is too long to be.
func refreshOf(t *oauth2.Token) string {
	if len(t.RefreshToken) > maxRefresh {
		return ""
	}
	return t.RefreshToken
}
