package watch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/status"
	"waypost/internal/vault"
)

// found is what a query finds.
type found struct {
	key    *vault.Sealer
	rows   []*row
	counts Counts
}

// find reads an owner's watches and goes through them: sealed words can't be
// searched in SQL, and whether a parcel needs attention depends on the clock.
// An owner has Options.Most of them at most, and what others have costs nothing.
func (s *Store) find(ctx context.Context, owner inventory.Subject, q Query) (found, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return found{}, err
	}
	f := found{key: k}
	var rows []*row
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		if rows, err = rowsOf(ctx, tx, owner, q.Shelf.where()); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `
			SELECT COALESCE(SUM(CASE WHEN archived_ms = 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN archived_ms > 0 THEN 1 ELSE 0 END), 0)
			FROM watch WHERE owner = $1`, string(owner)).Scan(&f.counts.Active, &f.counts.Archived)
	})
	if err != nil {
		return found{}, err
	}
	return f, s.sift(&f, rows, q)
}

func (shelf Shelf) where() string {
	switch shelf {
	case Archived:
		return ` AND w.archived_ms > 0`
	case Both:
		return ""
	}
	return ` AND w.archived_ms = 0`
}

// sift leaves the rows that a query lets through, counted and in order.
func (s *Store) sift(f *found, rows []*row, q Query) error {
	now := s.all.now()
	search := s.newSearch(q)
	f.counts.Status, f.counts.Attention, f.counts.Carrier = map[status.Main]int{}, map[Attention]int{}, map[carrier.Code]int{}
	for _, r := range rows {
		f.counts.Carrier[r.By()]++
		if len(q.Carrier) > 0 && !slices.Contains(q.Carrier, r.By()) {
			continue
		}
		if search.needsWords || q.Sort == ByName || q.Sort == ByETA {
			if err := r.open(f.key); err != nil {
				return err
			}
		}
		if !search.lets(r) {
			continue
		}
		main, attention := r.Status.Main(), r.Attention(now)
		f.counts.Status[main]++
		f.counts.Attention[attention]++
		if len(q.Status) > 0 && !slices.Contains(q.Status, main) || len(q.Attention) > 0 && !slices.Contains(q.Attention, attention) {
			continue
		}
		f.rows = append(f.rows, r)
	}
	slices.SortFunc(f.rows, q.order(now))
	return nil
}

// order compares two rows.
func (q Query) order(now time.Time) func(a, b *row) int {
	var first func(a, b *row) int
	switch q.Sort {
	case ByEvent:
		first = newestEvent
	case ByName:
		first = func(a, b *row) int { return strings.Compare(a.called(), b.called()) }
	case ByETA:
		first = func(a, b *row) int { return strings.Compare(a.expected(), b.expected()) }
	case ByStatus:
		first = func(a, b *row) int {
			return cmp.Compare(slices.Index(status.Mains, a.Status.Main()), slices.Index(status.Mains, b.Status.Main()))
		}
	case BySaving:
		first = func(*row, *row) int { return 0 }
	default:
		first = func(a, b *row) int { return byAttention(a, b, now) }
	}
	return func(a, b *row) int {
		c := cmp.Or(first(a, b), b.Created.Compare(a.Created), strings.Compare(string(b.ID), string(a.ID)))
		if q.Reverse {
			return -c
		}
		return c
	}
}

func byAttention(a, b *row, now time.Time) int {
	why, other := a.Attention(now), b.Attention(now)
	switch {
	case why != other:
		return cmp.Compare(why.rank(), other.rank())
	case why == PickUp || why == Silent: // the longest first
		return a.waiting().Compare(b.waiting())
	}
	return newestEvent(a, b)
}

// waiting is since when a parcel lies where it is.
func (r *row) waiting() time.Time {
	if !r.Since.IsZero() {
		return r.Since
	}
	if !r.Event.IsZero() {
		return r.Event
	}
	return r.Created
}

func newestEvent(a, b *row) int { return b.Event.Compare(a.Event) }

// called is what a row is called, for sorting.
func (r *row) called() string {
	if r.Name != "" {
		return fold(r.Name)
	}
	return fold(r.Number)
}

// expected is when a row's parcel comes as text that sorts, behind all dates
// where nobody says.
func (r *row) expected() string {
	return cmp.Or(r.Arrival().Local, "~")
}

// A search is the part of a query that reads what is sealed.
type search struct {
	terms, tags []string // folded
	needsWords  bool
	names       map[carrier.Code]string // folded
	catalogue   *carrier.Catalogue
}

// mostTerms bounds the words of one search.
const mostTerms = 16

func (s *Store) newSearch(q Query) *search {
	all := &search{terms: strings.Fields(fold(q.Text)), names: map[carrier.Code]string{}, catalogue: s.all.knowledge().Catalogue}
	all.terms = all.terms[:min(len(all.terms), mostTerms)]
	for _, tag := range q.Tags {
		all.tags = append(all.tags, fold(tag))
	}
	all.needsWords = len(all.terms) > 0 || len(all.tags) > 0
	return all
}

// lets reports whether a row has all terms and one of the tags.
func (s *search) lets(r *row) bool {
	if len(s.tags) > 0 && !slices.ContainsFunc(r.Tags, func(tag string) bool { return slices.Contains(s.tags, fold(tag)) }) {
		return false
	}
	if len(s.terms) == 0 {
		return true
	}
	text := fold(strings.Join(append([]string{r.Name, r.Note, r.Order}, r.Tags...), "\n")) + "\n" +
		fold(r.Number) + "\n" + s.name(r.Carrier) + "\n" + s.name(r.Found)
	order := compact(fold(r.Order))
	for _, term := range s.terms {
		bare := compact(term)
		if !strings.Contains(text, term) && (bare == "" || !strings.Contains(fold(r.Number), bare) && !strings.Contains(order, bare)) {
			return false
		}
	}
	return true
}

// name is what a carrier is called in all languages.
func (s *search) name(code carrier.Code) string {
	if code == "" {
		return ""
	}
	name, ok := s.names[code]
	if !ok {
		name = fold(string(code))
		if c, known := s.catalogue.Carrier(code); known {
			for _, n := range c.Names {
				name += "\n" + fold(n)
			}
		}
		s.names[code] = name
	}
	return name
}
