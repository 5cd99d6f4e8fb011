package kit

import (
	"fmt"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/recognise"
)

// maxTries bounds the search for a number: a check digit holds for one of 37
// numbers at the least.
const maxTries = 20_000

// LikeNumber is another number of the same format of a carrier, with a check
// digit that holds where number's does. It fails where number has none of the
// carrier's formats, though the carrier has some.
func LikeNumber(index *recognise.Index, of carrier.Code, number string) (string, error) {
	match, ok := formatOf(index, of, number)
	if !ok {
		return "", fmt.Errorf("%s is none of the numbers that the file of %s describes", number, of)
	}
	places := changeable(index, match, number)
	if len(places) == 0 {
		return "", fmt.Errorf("nothing can be changed in %s", number)
	}
	text := []byte(number)
	for _, at := range places {
		shuffle(index, match, text, at)
	}
	for range maxTries {
		if m, ok := find(index, match, string(text)); ok && m.Check == match.Check && string(text) != number {
			return string(text), nil
		}
		shuffle(index, match, text, places[random(len(places))])
	}
	return "", fmt.Errorf("no other number like %s is found", number)
}

// formatOf is the format that number has, of the carrier's; a check digit that
// holds comes first.
func formatOf(index *recognise.Index, of carrier.Code, number string) (recognise.Match, bool) {
	best, found := recognise.Match{}, false
	for _, m := range index.Match(nil, number) {
		if m.Carrier == nil || m.Carrier.Code != of {
			continue
		}
		if !found || m.Check == recognise.Right && best.Check != recognise.Right {
			best, found = m, true
		}
	}
	return best, found
}

// find is how text has the same format as before.
func find(index *recognise.Index, as recognise.Match, text string) (recognise.Match, bool) {
	for _, m := range index.Match(nil, text) {
		if m.Format == as.Format {
			return m, true
		}
	}
	return recognise.Match{}, false
}

// changeable are the places where another character keeps the format. Letters at
// either end stay: they name services and countries.
func changeable(index *recognise.Index, match recognise.Match, number string) []int {
	isLetter := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	first := len(number) - len(strings.TrimLeftFunc(number, isLetter))
	last := len(strings.TrimRightFunc(number, isLetter))
	var places []int
	for at := first; at < last; at++ {
		text := []byte(number)
		if shuffle(index, match, text, at) {
			places = append(places, at)
		}
	}
	return places
}

// shuffle puts another character of the same kind in a place, if there is one
// that keeps the format. It reports whether there is.
func shuffle(index *recognise.Index, match recognise.Match, text []byte, at int) bool {
	was, letters := text[at], "0123456789"
	if was < '0' || was > '9' {
		letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
	}
	from := random(len(letters))
	for i := range letters {
		text[at] = letters[(from+i)%len(letters)]
		if text[at] == was {
			continue
		}
		if _, ok := find(index, match, string(text)); ok {
			return true
		}
	}
	text[at] = was
	return false
}
