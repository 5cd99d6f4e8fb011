package account

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// Hush keeps what the staff did for a case out of what those are shown whom it is
// about, until a time: law forbids to tell them. The zero time takes that back.
// Afterwards they read it as if it had been there all the time.
func (t Staff) Hush(ctx context.Context, ref string, until time.Time) error {
	for _, s := range t.m.stores {
		_, err := s.db.Exec(ctx, `INSERT INTO hush (ref, until_ms) VALUES ($1, $2) ON CONFLICT (ref) DO UPDATE SET until_ms = excluded.until_ms`, ref, msOrNever(until))
		if err != nil {
			return fmt.Errorf("hush %s: %w", ref, err)
		}
	}
	return nil
}

// heard is a condition for rows that name a case, whose number ref is: law doesn't
// forbid to tell of it.
func (s *Store) heard(ref string) string {
	return `NOT EXISTS (SELECT 1 FROM hush h WHERE ` + ref + ` AND h.until_ms > ` + strconv.FormatInt(ms(s.now()), 10) + `)`
}

// loggedHeard is heard for rows of the log. What may be the number is cut out of the
// purpose, so that it is looked for and not compared with every one there is.
func (s *Store) loggedHeard() string {
	var numbers, purposes []string
	for _, m := range []Matter{ForLawful, ForRequest} {
		numbers = append(numbers, fmt.Sprintf(`SUBSTR(access_log.purpose, %d)`, len(m)+len(" ")+1))
		purposes = append(purposes, `'`+string(m)+` ' || h.ref`)
	}
	return s.heard(`h.ref IN (` + strings.Join(numbers, ", ") + `) AND access_log.purpose IN (` + strings.Join(purposes, ", ") + `)`)
}

// GiveOut writes down that something of people was given to an authority. The
// session has to be fresh.
func (t Staff) GiveOut(ctx context.Context, c Clerk, why Why, people ...inventory.Subject) error {
	if err := c.may(DecideLawful); err != nil {
		return err
	}
	for _, who := range people {
		s, err := t.m.in(regionOf(string(who)))
		if err != nil {
			return err
		}
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			return s.record(ctx, tx, entry{staff: c.ID, duty: c.duty(DecideLawful), of: string(who), did: DidGiveOut, why: why})
		})
		if err != nil {
			return fmt.Errorf("write down what was given out: %w", err)
		}
	}
	return nil
}
