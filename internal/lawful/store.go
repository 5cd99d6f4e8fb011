package lawful

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/job"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// fieldWords is the place of a request's words. It is never renamed.
const fieldWords vault.Field = "lawful.lawful_words.content"

// Given says that something was given to an authority, that law doesn't forbid any
// more to tell of it, or that an order to preserve begins or ends: ask Due whom to
// tell, and Preserving whose data has to stay.
type Given struct {
	Region string `json:"region"`
}

// Kind names the event.
func (Given) Kind() string { return "lawful.given" }

// Jobs take events of a region's database. *job.Queue has it.
type Jobs interface {
	Add(ctx context.Context, tx *db.Tx, events ...job.Args) error
}

// A Region is where some of the people live, with their keys.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
	Jobs  Jobs
}

// Requests are all regions'.
type Requests struct {
	stores  region.Set[*Store]
	fields  map[FieldID]inventory.Field
	choices []Choice
	work    int // of a passphrase, see age.ScryptRecipient.SetWorkFactor
	now     func() time.Time
}

// A Store is the requests that are about one region's people. Safe for concurrent
// use, also by several programs that share the database.
type Store struct {
	Region
	all *Requests
}

var _ inventory.Room = (*Store)(nil)

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the tables of every region up to date. There is one or more, of
// different names. fields are what the rooms declare, by their names: from them
// is chosen what can be given.
func Open(ctx context.Context, fields map[string][]inventory.Field, regions ...Region) (*Requests, error) {
	r := &Requests{fields: map[FieldID]inventory.Field{}, work: passphraseWork, now: time.Now}
	r.offer(fields)
	var err error
	r.stores, err = region.Open(regions, ErrNone, func(one Region) (string, *Store, error) {
		return one.Name, &Store{one, r}, Migrate(ctx, one.DB)
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "lawful", files)
}

// offer notes what can be given, by kind in the order of the rooms' names.
func (r *Requests) offer(fields map[string][]inventory.Field) {
	for _, room := range sorted(fields) {
		for _, f := range fields[room] {
			if !givable(f) {
				continue
			}
			id := FieldID(room + "/" + f.Table + "." + f.Column)
			r.fields[id] = f
			at := slices.IndexFunc(r.choices, func(c Choice) bool { return c.Kind == f.Kind })
			if at < 0 {
				at, r.choices = len(r.choices), append(r.choices, Choice{Kind: f.Kind})
			}
			r.choices[at].Fields = append(r.choices[at].Fields, ChoiceField{id, f})
		}
	}
}

func sorted[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Choices are what can be given to an authority: all that is held of people but
// what opens their accounts, and what is the program's or the staff's.
func (r *Requests) Choices() []Choice { return slices.Clone(r.choices) }

// Regions are the names of all regions, in their order.
func (r *Requests) Regions() []string { return r.stores.Names() }

// Stores are all regions' stores, by name: for the side door.
func (r *Requests) Stores() []*Store { return r.stores.Stores() }

// of is where a request is; ErrNone where there is no such region.
func (r *Requests) of(ref string) (*Store, error) {
	rest, ok := strings.CutPrefix(ref, "L-")
	if cut := strings.LastIndexByte(rest, '-'); ok && cut > 0 {
		return r.stores.In(rest[:cut])
	}
	return nil, ErrNone
}

// Open reports whether there is such a request about which something is still to
// be done: a purpose for which somebody of the staff may look.
func (r *Requests) Open(ctx context.Context, ref string) (bool, error) {
	s, err := r.of(ref)
	if err != nil {
		return false, nil //nolint:nilerr // no such region, no such request
	}
	var state State
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT state FROM lawful_request WHERE ref = $1`, ref).Scan(&state)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("state of %s: %w", ref, err)
	}
	return state.open(), nil
}

// detail, whom and about are the words of a request, by whom they say something of.
type detail struct {
	Way       Way     `json:"way"`
	Authority string  `json:"authority"`
	Reference string  `json:"reference"`
	Basis     string  `json:"basis"`
	Contact   string  `json:"contact"`
	Gag       string  `json:"gag,omitempty"`
	Checked   []Check `json:"checked,omitempty"`
}

type whom struct {
	Whom string `json:"whom"`
}

type about struct {
	Asks  string `json:"asks"`
	Items []Item `json:"items,omitempty"`
}

// Enter keeps a request that came, and returns how it is called here. by is who
// of the staff enters it.
func (r *Requests) Enter(ctx context.Context, by string, e Entry) (ref string, err error) {
	if by == "" {
		return "", errNobody
	}
	s, err := r.stores.In(e.Region)
	if err != nil {
		return "", errRegion
	}
	if err := e.check(r.now()); err != nil {
		return "", err
	}
	key := inventory.Subject(s.Name + "-" + uuid.Must(uuid.NewV7()).String())
	if err := s.Vault.Create(ctx, key); err != nil {
		return "", err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		if ref, err = s.number(ctx, tx, e); err != nil {
			return err
		}
		w := words{ref: ref, key: key}
		w.detail = detail{e.Way, e.Authority, e.Reference, e.Basis, e.Contact, e.Gag.Basis, nil}
		w.whom, w.about = whom{e.Whom}, about{Asks: e.Asks}
		if err := s.write(ctx, tx, w); err != nil {
			return err
		}
		return s.step(ctx, tx, ref, by, DidEnter, "")
	})
	if err != nil {
		return "", fmt.Errorf("enter a request: %w", errors.Join(err, s.unmake(context.WithoutCancel(ctx), key)))
	}
	return ref, nil
}

// unmake destroys the key that was made for a request that isn't there.
func (s *Store) unmake(ctx context.Context, key inventory.Subject) error {
	var n int
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM lawful_words WHERE key = $1`, string(key)).Scan(&n)
	})
	if err != nil || n > 0 {
		return err // it may be there: the connection was lost before the answer
	}
	return s.Vault.Destroy(ctx, key)
}

