package account

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/place"
	"waypost/internal/vault"
)

// An Application is what somebody signs up with.
type Application struct {
	Contact  Contact
	Nickname string
	Country  string // ISO 3166-1 alpha-2; decides where the account lives
	Language string // BCP 47, of messages
	Company  string // "" none
	Age      Age    // one of Ages(Country)
	Guardian string // e-mail address of a child's guardian
	Password string // "" none: they sign in by code, passkey or provider
	Terms    Terms

	Link    Terms // to SignUpWith: how they agreed to the link
	Picture bool  // to SignUpWith: take the received picture
}

// Terms are what somebody agrees to.
type Terms struct {
	Version string // of the document; "" they didn't agree
	Wording string // as it was shown
	How     string // where it was shown, and what they did: "sign-up form, box ticked"
}

// application is an Application that was checked, as a flow keeps it.
type application struct {
	Nickname string    `json:"nickname"`
	Country  string    `json:"country"`
	Company  string    `json:"company,omitempty"`
	Age      Age       `json:"age"`
	Guardian Contact   `json:"guardian,omitzero"`
	PHC      string    `json:"phc,omitempty"`
	Terms    Terms     `json:"terms"`
	Link     *identity `json:"link,omitempty"` // who came back from a provider
}

const (
	maxNickname = 40 // characters
	maxCompany  = 100
	guardianFor = 7 * 24 * time.Hour
)

var (
	errNickname = fault.New(fault.Invalid, "nickname", "The nickname needs 1 to 40 characters that can be written.")
	errCompany  = fault.New(fault.Invalid, "company", "The company's name has more than 100 characters, or some that can't be written.")
	errCountry  = fault.New(fault.Invalid, "country", "Please choose a country or region from the list.")
	errLanguage = fault.New(fault.Invalid, "language", "Please choose a language from the list.")
	errTerms    = fault.New(fault.Invalid, "terms", "An account needs your agreement to the terms.")
	errGuardian = fault.New(fault.Invalid, "guardian", "Please give the e-mail address of a parent or guardian, another one than yours. We ask them first.")
	errTaken    = fault.New(fault.Conflict, "contact_taken", "That address belongs to an account by now. Sign in with it, or take another address.")
)

// SignUp begins a sign-up: a code goes to the address. To one that has an
// account already a message goes that says so; here nothing tells the difference.
// While a region is away nobody can sign up: it may have the address already.
func (m *Members) SignUp(ctx context.Context, a Application, from From) (Token, error) {
	if a.Contact.IsZero() {
		return "", errContact
	}
	if err := m.admits(ctx); err != nil {
		return "", err
	}
	kept, err := m.check(&a)
	if err != nil {
		return "", err
	}
	return m.sendSignUp(ctx, a, kept, from)
}

// admits is nil when people may sign up.
func (m *Members) admits(ctx context.Context) error {
	if m.admit == nil {
		return nil
	}
	return m.admit(ctx)
}

// sendSignUp begins the sign-up of an application that was checked.
func (m *Members) sendSignUp(ctx context.Context, a Application, kept *application, from From) (Token, error) {
	s, err := m.homeOf(a.Country)
	if err != nil {
		return "", err
	}
	w, err := m.owner(ctx, a.Contact)
	if err != nil {
		return "", err
	}
	err = s.spend(ctx, bucket{limitSignUp, from.network()}, bucket{limitCodeHere, a.Contact.key() + " " + from.network()}, bucket{limitCode, a.Contact.key()})
	if err != nil {
		return "", err
	}
	if a.Password != "" {
		if kept.PHC, err = m.passwords.hash(ctx, a.Password, a.Nickname, a.Contact.Value, a.Company); err != nil {
			return "", err
		}
	}
	letter := LetterSignUp
	if w.account != "" {
		letter = LetterHasAccount
	}
	f := &flow{purpose: SigningUp, coded: true, state: flowState{Contact: a.Contact, Language: a.Language, Letter: letter, SignUp: kept}}
	return s.begin(ctx, f)
}

// check brings an application into its one form, and refuses what can't be used.
func (m *Members) check(a *Application) (*application, error) {
	var err error
	if a.Nickname, err = nicknameOf(a.Nickname); err != nil {
		return nil, err
	}
	if a.Company, err = companyOf(a.Company); err != nil {
		return nil, err
	}
	if a.Country, err = countryOf(a.Country); err != nil {
		return nil, err
	}
	if a.Language, err = languageOf(a.Language); err != nil {
		return nil, err
	}
	if a.Terms.Version == "" {
		return nil, errTerms
	}
	kept := &application{Nickname: a.Nickname, Country: a.Country, Company: a.Company, Age: a.Age, Terms: a.Terms}
	kept.Guardian, err = m.law.guardian(a.Age, a.Country, a.Guardian, a.Contact)
	return kept, err
}

