package webhook

import (
	"slices"
	"strings"

	"waypost/internal/status"
	"waypost/internal/watch"
)

// Sources are all ways in which a parcel comes to be kept, as filters name them.
var Sources = []watch.Source{watch.ByAPI, watch.ByHand, watch.Imported, watch.Taken, watch.ByShop}

// A Filter is what an endpoint is told. Each part lets through what it names,
// and everything when it names nothing.
type Filter struct {
	Kinds   []Kind         `json:"kinds,omitempty"`
	Status  []status.Main  `json:"status,omitempty"`
	Tags    []string       `json:"tags,omitempty"` // one of them is enough; case doesn't count
	Sources []watch.Source `json:"sources,omitempty"`
}

// Lets reports whether an event passes.
func (f Filter) Lets(e Event) bool {
	return lets(f.Kinds, e.Kind) && lets(f.Sources, e.Source) && f.letsTags(e.Tags) &&
		(len(f.Status) == 0 || slices.Contains(f.Status, e.Status().Main()))
}

func lets[T comparable](named []T, v T) bool { return len(named) == 0 || slices.Contains(named, v) }

func (f Filter) letsTags(tags []string) bool {
	return len(f.Tags) == 0 || slices.ContainsFunc(f.Tags, func(named string) bool {
		return slices.ContainsFunc(tags, func(t string) bool { return strings.EqualFold(t, named) })
	})
}

// complete brings a filter into the form that is kept, or says what is wrong.
func (f Filter) complete() (Filter, error) {
	for _, k := range f.Kinds {
		if !slices.Contains(Kinds, k) {
			return f, errFilter
		}
	}
	for _, m := range f.Status {
		if !slices.Contains(status.Mains, m) {
			return f, errFilter
		}
	}
	for _, s := range f.Sources {
		if !slices.Contains(Sources, s) {
			return f, errFilter
		}
	}
	var tags []string
	for _, t := range f.Tags {
		t = strings.TrimSpace(t)
		if len(t) > longestTag {
			return f, errFilter
		}
		if t != "" && !slices.ContainsFunc(tags, func(one string) bool { return strings.EqualFold(one, t) }) {
			tags = append(tags, t)
		}
	}
	if len(tags) > mostTags {
		return f, errFilter
	}
	f.Tags = tags
	return f, nil
}
