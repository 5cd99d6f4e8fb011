package app

import (
	"context"
	"time"

	"waypost/internal/inventory"
)

// expireEvery is how often what has been kept as long as it may is deleted.
const expireEvery = time.Hour

// expire has a room of a region's people delete what has been kept as long as
// it may. Regions that share a database share its queue, so each has a name.
func (s *server) expire(name, region string, room inventory.Room) {
	s.people.queueOf(region).Every(name+".expire_"+region, expireEvery, func(ctx context.Context) error {
		n, err := room.Expire(ctx, time.Now())
		if n > 0 {
			s.log.Info("deleted what was kept as long as it may be", "room", name, "region", region, "rows", n)
		}
		return err
	})
}
