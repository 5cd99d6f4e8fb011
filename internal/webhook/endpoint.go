package webhook

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/outbound"
	"waypost/internal/vault"
)

// An EndpointID names an endpoint of an account: a UUIDv7. It says nothing
// without the owner.
type EndpointID string

// An Endpoint is where an account's programs are told.
type Endpoint struct {
	ID    EndpointID
	Owner inventory.Subject
	Settings
	State   State
	Secrets []Secret  // that sign now, the newest first
	Made    time.Time // UTC
	Health

	edition int64
	all     []Secret
}

// Settings are what an owner decides about an endpoint.
type Settings struct {
	Name     string   `json:"name,omitempty"`
	URL      string   `json:"url,omitempty"`     // "" of an inspector
	Inspect  bool     `json:"inspect,omitempty"` // nobody is called: what would be sent is kept to be looked at
	Form     Form     `json:"form"`
	Filter   Filter   `json:"filter"`
	Key      string   `json:"key,omitempty"`      // the API key that makes the compatible signature; "" the newest secret does
	Ed25519  bool     `json:"ed25519,omitempty"`  // also signed so that the receiver needs no secret
	Schedule Schedule `json:"schedule,omitempty"` // "" is Patient
}

// Called is what an endpoint is called: its name, else its address, which an
// inspector hasn't.
func (set Settings) Called() string { return cmp.Or(set.Name, set.URL) }

// A State is whether an endpoint is told anything.
type State string

// States.
const (
	On   State = "on"
	Off  State = "off"  // its owner stopped it
	Gone State = "gone" // it said so itself, with HTTP status 410
)

// Health is how deliveries to an endpoint go.
type Health struct {
	Failures int       // in a row
	Failing  time.Time // UTC; since when, zero when the last went well
	Open     time.Time // UTC; it is left alone until then, zero when it isn't
	Waiting  int       // events that it is still to be told
}

// Bounds of endpoints.
const (
	mostEndpoints = 20 // of one account
	longestName   = 100
	longestURL    = 2000
	longestTag    = 200
	mostTags      = 50
)

// Faults of endpoints.
var (
	ErrEndpoint  = fault.New(fault.NotFound, "endpoint_not_found", "There is no such endpoint.")
	errMost      = fault.New(fault.Conflict, "endpoint_most", "An account can have %d endpoints. Delete one first.")
	errName      = fault.New(fault.Invalid, "endpoint_name", "A name can have 100 characters.")
	errURL       = fault.New(fault.Invalid, "endpoint_url", "Give a whole address that begins with https://, without user name or password in it.")
	errPlain     = fault.New(fault.Invalid, "endpoint_plain", "The address has to begin with https://, so that nobody reads along.")
	errInside    = fault.New(fault.Invalid, "endpoint_private", "This address isn't one of the public internet.")
	errForm      = fault.New(fault.Invalid, "endpoint_form", "There is no such form of events.")
	errFilter    = fault.New(fault.Invalid, "endpoint_filter", "The filter names something that there isn't, or too much.")
	errSchedule  = fault.New(fault.Invalid, "endpoint_schedule", "There is no such way of trying again.")
	errSignKey   = fault.New(fault.Invalid, "endpoint_key", "There is no such key, or it wasn't made to sign webhooks.")
	errNoKeys    = fault.New(fault.NotFound, "endpoint_no_keys", "There are no keys that could sign.")
	errOverlap   = fault.New(fault.Invalid, "endpoint_overlap", "An old secret can go on for 30 days at most.")
	errInspector = fault.New(fault.Conflict, "endpoint_inspector", "An inspector stays one, and an address stays an address.")
)

// Create makes an endpoint, with a secret of its own.
func (s *Store) Create(ctx context.Context, owner inventory.Subject, set Settings) (Endpoint, error) {
	set, err := s.complete(ctx, owner, set)
	if err != nil {
		return Endpoint{}, err
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Endpoint{}, err
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	e := Endpoint{ID: EndpointID(newID()), Owner: owner, Settings: set, State: On, Made: now, all: []Secret{newSecret(now)}}
	e.Secrets = e.all
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := s.account(ctx, tx, owner); err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhook_endpoint WHERE owner = $1`, string(owner)).Scan(&n); err != nil {
			return err
		}
		if n >= mostEndpoints {
			return errMost.With(mostEndpoints)
		}
		detail, secrets, err := e.sealed(k)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO webhook_endpoint (owner, id, detail, secrets, state, made_ms, edition, due_ms, lease, lease_ms, failures, failing_ms, opens, open_ms, told_ms)
			VALUES ($1, $2, $3, $4, $5, $6, 0, 0, '', 0, 0, 0, 0, 0, 0)`, string(owner), string(e.ID), detail, secrets, string(On), db.Ms(now))
		return err
	})
	if err != nil {
		return Endpoint{}, fmt.Errorf("create endpoint of %s: %w", owner, err)
	}
	return e, nil
}

