package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"waypost/internal/config"
	"waypost/internal/outbound"
)

// openID is a provider that speaks OpenID Connect: code flow, PKCE with S256,
// nonce, and an ID token that is verified by the provider's published keys.
// Google and Apple are instances with a word of their own.
type openID struct {
	code   Code
	name   string
	issuer string
	app    string
	secret func(issuer string) (string, error) // made anew for each call, "" for a public client
	scopes []string
	extra  map[string]string // more parameters of the authorize address
	noPKCE bool
	client *http.Client
	found  discovery
}

// discovery is what the provider says of itself, looked up when first needed,
// so that a provider that is down doesn't keep the program from starting.
type discovery struct {
	mu       sync.Mutex
	provider *oidc.Provider
	details  oidcDetails
	failed   error     // why there is no provider
	until    time.Time // when to ask again
}

type oidcDetails struct {
	AuthMethods  []string `json:"token_endpoint_auth_methods_supported"`
	Revocation   string   `json:"revocation_endpoint"`                            // RFC 8414
	IssParameter bool     `json:"authorization_response_iss_parameter_supported"` // RFC 9207
}

const (
	// discoveryAge is how long what a provider says of itself is believed; its
	// keys are looked up again by themselves when a new one signs.
	discoveryAge = time.Hour
	// discoveryRest is how long a provider that can't be asked is left alone,
	// so that people don't queue for its time-out.
	discoveryRest = 15 * time.Second
)

func newOpenID(code Code, name, issuer, app string, secret config.Secret, client *outbound.Client) *openID {
	return &openID{
		code: code, name: name, issuer: issuer, app: app,
		secret: func(string) (string, error) { return string(secret), nil },
		scopes: []string{oidc.ScopeOpenID, "email", "profile"},
		client: &http.Client{Transport: transport{client}},
	}
}

func newGoogle(c config.GoogleProvider, client *outbound.Client) *openID {
	o := newOpenID("google", "Google", cmp.Or(c.Issuer, "https://accounts.google.com"), c.ClientID, c.ClientSecret, client)
	o.extra = map[string]string{"prompt": "select_account"}
	return o
}

func newOIDC(name string, c config.OIDCProvider, client *outbound.Client) *openID {
	o := newOpenID(Code("oidc-"+name), c.Label, c.Issuer, c.ClientID, c.ClientSecret, client)
	o.scopes = c.Scopes
	return o
}

func (o *openID) Code() Code   { return o.code }
func (o *openID) Name() string { return o.name }

// discover returns what the provider says of itself. What was found before
// holds on while the provider can't be asked again.
func (o *openID) discover(ctx context.Context) (*oidc.Provider, oidcDetails, error) {
	d := &o.found
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Now().Before(d.until) {
		return d.provider, d.details, d.failed
	}
	p, err := oidc.NewProvider(oidc.ClientContext(ctx, o.client), o.issuer)
	var details oidcDetails
	if err == nil {
		err = p.Claims(&details)
	}
	if ctx.Err() != nil { // this person left; that says nothing of the provider
		return nil, oidcDetails{}, errUnavailable.With(o.name).Because(ctx.Err())
	}
	if err == nil {
		d.provider, d.details, d.failed, d.until = p, details, nil, time.Now().Add(discoveryAge)
		return p, details, nil
	}
	d.until = time.Now().Add(discoveryRest)
	if d.provider == nil {
		d.failed = o.undiscovered(err)
	}
	return d.provider, d.details, d.failed
}

func (o *openID) undiscovered(err error) error {
	var mismatch *oidc.IssuerMismatchError
	if errors.As(err, &mismatch) {
		return errSetup.With(o.name).Because(err)
	}
	return errUnavailable.With(o.name).Because(fmt.Errorf("discovery of %s: %w", o.issuer, err))
}

