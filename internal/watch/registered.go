package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/vault"
)

// A Reference says which registration is meant.
type Reference struct {
	Number  string       // as it was sent
	Carrier carrier.Code // "" whichever it is registered with
}

const registrationColumns = `
	SELECT r.owner, r.id, r.carrier, r.final, r.watched_id, r.details, r.created_ms, r.begun_ms, r.stopped_ms, r.why,
		r.changes, r.retracked, r.pushed_ms, r.push_status, r.push_code,
		p.parcel_id, p.number, p.carrier, p.mark, p.generation, p.found, p.status, p.since_ms, p.event_ms, p.stale_ms,
		p.eta, p.eta_ms, p.settled_ms, p.revision, p.read_ms
	FROM `

const selectRegistration = registrationColumns + `registration r JOIN watched p ON p.id = r.watched_id`

// byNumberFirst is for reading by number: an owner may have hundreds of
// thousands of others. SQLite takes a cross join in the order in which it is
// written, and would go through all of the owner's if the owner stood there bare.
// PostgreSQL chooses the order by how many rows an owner has; of an expression it
// can't tell, and would go through everybody's.
func byNumberFirst(dialect db.Dialect) string {
	owner := `r.owner`
	if dialect == db.SQLite {
		owner = `r.owner || ''`
	}
	return `watched p CROSS JOIN registration r WHERE r.watched_id = p.id AND ` + owner + ` = $1`
}

// A sealedRegistration is a registration as it stands in the database.
type sealedRegistration struct {
	Registration
	details []byte
}

func scanRegistration(rows *sql.Rows) (sealedRegistration, error) {
	var r sealedRegistration
	var eta string
	var created, begun, stopped, pushed, since, event, stale, etaMs, settled, read int64
	s := &r.Summary
	err := rows.Scan(&r.Owner, &r.ID, &r.Carrier, &r.Final, &r.watched, &r.details, &created, &begun, &stopped, &r.Why,
		&r.Changes, &r.Retracked, &pushed, &r.Push.Status, &r.Push.Code,
		&s.ParcelID, &s.Number, &s.Carrier, &s.Mark, &s.Generation, &s.Found, &s.Status, &since, &event, &stale,
		&eta, &etaMs, &settled, &s.Revision, &read)
	if err != nil {
		return r, err
	}
	r.Number = s.Number
	r.Created, r.Begun, r.Stopped, r.Push.At, r.Read = db.At(created), db.At(begun), db.At(stopped), db.At(pushed), db.At(read)
	s.Since, s.Event, s.Stale, s.Settled = db.At(since), db.At(event), db.At(stale), db.At(settled)
	s.ETA = carrier.Time{Local: eta, UTC: db.At(etaMs)}
	return r, nil
}

func scanID(row *sql.Rows) (id RegistrationID, err error) { return id, row.Scan(&id) }

// registrationsOf reads an owner's registrations; where goes on after the owner,
// and its places begin at $2.
func registrationsOf(ctx context.Context, tx *db.Tx, k *vault.Sealer, owner inventory.Subject, where string, args ...any) ([]Registration, error) {
	return openRegistrations(ctx, tx, k, selectRegistration+` WHERE r.owner = $1`+where, append([]any{string(owner)}, args...)...)
}

