package ui

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/text/language"

	"waypost/internal/fault"
	"waypost/internal/locale"
)

// A Reader is who a page is for: in which language, and whether the address
// says so, in which case the links of the page go on saying it.
type Reader struct {
	*Words
	Named bool
}

// Reader finds out the language: the address's lang, else the account's of who
// is signed in, else the first of the browser's languages that Waypost speaks,
// else the first language of all.
func (k *Kit) Reader(r *http.Request) Reader {
	if lang := r.URL.Query().Get("lang"); lang != "" {
		for _, w := range k.words {
			if base, _, _ := strings.Cut(strings.ToLower(lang), "-"); w.Lang == base {
				return Reader{w, true}
			}
		}
	}
	for _, w := range k.words {
		if w.Lang == WhoOf(r.Context()).Lang {
			return Reader{w, false}
		}
	}
	wanted, _, _ := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")) // an unreadable header asks for nothing
	return Reader{locale.Match(k.words, wanted), false}
}

// Fault returns what a person may read of err: the words for its code, where
// {1} is the first thing that its own text was filled in with, else that text.
func (r Reader) Fault(err error) string {
	var e *fault.Error
	if !errors.As(err, &e) || !r.Has("fault."+e.Code) {
		return fault.Text(err)
	}
	var fill []any
	for i, arg := range e.Args() {
		fill = append(fill, strconv.Itoa(i+1), arg)
	}
	return r.Say("fault."+e.Code, fill...)
}

// Link returns an address of this site, which goes on naming the language if
// the reader's address did.
func (r Reader) Link(address string) string {
	if !r.Named {
		return address
	}
	return withLang(address, r.Lang)
}

// withLang sets lang in an address, in front of a fragment.
func withLang(address, lang string) string {
	address, fragment, _ := strings.Cut(address, "#")
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Set("lang", lang)
	address = path + "?" + Query(values)
	if fragment != "" {
		address += "#" + fragment
	}
	return address
}

// Query encodes values, sorted, and leaves the commas of lists as they are.
func Query(values url.Values) string {
	return strings.ReplaceAll(values.Encode(), "%2C", ",")
}
