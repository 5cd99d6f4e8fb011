package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"waypost/internal/fault"
)

const (
	challengeLife = 5 * time.Minute // how long a browser may take to answer
	maxAnswer     = 64 << 10        // bytes of a browser's answer
)

var (
	errNoSite  = fault.New(fault.Unavailable, "passkeys_off", "Passkeys can't be used here. Please sign in another way.")
	errSite    = fault.New(fault.Invalid, "site", "The site's domain and origins don't go together: %s")
	errAnswer  = fault.New(fault.Invalid, "passkey_answer", "Your browser's answer can't be read. Please try again.")
	errPasskey = fault.New(fault.Denied, "passkey_wrong", "That passkey doesn't sign anybody in here. Choose another, or sign in another way.")
)

// relying is the site as WebAuthn's relying party, nil when it has no passkeys.
// A passkey has to be found without an address, and its device has to ask for a
// PIN or finger; who made it is nobody's business here, so no attestation is
// wanted.
func (s Site) relying() (*webauthn.WebAuthn, error) {
	if s.Domain == "" {
		return nil, nil
	}
	limit := webauthn.TimeoutConfig{Timeout: challengeLife, TimeoutUVD: challengeLife} // told to browsers; what is enforced is asked.Ends
	w, err := webauthn.New(&webauthn.Config{
		RPID: s.Domain, RPDisplayName: s.name(), RPOrigins: s.Origins,
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
	if err != nil {
		return nil, errSite.With(err.Error())
	}
	return w, nil
}

// An asked is what a browser was asked, as a flow keeps it.
type asked struct {
	Session webauthn.SessionData `json:"session"`
	Ends    time.Time            `json:"ends"`
}

// ask keeps a question in a flow.
func (f *flow) ask(q *webauthn.SessionData, now time.Time) error {
	kept, err := json.Marshal(asked{*q, now.Add(challengeLife)})
	f.state.Extra = kept
	return err
}

// question returns what a flow's browser was asked; errFlow when it was asked
// nothing or took too long.
func (f *flow) question(now time.Time) (webauthn.SessionData, error) {
	var a asked
	if len(f.state.Extra) == 0 {
		return webauthn.SessionData{}, errFlow
	}
	if err := json.Unmarshal(f.state.Extra, &a); err != nil {
		return webauthn.SessionData{}, fmt.Errorf("what a browser was asked: %w", err)
	}
	if a.Session.Challenge == "" || !now.Before(a.Ends) {
		return webauthn.SessionData{}, errFlow
	}
	return a.Session, nil
}

// parseCreated reads a browser's answer to the question for a new passkey.
func parseCreated(answer []byte) (*protocol.ParsedCredentialCreationData, error) {
	if len(answer) > maxAnswer {
		return nil, errAnswer
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, errAnswer.Because(err)
	}
	return parsed, nil
}

// parseShown reads a browser's answer to the question for a passkey.
func parseShown(answer []byte) (*protocol.ParsedCredentialAssertionData, error) {
	if len(answer) > maxAnswer {
		return nil, errAnswer
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, errAnswer.Because(err)
	}
	return parsed, nil
}

// A holder is an account's owner as WebAuthn knows them.
type holder struct {
	handle      []byte
	name        string // tells the passkeys of one person apart, on their devices
	nickname    string
	credentials []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return h.handle }
func (h holder) WebAuthnName() string                       { return h.name }
func (h holder) WebAuthnDisplayName() string                { return h.nickname }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.credentials }

// errCloned is why a passkey is refused whose count went back: there are two of
// it (Web Authentication, 7.2, step 22).
var errCloned = errors.New("the passkey's count went back")
