package account

import (
	"slices"
	"testing"
	"time"
)

func TestWhatIsStillToBeShown(t *testing.T) {
	plain := ways{state: Active, phc: "set", contacts: 1, links: 1}
	guarded := ways{state: Active, phc: "set", app: true, recovery: 8, passkeys: 1, contacts: 1}
	for _, tc := range []struct {
		name  string
		ways  ways
		shown []Factor
		want  []Factor
	}{
		{"nothing, of an account with a password", plain, nil, []Factor{ByPassword, ByCode}},
		{"nothing, of an account without one", ways{state: Active, contacts: 1, links: 1}, nil, []Factor{ByCode}},
		{"nothing, of an account with a provider alone", ways{state: Active, links: 1}, nil, []Factor{ByProvider}},
		{"nothing, of an account with a provider and a passkey", ways{state: Active, links: 1, passkeys: 1}, nil, []Factor{ByPasskey}},
		{"a password", plain, []Factor{ByPassword}, nil},
		{"a provider's word", plain, []Factor{ByProvider}, nil},
		{"a password, where an app guards", guarded, []Factor{ByPassword}, []Factor{ByApp, ByRecovery, ByPasskey}},
		{"a code, where an app guards", guarded, []Factor{ByCode}, []Factor{ByApp, ByRecovery, ByPasskey}},
		{"a password and a code, which are one factor and a half", guarded, []Factor{ByPassword, ByCode}, []Factor{ByApp, ByRecovery, ByPasskey}},
		{"a password and the app's code", guarded, []Factor{ByPassword, ByApp}, nil},
		{"a code and a recovery code", guarded, []Factor{ByCode, ByRecovery}, nil},
		{"the app's code alone", guarded, []Factor{ByApp}, []Factor{ByPassword, ByCode, ByPasskey}},
		{"a passkey", guarded, []Factor{ByPasskey}, nil},
		{"a password, where no recovery code is left", ways{app: true}, []Factor{ByPassword}, []Factor{ByApp}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			shown := map[Factor]time.Time{}
			for _, f := range tc.shown {
				shown[f] = time.Time{}
			}
			if got := tc.ways.need(shown); !slices.Equal(got, tc.want) {
				t.Errorf("still needs %v, want %v", got, tc.want)
			}
		})
	}
}
