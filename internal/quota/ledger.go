package quota

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A Day is what was drawn on one day.
type Day struct {
	Began   time.Time        // UTC
	Amounts map[Matter]int64 // what was drawn of each
	Sum     int64            // of all
	Used    int64            // ever, at its end
}

// Days returns the days on which an owner drew something, newest first: at most
// n of those that began before a time, zero the newest.
func (s *Store) Days(ctx context.Context, owner inventory.Subject, before time.Time, n int) ([]Day, error) {
	end := int64(math.MaxInt64)
	if !before.IsZero() {
		end = db.Ms(before)
	}
	var days []Day
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		days = nil
		_, err := db.Rows(ctx, tx, func(row *sql.Rows) (struct{}, error) {
			var began, amount, used int64
			var matter Matter
			if err := row.Scan(&began, &matter, &amount, &used); err != nil {
				return struct{}{}, err
			}
			if len(days) == 0 || !days[len(days)-1].Began.Equal(db.At(began)) {
				days = append(days, Day{Began: db.At(began), Amounts: map[Matter]int64{}})
			}
			day := &days[len(days)-1]
			day.Amounts[matter] = amount
			day.Sum, day.Used = day.Sum+amount, max(day.Used, used)
			return struct{}{}, nil
		}, `
			SELECT day_ms, matter, amount, used FROM quota_day WHERE owner = $1 AND day_ms IN (
				SELECT DISTINCT day_ms FROM quota_day WHERE owner = $1 AND day_ms < $2 ORDER BY day_ms DESC LIMIT $3)
			ORDER BY day_ms DESC, matter`, string(owner), end, n)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ledger of %s: %w", owner, err)
	}
	return days, nil
}
