package job

import (
	"time"

	"github.com/riverqueue/river"

	"waypost/internal/db"
)

// clock returns whose clock River goes by: on PostgreSQL the server's, so that
// machines whose clocks differ agree; on SQLite the process's, which is the
// only one (and in a test's bubble of time not the one that SQLite asks).
func (q *Queue) clock() river.TestConfig {
	if q.db.Dialect() == db.SQLite {
		return river.TestConfig{Time: processClock{}}
	}
	return river.TestConfig{}
}

type processClock struct{}

func (processClock) NowUTC() time.Time { return time.Now().UTC() }

func (processClock) NowUTCOrNil() *time.Time {
	now := time.Now().UTC()
	return &now
}
