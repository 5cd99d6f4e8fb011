package provider

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// claims are what an ID token or the userinfo answer says of a person. Truth
// values come as texts from some, Apple among them.
type claims struct {
	Email         string `json:"email"`
	EmailVerified text   `json:"email_verified"`
	Private       text   `json:"is_private_email"` // Apple
	Name          string `json:"name"`
	Nickname      string `json:"nickname"`
	Username      string `json:"preferred_username"`
	Picture       string `json:"picture"`
	Authorized    string `json:"azp"`
}

func (c claims) name() string { return cmp.Or(c.Name, c.Nickname, c.Username) }

func (c claims) incomplete() bool { return c.Email == "" || c.name() == "" }

// verify checks an ID token: signature by the provider's keys and one of its
// algorithms (never none), issuer, audience, expiry, nonce, that it was issued
// to us where it is for several (OpenID Connect Core 3.1.3.7), and that it
// belongs to the access token.
func (o *openID) verify(ctx context.Context, p *oidc.Provider, token *oauth2.Token, nonce string) (*oidc.IDToken, claims, error) {
	untrusted := func(cause error) (*oidc.IDToken, claims, error) {
		return nil, claims{}, errUntrusted.With(o.name).Because(cause)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return untrusted(errors.New("there is no ID token"))
	}
	id, err := p.Verifier(&oidc.Config{ClientID: o.app}).Verify(oidc.ClientContext(ctx, o.client), raw)
	if err != nil {
		return untrusted(err)
	}
	if nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return untrusted(errors.New("the ID token's nonce is not the flow's"))
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return untrusted(errors.New("the ID token's claims are not what they should be"))
	}
	if c.Authorized != "" && c.Authorized != o.app || c.Authorized == "" && len(id.Audience) > 1 {
		return untrusted(errors.New("the ID token was issued to another client"))
	}
	if id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil {
		return untrusted(errors.New("the ID token belongs to another access token"))
	}
	return id, c, nil
}

// complete fills in from the userinfo answer what the ID token doesn't say.
func (o *openID) complete(ctx context.Context, p *oidc.Provider, token *oauth2.Token, subject string, into *claims) error {
	info, err := p.UserInfo(oidc.ClientContext(ctx, o.client), oauth2.StaticTokenSource(token))
	if err != nil {
		return errUnavailable.With(o.name).Because(errors.New("the userinfo call was not answered as it should be"))
	}
	if info.Subject != subject { // OpenID Connect Core 5.3.2
		return errUntrusted.With(o.name).Because(errOtherPerson)
	}
	var more claims
	if err := info.Claims(&more); err != nil {
		return errUnavailable.With(o.name).Because(errors.New("the userinfo claims are not what they should be"))
	}
	if into.Email == "" {
		into.Email, into.EmailVerified = more.Email, more.EmailVerified
	}
	into.Name = cmp.Or(into.name(), more.name())
	into.Picture = cmp.Or(into.Picture, more.Picture)
	return nil
}
