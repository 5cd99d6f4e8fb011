// Package region keeps a room's stores, one for each region that people live in,
// and says which of them an id belongs to. It knows nothing of what they store.
package region

import (
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

// ErrNames is for regions of which a room can't be opened.
var ErrNames = fault.New(fault.Invalid, "regions", "There has to be a region for people's data, and each needs a name of its own.")

// A Set is the stores of a room, by their regions' names. Nothing changes it, so it
// is safe for concurrent use.
type Set[S any] struct {
	all  []named[S]
	none error
}

// A named is a store with its region's name.
type named[S any] struct {
	name  string
	store S
}

// Open opens a store for each region, of which there is one or more, of different
// names; open says a region's name and its store. none is what In and Of fail with.
func Open[R, S any](regions []R, none error, open func(R) (name string, store S, err error)) (Set[S], error) {
	s := Set[S]{none: none}
	for _, r := range regions {
		name, store, err := open(r)
		if err != nil {
			return Set[S]{}, err
		}
		s.all = append(s.all, named[S]{name, store})
	}
	slices.SortFunc(s.all, func(a, b named[S]) int { return strings.Compare(a.name, b.name) })
	names := s.Names()
	if len(names) == 0 || names[0] == "" || len(slices.Compact(names)) < len(s.all) {
		return Set[S]{}, ErrNames
	}
	return s, nil
}

// Stores are all regions' stores, by name.
func (s Set[S]) Stores() []S {
	all := make([]S, len(s.all))
	for n, one := range s.all {
		all[n] = one.store
	}
	return all
}

// Names are all regions' names, in their order.
func (s Set[S]) Names() []string {
	all := make([]string, len(s.all))
	for n, one := range s.all {
		all[n] = one.name
	}
	return all
}

// In is the store of a region; an error and no store where there is no such region.
func (s Set[S]) In(name string) (S, error) {
	for _, one := range s.all {
		if one.name == name {
			return one.store, nil
		}
	}
	var no S
	return no, s.none
}

// Of is the store of the region that somebody lives in, as In is.
func (s Set[S]) Of(who inventory.Subject) (S, error) { return s.In(Of(who)) }

// Reached has do done with each region's store, and returns which regions can't be
// reached now: of these nothing is done, and it is no error.
func (s Set[S]) Reached(do func(S) error) (away []string, err error) {
	for _, one := range s.all {
		err := do(one.store)
		if errors.Is(err, db.ErrAway) {
			away = append(away, one.name)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return away, nil
}

// idLength is how long a UUID is, written out.
const idLength = 36

// Of is the region that an id begins with, as in eu-018f…; "" when it is none.
func Of[ID ~string](id ID) string {
	cut := len(id) - idLength - 1
	if cut < 1 || id[cut] != '-' || uuid.Validate(string(id[cut+1:])) != nil {
		return ""
	}
	return string(id[:cut])
}
