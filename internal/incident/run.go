package incident

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/account"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

const (
	runStep = 200              // people that one transaction has found
	runFor  = 30 * time.Second // that one job searches before it lets another go on
)

// A found is whom a criterion finds, and which kinds of data it concerns.
type found struct {
	who   inventory.Subject
	kinds []inventory.Kind
}

// Looked searches for those whom an incident concerns, in every region. Repeated,
// it goes on where it was.
func (i *Incidents) Looked(ctx context.Context, e Looking) error {
	began := i.now()
	var failed []error
	for _, s := range i.Stores() {
		more, err := s.looked(ctx, e, began)
		if more {
			return i.book().DB.Tx(ctx, func(tx *db.Tx) error { return i.book().Jobs.Add(ctx, tx, e) })
		}
		failed = append(failed, err) // the other regions' people are searched all the same
	}
	return errors.Join(failed...)
}

// looked searches the region for a while, and reports whether there is more to do.
func (s *Store) looked(ctx context.Context, e Looking, began time.Time) (more bool, err error) {
	for s.all.now().Sub(began) <= runFor {
		one, err := s.all.get(ctx, e.Incident)
		if err != nil || one.List != e.List { // another list was asked for
			return false, err
		}
		done, err := s.search(ctx, one)
		if err != nil {
			return false, fmt.Errorf("search %s for incident %s: %w", s.Name, one.ID, err)
		}
		if done {
			return false, nil
		}
	}
	return true, nil
}

// search takes the next step in a region, and reports whether it was the last.
func (s *Store) search(ctx context.Context, one Incident) (done bool, err error) {
	n, reached, done, err := s.reached(ctx, one)
	if err != nil || done {
		return done, err
	}
	if n >= len(one.sought) {
		return true, s.advance(ctx, one, n, reached, n, "", 0, true)
	}
	next, err := s.find(ctx, one.sought[n], reached)
	if err != nil {
		return false, err
	}
	if len(next) == 0 {
		return false, s.advance(ctx, one, n, reached, n+1, "", 0, false)
	}
	others, people := 0, map[account.ID][]inventory.Kind{}
	for _, f := range next {
		if account.ID(f.who).Region() != s.Name {
			continue // regions may share a database
		}
		ids, err := s.members().Answering(ctx, f.who)
		if err != nil {
			return false, err
		}
		if len(ids) == 0 {
			others++
		}
		for _, id := range ids {
			people[id] = both(people[id], f.kinds)
		}
	}
	for _, to := range s.all.Stores() {
		if err := to.add(ctx, one, people); err != nil {
			return false, err
		}
	}
	return false, s.advance(ctx, one, n, reached, n, next[len(next)-1].who, others, false)
}

// members are the accounts of the region.
func (s *Store) members() *account.Store {
	for _, m := range s.all.members.Stores() {
		if m.Region() == s.Name {
			return m
		}
	}
	panic("incident: region " + s.Name + " has no accounts") // app opens both from one list
}

// reached is how far the search for the newest list has come.
func (s *Store) reached(ctx context.Context, one Incident) (n int, who inventory.Subject, done bool, err error) {
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO incident_run (incident_id, list, region, criterion, reached, others, done) VALUES ($1, $2, $3, 0, '', 0, $4)
			ON CONFLICT (incident_id, list, region) DO NOTHING`, one.ID, one.List, s.Name, false)
		if err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT criterion, reached, done FROM incident_run WHERE incident_id = $1 AND list = $2 AND region = $3`,
			one.ID, one.List, s.Name).Scan(&n, &who, &done)
	})
	return n, who, done, err
}

// advance notes how far the search has come, unless somebody else did.
func (s *Store) advance(ctx context.Context, one Incident, was int, at inventory.Subject, n int, who inventory.Subject, others int, done bool) error {
	_, err := s.DB.Exec(ctx, `
		UPDATE incident_run SET criterion = $1, reached = $2, others = others + $3, done = $4
		WHERE incident_id = $5 AND list = $6 AND region = $7 AND criterion = $8 AND reached = $9`,
		n, string(who), others, done, one.ID, one.List, s.Name, was, string(at))
	return err
}

// find are the next whom a criterion finds in the region, after one.
func (s *Store) find(ctx context.Context, c Criterion, after inventory.Subject) ([]found, error) {
	if len(c.Regions) > 0 && !slices.Contains(c.Regions, s.Name) {
		return nil, nil
	}
	var who []inventory.Subject
	var err error
	switch c.Way {
	case ByRows:
		return s.findRows(ctx, c, after)
	case ByLooks:
		who, err = s.members().LookedAt(ctx, c.Clerk, c.From, c.Until, after, runStep)
	case ByDevices:
		who, err = s.members().SignedIn(ctx, c.From, c.Until, after, runStep)
	case ByCopy:
		who, err = s.members().Existed(ctx, c.Until, after, runStep)
	case ByList:
		for _, id := range c.Found {
			if id.Subject() > after && id.Region() == s.Name && len(who) < runStep {
				who = append(who, id.Subject())
			}
		}
	}
	var all []found
	for _, one := range who {
		all = append(all, found{one, c.Kinds})
	}
	return all, err
}

