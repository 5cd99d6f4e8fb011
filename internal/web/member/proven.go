package member

import (
	"context"
	"maps"
	"net/http"
	"net/url"

	"waypost/internal/account"
	"waypost/internal/fault"
	"waypost/internal/web/ui"
	"waypost/internal/web/visit"
)

// proven lets pass who showed a moment ago that the account is theirs; others
// show it first and come back, where the form has what they typed.
func (p *Pages) proven(h members) members {
	return func(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store) error {
		if !v.Session.Fresh() {
			return p.proveFirst(w, r, v, s, r.URL.Path)
		}
		token := typedIn(r)
		if token == "" {
			return h(w, r, v, s)
		}
		typed, err := s.Typed(r.Context(), v.Session, token)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		return h(w, r.WithContext(context.WithValue(r.Context(), typedKey{}, typed)), v, s)
	}
}

// proveFirst has somebody show that the account is theirs, and come back to at.
func (p *Pages) proveFirst(w http.ResponseWriter, r *http.Request, v visit.Visit, s *account.Store, at string) error {
	token, err := p.keepTyped(r, v, s)
	if err != nil {
		return err
	}
	if token != "" {
		at += "?" + ui.Query(url.Values{"typed": {string(token)}})
	}
	return p.goTo(w, r, through("/account/prove", at))
}

// keeps are the fields that are kept meanwhile: none that holds a secret.
var keeps = []string{"contact", "name", "scope", "from", "signs", "overlap"}

// keepTyped keeps what a form brings, and returns what opens it again; "" when
// nothing was typed.
func (p *Pages) keepTyped(r *http.Request, v visit.Visit, s *account.Store) (account.Token, error) {
	if r.Method != http.MethodPost {
		return typedIn(r), nil
	}
	f, err := p.filled(r)
	if err != nil {
		return "", err
	}
	typed := url.Values{}
	for _, name := range keeps {
		if f.text(name) != "" {
			typed[name] = f.values[name]
		}
	}
	if len(typed) == 0 {
		return "", nil
	}
	return s.KeepTyped(r.Context(), v.Session, typed)
}

// typedIn is what opens what was typed, as an address names it.
func typedIn(r *http.Request) account.Token { return account.Token(r.URL.Query().Get("typed")) }

type typedKey struct{}

// typedBefore is what somebody typed before they had to prove that the account
// is theirs; empty when it is over.
func typedBefore(r *http.Request) url.Values {
	typed := url.Values{}
	if before, ok := r.Context().Value(typedKey{}).(url.Values); ok {
		maps.Copy(typed, before)
	}
	return typed
}
