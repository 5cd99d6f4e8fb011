package v1

import (
	"encoding/base64"
	"slices"
)

// A Page is the part of a list that is wanted.
type Page struct {
	After string `query:"after" maxLength:"200" doc:"The next of the page before; without it the list begins."`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50" doc:"How many at most."`
}

// A List is a part of a list.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"What after is to be for the next page; absent on the last."`
}

// pageOf cuts a page out of a list that is sorted by name, which is unique. What
// is added or taken away meanwhile moves nothing else.
func pageOf[T any](all []T, p Page, name func(T) string) ([]T, string, error) {
	after, err := base64.RawURLEncoding.DecodeString(p.After)
	if err != nil {
		return nil, "", inQuery("after", errCursor)
	}
	from, found := slices.BinarySearchFunc(all, string(after), func(one T, after string) int {
		switch n := name(one); {
		case n < after:
			return -1
		case n > after:
			return 1
		}
		return 0
	})
	if found {
		from++
	}
	all = all[from:]
	if len(all) <= p.Limit {
		return all, "", nil
	}
	all = all[:p.Limit]
	return all, base64.RawURLEncoding.EncodeToString([]byte(name(all[len(all)-1]))), nil
}

// mapped is f of each.
func mapped[A, B any](all []A, f func(A) B) []B {
	out := make([]B, len(all))
	for i, one := range all {
		out[i] = f(one)
	}
	return out
}