// number adds the row of a request, which gives it its name.
func (s *Store) number(ctx context.Context, tx *db.Tx, e Entry) (string, error) {
	var n int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM lawful_request`).Scan(&n); err != nil {
		return "", err
	}
	ref := "L-" + s.Name + "-" + strconv.FormatInt(n, 10)
	done, err := tx.ExecContext(ctx, `
		INSERT INTO lawful_request (ref, number, region, kind, country, state, ground, narrowed, people, revision,
			received_ms, deadline_ms, gag_until_ms, from_ms, to_ms, decided_ms, given_ms, closed_ms)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, 0, 1, $8, $9, $10, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING`,
		ref, n, s.Name, string(e.Kind), e.Country, string(Received), false, db.Ms(e.Received), db.Ms(e.Deadline), db.Ms(e.Gag.Until))
	if err != nil {
		return "", err
	}
	if added, err := done.RowsAffected(); err != nil || added == 0 {
		return "", errors.Join(err, errBusy)
	}
	return ref, nil
}

// words are the sealed parts of a request.
type words struct {
	ref    string
	key    inventory.Subject
	detail detail
	whom   whom
	about  about
	parts  []string // that are there
}

// write writes all parts of a request's words.
func (s *Store) write(ctx context.Context, tx *db.Tx, w words) error {
	k, err := s.Vault.Key(ctx, w.key)
	if err != nil {
		return err
	}
	for part, value := range map[string]any{"detail": w.detail, "whom": w.whom, "about": w.about} {
		if len(w.parts) > 0 && !slices.Contains(w.parts, part) {
			continue // its people's data were erased
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO lawful_words (ref, part, key, content) VALUES ($1, $2, $3, $4)
			ON CONFLICT (ref, part) DO UPDATE SET content = excluded.content`, w.ref, part, string(w.key), k.Seal(fieldWords, text))
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads the words of a request; none when they are over.
func (s *Store) read(ctx context.Context, tx *db.Tx, ref string) (w words, err error) {
	w.ref = ref
	type part struct {
		name    string
		key     inventory.Subject
		content []byte
	}
	parts, err := db.Rows(ctx, tx, func(row *sql.Rows) (p part, err error) { return p, row.Scan(&p.name, &p.key, &p.content) },
		`SELECT part, key, content FROM lawful_words WHERE ref = $1`, ref)
	if err != nil {
		return w, err
	}
	for _, p := range parts {
		k, err := s.Vault.Key(ctx, p.key)
		if errors.Is(err, vault.ErrDestroyed) {
			return words{ref: ref}, nil
		}
		if err != nil {
			return w, err
		}
		text, err := k.Open(fieldWords, p.content)
		if err != nil {
			return w, err
		}
		w.key, w.parts = p.key, append(w.parts, p.name)
		if err := json.Unmarshal(text, map[string]any{"detail": &w.detail, "whom": &w.whom, "about": &w.about}[p.name]); err != nil {
			return w, err
		}
	}
	return w, nil
}

func (s *Store) step(ctx context.Context, tx *db.Tx, ref, by string, what What, detail string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO lawful_step (id, ref, by_id, what, detail, at_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		uuid.Must(uuid.NewV7()).String(), ref, by, string(what), detail, s.all.now().UnixMilli())
	return err
}

const columns = `ref, region, kind, country, state, ground, narrowed, people, revision, received_ms, deadline_ms, gag_until_ms, from_ms, to_ms, decided_ms, given_ms, closed_ms`

func scan(row interface{ Scan(...any) error }) (r Request, err error) {
	var received, deadline, gag, from, to, decided, given, closed int64
	err = row.Scan(&r.Ref, &r.Region, &r.Kind, &r.Country, &r.State, &r.Ground, &r.Narrower, &r.Given, &r.Revision,
		&received, &deadline, &gag, &from, &to, &decided, &given, &closed)
	r.Received, r.Deadline, r.Gag.Until, r.From, r.To = db.At(received), db.At(deadline), db.At(gag), db.At(from), db.At(to)
	r.Decided, r.Fetched, r.Closed = db.At(decided), db.At(given), db.At(closed)
	return r, err
}

