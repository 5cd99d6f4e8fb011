package watch

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
)

const (
	// wantFor is how long a watch wants its parcel at once. It wants it again
	// when half of that is over, for as long as the stop rule lets it.
	wantFor = 14 * 24 * time.Hour

	// restFor is how long a parcel is wanted after its end: carriers correct
	// themselves.
	restFor = 30 * 24 * time.Hour

	// step is how many parcels one call or statement takes.
	step = 100
)

// generation names one use of a number.
type generation struct {
	parcel.Key
	number int
}

func (s Summary) generation() generation { return generation{s.Key, s.Generation} }

// want wants parcels for an owner, and returns how they stand.
func (s *Store) want(ctx context.Context, owner inventory.Subject, wants []parcel.Want, now time.Time) ([]Summary, error) {
	if err := s.all.restricted.Refuse(ctx, owner); err != nil {
		return nil, err
	}
	return s.wantKept(ctx, wants, now)
}

// wantKept wants parcels that somebody keeps who may want them.
func (s *Store) wantKept(ctx context.Context, wants []parcel.Want, now time.Time) ([]Summary, error) {
	all := make([]Summary, 0, len(wants))
	for some := range slices.Chunk(wants, step) {
		for i := range some {
			some[i].Until, some[i].Visitor = now.Add(wantFor), false
		}
		parcels, err := s.all.parcels.Want(ctx, some)
		if err != nil {
			return nil, err
		}
		for _, p := range parcels {
			all = append(all, summarise(p, now))
		}
	}
	return all, nil
}

// note writes down how parcels stand that were told to be wanted until a time
// (zero: nothing was told), and returns the ids of their rows.
func note(ctx context.Context, tx *db.Tx, summaries []Summary, until, now time.Time) (map[generation]string, error) {
	byKey := map[generation]Summary{}
	for _, s := range summaries {
		byKey[s.generation()] = s
	}
	sorted := slices.SortedFunc(maps.Keys(byKey), generation.compare) // everybody locks in the same order
	ids := make(map[generation]string, len(sorted))
	for some := range slices.Chunk(sorted, step) {
		b := db.NewBatch("new", "id", "parcel_id", "number", "carrier", "mark", "generation", "wanted_ms",
			"found", "status", "since_ms", "event_ms", "stale_ms", "eta", "eta_ms", "settled_ms", "revision", "read_ms")
		for _, g := range some {
			s := byKey[g]
			b.Add(append([]any{
				newID(), string(s.ParcelID), s.Number, string(s.Carrier), string(s.Mark), s.Generation, db.Ms(until),
			}, s.values(now)...)...)
		}
		rows, err := db.BatchRows(ctx, tx, scanNoted, b, `
			INSERT INTO watched (id, parcel_id, number, carrier, mark, generation, wanted_ms,
				found, status, since_ms, event_ms, stale_ms, eta, eta_ms, settled_ms, revision, read_ms)
			SELECT id, parcel_id, number, carrier, mark, generation, wanted_ms,
				found, status, since_ms, event_ms, stale_ms, eta, eta_ms, settled_ms, revision, read_ms FROM new WHERE TRUE
			ON CONFLICT (number, carrier, mark, generation) DO UPDATE SET
				parcel_id = excluded.parcel_id,
				wanted_ms = CASE WHEN excluded.wanted_ms > watched.wanted_ms THEN excluded.wanted_ms ELSE watched.wanted_ms END,
				found = excluded.found, status = excluded.status, since_ms = excluded.since_ms, event_ms = excluded.event_ms,
				stale_ms = excluded.stale_ms, eta = excluded.eta, eta_ms = excluded.eta_ms,
				settled_ms = excluded.settled_ms, revision = excluded.revision, read_ms = excluded.read_ms
			WHERE watched.parcel_id <> excluded.parcel_id OR watched.revision <= excluded.revision
			RETURNING id, number, carrier, mark, generation`)
		if err != nil {
			return nil, fmt.Errorf("note parcels: %w", err)
		}
		for _, n := range rows {
			ids[n.generation] = n.id
		}
		if len(rows) == len(some) {
			continue
		}
		if err := findNoted(ctx, tx, some, ids); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// findNoted reads the ids of rows of which others know more already.
func findNoted(ctx context.Context, tx *db.Tx, some []generation, ids map[generation]string) error {
	numbers := make([]string, len(some))
	for i, g := range some {
		numbers[i] = g.Number
	}
	among, args := db.In(tx, "number", numbers, 0)
	rows, err := db.Rows(ctx, tx, scanNoted, `SELECT id, number, carrier, mark, generation FROM watched WHERE `+among, args...)
	if err != nil {
		return fmt.Errorf("find noted parcels: %w", err)
	}
	for _, n := range rows {
		ids[n.generation] = n.id
	}
	return nil
}

// A noted is a row of what is watched.
type noted struct {
	generation
	id string
}

func scanNoted(row *sql.Rows) (n noted, err error) {
	return n, row.Scan(&n.id, &n.Number, &n.Carrier, &n.Mark, &n.number)
}

func (g generation) compare(h generation) int {
	return cmp.Or(cmp.Compare(g.Number, h.Number), cmp.Compare(g.Carrier, h.Carrier), cmp.Compare(g.Mark, h.Mark), cmp.Compare(g.number, h.number))
}