// findRows are the next of whom a table has a row that was made or changed in time.
func (s *Store) findRows(ctx context.Context, c Criterion, after inventory.Subject) ([]found, error) {
	by := map[inventory.Subject][]inventory.Kind{}
	for _, t := range s.all.Tables() {
		if !slices.Contains(c.Tables, t.Name) {
			continue
		}
		room, table, _ := strings.Cut(t.Name, ".")
		for _, r := range s.all.rooms {
			searched, ok := r.Room.(inventory.Searched)
			if !ok || r.Name != room || r.Region != s.Name {
				continue
			}
			who, err := searched.Touched(ctx, table, c.From, c.Until, after, runStep)
			if err != nil {
				return nil, err
			}
			for _, one := range who {
				by[one] = both(by[one], t.Kinds)
			}
		}
	}
	var all []found
	for who, kinds := range by {
		all = append(all, found{who, kinds})
	}
	slices.SortFunc(all, func(a, b found) int { return strings.Compare(string(a.who), string(b.who)) })
	return all[:min(len(all), runStep)], nil
}

// both are the kinds in either, sorted.
func both(a, b []inventory.Kind) []inventory.Kind {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// A Delivery is how far telling somebody is.
type Delivery string

// How far it can be.
const (
	Found   Delivery = "found"   // on a list, and not told
	Queued  Delivery = "queued"  // to be told
	Sending Delivery = "sending" // being told
	Sent    Delivery = "sent"    // it left
	ByHand  Delivery = "by_hand" // the staff have to call or write
	Done    Delivery = "done"    // the staff did, or couldn't
)

// A detail is what a row holds of somebody.
type detail struct {
	Incident ID               `json:"incident"`
	Kinds    []inventory.Kind `json:"kinds"`
	Country  string           `json:"country,omitempty"`
	Language string           `json:"language,omitempty"`
}

// add puts those of the region on an incident's newest list.
func (s *Store) add(ctx context.Context, one Incident, people map[account.ID][]inventory.Kind) error {
	type line struct {
		key     *vault.Sealer
		detail  detail
		channel Channel
	}
	lines := map[account.ID]line{}
	for id, kinds := range people {
		if id.Region() != s.Name {
			continue
		}
		k, err := s.Vault.Key(ctx, id.Subject())
		if fault.KindOf(err) == fault.NotFound {
			continue // erased meanwhile
		}
		if err != nil {
			return err
		}
		p, err := s.members().Profile(ctx, id)
		if fault.KindOf(err) == fault.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		lines[id] = line{k, detail{one.ID, kinds, p.Country, p.Language}, firstChannel(p)}
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		var held string // whoever else searches waits, so that nobody is counted twice
		err := tx.QueryRowContext(ctx, `SELECT reached FROM incident_run WHERE incident_id = $1 AND list = $2 AND region = $3`+tx.Lock(), one.ID, one.List, s.Name).Scan(&held)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err := s.forget(ctx, tx, one.ID, one.Frozen); err != nil { // where it was broken off
			return err
		}
		for id, l := range lines {
			if err := s.put(ctx, tx, one, id, l.key, l.detail, l.channel); err != nil {
				return err
			}
		}
		return nil
	})
}

