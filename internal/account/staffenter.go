package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"waypost/internal/db"
)

// Staff are those who work for the installation. They are kept in one region,
// the one where the first of them was made.
type Staff struct{ m *Members }

// Staff are those who work for the installation.
func (m *Members) Staff() Staff { return Staff{m} }

// A Link lets somebody of the staff in once, to set their name, password and
// authenticator app.
type Link struct {
	Staff StaffID
	Token Token
	Ends  time.Time // UTC
}

// home is the region where the staff is kept.
func (t Staff) home(ctx context.Context) (*Store, error) {
	var home *Store
	away, err := t.m.each(ctx, func(ctx context.Context, s *Store) error {
		var n int64
		err := s.db.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM staff`).Scan(&n)
		})
		if err != nil {
			return fmt.Errorf("staff in %s: %w", s.region, err)
		}
		if n > 0 && home == nil {
			home = s
		}
		return nil
	})
	switch {
	case err != nil || home != nil:
		return home, err
	case away:
		return nil, errSomeAway
	}
	return t.m.stores[0], nil
}

func (t Staff) in(id StaffID) (*Store, error) {
	s, err := t.m.in(id.Region())
	if err != nil {
		return nil, errStaff
	}
	return s, nil
}

// firstLookup is where the installation's first link lies until it is used, so
// that replicas that start together make one.
const firstLookup = "first"

// First returns a link for the first of the staff, an operator, as long as
// nobody of them has ever come in. While one that was made can still be used it
// makes another only if anew says so; otherwise it returns the zero Link.
func (t Staff) First(ctx context.Context, anew bool) (Link, error) {
	s, err := t.home(ctx)
	if err != nil {
		return Link{}, err
	}
	id := StaffID(newID(s.region))
	if err := s.vault.Create(ctx, id.Subject()); err != nil {
		return Link{}, err
	}
	token, hash := newToken(s.region)
	now := s.now()
	link := Link{Token: token, Ends: now.Add(linkFor).UTC()}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		link.Staff = ""
		var there int64
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM staff WHERE lookup <> $1`, firstLookup).Scan(&there); err != nil || there > 0 {
			return err
		}
		err := tx.QueryRowContext(ctx, `
			INSERT INTO staff (id, state, name, contact, lookup, token, token_ms, credential, totp, totp_step, phc, created_ms)
			VALUES ($1, $2, $3, $3, $4, $5, $6, $3, $3, 0, '', $7)
			ON CONFLICT (lookup) DO UPDATE SET token = excluded.token, token_ms = excluded.token_ms WHERE staff.token_ms <= $7 OR $8
			RETURNING id`, id, staffInvited, []byte{}, firstLookup, hash, ms(link.Ends), ms(now), anew).Scan(&link.Staff)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // one is there, and can still be used
		}
		if err != nil {
			return err
		}
		return s.setDuties(ctx, tx, link.Staff, string(AtConsole), []Duty{Operator})
	})
	if err != nil {
		return Link{}, fmt.Errorf("first link: %w", err)
	}
	if link.Staff != id { // the key was for nobody
		if err := s.vault.Destroy(ctx, id.Subject()); err != nil {
			return Link{}, err
		}
	}
	if link.Staff == "" {
		return Link{}, nil
	}
	return link, nil
}

// A staffState is how somebody of the staff stands.
type staffState string

const (
	staffInvited staffState = "invited" // they have a link
	staffActive  staffState = "active"
	staffLocked  staffState = "locked"
)

// An Entering is somebody of the staff who has opened their link.
type Entering struct {
	ID      StaffID
	Contact Contact // the zero Contact: they say it
	Duties  []Duty
	App     App
	Ends    time.Time // UTC
}

// A staffRow is somebody of the staff as stored, opened.
type staffRow struct {
	id      StaffID
	state   staffState
	contact Contact
	name    string
	secret  string // of their app
	phc     string
	ends    time.Time // of their link
	created time.Time
}

const staffColumns = `id, state, name, contact, totp, phc, token_ms, created_ms`

