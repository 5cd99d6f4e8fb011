package provider

import (
	"maps"
	"slices"
	"strings"
	"time"

	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// A Set is the providers that an operator offers.
type Set struct {
	all      []Provider
	pictures *outbound.Client
}

const (
	callTimeout = 10 * time.Second // of one call; an exchange makes up to three, while a person waits
	answerLimit = 1 << 20          // bytes
)

// New makes the configured providers. Every mistake is reported at once, by
// the setting's name. Nothing is called yet.
func New(c config.Providers) (*Set, error) {
	client := outbound.New(outbound.Options{Timeout: callTimeout, Limit: answerLimit, Allow: c.OwnHosts()})
	s := &Set{pictures: outbound.New(outbound.Options{Timeout: callTimeout, Limit: maxPictureBytes})}
	var mistakes []string
	add := func(on bool, build func() (Provider, []string)) {
		if !on {
			return
		}
		p, wrong := build()
		s.all = append(s.all, p)
		mistakes = append(mistakes, wrong...)
	}
	add(c.Google.ClientID != "", func() (Provider, []string) { return newGoogle(c.Google, client), nil })
	add(c.Apple.ClientID != "", func() (Provider, []string) { return newApple(c.Apple, client) })
	add(c.Facebook.ClientID != "", func() (Provider, []string) { return newFacebook(c.Facebook, client), nil })
	add(c.WeChat.ClientID != "", func() (Provider, []string) { return newWeChat(c.WeChat, client), nil })
	add(c.QQ.ClientID != "", func() (Provider, []string) { return newQQ(c.QQ, client), nil })
	add(c.Alipay.ClientID != "", func() (Provider, []string) { return newAlipay(c.Alipay, client) })
	add(c.VK.ClientID != "", func() (Provider, []string) { return newVK(c.VK, client), nil })
	for _, name := range slices.Sorted(maps.Keys(c.OIDC)) {
		add(true, func() (Provider, []string) { return newOIDC(name, c.OIDC[name], client), nil })
	}
	if len(mistakes) > 0 {
		return nil, fault.New(fault.Invalid, "config_providers", "The providers can't be used:\n  %s").With(strings.Join(mistakes, "\n  "))
	}
	return s, nil
}

// All returns the providers in the order of their buttons.
func (s *Set) All() []Provider { return slices.Clone(s.all) }

// Find returns a provider, or a fault of kind NotFound.
func (s *Set) Find(code Code) (Provider, error) {
	for _, p := range s.all {
		if p.Code() == code {
			return p, nil
		}
	}
	return nil, errUnknown
}
