package app

import (
	"context"
	"time"
)

// expireEvery is how often what has been kept as long as it may is deleted.
const expireEvery = time.Hour

// expire has a room delete what has been kept as long as it may. Regions that
// share a database share its queue, so each has a name.
func (s *server) expire(r room) {
	s.people.queueOf(r.region).Every(r.name+".expire_"+r.region, expireEvery, func(ctx context.Context) error {
		n, err := r.Expire(ctx, time.Now())
		if n > 0 {
			s.log.Info("deleted what was kept as long as it may be", "room", r.name, "region", r.region, "rows", n)
		}
		return err
	})
}