// put puts somebody on the newest list, or adds kinds to them who are on it.
func (s *Store) put(ctx context.Context, tx *db.Tx, one Incident, id account.ID, k *vault.Sealer, d detail, channel Channel) error {
	var sealed []byte
	var last int
	var was detail
	err := tx.QueryRowContext(ctx, `SELECT detail, last_list FROM incident_person WHERE incident_id = $1 AND owner = $2`+tx.Lock(), one.ID, string(id)).Scan(&sealed, &last)
	if err == nil {
		err = openJSON(k, fieldDetail, sealed, &was)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	added := d.Kinds
	if last == one.List {
		added = slices.DeleteFunc(slices.Clone(d.Kinds), func(kind inventory.Kind) bool { return slices.Contains(was.Kinds, kind) })
	} else {
		for _, c := range [][2]string{{"person", ""}, {"country", d.Country}, {"language", d.Language}} {
			if err := s.count(ctx, tx, one.ID, one.List, c[0], c[1]); err != nil {
				return err
			}
		}
	}
	for _, kind := range added {
		if err := s.count(ctx, tx, one.ID, one.List, "kind", string(kind)); err != nil {
			return err
		}
	}
	d.Kinds = both(was.Kinds, d.Kinds)
	_, err = tx.ExecContext(ctx, `
		INSERT INTO incident_person (incident_id, owner, region, first_list, last_list, detail, channel, state, edition, tries, made_ms, due_ms, lease_ms, queued_ms, told_ms, seen_ms)
		VALUES ($1, $2, $3, $4, $4, $5, $6, $7, 0, 0, $8, 0, 0, 0, 0, 0)
		ON CONFLICT (incident_id, owner) DO UPDATE SET last_list = excluded.last_list, detail = excluded.detail`,
		one.ID, string(id), s.Name, one.List, sealJSON(k, fieldDetail, d), channel, Found, db.Ms(s.all.now()))
	return err
}

// count adds one to a figure that stays.
func (s *Store) count(ctx context.Context, tx *db.Tx, id ID, list int, what, value string) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO incident_count (incident_id, list, region, what, value, n) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (incident_id, list, region, what, value) DO UPDATE SET n = incident_count.n + 1`, id, list, s.Name, what, value)
	return err
}

// A Count is how many of a list have a value.
type Count struct {
	Region, What, Value string
	N                   int
}

// A Scope is whom an incident concerns, in numbers.
type Scope struct {
	List   int
	Done   bool // the search is finished
	People int
	Others int     // of nobody who can be told: staff, and who is gone
	Counts []Count // by region, country, language and kind
	// Compared with the list that held before: People of both, and those that only
	// one has. All zero while there was none.
	Before, Added, Gone int
}

// Scope is whom an incident's newest list has, and what is different from the one
// that holds.
func (i *Incidents) Scope(ctx context.Context, c account.Clerk, id ID) (Scope, error) {
	one, err := i.Get(ctx, c, id)
	if err != nil {
		return Scope{}, err
	}
	scope := Scope{List: one.List}
	if one.List == 0 {
		return scope, nil
	}
	if scope.Others, scope.Done, err = i.progress(ctx, one, one.List); err != nil {
		return scope, err
	}
	if scope.Counts, err = i.counts(ctx, id, one.List); err != nil {
		return scope, err
	}
	for _, n := range scope.Counts {
		if n.What == "person" {
			scope.People += n.N
		}
	}
	if one.Frozen == 0 || one.Frozen == one.List {
		return scope, nil
	}
	for _, s := range i.Stores() {
		var same, added, gone int
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRowContext(ctx, `
				SELECT COALESCE(SUM(CASE WHEN first_list <= $1 AND last_list = $2 THEN 1 ELSE 0 END), 0),
					COALESCE(SUM(CASE WHEN first_list > $1 AND last_list = $2 THEN 1 ELSE 0 END), 0),
					COALESCE(SUM(CASE WHEN first_list <= $1 AND last_list < $2 THEN 1 ELSE 0 END), 0)
				FROM incident_person WHERE incident_id = $3 AND region = $4`, one.Frozen, one.List, id, s.Name).Scan(&same, &added, &gone)
		})
		if err != nil {
			return scope, fmt.Errorf("compare lists of incident %s: %w", id, err)
		}
		scope.Before, scope.Added, scope.Gone = scope.Before+same+gone, scope.Added+added, scope.Gone+gone
	}
	return scope, nil
}

// progress is whether the search for a list is finished in every region, and how
// many it found of whom nobody can be told.
func (i *Incidents) progress(ctx context.Context, one Incident, list int) (others int, done bool, err error) {
	done = true
	for _, s := range i.Stores() {
		var n, finished int
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			return tx.QueryRowContext(ctx, `
				SELECT COALESCE(SUM(others), 0), COALESCE(SUM(CASE WHEN done THEN 1 ELSE 0 END), 0)
				FROM incident_run WHERE incident_id = $1 AND list = $2 AND region = $3`, one.ID, list, s.Name).Scan(&n, &finished)
		})
		if account.Away(err) {
			done = false
			continue
		}
		if err != nil {
			return 0, false, fmt.Errorf("how far incident %s is: %w", one.ID, err)
		}
		others, done = others+n, done && finished > 0
	}
	return others, done, nil
}

// counts are the figures of a list, in every region; of list 0 what came of telling.
func (i *Incidents) counts(ctx context.Context, id ID, list int) (all []Count, err error) {
	for _, s := range i.Stores() {
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			some, err := db.Rows(ctx, tx, func(row *sql.Rows) (c Count, err error) { return c, row.Scan(&c.Region, &c.What, &c.Value, &c.N) }, `
				SELECT region, what, value, n FROM incident_count WHERE incident_id = $1 AND list = $2 AND region = $3 ORDER BY what, n DESC, value`, id, list, s.Name)
			all = append(all, some...)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("figures of incident %s: %w", id, err)
		}
	}
	return all, nil
}
