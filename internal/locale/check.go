package locale

import (
	"fmt"
	"regexp"
	"slices"
)

var placeIn = regexp.MustCompile(`\{\w+\}`)

// Check says where the languages differ in what they can say: keys that one has
// and another doesn't, places that are filled in by one only, plurals without a
// form. Nothing when all is well.
func Check(all []*Words) (wrong []string) {
	first := all[0]
	for _, w := range all {
		for _, key := range first.Keys() {
			if !w.Has(key) {
				wrong = append(wrong, fmt.Sprintf("%s: %s is missing", w.Lang, key))
				continue
			}
			if got, want := w.places(key), first.places(key); !slices.Equal(got, want) {
				wrong = append(wrong, fmt.Sprintf("%s: %s has the places %v, want %v", w.Lang, key, got, want))
			}
		}
		for _, key := range w.Keys() {
			if !first.Has(key) {
				wrong = append(wrong, fmt.Sprintf("%s: %s is not in %s", w.Lang, key, first.Lang))
			}
		}
		wrong = append(wrong, w.formless(first)...)
	}
	return wrong
}

// places are what a text has filled in, sorted, each once.
func (w *Words) places(key string) []string {
	return slices.Compact(slices.Sorted(slices.Values(placeIn.FindAllString(w.texts[key]["other"], -1))))
}

// formless names the plurals of the language that a text has no form for, of
// texts that depend on a number.
func (w *Words) formless(first *Words) (wrong []string) {
	const some = 200 // beyond which no language has another plural
	var needed []string
	for n := range some {
		if f := w.plural(n); !slices.Contains(needed, f) {
			needed = append(needed, f)
		}
	}
	for _, key := range w.Keys() {
		if len(first.texts[key]) <= 1 {
			continue
		}
		for _, f := range needed {
			if w.texts[key][f] == "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s has no words for %s", w.Lang, key, f))
			}
		}
	}
	return wrong
}
