package watch

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// A Query says which of an owner's watches are wanted, and in which order. The
// zero value is all that aren't archived, what needs attention first. Where a
// list has several values, one of them is enough.
type Query struct {
	Text      string         `json:",omitempty"` // words that all are in name, note, tags, number, order or carrier
	Status    []status.Main  `json:",omitempty"`
	Attention []Attention    `json:",omitempty"` // the one NoAttention means: nothing to look at
	Carrier   []carrier.Code `json:",omitempty"`
	Tags      []string       `json:",omitempty"` // case and accents don't count
	Shelf     Shelf          `json:",omitempty"`
	Sort      Sort           `json:",omitempty"`
	Reverse   bool           `json:",omitempty"`

	After Cursor `json:"-"` // the page after it; "" the first
	Most  int    `json:"-"` // on a page, default 50, at most 200
}

// A Shelf is where watches are.
type Shelf string

// Shelves.
const (
	Active   Shelf = ""
	Archived Shelf = "archived"
	Both     Shelf = "both"
)

// A Sort is an order of watches. What is equal in it is in the order of saving,
// the newest first.
type Sort string

// Sorts.
const (
	ByAttention Sort = ""       // what needs it first, then the newest event
	ByEvent     Sort = "event"  // the newest first
	BySaving    Sort = "saved"  // the newest first
	ByName      Sort = "name"   // A to Z, what has none by its number
	ByETA       Sort = "eta"    // the soonest first, what has none last
	ByStatus    Sort = "status" // in their usual order
)

// Sorts are all of them.
var Sorts = []Sort{ByAttention, ByEvent, BySaving, ByName, ByETA, ByStatus}

// A Cursor is a place in a list. It holds nothing of what the list shows.
type Cursor string

// A Page is part of a list.
type Page struct {
	Watches []Watch
	Next    Cursor // of the page after it, "" none
	Total   int    // on all pages
	Counts  Counts
}

// Counts are how many watches the filters would let through.
type Counts struct {
	Status    map[status.Main]int  // of those that the query's other parts than Status and Attention let through
	Attention map[Attention]int    // the same; NoAttention too
	Carrier   map[carrier.Code]int // of all on the shelf, by the carrier that they are taken for
	Active    int                  // of all the owner's
	Archived  int
}

const (
	pageDefault = 50
	pageMost    = 200
)

var (
	errSort   = fault.New(fault.Invalid, "sort", "%q is no order of parcels.")
	errShelf  = fault.New(fault.Invalid, "shelf", "%q is no part of the list.")
	errCursor = fault.New(fault.Invalid, "cursor", "This is no page of the list. Begin with the first.")
)

// Get returns one watch, with its parcel.
func (s *Store) Get(ctx context.Context, owner inventory.Subject, id ID) (Watch, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Watch{}, err
	}
	var rows []*row
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		rows, err = rowsOf(ctx, tx, owner, ` AND w.id = $2`, string(id))
		return err
	})
	if err != nil {
		return Watch{}, fmt.Errorf("get watch %s: %w", id, err)
	}
	if len(rows) == 0 {
		return Watch{}, errNoWatch
	}
	if err := rows[0].open(k); err != nil {
		return Watch{}, fmt.Errorf("get watch %s: %w", id, err)
	}
	all := []Watch{rows[0].Watch}
	if err := s.readThrough(ctx, all); err != nil {
		return Watch{}, err
	}
	return all[0], nil
}

// List returns a page of an owner's watches, each with its parcel as it is now.
func (s *Store) List(ctx context.Context, owner inventory.Subject, q Query) (Page, error) {
	if err := q.check(); err != nil {
		return Page{}, err
	}
	f, err := s.find(ctx, owner, q)
	if err != nil {
		return Page{}, fmt.Errorf("list watches of %s: %w", owner, err)
	}
	from, err := q.After.in(f.rows)
	if err != nil {
		return Page{}, err
	}
	to := min(from+q.page(), len(f.rows))
	page := Page{Total: len(f.rows), Counts: f.counts, Watches: make([]Watch, 0, to-from)}
	for _, r := range f.rows[from:to] {
		if err := r.open(f.key); err != nil {
			return Page{}, fmt.Errorf("list watches of %s: %w", owner, err)
		}
		page.Watches = append(page.Watches, r.Watch)
	}
	if to < len(f.rows) {
		page.Next = cursorOf(f.rows[to-1], to)
	}
	return page, s.readThrough(ctx, page.Watches)
}

// Match returns the ids of all that a query lets through, in its order: for a
// change of everything that was found.
func (s *Store) Match(ctx context.Context, owner inventory.Subject, q Query) ([]ID, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	f, err := s.find(ctx, owner, q)
	if err != nil {
		return nil, fmt.Errorf("match watches of %s: %w", owner, err)
	}
	ids := make([]ID, len(f.rows))
	for i, r := range f.rows {
		ids[i] = r.ID
	}
	return ids, nil
}

// readThrough gives watches their parcels, and what those say now.
func (s *Store) readThrough(ctx context.Context, watches []Watch) error {
	ids := make([]parcel.ID, len(watches))
	for i, w := range watches {
		ids[i] = w.ParcelID
	}
	parcels, err := s.all.parcels.Get(ctx, ids...)
	if err != nil {
		return err
	}
	byID := make(map[parcel.ID]parcel.Parcel, len(parcels))
	for _, p := range parcels {
		byID[p.ID] = p
	}
	now := s.all.now()
	for i := range watches {
		if p, ok := byID[watches[i].ParcelID]; ok {
			watches[i].Parcel, watches[i].Summary = p, summarise(p, now)
		}
	}
	return nil
}

func (q Query) check() error {
	if !slices.Contains(Sorts, q.Sort) {
		return errSort.With(string(q.Sort))
	}
	if q.Shelf != Active && q.Shelf != Archived && q.Shelf != Both {
		return errShelf.With(string(q.Shelf))
	}
	return nil
}

func (q Query) page() int {
	if q.Most <= 0 {
		return pageDefault
	}
	return min(q.Most, pageMost)
}

// cursorOf is the place behind a row: the row, and its place for when it is gone.
func cursorOf(r *row, place int) Cursor { return Cursor(string(r.ID) + "." + strconv.Itoa(place)) }

// in returns where the page begins in a list.
func (c Cursor) in(rows []*row) (int, error) {
	if c == "" {
		return 0, nil
	}
	id, text, ok := strings.Cut(string(c), ".")
	place, err := strconv.Atoi(text)
	if !ok || err != nil || place < 0 {
		return 0, errCursor
	}
	if i := slices.IndexFunc(rows, func(r *row) bool { return string(r.ID) == id }); i >= 0 {
		return i + 1, nil
	}
	return min(place, len(rows)), nil
}