// staff reads those of the staff that where chooses.
func (s *Store) staff(ctx context.Context, where string, args ...any) ([]staffRow, error) {
	type sealed struct {
		staffRow
		name, contact, totp []byte
	}
	var rows []sealed
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = db.Rows(ctx, tx, func(from *sql.Rows) (r sealed, err error) {
			var ends, created int64
			err = from.Scan(&r.id, &r.state, &r.name, &r.contact, &r.totp, &r.phc, &ends, &created)
			r.ends, r.created = db.At(ends), db.At(created)
			return r, err
		}, `SELECT `+staffColumns+` FROM staff WHERE `+where+` ORDER BY created_ms, id`, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	all := make([]staffRow, len(rows))
	for n, r := range rows {
		k, err := s.vault.Key(ctx, r.id.Subject())
		if err != nil {
			return nil, err
		}
		one := r.staffRow
		if one.name, err = k.OpenText(fieldStaffName, r.name); err != nil {
			return nil, err
		}
		if one.secret, err = k.OpenText(fieldStaffApp, r.totp); err != nil {
			return nil, err
		}
		if one.contact.Value, err = k.OpenText(fieldStaff, r.contact); err != nil {
			return nil, err
		}
		if one.contact.Value != "" {
			one.contact.Kind = Mail
		}
		all[n] = one
	}
	return all, nil
}

// linked returns whose link a token is.
func (t Staff) linked(ctx context.Context, token Token) (*Store, staffRow, error) {
	s, err := t.m.in(token.Region())
	if err != nil {
		return nil, staffRow{}, errStaffLink
	}
	rows, err := s.staff(ctx, `token = $1 AND token_ms > $2 AND state = $3`, token.hash(), ms(s.now()), staffInvited)
	if err != nil {
		return nil, staffRow{}, err
	}
	if len(rows) == 0 {
		return nil, staffRow{}, errStaffLink
	}
	return s, rows[0], nil
}

// Entering returns who a link lets in, and what their authenticator app is set
// up with, the same as often as it is asked; a fault of kind NotFound when the
// link is over.
func (t Staff) Entering(ctx context.Context, token Token) (Entering, error) {
	s, who, err := t.linked(ctx, token)
	if err != nil {
		return Entering{}, err
	}
	if who.secret == "" {
		if who.secret, err = s.newStaffApp(ctx, who.id, token); err != nil {
			return Entering{}, err
		}
	}
	app, err := s.staffApp(who)
	if err != nil {
		return Entering{}, err
	}
	duties, err := s.duties(ctx, who.id)
	return Entering{ID: who.id, Contact: who.contact, Duties: duties, App: app, Ends: who.ends}, err
}

// newStaffApp keeps a new secret for an app, unless somebody else just did.
func (s *Store) newStaffApp(ctx context.Context, id StaffID, token Token) (string, error) {
	secret, err := newSecret()
	if err != nil {
		return "", err
	}
	k, err := s.vault.Key(ctx, id.Subject())
	if err != nil {
		return "", err
	}
	var sealed []byte
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE staff SET totp = $1, totp_step = 0 WHERE id = $2 AND token = $3 AND LENGTH(totp) = 0`,
			k.SealText(fieldStaffApp, secret), id, token.hash())
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT totp FROM staff WHERE id = $1`, id).Scan(&sealed)
	})
	if err != nil {
		return "", fmt.Errorf("authenticator app of %s: %w", id, err)
	}
	return k.OpenText(fieldStaffApp, sealed)
}

// staffApp is how an app is set up with the secret that is kept.
func (s *Store) staffApp(who staffRow) (App, error) {
	called := "staff"
	if who.contact.Value != "" {
		called = who.contact.Value
	}
	return appOf(s.site.name()+" staff", called, who.secret)
}

// A Newcomer is what somebody of the staff sets when they come in first.
type Newcomer struct {
	Contact  string // where the link doesn't say it
	Name     string
	Password string
	Code     string // of their app
}

