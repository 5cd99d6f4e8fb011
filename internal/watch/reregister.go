package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/vault"
)

// An Altered is what became of one registration.
type Altered struct {
	Registration
	Before carrier.Code // its carrier before ChangeCarrier
	Err    error        // one of the faults of registrations, or a *Lacking; then the rest may be empty
}

// each finds the one registration that each reference means, and has do try to
// change it in one transaction. A fault of registrations, or a *Lacking, keeps
// nothing of the others.
func (s *Store) each(ctx context.Context, owner inventory.Subject, refs []Reference, do func(tx *db.Tx, at int, r *Registration) error) ([]Altered, error) {
	found, err := s.Find(ctx, owner, refs...)
	if err != nil {
		return nil, err
	}
	done := make([]Altered, len(refs))
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		for i, all := range found {
			done[i] = Altered{Registration: Registration{Number: bare(refs[i].Number), Carrier: refs[i].Carrier}}
			switch len(all) {
			case 0:
				done[i].Err = ErrNotRegistered
				continue
			case 1:
				done[i].Registration = all[0]
			default:
				done[i].Err = ErrSeveral
				continue
			}
			err := do(tx, i, &done[i].Registration)
			if done[i].Err = expected(err); done[i].Err == nil && err != nil {
				return err
			}
		}
		tx.Notify(Topic(owner))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("change registrations of %s: %w", owner, err)
	}
	return done, nil
}

// Stop stops registrations that are tracked.
func (s *Store) Stop(ctx context.Context, owner inventory.Subject, refs ...Reference) ([]Altered, error) {
	return s.each(ctx, owner, refs, func(tx *db.Tx, _ int, r *Registration) error {
		return s.stop(ctx, tx, r, ByRequest)
	})
}

// stop stops one, and tells of it.
func (s *Store) stop(ctx context.Context, tx *db.Tx, r *Registration, why StopReason) error {
	now := s.all.now()
	done, err := tx.ExecContext(ctx, `
		UPDATE registration SET stopped_ms = $1, why = $2, due_ms = $3 WHERE owner = $4 AND id = $5 AND stopped_ms = 0`,
		db.Ms(now), string(why), db.Ms(now.Add(keepStopped)), string(r.Owner), string(r.ID))
	if err := one(done, err, ErrStopped); err != nil {
		return err
	}
	r.Stopped, r.Why = db.At(db.Ms(now)), why
	if s.jobs == nil {
		return nil
	}
	return s.jobs.Add(ctx, tx, Stopped{r.Owner, r.ID})
}

// Retrack starts registrations that are stopped, each once in its life.
func (s *Store) Retrack(ctx context.Context, owner inventory.Subject, refs ...Reference) ([]Altered, error) {
	now := s.all.now()
	if err := s.wantAnew(ctx, owner, refs, now); err != nil {
		return nil, err
	}
	return s.each(ctx, owner, refs, func(tx *db.Tx, _ int, r *Registration) error {
		if r.Tracking() {
			return ErrNotStopped
		}
		done, err := tx.ExecContext(ctx, `
			UPDATE registration SET stopped_ms = 0, why = '', retracked = $1, begun_ms = $2, due_ms = $3
			WHERE owner = $4 AND id = $5 AND stopped_ms > 0 AND retracked = $6`,
			true, db.Ms(now), db.Ms(now.Add(deliveredFor)), string(owner), string(r.ID), false)
		if err := one(done, err, ErrRetracked); err != nil {
			return err
		}
		r.Stopped, r.Why, r.Retracked, r.Begun = time.Time{}, NotStopped, true, db.At(db.Ms(now))
		return s.begun(ctx, tx, r.Owner, r.ID)
	})
}

// wantAnew wants the parcels of stopped registrations: they may have gone.
func (s *Store) wantAnew(ctx context.Context, owner inventory.Subject, refs []Reference, now time.Time) error {
	if err := s.all.restricted.Refuse(ctx, owner); err != nil {
		return err
	}
	found, err := s.Find(ctx, owner, refs...)
	if err != nil {
		return err
	}
	var due []renewal
	for _, all := range found {
		if len(all) == 1 && !all[0].Tracking() && !all[0].Retracked {
			due = append(due, renewal{watched: all[0].watched, parcel: all[0].Summary.ParcelID, generation: all[0].Summary.generation()})
		}
	}
	return s.renew(ctx, due, now)
}