func openRegistrations(ctx context.Context, tx *db.Tx, k *vault.Sealer, query string, args ...any) ([]Registration, error) {
	sealed, err := db.Rows(ctx, tx, scanRegistration, query, args...)
	if err != nil {
		return nil, err
	}
	all := make([]Registration, len(sealed))
	for i, r := range sealed {
		if all[i], err = r.open(k); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (r sealedRegistration) open(k *vault.Sealer) (Registration, error) {
	return r.Registration, k.OpenJSON(fieldDetails, r.details, &r.Details)
}

// sealDetails seals details; none are empty.
func sealDetails(k *vault.Sealer, d Details) ([]byte, error) {
	plain, err := k.SealJSON(fieldDetails, d)
	if err != nil || d.IsZero() {
		return []byte{}, err
	}
	return plain, nil
}

// IsZero reports whether nothing is said.
func (d Details) IsZero() bool {
	return len(d.Facts) == 0 && d.Sent == "" && d.Tag == "" && d.Remark == "" && d.Email == "" && d.OrderNo == "" &&
		d.OrderTime == "" && d.Lang == "" && d.Param == ""
}

// byNumber reads an owner's registrations of numbers, by number, each the oldest
// first.
func (s *Store) byNumber(ctx context.Context, owner inventory.Subject, numbers []string) (map[string][]Registration, error) {
	all := make(map[string][]Registration, len(numbers))
	numbers = slices.DeleteFunc(slices.Clone(numbers), func(n string) bool { return !isPlain(n) })
	if len(numbers) == 0 {
		return all, nil
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		among, args := db.In(tx, "p.number", numbers, 1)
		rows, err := openRegistrations(ctx, tx, k,
			registrationColumns+byNumberFirst(tx.Dialect())+` AND `+among, append([]any{string(owner)}, args...)...)
		slices.SortFunc(rows, func(a, b Registration) int { return strings.Compare(string(a.ID), string(b.ID)) })
		for _, r := range rows {
			all[r.Number] = append(all[r.Number], r)
		}
		return err
	})
	return all, err
}

// pick is the registration with a carrier.
func pick(all []Registration, code carrier.Code) (Registration, bool) {
	i := slices.IndexFunc(all, func(r Registration) bool { return r.Carrier == code })
	if i < 0 {
		return Registration{}, false
	}
	return all[i], true
}

// Find returns the registrations that each reference means, with their parcels,
// in order; none where the number isn't registered, several where no carrier is
// named.
func (s *Store) Find(ctx context.Context, owner inventory.Subject, refs ...Reference) ([][]Registration, error) {
	if len(refs) > mostRegistered {
		return nil, ErrTooMany.With(mostRegistered)
	}
	numbers := make([]string, len(refs))
	for i, ref := range refs {
		numbers[i] = bare(ref.Number)
	}
	there, err := s.byNumber(ctx, owner, numbers)
	if err == nil {
		err = s.asRead(ctx, owner, numbers, there)
	}
	if err == nil {
		err = s.withParcels(ctx, slices.Collect(maps.Values(there))...)
	}
	if err != nil {
		return nil, fmt.Errorf("find registrations of %s: %w", owner, err)
	}
	found := make([][]Registration, len(refs))
	for i, ref := range refs {
		found[i] = there[numbers[i]]
		if ref.Carrier == "" {
			continue
		}
		r, ok := pick(found[i], ref.Carrier)
		if found[i] = nil; ok {
			found[i] = []Registration{r}
		}
	}
	return found, nil
}

// asRead adds those whose number is only a part of what was sent, as a barcode
// has it.
func (s *Store) asRead(ctx context.Context, owner inventory.Subject, numbers []string, there map[string][]Registration) error {
	know := s.all.knowledge()
	inner := map[string]string{}
	for _, n := range numbers {
		if len(there[n]) > 0 {
			continue
		}
		if text := know.Index.Number(n, recognise.Hints{}).Text; text != n {
			inner[n] = text
		}
	}
	more, err := s.byNumber(ctx, owner, slices.Collect(maps.Values(inner)))
	for n, text := range inner {
		there[n] = slices.Clone(more[text])
	}
	return err
}

// withParcels gives registrations their parcels.
func (s *Store) withParcels(ctx context.Context, lists ...[]Registration) error {
	var ids []parcel.ID
	for _, list := range lists {
		for _, r := range list {
			ids = append(ids, r.Summary.ParcelID)
		}
	}
	slices.Sort(ids)
	parcels, err := s.all.parcels.Get(ctx, slices.Compact(ids)...)
	if err != nil {
		return err
	}
	byID := make(map[parcel.ID]parcel.Parcel, len(parcels))
	for _, p := range parcels {
		byID[p.ID] = p
	}
	for _, list := range lists {
		for i := range list {
			list[i].Parcel = byID[list[i].Summary.ParcelID]
		}
	}
	return nil
}

// Registration returns one, with its parcel.
func (s *Store) Registration(ctx context.Context, owner inventory.Subject, id RegistrationID) (Registration, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Registration{}, err
	}
	var all []Registration
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = registrationsOf(ctx, tx, k, owner, ` AND r.id = $2`, string(id))
		return err
	})
	if err != nil {
		return Registration{}, fmt.Errorf("get registration %s: %w", id, err)
	}
	if len(all) == 0 {
		return Registration{}, ErrNotRegistered
	}
	err = s.withParcels(ctx, all)
	return all[0], err
}

// Registered lists the registrations that a parcel is tracked for, without the
// parcel itself, after an owner, by owner, and says after whom to go on: "" when
// these are the last. Those whose owner's key was destroyed are left out.
func (s *Store) Registered(ctx context.Context, id parcel.ID, after inventory.Subject) (all []Registration, next inventory.Subject, err error) {
	var owners []inventory.Subject
	var sealed []sealedRegistration
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		owners, err = db.Rows(ctx, tx, func(row *sql.Rows) (owner inventory.Subject, err error) { return owner, row.Scan(&owner) }, `
			SELECT DISTINCT r.owner FROM registration r JOIN watched p ON p.id = r.watched_id
			WHERE p.parcel_id = $1 AND r.owner > $2 AND r.stopped_ms = 0 ORDER BY r.owner LIMIT $3`, string(id), string(after), pageOf)
		if err != nil || len(owners) == 0 {
			return err
		}
		sealed, err = db.Rows(ctx, tx, scanRegistration, selectRegistration+`
			WHERE p.parcel_id = $1 AND r.owner > $2 AND r.owner <= $3 AND r.stopped_ms = 0 ORDER BY r.owner, r.id`,
			string(id), string(after), string(owners[len(owners)-1]))
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("registrations of %s: %w", id, err)
	}
	if len(owners) == pageOf {
		next = owners[pageOf-1]
	}
	for _, r := range sealed {
		k, err := s.vault.Key(ctx, r.Owner)
		if errors.Is(err, vault.ErrDestroyed) || errors.Is(err, vault.ErrNoKey) {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		opened, err := r.open(k)
		if err != nil {
			return nil, "", err
		}
		all = append(all, opened)
	}
	return all, next, nil
}

// Pushed notes how the owner of a registration was told of it; one that has gone
// is no error. What is older than what is noted changes nothing.
func (s *Store) Pushed(ctx context.Context, owner inventory.Subject, id RegistrationID, p Push) error {
	_, err := s.db.Exec(ctx, `
		UPDATE registration SET pushed_ms = $1, push_status = $2, push_code = $3 WHERE owner = $4 AND id = $5 AND pushed_ms <= $1`,
		db.Ms(p.At), string(p.Status), p.Code, string(owner), string(id))
	if err != nil {
		return fmt.Errorf("note push of %s: %w", id, err)
	}
	return nil
}
