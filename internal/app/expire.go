package app

import (
	"context"
	"errors"
	"time"

	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/retention"
)

// expireEvery is how often what has been kept as long as it may is deleted.
const expireEvery = time.Hour

// commons are the rooms of what is nobody's, all in the parcels' database.
func (s *server) commons() []room {
	return []room{
		{"parcel", "", s.store}, {"rhythm", "", s.rhythms}, {"memory", "", s.memory}, {"health", "", s.health}, {"retention", "", s.purges},
	}
}

// expire has a room delete every hour what has been kept as long as it may.
// Regions that share a database share its queue, so each has a name.
func (s *server) expire(r room) {
	queue, name := s.people.queues[s.databases.Parcels], r.name+".expire"
	if r.region != "" {
		queue, name = s.people.queueOf(r.region), name+"_"+r.region
	}
	queue.Every(name, expireEvery, func(ctx context.Context) error {
		run, err := s.purge(ctx, r, false)
		if n := run.Gone.Rows(); n > 0 {
			s.log.Info("deleted what was kept as long as it may be", "room", r.name, "region", r.region, "rows", n)
		}
		return err
	})
}

// purge has a room delete what has been kept as long as it may and nobody holds,
// and keeps the report; or, where it is only tried, says what would be deleted.
func (s *server) purge(ctx context.Context, r room, try bool) (retention.Run, error) {
	run := retention.Run{Room: r.name, Region: r.region, Began: time.Now().UTC().Truncate(time.Millisecond)}
	p := inventory.Purge{Now: run.Began, Try: try}
	var err error
	if r.region != "" {
		if p.Held, err = s.people.holds.All(ctx); err != nil {
			return run, err
		}
	}
	run.Held = len(p.Held)
	run.Gone, err = r.Expire(ctx, p)
	run.Took, run.Failed = time.Since(run.Began).Truncate(time.Millisecond), err != nil
	if try {
		return run, err
	}
	if run.Gone.Rows() > 0 && err == nil {
		err = s.scrub(ctx, r.region)
	}
	return run, errors.Join(err, s.purges.Note(context.WithoutCancel(ctx), run))
}

// scrub empties the log of a region's database, or of the parcels', in which what
// was deleted still stands. Where somebody reads just now, the next run does.
func (s *server) scrub(ctx context.Context, region string) error {
	d := s.databases.Parcels
	if region != "" {
		d = s.databases.People[region]
	}
	if err := d.Scrub(ctx); fault.KindOf(err) != fault.Unavailable {
		return err
	}
	return nil
}