func (o *openID) oauth(p *oidc.Provider, d oidcDetails, redirect string) (*oauth2.Config, error) {
	secret, err := o.secret(o.issuer)
	if err != nil {
		return nil, errSetup.With(o.name).Because(err)
	}
	endpoint := p.Endpoint()
	endpoint.AuthStyle = authStyle(secret, d.AuthMethods)
	return &oauth2.Config{ClientID: o.app, ClientSecret: secret, Endpoint: endpoint, RedirectURL: redirect, Scopes: o.scopes}, nil
}

// authStyle is how the client shows its secret. The library's own way, trying
// both, would use up the code. Without a word, Basic holds (Discovery 1.0, 3).
func authStyle(secret string, methods []string) oauth2.AuthStyle {
	basic := len(methods) == 0 || slices.Contains(methods, "client_secret_basic")
	if secret == "" || !basic {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

func (o *openID) Begin(ctx context.Context, b Begin) (string, error) {
	p, d, err := o.discover(ctx)
	if err != nil {
		return "", err
	}
	conf, err := o.oauth(p, d, b.Redirect)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(b.Nonce)}
	if !o.noPKCE {
		options = append(options, oauth2.S256ChallengeOption(b.Verifier))
	}
	if b.Lang != "" {
		options = append(options, oauth2.SetAuthURLParam("ui_locales", b.Lang))
	}
	for name, value := range o.extra {
		options = append(options, oauth2.SetAuthURLParam(name, value))
	}
	return conf.AuthCodeURL(b.State, options...), nil
}

func (o *openID) Exchange(ctx context.Context, c Callback) (Identity, error) {
	if err := returned(c, o.name); err != nil {
		return Identity{}, err
	}
	code, err := codeOf(c.Form, "code", o.name)
	if err != nil {
		return Identity{}, err
	}
	p, d, err := o.discover(ctx)
	if err != nil {
		return Identity{}, err
	}
	if err := o.sameIssuer(c.Form, d); err != nil {
		return Identity{}, err
	}
	token, err := o.redeem(ctx, p, d, code, c)
	if err != nil {
		return Identity{}, err
	}
	id, claims, err := o.verify(ctx, p, token, c.Nonce)
	if err != nil {
		return Identity{}, err
	}
	if claims.incomplete() && p.UserInfoEndpoint() != "" {
		if err := o.complete(ctx, p, token, id.Subject, &claims); err != nil {
			return Identity{}, err
		}
	}
	return sound(Identity{
		Provider: o.code, Subject: id.Subject,
		Email: claims.Email, EmailVerified: claims.EmailVerified == "true", EmailRelay: claims.Private == "true",
		Name: claims.name(), Picture: claims.Picture, Refresh: refreshOf(token),
	}, o.name)
}

// sameIssuer checks who says to have sent the person back (RFC 9207), so that
// one provider's code isn't taken to another.
func (o *openID) sameIssuer(form url.Values, d oidcDetails) error {
	iss := form.Get("iss")
	if iss == o.issuer || iss == "" && !d.IssParameter {
		return nil
	}
	return errUntrusted.With(o.name).Because(errors.New("the person comes from another issuer"))
}

func (o *openID) redeem(ctx context.Context, p *oidc.Provider, d oidcDetails, code string, c Callback) (*oauth2.Token, error) {
	conf, err := o.oauth(p, d, c.Redirect)
	if err != nil {
		return nil, err
	}
	var options []oauth2.AuthCodeOption
	if !o.noPKCE {
		options = append(options, oauth2.VerifierOption(c.Verifier))
	}
	token, err := conf.Exchange(oidc.ClientContext(ctx, o.client), code, options...)
	var refused *oauth2.RetrieveError
	switch {
	case err == nil:
		return token, nil
	case !errors.As(err, &refused):
		return nil, errUnavailable.With(o.name).Because(err)
	case refused.ErrorCode != "":
		return nil, told(oauthFault(refused.ErrorCode), o.name, refused.ErrorCode)
	}
	return nil, errUnavailable.With(o.name).Because(fmt.Errorf("token call: status %d", refused.Response.StatusCode))
}