// Enter lets somebody of the staff in by their link, which is used up then, and
// signs them in.
func (t Staff) Enter(ctx context.Context, token Token, n Newcomer, from From) (Token, error) {
	s, who, err := t.linked(ctx, token)
	if err != nil {
		return "", err
	}
	name, err := line(n.Name, maxName, errStaffName)
	if name == "" || err != nil {
		return "", errStaffName
	}
	if who.contact.IsZero() {
		if who.contact, err = MailOnly(n.Contact); err != nil {
			return "", err
		}
	}
	if err := s.spend(ctx, bucket{limitProve, "staff " + string(who.id)}); err != nil {
		return "", err
	}
	step, right := stepOf(who.secret, digits(n.Code), s.step())
	if who.secret == "" || !right {
		return "", errStaffCode
	}
	phc, err := s.passwords.hash(ctx, n.Password, name, who.contact.Value)
	if err != nil {
		return "", err
	}
	k, err := s.vault.Key(ctx, who.id.Subject())
	if err != nil {
		return "", err
	}
	lookup := s.vault.Lookup(fieldStaff, who.contact.key())
	var session Token
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		var there int64
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM staff WHERE lookup = $1 AND id <> $2`, lookup, who.id).Scan(&there); err != nil {
			return err
		}
		if there > 0 {
			return errStaffThere
		}
		done, err := tx.ExecContext(ctx, `
			UPDATE staff SET state = $1, name = $2, contact = $3, lookup = $4, token = $5, token_ms = 0, totp_step = $6, phc = $7
			WHERE id = $8 AND token = $9 AND state = $10`,
			staffActive, k.SealText(fieldStaffName, name), k.SealText(fieldStaff, who.contact.Value), lookup, []byte{}, step, phc,
			who.id, token.hash(), staffInvited)
		if err := one(done, err, errStaffLink); err != nil {
			return err
		}
		if session, err = s.startStaffSession(ctx, tx, who.id, from); err != nil {
			return err
		}
		return s.record(ctx, tx, entry{staff: who.id, of: string(who.id), did: DidEnter})
	})
	if err != nil {
		return "", fmt.Errorf("staff %s enters: %w", who.id, err)
	}
	return session, nil
}

// duties are what somebody of the staff works on, in the order of Duties.
func (s *Store) duties(ctx context.Context, id StaffID) ([]Duty, error) {
	var given []Duty
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		given, err = db.Rows(ctx, tx, func(row *sql.Rows) (d Duty, err error) { return d, row.Scan(&d) },
			`SELECT role FROM staff_role WHERE staff_id = $1`, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("duties of %s: %w", id, err)
	}
	slices.SortFunc(given, func(a, b Duty) int { return slices.Index(Duties, a) - slices.Index(Duties, b) })
	return given, nil
}

// setDuties gives somebody of the staff these duties and no others.
func (s *Store) setDuties(ctx context.Context, tx *db.Tx, id StaffID, by string, duties []Duty) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM staff_role WHERE staff_id = $1`, id); err != nil {
		return err
	}
	for _, d := range duties {
		_, err := tx.ExecContext(ctx, `INSERT INTO staff_role (staff_id, role, given_by, created_ms) VALUES ($1, $2, $3, $4)
			ON CONFLICT (staff_id, role) DO NOTHING`, id, d, by, ms(s.now()))
		if err != nil {
			return err
		}
	}
	return nil
}

// ofStaff returns somebody of the staff by id; errStaff when there is nobody.
func (s *Store) ofStaff(ctx context.Context, id StaffID) (staffRow, error) {
	rows, err := s.staff(ctx, `id = $1`, id)
	if err != nil {
		return staffRow{}, err
	}
	if len(rows) == 0 {
		return staffRow{}, errStaff
	}
	return rows[0], nil
}

// byContact returns somebody of the staff by their address; errStaff when there
// is nobody.
func (t Staff) byContact(ctx context.Context, c Contact) (*Store, staffRow, error) {
	home, found := t.m.reached()[0], staffRow{}
	_, err := t.m.each(ctx, func(ctx context.Context, s *Store) error {
		rows, err := s.staff(ctx, `lookup = $1`, s.vault.Lookup(fieldStaff, c.key()))
		if len(rows) > 0 {
			home, found = s, rows[0]
		}
		return err
	})
	switch {
	case err != nil:
		return nil, staffRow{}, err
	case found.id == "":
		return home, staffRow{}, errStaff
	}
	return home, found, nil
}
