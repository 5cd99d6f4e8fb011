package provider

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"waypost/internal/fault"
)

var (
	errCancelled = fault.New(fault.Denied, "sign_in_cancelled",
		"You did not let %s sign you in, so nothing has changed. You can try again, or sign in another way.")
	errExpired = fault.New(fault.Invalid, "sign_in_expired",
		"This sign-in with %s can't be finished: it was finished already, or took too long. Please begin again.")
	errUntrusted = fault.New(fault.Denied, "sign_in_untrusted",
		"What came back from %s could not be verified, so nobody was signed in. Please begin again.")
	errUnavailable = fault.New(fault.Unavailable, "sign_in_unavailable",
		"%s does not answer as it should right now. Please try again in a minute, or sign in another way.")
	errSetup = fault.New(fault.Internal, "sign_in_setup",
		"Signing in with %s is not set up properly here. Please sign in another way; the operator finds the reason in the log.")
	errPreview = fault.New(fault.Invalid, "sign_in_preview",
		"%s shows this page as a preview only, without a real account. Choose the full page (使用完整服务) at its bottom, and begin again.")
	errUnknown = fault.New(fault.NotFound, "sign_in_provider", "There is no such way to sign in here.")
)

var (
	errNoSubject   = errors.New("the answer names nobody")
	errOtherPerson = errors.New("two answers name different people")
	errState       = errors.New("the state is not the flow's")
)

// told is an error that a provider told by its own code. Only the code is kept
// for the log: the words beside it can hold names and ids.
func told(f *fault.Error, name, code string) error {
	return f.With(name).Because(fmt.Errorf("%s told %q", name, shortCode(code)))
}

func shortCode(code string) string {
	code = strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return -1
	}, code)
	return code[:min(len(code), 64)]
}

// returned checks a callback's state, then whether the provider sent the
// person back with an error, in OAuth's words (RFC 6749 4.1.2.1).
func returned(c Callback, name string) error {
	if c.State == "" || subtle.ConstantTimeCompare([]byte(c.Form.Get("state")), []byte(c.State)) != 1 {
		return errUntrusted.With(name).Because(errState)
	}
	if code := c.Form.Get("error"); code != "" {
		return told(oauthFault(code), name, code)
	}
	return nil
}

// oauthFault sorts OAuth's error codes: RFC 6749 4.1.2.1 and 5.2, OpenID
// Connect Core 3.1.2.6, and Apple's own word for no.
func oauthFault(code string) *fault.Error {
	switch code {
	case "access_denied", "user_cancelled_authorize", "user_denied":
		return errCancelled
	case "invalid_grant", "login_required", "consent_required", "interaction_required", "account_selection_required":
		return errExpired
	case "temporarily_unavailable", "server_error", "slow_down":
		return errUnavailable
	}
	return errSetup
}

// codeOf returns the callback's code; without one the person turned back.
func codeOf(form url.Values, field, name string) (string, error) {
	code := form.Get(field)
	if code == "" {
		return "", errCancelled.With(name)
	}
	if len(code) > maxCode {
		return "", errUntrusted.With(name).Because(errors.New("the code is too long"))
	}
	return code, nil
}

// maxCode bounds an authorization code, in bytes; some are signed tokens.
const maxCode = 4096
