package watch

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waypost/internal/fault"
	"waypost/internal/status"
)

// How long things may be, in characters.
const (
	mostName  = 120
	mostNote  = 2000
	mostOrder = 120
	mostTag   = 40
	mostTags  = 20
	mostHost  = 253 // RFC 1035, 2.3.4, as text
)

var (
	errLong   = fault.New(fault.Invalid, "too_long", "The %s is too long: %d characters are the most.")
	errTags   = fault.New(fault.Invalid, "too_many_tags", "A parcel can have %d tags.")
	errAlerts = fault.New(fault.Invalid, "alerts", "%q is no status that alerts can be had of.")
)

// IsZero reports whether nothing is said.
func (w Words) IsZero() bool {
	return w.Name == "" && w.Note == "" && w.Order == "" && len(w.Tags) == 0 && w.Expected == Expected{}
}

// clean brings words into their one form, or says which is too long.
func (w Words) clean() (Words, error) {
	var err error
	if w.Name, err = line("name", w.Name, mostName); err != nil {
		return Words{}, err
	}
	if w.Order, err = line("order reference", w.Order, mostOrder); err != nil {
		return Words{}, err
	}
	w.Note = strings.TrimSpace(plain(w.Note, true))
	if utf8.RuneCountInString(w.Note) > mostNote {
		return Words{}, errLong.With("note", mostNote)
	}
	if w.Tags, err = cleanTags(w.Tags); err != nil {
		return Words{}, err
	}
	w.Expected = w.Expected.clean()
	return w, nil
}

// clean is nothing for what is no day. Who said it is shortened: a host that is
// longer than hosts can be is a stranger's invention.
func (e Expected) clean() Expected {
	day, err := time.Parse(time.DateOnly, e.Day)
	if err != nil {
		return Expected{}
	}
	return Expected{day.Format(time.DateOnly), short(strings.Join(strings.Fields(plain(e.By, false)), " "), mostHost)}
}

func line(what, text string, most int) (string, error) {
	text = strings.Join(strings.Fields(plain(text, false)), " ")
	if utf8.RuneCountInString(text) > most {
		return "", errLong.With(what, most)
	}
	return text, nil
}

// plain leaves out what isn't text: control characters, but for line breaks
// where lines are allowed.
func plain(text string, lines bool) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, " "), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, text)
}

// cleanTags leaves each tag once: two that differ in case or accents only are one.
func cleanTags(tags []string) ([]string, error) {
	var clean []string
	seen := map[string]bool{}
	for _, tag := range tags {
		tag, err := line("tag", tag, mostTag)
		if err != nil {
			return nil, err
		}
		if key := fold(tag); tag != "" && !seen[key] {
			seen[key] = true
			clean = append(clean, tag)
		}
	}
	if len(clean) > mostTags {
		return nil, errTags.With(mostTags)
	}
	return clean, nil
}

// clean checks the statuses and leaves each once, in their usual order.
func (a Alerts) clean() (Alerts, error) {
	if !a.Own {
		return Alerts{}, nil
	}
	c := Alerts{Own: true}
	for _, m := range a.On {
		if !slices.Contains(status.Mains, m) {
			return Alerts{}, errAlerts.With(string(m))
		}
	}
	for _, m := range status.Mains {
		if slices.Contains(a.On, m) {
			c.On = append(c.On, m)
		}
	}
	return c, nil
}