// sealed is what is kept of an endpoint under its owner's key.
func (e Endpoint) sealed(k *vault.Sealer) (detail, secrets []byte, err error) {
	if detail, err = k.SealJSON(fieldSettings, e.Settings); err != nil {
		return nil, nil, err
	}
	secrets, err = k.SealJSON(fieldSecrets, storeSecrets(e.all))
	return detail, secrets, err
}

// complete brings settings into the form that is kept, or says what is wrong.
func (s *Store) complete(ctx context.Context, owner inventory.Subject, set Settings) (Settings, error) {
	set.Name = strings.TrimSpace(set.Name)
	if utf8.RuneCountInString(set.Name) > longestName || !utf8.ValidString(set.Name) {
		return set, errName
	}
	if set.Schedule == "" {
		set.Schedule = Patient
	}
	if !slices.Contains(Schedules, set.Schedule) {
		return set, errSchedule
	}
	if set.Form == "" {
		set.Form = Own
	}
	if !slices.Contains(Forms, set.Form) {
		return set, errForm
	}
	var err error
	if set.Filter, err = set.Filter.complete(); err != nil {
		return set, err
	}
	if set.Key != "" {
		if _, err := s.all.signingKey(ctx, owner, set.Key); err != nil {
			return set, errSignKey.Because(err)
		}
	}
	if set.Inspect {
		set.URL = ""
		return set, nil
	}
	set.URL, err = s.all.o.address(set.URL)
	return set, err
}