// guardian returns who has to agree, the zero Contact when nobody has to.
func (l Law) guardian(age Age, country, guardian string, own Contact) (Contact, error) {
	switch {
	case age == Grown, age == Supervised && l.supervises(country):
		return Contact{}, nil
	case age != Child:
		return Contact{}, errAge
	}
	c, err := MailOnly(guardian)
	if err != nil || c.key() == own.key() {
		return Contact{}, errGuardian
	}
	return c, nil
}

func nicknameOf(text string) (string, error) {
	text, err := line(text, maxNickname, errNickname)
	if text == "" {
		return "", errNickname
	}
	return text, err
}

func companyOf(text string) (string, error) { return line(text, maxCompany, errCompany) }

// line returns a text of one line, trimmed.
func line(text string, most int, bad *fault.Error) (string, error) {
	text = strings.TrimSpace(norm.NFC.String(text))
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > most || strings.ContainsFunc(text, unprintable) {
		return "", bad
	}
	return text, nil
}

// unprintable is what a line doesn't have; the joiners are letters' shapes in
// Persian and in emoji.
func unprintable(r rune) bool { return !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' }

func countryOf(text string) (string, error) {
	code, ok := place.Country(text)
	if !ok || !strings.EqualFold(code, text) {
		return "", errCountry
	}
	return code, nil
}

func languageOf(text string) (string, error) {
	const most = 35 // RFC 5646, 4.4.1
	tag, err := language.Parse(text)
	if err != nil || len(text) > most {
		return "", errLanguage
	}
	return tag.String(), nil
}

// signedUp makes the account of who has entered the code of a sign-up.
func (m *Members) signedUp(ctx context.Context, s *Store, f *flow, from From) (Step, error) {
	w, err := m.owner(ctx, f.state.Contact)
	if err != nil {
		return Step{}, err
	}
	if w.account != "" {
		return Step{}, errTaken
	}
	return s.join(ctx, f, ByCode, from)
}

// join makes an account and signs its owner in. A child's account waits for its
// guardian, and nobody is signed in.
func (s *Store) join(ctx context.Context, f *flow, by Factor, from From) (Step, error) {
	id := ID(newID(s.region))
	k, err := s.newKey(ctx, id.Subject())
	if err != nil {
		return Step{}, err
	}
	f.account = id
	step := Step{Account: id, Waiting: f.state.SignUp.Age == Child}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := s.finish(ctx, tx, f); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, k, id, f); err != nil {
			return err
		}
		if step.Waiting {
			return s.askGuardian(ctx, tx, k, id, f)
		}
		step.Session, err = s.startSession(ctx, tx, k, id, map[Factor]time.Time{by: s.now().UTC()}, from)
		return err
	})
	if err != nil {
		return Step{}, fmt.Errorf("sign up: %w", err)
	}
	return step, nil
}

// insert writes the rows of a new account.
func (s *Store) insert(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, f *flow) error {
	now, a := s.now(), f.state.SignUp
	state := Active
	if a.Age == Child {
		state = Waiting
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO account (id, state, state_ms, age, age_range, nickname, country, language, company, picture, handle, created_ms)
		VALUES ($1, $2, $3, '', $4, $5, $6, $7, $8, $9, $10, $3)`,
		id, state, ms(now), sealAge(k, a.Age), k.SealText(fieldNickname, a.Nickname), k.SealText(fieldCountry, a.Country),
		k.SealText(fieldLanguage, f.state.Language), k.SealText(fieldCompany, a.Company), a.picture(k), newHandle(s.region))
	if err != nil {
		return err
	}
	if !f.state.Contact.IsZero() {
		if err := s.putContact(ctx, tx, k, id, f.state.Contact, true); err != nil {
			return err
		}
	}
	if a.PHC != "" {
		if err := putPassword(ctx, tx, id, a.PHC, now); err != nil {
			return err
		}
	}
	if a.Link != nil {
		if err := s.putLink(ctx, tx, k, id, a.Link); err != nil {
			return err
		}
	}
	entries := []Consent{{Purpose: ForTerms, Version: a.Terms.Version, Wording: a.Terms.Wording, How: a.Terms.How, Given: true}}
	if a.Age == Supervised {
		entries = append(entries, Consent{Purpose: ForSupervision, Version: a.Terms.Version, How: a.Terms.How, Given: true})
	}
	return s.consent(ctx, tx, id, entries...)
}

// picture is the one that came with the application, sealed; nothing when none did.
func (a *application) picture(k *vault.Sealer) []byte {
	if a.Link == nil || len(a.Link.Picture) == 0 {
		return []byte{}
	}
	return k.Seal(fieldPicture, a.Link.Picture)
}

// putContact gives an account an address, instead of the one of its kind that
// it may have.
func (s *Store) putContact(ctx context.Context, tx *db.Tx, k *vault.Sealer, id ID, c Contact, main bool) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM contact WHERE account_id = $1 AND kind = $2`, id, c.Kind); err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO contact (account_id, kind, value, lookup, verified_ms, main) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind, lookup) DO NOTHING`,
		id, c.Kind, k.SealText(fieldContact, c.Value), s.vault.Lookup(fieldContact, c.key()), ms(s.now()), main)
	return one(done, err, errTaken)
}
