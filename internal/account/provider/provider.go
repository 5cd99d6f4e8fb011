// Package provider is "Sign in with": QQ, WeChat, Alipay, Facebook, VK ID,
// Google, Apple and any OpenID Connect provider, each with its peculiarities,
// behind one interface. It sends a person to a provider and learns who came
// back. It stores nothing, and knows nothing of accounts, cookies or pages.
package provider

import (
	"context"
	"crypto/rand"
	"net/url"
	"slices"
	"strings"
)

// A Code names a provider, in addresses and in stored links: "qq",
// "oidc-" and the operator's name. It never changes.
type Code string

// An Identity is who a provider says came back.
//
// A link to an account is kept under Keys, never under the e-mail; an e-mail
// that isn't verified must not lead to an existing account. Everything but
// Provider and the keys can be empty.
type Identity struct {
	Provider Code
	Subject  string // the provider's id of the person, for this app
	Union    string // one more id, the same in all apps of this operator at QQ, WeChat and Alipay

	Email         string
	EmailVerified bool // by the provider
	EmailRelay    bool // Apple's address that forwards: mail to it reaches the person until they end it

	Name    string // what the person is called there, at most 100 characters
	Picture string // an https address that somebody else chose: fetch it by Set.Picture or not at all

	Refresh string // the token by which Leaver takes back what the person allowed; it asks for nothing else
}

// Keys are the ids that the person is known by, the strongest first. Any of
// them finds the link; all of them are kept with it, because a provider can
// begin to give a second one, and WeChat's differ between its website and its
// own browser.
func (i Identity) Keys() []string {
	keys := []string{i.Union, i.Subject}
	return slices.DeleteFunc(slices.Compact(keys), func(key string) bool { return key == "" })
}

// Begin is what sends a person off. State is made by State.Sign; Nonce and
// Verifier by Fresh, and kept with the flow until the person is back.
type Begin struct {
	State     string
	Nonce     string
	Verifier  string
	Redirect  string // our address and CallbackPath
	Lang      string // BCP 47, of the page that the person comes from
	UserAgent string
}

// Callback is a person's return: what the provider added to the address, or
// posted, and what the flow kept.
type Callback struct {
	Form     url.Values // of the query, or of the posted form; not both mixed
	State    string     // as in Begin
	Nonce    string
	Verifier string
	Redirect string
}

// A Provider is one service to sign in with. It is safe for concurrent use.
//
// Exchange fails with a *fault.Error whose words name the provider and hold
// nothing that came from it: sign_in_cancelled when the person said no,
// sign_in_expired when they may simply begin again, sign_in_untrusted when an
// answer isn't what it claims to be, sign_in_unavailable when later it may do,
// sign_in_setup when the operator has to look.
type Provider interface {
	Code() Code
	Name() string // for the button, as the brand writes it
	Begin(ctx context.Context, b Begin) (string, error)
	Exchange(ctx context.Context, c Callback) (Identity, error)
}

// A Revoker is a provider that tells us when a person wants out: the app was
// removed there, or its data are to be deleted.
type Revoker interface {
	// Revocation reads the provider's posted form, and returns the subject.
	Revocation(form url.Values) (subject string, err error)
}

// CallbackPath is where a provider sends people back to, below our address.
func CallbackPath(c Code) string { return "/signin/with/" + string(c) + "/callback" }

// Fresh makes a nonce and a PKCE verifier (RFC 7636, 4.1: 43 to 128 characters).
func Fresh() (nonce, verifier string) {
	return rand.Text(), rand.Text() + rand.Text()
}

const (
	maxID      = 255 // bytes; OpenID Connect Core 2: a sub is at most 255 ASCII characters
	maxEmail   = 254 // bytes; RFC 5321 4.5.3.1.3 less the brackets
	maxName    = 100 // characters
	maxPicture = 2048
)

// sound returns the identity with what can't be used left out, or
// sign_in_untrusted when nobody is named.
func sound(i Identity, name string) (Identity, error) {
	if i.Subject == "" || len(i.Subject) > maxID || len(i.Union) > maxID || !printable(i.Subject) || !printable(i.Union) {
		return Identity{}, errUntrusted.With(name).Because(errNoSubject)
	}
	if at := strings.LastIndexByte(i.Email, '@'); at <= 0 || at == len(i.Email)-1 || len(i.Email) > maxEmail || !printable(i.Email) {
		i.Email, i.EmailVerified, i.EmailRelay = "", false, false
	}
	i.Name = cleanName(i.Name)
	if !isPicture(i.Picture) {
		i.Picture = ""
	}
	return i, nil
}
