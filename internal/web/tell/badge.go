package tell

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"waypost/internal/carrier"
)

// A Badge is a carrier's initials on its own colour.
type Badge struct {
	Initials    string
	Colour, Ink string // #rrggbb
	Size        int    // of the letters
}

var hexColour = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// BadgeOf is the badge of a carrier.
func BadgeOf(c *carrier.Carrier) Badge {
	colour := c.Colour
	if !hexColour.MatchString(colour) {
		colour = quiet[sum(string(c.Code))%len(quiet)]
	}
	initials := initialsOf(c.Names["en"])
	return Badge{initials, colour, inkOn(colour), [...]int{26, 26, 20, 16, 13}[min(utf8.RuneCountInString(initials), 4)]}
}

// quiet are the colours of carriers that have none of their own.
var quiet = []string{"#46505f", "#5b4a63", "#3f5a52", "#6a5140", "#4a4a68"}

func sum(s string) int {
	n := 0
	for _, b := range []byte(s) {
		n += int(b)
	}
	return n
}

// initialsOf makes at most three letters of a name: DHL, CP for Canada Post,
// IP for InPost.
func initialsOf(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])
	if upper := strings.ToUpper(words[0]); upper == words[0] && len(first) <= 4 {
		return upper
	}
	if len(words) > 1 {
		var b strings.Builder
		for _, w := range words[:min(3, len(words))] {
			r, _ := utf8.DecodeRuneInString(w)
			b.WriteRune(unicode.ToUpper(r))
		}
		return b.String()
	}
	for i, r := range first[1:] {
		if unicode.IsUpper(r) {
			return string([]rune{unicode.ToUpper(first[0]), first[i+1]})
		}
	}
	return string(unicode.ToUpper(first[0]))
}

// inkOn is the colour, nearly black or white, that can be read best on another
// (relative luminance, WCAG 2.2).
func inkOn(colour string) string {
	l := luminance(colour)
	const dark = "#17181c"
	if (l+0.05)/(luminance(dark)+0.05) >= 1.05/(l+0.05) {
		return dark
	}
	return "#ffffff"
}

func luminance(colour string) float64 {
	part := func(i int) float64 {
		n, err := strconv.ParseUint(colour[i:i+2], 16, 8)
		if err != nil {
			return 0
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(1) + 0.7152*part(3) + 0.0722*part(5)
}