// address brings an endpoint's address into the form that is kept. Where its
// name leads is looked at with every call.
func (o Options) address(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || len(text) > longestURL || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.User != nil || u.Opaque != "" {
		return "", errURL
	}
	u.Fragment = ""
	allowed := slices.Contains(o.Allow, u.Hostname()) || slices.Contains(o.Allow, hostPort(u))
	if u.Scheme == "http" && !o.PlainHTTP && !allowed {
		return "", errPlain
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !allowed && !outbound.Public(a) {
		return "", errInside
	}
	return u.String(), nil
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}

// keyOf is what makes an endpoint's compatible signature: the secret of the API
// key that was chosen, else, or when that is gone, the endpoint's own newest.
func (h *Hooks) keyOf(ctx context.Context, e Endpoint) (string, error) {
	if e.Key != "" {
		key, err := h.signingKey(ctx, e.Owner, e.Key)
		if err == nil || fault.KindOf(err) != fault.NotFound {
			return key, err
		}
	}
	return e.all[0].Value, nil
}

// signingKey is the secret of an API key that may sign.
func (h *Hooks) signingKey(ctx context.Context, owner inventory.Subject, key string) (string, error) {
	if h.o.Keys == nil {
		return "", errNoKeys
	}
	return h.o.Keys.Signing(ctx, owner, key)
}

const endpointColumns = `owner, id, detail, secrets, state, made_ms, edition, failures, failing_ms, open_ms`

// A row is an endpoint as it stands in the database, still sealed.
type row struct {
	Endpoint
	detail, secrets []byte
}

func scanRow(rows scanner) (r row, err error) {
	var made, failing, open int64
	err = rows.Scan(&r.Owner, &r.ID, &r.detail, &r.secrets, &r.State, &made, &r.edition, &r.Failures, &failing, &open)
	r.Made, r.Failing, r.Open = db.At(made), db.At(failing), db.At(open)
	return r, err
}

// open unseals a row.
func (r row) open(k *vault.Sealer) (Endpoint, error) {
	e := r.Endpoint
	if err := k.OpenJSON(fieldSettings, r.detail, &e.Settings); err != nil {
		return e, err
	}
	var stored []storedSecret
	if err := k.OpenJSON(fieldSecrets, r.secrets, &stored); err != nil {
		return e, err
	}
	e.all = loadSecrets(stored)
	e.Secrets = signing(e.all, time.Now())
	return e, nil
}

// endpoints reads an owner's endpoints; where goes on after the owner, and its
// places begin at $2.
func (s *Store) endpoints(ctx context.Context, tx *db.Tx, k *vault.Sealer, owner inventory.Subject, where string, args ...any) ([]Endpoint, error) {
	rows, err := db.Rows(ctx, tx, func(rows *sql.Rows) (row, error) { return scanRow(rows) },
		`SELECT `+endpointColumns+` FROM webhook_endpoint WHERE owner = $1`+where, append([]any{string(owner)}, args...)...)
	if err != nil {
		return nil, err
	}
	all := make([]Endpoint, len(rows))
	for i, r := range rows {
		if all[i], err = r.open(k); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Endpoints are an account's, in the order in which they were made.
func (s *Store) Endpoints(ctx context.Context, owner inventory.Subject) (all []Endpoint, err error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if all, err = s.endpoints(ctx, tx, k, owner, ` ORDER BY id`); err != nil {
			return err
		}
		for i := range all {
			err = tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM webhook_delivery WHERE endpoint = $1 AND waits > 0`, string(all[i].ID)).Scan(&all[i].Waiting)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("endpoints of %s: %w", owner, err)
	}
	return all, nil
}

// Endpoint is one of an account's; ErrEndpoint when there is none.
func (s *Store) Endpoint(ctx context.Context, owner inventory.Subject, id EndpointID) (Endpoint, error) {
	all, err := s.Endpoints(ctx, owner)
	if err != nil {
		return Endpoint{}, err
	}
	if i := slices.IndexFunc(all, func(e Endpoint) bool { return e.ID == id }); i >= 0 {
		return all[i], nil
	}
	return Endpoint{}, ErrEndpoint
}

// Change gives an endpoint other settings.
func (s *Store) Change(ctx context.Context, owner inventory.Subject, id EndpointID, set Settings) error {
	set, err := s.complete(ctx, owner, set)
	if err != nil {
		return err
	}
	return s.change(ctx, owner, id, "change", func(e *Endpoint) error {
		if e.Inspect != set.Inspect {
			return errInspector
		}
		e.Settings = set
		return nil
	})
}

// longestOverlap is how long an old secret can go on.
const longestOverlap = 30 * 24 * time.Hour

// Rotate gives an endpoint a new secret, and returns the endpoint as it is then.
// Until overlap is over both sign, but for the compatible signature, which has
// room for one: the new.
func (s *Store) Rotate(ctx context.Context, owner inventory.Subject, id EndpointID, overlap time.Duration) (Endpoint, error) {
	if overlap < 0 || overlap > longestOverlap {
		return Endpoint{}, errOverlap
	}
	err := s.change(ctx, owner, id, "rotate secret", func(e *Endpoint) error {
		e.all = rotate(e.all, time.Now().UTC(), overlap)
		return nil
	})
	if err != nil {
		return Endpoint{}, err
	}
	return s.Endpoint(ctx, owner, id)
}

// Switch turns an endpoint on or off. What waits goes on waiting while it is off;
// what happens meanwhile it isn't told unless that is replayed. One that said it
// was gone begins anew.
func (s *Store) Switch(ctx context.Context, owner inventory.Subject, id EndpointID, on bool) error {
	return s.change(ctx, owner, id, "switch", func(e *Endpoint) error {
		e.State = Off
		if on {
			e.State = On
		}
		return nil
	})
}

// change changes an endpoint in a transaction. Whoever delivers to it takes the
// change over with the next event.
func (s *Store) change(ctx context.Context, owner inventory.Subject, id EndpointID, what string, fn func(*Endpoint) error) error {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		all, err := s.endpoints(ctx, tx, k, owner, ` AND id = $2`+tx.Lock(), string(id))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return ErrEndpoint
		}
		e := all[0]
		if err := fn(&e); err != nil {
			return err
		}
		detail, secrets, err := e.sealed(k)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE webhook_endpoint SET detail = $1, secrets = $2, state = $3, edition = edition + 1, due_ms = $4, open_ms = 0, opens = 0
			WHERE owner = $5 AND id = $6`, detail, secrets, string(e.State), db.Ms(time.Now()), string(owner), string(id))
		tx.Notify(topicDue)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s of endpoint %s: %w", what, id, err)
	}
	return nil
}

// Delete deletes an endpoint with its log. Twice is once.
func (s *Store) Delete(ctx context.Context, owner inventory.Subject, id EndpointID) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `DELETE FROM webhook_endpoint WHERE owner = $1 AND id = $2`, string(owner), string(id))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, statement := range []string{`DELETE FROM webhook_delivery WHERE endpoint = $1`, `DELETE FROM webhook_attempt WHERE endpoint = $1`} {
			if _, err := tx.ExecContext(ctx, statement, string(id)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete endpoint %s: %w", id, err)
	}
	return nil
}
