package member

import (
	"net/url"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/status"
	"waypost/internal/watch"
	"waypost/internal/web/ui"
)

// mostSearch bounds what is searched for, in bytes.
const mostSearch = 400

// anyAttention stands for all reasons in an address.
const anyAttention = "any"

// listQuery reads the query of a list's address. What there is no such thing of
// is left out.
func listQuery(v url.Values) watch.Query {
	q := watch.Query{After: watch.Cursor(v.Get("after"))}
	if text := strings.ToValidUTF8(v.Get("q"), ""); len(text) <= mostSearch {
		q.Text = strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
	}
	for _, m := range status.Mains {
		if slices.Contains(v["status"], string(m)) {
			q.Status = append(q.Status, m)
		}
	}
	for _, a := range watch.Attentions {
		if slices.Contains(v["attention"], string(a)) || v.Get("attention") == anyAttention {
			q.Attention = append(q.Attention, a)
		}
	}
	for _, code := range v["carrier"] {
		if code != "" && len(code) <= 64 {
			q.Carrier = append(q.Carrier, carrier.Code(code))
		}
	}
	for _, tag := range v["tag"] {
		if tag != "" && len(tag) <= mostSearch {
			q.Tags = append(q.Tags, strings.ToValidUTF8(tag, ""))
		}
	}
	if shelf := watch.Shelf(v.Get("shelf")); shelf == watch.Archived || shelf == watch.Both {
		q.Shelf = shelf
	}
	sort, reverse := strings.CutPrefix(v.Get("sort"), "-")
	if slices.Contains(watch.Sorts, watch.Sort(sort)) {
		q.Sort, q.Reverse = watch.Sort(sort), reverse
	}
	return q
}

// listValues are the values of an address that listQuery reads as q, without
// its place.
func listValues(q watch.Query) url.Values {
	v := url.Values{}
	if q.Text != "" {
		v.Set("q", q.Text)
	}
	for _, m := range q.Status {
		v.Add("status", string(m))
	}
	if len(q.Attention) == len(watch.Attentions) {
		v.Set("attention", anyAttention)
	} else {
		for _, a := range q.Attention {
			v.Add("attention", string(a))
		}
	}
	for _, code := range q.Carrier {
		v.Add("carrier", string(code))
	}
	for _, tag := range q.Tags {
		v.Add("tag", tag)
	}
	if q.Shelf != watch.Active {
		v.Set("shelf", string(q.Shelf))
	}
	if sort := sortValue(q); sort != "" {
		v.Set("sort", sort)
	}
	return v
}

func sortValue(q watch.Query) string {
	if q.Reverse {
		return "-" + string(q.Sort)
	}
	return string(q.Sort)
}

// listAddress is where a query's list is.
func listAddress(path string, q watch.Query, more ...string) string {
	v := listValues(q)
	if q.After != "" {
		v.Set("after", string(q.After))
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			v.Set(more[i], more[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + ui.Query(v)
}

// narrowed reports whether a query leaves anything out of the list.
func narrowed(q watch.Query) bool {
	return q.Text != "" || len(q.Status)+len(q.Attention)+len(q.Carrier)+len(q.Tags) > 0
}