// Unregister deletes registrations and what was said of them, tracked or not.
func (s *Store) Unregister(ctx context.Context, owner inventory.Subject, refs ...Reference) ([]Altered, error) {
	return s.each(ctx, owner, refs, func(tx *db.Tx, _ int, r *Registration) error {
		if _, err := tx.ExecContext(ctx, `UPDATE watched SET read_ms = $1 WHERE id = $2`, db.Ms(s.all.now()), r.watched); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM registration WHERE owner = $1 AND id = $2`, string(owner), string(r.ID))
		return one(done, err, ErrNotRegistered)
	})
}

// A CarrierChange replaces the carrier of a registration, or that of its last
// mile, or both.
type CarrierChange struct {
	Number   string
	Old      carrier.Code // "" whichever it is registered with
	New      carrier.Code // "" it stays
	NewFinal carrier.Code // of the last mile; "" it stays
}

// ChangeCarrier replaces carriers. What the old one told isn't shown any more;
// the new one is asked.
func (s *Store) ChangeCarrier(ctx context.Context, owner inventory.Subject, all ...CarrierChange) ([]Altered, error) {
	refs := make([]Reference, len(all))
	for i, c := range all {
		refs[i] = Reference{Number: c.Number}
	}
	found, err := s.Find(ctx, owner, refs...)
	if err != nil {
		return nil, err
	}
	done, wants, before := make([]Registered, len(all)), make([]parcel.Want, len(all)), make([]carrier.Code, len(all))
	for i, c := range all {
		var was Registration
		was, done[i].Registration, wants[i], done[i].Err = s.all.knowledge().exchange(c, found[i])
		before[i] = was.Carrier
	}
	now := s.all.now()
	if err := s.wantThem(ctx, owner, done, wants, now); err != nil {
		return nil, fmt.Errorf("change carriers of %s: %w", owner, err)
	}
	altered := make([]Altered, len(all))
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		for i, r := range done {
			altered[i] = Altered{Registration: r.Registration, Err: r.Err}
			if r.Err != nil {
				continue
			}
			altered[i].Before = before[i]
			err := s.exchanged(ctx, tx, &altered[i].Registration, now)
			if altered[i].Err = expected(err); altered[i].Err == nil && err != nil {
				return err
			}
		}
		tx.Notify(Topic(owner))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("change carriers of %s: %w", owner, err)
	}
	return altered, nil
}

// exchange is a registration before and after its carrier is changed, and what
// to want for it.
func (know Knowledge) exchange(c CarrierChange, found []Registration) (r, next Registration, want parcel.Want, err error) {
	if r, err = c.of(found); err != nil {
		return r, r, want, err
	}
	for _, code := range []carrier.Code{c.New, c.NewFinal} {
		if _, ok := know.Catalogue.Carrier(code); code != "" && !ok {
			return r, r, want, ErrNoCarrier
		}
	}
	next = r
	if c.New != "" {
		next.Carrier = c.New
	}
	if c.NewFinal != "" {
		next.Final = c.NewFinal
	}
	_, taken := pick(found, next.Carrier)
	n := know.Index.Number(r.Number, recognise.Hints{Carriers: []carrier.Code{next.Carrier}})
	switch {
	case next.Carrier == r.Carrier && next.Final == r.Final:
		return r, r, want, ErrSameCarrier
	case next.Carrier != r.Carrier && taken:
		return r, r, want, ErrDuplicate
	case c.NewFinal != "" && !isPostal(n):
		return r, r, want, ErrFinalCarrier
	}
	want, err = know.wantOf(n, next.Carrier, Named, next.Final, r.Details)
	return r, next, want, err
}

// of picks the registration that is meant, and says whether it can be changed.
func (c CarrierChange) of(found []Registration) (Registration, error) {
	none := Registration{Number: bare(c.Number), Carrier: c.Old}
	if len(found) == 0 {
		return none, ErrNotRegistered
	}
	if c.New == "" && c.NewFinal == "" {
		return none, ErrNoNewCarrier
	}
	r := found[0]
	if c.Old != "" {
		var ok bool
		if r, ok = pick(found, c.Old); !ok {
			return none, ErrOldCarrier
		}
	} else if len(found) > 1 {
		return none, ErrSeveral
	}
	switch {
	case !r.Tracking():
		return r, ErrStopped
	case r.Changes >= mostChanges:
		return r, ErrChanges
	case r.Pending():
		return r, ErrPending
	}
	return r, nil
}

// exchanged writes a registration with its new carrier.
func (s *Store) exchanged(ctx context.Context, tx *db.Tx, r *Registration, now time.Time) error {
	watched, err := note(ctx, tx, []Summary{r.Summary}, now.Add(wantFor), now)
	if err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, `
		UPDATE registration SET carrier = $1, final = $2, watched_id = $3, changes = changes + 1
		WHERE owner = $4 AND id = $5 AND stopped_ms = 0 AND changes = $6 AND NOT EXISTS (
			SELECT 1 FROM registration o JOIN watched p ON p.id = o.watched_id
			WHERE o.owner || '' = $4 AND p.number = $7 AND o.carrier = $1 AND o.id <> $5)`,
		string(r.Carrier), string(r.Final), watched[r.Summary.generation()], string(r.Owner), string(r.ID), r.Changes, r.Number)
	if err := one(done, err, ErrPending); err != nil {
		return err
	}
	r.Changes++
	return s.begun(ctx, tx, r.Owner, r.ID)
}

// begun tells that registrations are tracked from now on.
func (s *Store) begun(ctx context.Context, tx *db.Tx, owner inventory.Subject, ids ...RegistrationID) error {
	if s.jobs == nil || len(ids) == 0 {
		return nil
	}
	return s.jobs.Add(ctx, tx, Begun{owner, ids})
}

// An InfoChange changes what is said of a registration.
type InfoChange struct {
	Reference
	Edit func(d *Details) // nil, or one that changes nothing, is an error
}

// ChangeInfo changes what is said of registrations. What a carrier needs to know
// is told to it from then on.
func (s *Store) ChangeInfo(ctx context.Context, owner inventory.Subject, all ...InfoChange) ([]Altered, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	refs := make([]Reference, len(all))
	for i, c := range all {
		refs[i] = c.Reference
	}
	done, err := s.each(ctx, owner, refs, func(tx *db.Tx, at int, r *Registration) error {
		if all[at].Edit == nil {
			return ErrNoChange
		}
		return s.edit(ctx, tx, k, r, all[at].Edit)
	})
	if err != nil {
		return nil, err
	}
	return done, s.retell(ctx, done)
}

// retell has carriers told what they demand where that was changed: from then on
// the registration is of the parcel that those have who know the same.
func (s *Store) retell(ctx context.Context, all []Altered) error {
	know, now := s.all.knowledge(), s.all.now()
	for i := range all {
		r := &all[i].Registration
		if all[i].Err != nil || !r.Tracking() {
			continue
		}
		n := know.Index.Number(r.Number, recognise.Hints{Carriers: []carrier.Code{r.Carrier}})
		want, err := know.wantOf(n, r.Carrier, Named, r.Final, r.Details)
		if err != nil || s.all.parcels.Mark(want.Number, want.Given) == r.Summary.Mark {
			continue // what is said of it now helps nobody, or as before
		}
		wanted, err := s.want(ctx, r.Owner, []parcel.Want{want}, now)
		if err != nil {
			return fmt.Errorf("tell carriers of registration %s: %w", r.ID, err)
		}
		r.Summary = wanted[0]
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			watched, err := note(ctx, tx, wanted, now.Add(wantFor), now)
			if err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, `UPDATE registration SET watched_id = $1 WHERE owner = $2 AND id = $3`,
				watched[r.Summary.generation()], string(r.Owner), string(r.ID))
			return err
		})
		if err != nil {
			return fmt.Errorf("tell carriers of registration %s: %w", r.ID, err)
		}
	}
	return nil
}

// edit changes what is said of one registration, as it stands in this transaction.
func (s *Store) edit(ctx context.Context, tx *db.Tx, k *vault.Sealer, r *Registration, edit func(d *Details)) error {
	sealed, err := db.Rows(ctx, tx, func(row *sql.Rows) (b []byte, err error) { return b, row.Scan(&b) },
		`SELECT details FROM registration WHERE owner = $1 AND id = $2`+tx.Lock(), string(r.Owner), string(r.ID))
	if err != nil {
		return err
	}
	if len(sealed) == 0 {
		return ErrNotRegistered
	}
	r.Details = Details{}
	if err := k.OpenJSON(fieldDetails, sealed[0], &r.Details); err != nil {
		return err
	}
	edit(&r.Details)
	said, err := sealDetails(k, r.Details)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE registration SET details = $1 WHERE owner = $2 AND id = $3`, said, string(r.Owner), string(r.ID))
	return err
}

// expected returns err where it says what is wrong with one of several
// registrations, nil where something broke.
func expected(err error) error {
	if _, ok := errors.AsType[*Lacking](err); ok {
		return err
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		return err
	}
	return nil
}