// request reads a request whole. lock is what its row's SELECT ends with.
func (s *Store) request(ctx context.Context, tx *db.Tx, ref, lock string) (Request, words, error) {
	r, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM lawful_request WHERE ref = $1`+lock, ref))
	if errors.Is(err, sql.ErrNoRows) {
		return r, words{}, ErrNone
	}
	if err != nil {
		return r, words{}, err
	}
	w, err := s.read(ctx, tx, ref)
	if err != nil {
		return r, w, err
	}
	d := w.detail
	r.Way, r.Authority, r.Reference, r.Basis, r.Contact, r.Gag.Basis, r.Checked = d.Way, d.Authority, d.Reference, d.Basis, d.Contact, d.Gag, d.Checked
	r.Whom, r.Asks, r.Items, r.Over = w.whom.Whom, w.about.Asks, w.about.Items, len(w.parts) == 0
	if err := s.people(ctx, tx, &r); err != nil {
		return r, w, err
	}
	if err := s.steps(ctx, tx, &r); err != nil {
		return r, w, err
	}
	return r, w, s.file(ctx, tx, &r)
}

func (s *Store) people(ctx context.Context, tx *db.Tx, r *Request) error {
	r.Told = map[inventory.Subject]time.Time{}
	var err error
	r.People, err = db.Rows(ctx, tx, func(row *sql.Rows) (who inventory.Subject, err error) {
		var told int64
		err = row.Scan(&who, &told)
		if told > 0 {
			r.Told[who] = db.At(told)
		}
		return who, err
	}, `SELECT owner, told_ms FROM lawful_subject WHERE ref = $1 ORDER BY owner`, r.Ref)
	return err
}

func (s *Store) steps(ctx context.Context, tx *db.Tx, r *Request) (err error) {
	r.Steps, err = db.Rows(ctx, tx, func(row *sql.Rows) (step Step, err error) {
		var detail string
		var when int64
		if err := row.Scan(&step.By, &step.What, &detail, &when); err != nil {
			return step, err
		}
		step.At = db.At(when)
		if detail != "" {
			err = json.Unmarshal([]byte(detail), &step.Counts)
		}
		return step, err
	}, `SELECT by_id, what, detail, at_ms FROM lawful_step WHERE ref = $1 ORDER BY id`, r.Ref)
	for _, step := range r.Steps {
		switch step.What {
		case DidPropose:
			r.Proposed = step.By
		case DidCheck, DidScope, DidGag:
			r.Proposed = ""
		}
	}
	return err
}

func (s *Store) file(ctx context.Context, tx *db.Tx, r *Request) error {
	var made, ends, fetched int64
	err := tx.QueryRowContext(ctx, `SELECT for_id, hash, made_ms, ends_ms, fetched_ms FROM lawful_file WHERE ref = $1`, r.Ref).
		Scan(&r.File.For, &r.File.Hash, &made, &ends, &fetched)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	r.File.Made, r.File.Ends, r.File.Fetched = db.At(made), db.At(ends), db.At(fetched)
	return err
}

// Get returns a request; ErrNone where there is none.
func (r *Requests) Get(ctx context.Context, ref string) (one Request, err error) {
	s, err := r.of(ref)
	if err != nil {
		return Request{}, err
	}
	err = s.DB.Read(ctx, func(tx *db.Tx) (err error) {
		one, _, err = s.request(ctx, tx, ref, "")
		return err
	})
	if err != nil {
		return Request{}, fmt.Errorf("request %s: %w", ref, err)
	}
	return one, nil
}

// mostListed is how many requests of a region a list has.
const mostListed = 500

// List is the newest requests of all regions, newest first, without the words and
// the steps: what is open before what isn't. away are the regions that can't be
// reached now, whose requests are missing.
func (r *Requests) List(ctx context.Context) (all []Request, away []string, err error) {
	away, err = r.stores.Reached(func(s *Store) error {
		return s.DB.Read(ctx, func(tx *db.Tx) error {
			rows, err := db.Rows(ctx, tx, func(row *sql.Rows) (Request, error) { return scan(row) },
				`SELECT `+columns+` FROM lawful_request WHERE region = $1 ORDER BY number DESC LIMIT $2`, s.Name, mostListed)
			all = append(all, rows...)
			return err
		})
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list requests: %w", err)
	}
	slices.SortStableFunc(all, func(a, b Request) int {
		if a.State.open() != b.State.open() {
			if a.State.open() {
				return -1
			}
			return 1
		}
		return b.Received.Compare(a.Received)
	})
	return all, away, nil
}
