package lawful

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/db"
)

// A Half is half a year, in UTC.
type Half struct {
	Year   int
	Second bool // July to December
}

// HalfOf is in which half a year a time is.
func HalfOf(t time.Time) Half {
	t = t.UTC()
	return Half{t.Year(), t.Month() > time.June}
}

// Ends is when it is over, UTC.
func (h Half) Ends() time.Time {
	if h.Second {
		return time.Date(h.Year+1, time.January, 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(h.Year, time.July, 1, 0, 0, 0, 0, time.UTC)
}

// Begins is when it begins, UTC.
func (h Half) Begins() time.Time { return h.Ends().AddDate(0, -6, 0) }

// compare puts older ones first.
func (h Half) compare(other Half) int { return h.Ends().Compare(other.Ends()) }

// A Count is how many requests of a kind came from a country in half a year, and
// what came of them.
type Count struct {
	Half                                   Half
	Kind                                   Kind
	Country                                string // ISO 3166-1 alpha-2
	Received, Refused, Narrowed, Disclosed int
	People                                 int // accounts of which something was given; published through a figure.Gate
}

// Counts are those of the halves that are over at a time, newest first, then by
// kind and country. What is counted stays when what it said of people is deleted.
func (r *Requests) Counts(ctx context.Context, now time.Time) ([]Count, error) {
	type row struct {
		kind     Kind
		country  string
		ground   string
		narrowed bool
		people   int
		given    int64
		received int64
	}
	all := map[[3]string]*Count{}
	for _, s := range r.Stores() {
		err := s.DB.Read(ctx, func(tx *db.Tx) error {
			rows, err := db.Rows(ctx, tx, func(rows *sql.Rows) (one row, err error) {
				return one, rows.Scan(&one.kind, &one.country, &one.ground, &one.narrowed, &one.people, &one.given, &one.received)
			}, `SELECT kind, country, ground, narrowed, people, given_ms, received_ms FROM lawful_request WHERE region = $1 AND received_ms < $2`, s.Name, now.UnixMilli())
			if err != nil {
				return err
			}
			for _, one := range rows {
				h := HalfOf(db.At(one.received))
				if h.Ends().After(now) {
					continue
				}
				key := [3]string{fmt.Sprint(h), string(one.kind), one.country}
				if all[key] == nil {
					all[key] = &Count{Half: h, Kind: one.kind, Country: one.country}
				}
				all[key].add(one.ground != "", one.narrowed && one.given > 0, one.given > 0, one.people)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("count requests: %w", err)
		}
	}
	var list []Count
	for _, c := range all {
		list = append(list, *c)
	}
	slices.SortFunc(list, func(a, b Count) int {
		if c := b.Half.compare(a.Half); c != 0 {
			return c
		}
		if c := slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind); c != 0 {
			return c
		}
		return strings.Compare(a.Country, b.Country)
	})
	return list, nil
}

func (c *Count) add(refused, narrowed, disclosed bool, people int) {
	c.Received++
	c.People += people
	for _, one := range []struct {
		is bool
		to *int
	}{{refused, &c.Refused}, {narrowed, &c.Narrowed}, {disclosed, &c.Disclosed}} {
		if one.is {
			*one.to++
		}
	}
}

// Band is how a number of requests is published, so that no single one can be told by
// it: none, or the band that it is in. Both are 0 for none.
func Band(n int) (from, to int) {
	if n <= 0 {
		return 0, 0
	}
	lower := 1
	for _, upper := range []int{9, 49, 99, 249, 499, 999} {
		if n <= upper {
			return lower, upper
		}
		lower = upper + 1
	}
	thousands := n / 1000 * 1000
	return thousands, thousands + 999
}
