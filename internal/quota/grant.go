package quota

import (
	"slices"

	"waypost/internal/fault"
)

// ErrGrant is for a key that would make, or be told the secret of, one that may
// do more than itself.
var ErrGrant = fault.New(fault.Denied, "key_grant", "A key can't give a key more than it has itself: neither scopes nor addresses.")

// MayGrant is nil where a caller may have a secret of such a key, else ErrGrant: what a program can't do by its own key, it can't do by one that
// it makes or rotates.
func (c Caller) MayGrant(k Key) error {
	for _, s := range k.Scopes {
		if !slices.Contains(c.Scopes, s) {
			return ErrGrant
		}
	}
	if c.Test && !k.Test {
		return ErrGrant
	}
	if len(c.From) == 0 {
		return nil
	}
	for _, r := range k.From {
		if !slices.ContainsFunc(c.From, func(own Range) bool { return own.Contains(r.first) && own.Contains(r.last) }) {
			return ErrGrant
		}
	}
	if len(k.From) == 0 {
		return ErrGrant
	}
	return nil
}
