package watch

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

// readEvery is how often a watched parcel is looked at when nobody told of a
// change: silence changes how it stands, too.
const readEvery = 24 * time.Hour

// Renew wants the parcels of active watches and of registrations again, as long
// as the stop rule lets it, looks at those that were not looked at for a day, and says how many.
// It is to be run every hour or so.
func (s *Store) Renew(ctx context.Context) (int, error) {
	for total := 0; ; {
		n, err := s.renewSome(ctx)
		if total += n; err != nil || n < step {
			return total, err
		}
	}
}

// A renewal is a watched parcel that is to be looked at.
type renewal struct {
	watched string
	parcel  parcel.ID
	generation
	wanted time.Time
	rests  bool // all who keep it have their data restricted: it isn't wanted
}

// selectRenewal finds watched parcels that the stop rule doesn't leave alone.
const selectRenewal = `
	SELECT p.id, p.parcel_id, p.number, p.carrier, p.mark, p.generation, p.wanted_ms FROM watched p
	WHERE (p.settled_ms = 0 OR p.settled_ms > $1)`

func scanRenewal(row *sql.Rows) (r renewal, err error) {
	var wanted int64
	err = row.Scan(&r.watched, &r.parcel, &r.Number, &r.Carrier, &r.Mark, &r.number, &wanted)
	r.wanted = db.At(wanted)
	return r, err
}

// renewSome renews parcels that somebody still wants, and nobody has looked at
// for a day. What nobody wants any more stays as it was last seen.
func (s *Store) renewSome(ctx context.Context) (int, error) {
	now := s.all.now()
	var due []renewal
	err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
		due, err = db.Rows(ctx, tx, scanRenewal, selectRenewal+`
			AND p.read_ms < $2 AND (
				EXISTS (SELECT 1 FROM watch w WHERE w.watched_id = p.id AND w.archived_ms = 0) OR
				EXISTS (SELECT 1 FROM registration r WHERE r.watched_id = p.id AND r.stopped_ms = 0))
			ORDER BY p.read_ms LIMIT $3`, db.Ms(now.Add(-restFor)), db.Ms(now.Add(-readEvery)), step)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("find parcels to renew: %w", err)
	}
	if err := s.leaveRestricted(ctx, due); err != nil {
		return 0, fmt.Errorf("find parcels to renew: %w", err)
	}
	return len(due), s.renew(ctx, due, now)
}

// revive wants the parcels of watches that come back from the archive: they may
// have gone meanwhile.
func (s *Store) revive(ctx context.Context, owner inventory.Subject, ids []ID) error {
	now := s.all.now()
	if err := s.all.restricted.Refuse(ctx, owner); err != nil {
		return unless(err, inventory.ErrRestricted) // it is wanted again once that is lifted
	}
	for some := range slices.Chunk(ids, step) {
		var due []renewal
		err := s.db.Read(ctx, func(tx *db.Tx) (err error) {
			among, args := db.In(tx, "w.id", some, 2)
			due, err = db.Rows(ctx, tx, scanRenewal, selectRenewal+`
				AND p.id IN (SELECT w.watched_id FROM watch w WHERE w.owner = $2 AND w.archived_ms > 0 AND `+among+`)`,
				append([]any{db.Ms(now.Add(-restFor)), string(owner)}, args...)...)
			return err
		})
		if err == nil {
			err = s.renew(ctx, due, now)
		}
		if err != nil {
			return fmt.Errorf("revive watches of %s: %w", owner, err)
		}
	}
	return nil
}

// renew wants those parcels again whose want is half over, and writes down how they
// and the others stand. Those that rest stay, and as they stood: nobody is asked, so
// that silence says nothing of them.
func (s *Store) renew(ctx context.Context, due []renewal, now time.Time) error {
	if len(due) == 0 {
		return nil
	}
	var wants []parcel.Want
	var rest, kept []parcel.ID
	looked, mine := make([]string, len(due)), map[generation]bool{}
	for i, r := range due {
		looked[i], mine[r.generation] = r.watched, true
		switch {
		case r.rests:
			kept = append(kept, r.parcel)
		case r.wanted.Sub(now) > wantFor/2:
			rest = append(rest, r.parcel)
		default:
			wants = append(wants, s.all.knowledge().wantKey(r.Key, nil))
		}
	}
	if err := s.all.parcels.Keep(ctx, now.Add(wantFor), kept...); err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	wanted, err := s.wantKept(ctx, wants, now)
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	// Of a number that was used again the newest generation was wanted, and the
	// earlier one stays as it ended.
	wanted = slices.DeleteFunc(wanted, func(sum Summary) bool { return !mine[sum.generation()] })
	parcels, err := s.all.parcels.Get(ctx, rest...)
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	read := make([]Summary, len(parcels))
	for i, p := range parcels {
		read[i] = summarise(p, now)
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := note(ctx, tx, wanted, now.Add(wantFor), now); err != nil {
			return err
		}
		if _, err := note(ctx, tx, read, time.Time{}, now); err != nil {
			return err
		}
		among, args := db.In(tx, "id", looked, 1)
		_, err := tx.ExecContext(ctx, `UPDATE watched SET read_ms = $1 WHERE `+among, append([]any{db.Ms(now)}, args...)...)
		return err
	})
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	return nil
}

// wantKey is a want with all that can be asked by now. What is known besides a
// number lies with its parcel, so one that has a mark needs nothing to be given
// again.
func (know Knowledge) wantKey(key parcel.Key, given carrier.Given) parcel.Want {
	want, _ := know.Plan(know.number(key), key.Carrier, given)
	want.Key = key
	return want
}
