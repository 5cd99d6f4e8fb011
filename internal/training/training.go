// Package training is what those who work for an installation have to read, and
// say that they follow, before they see anything of people: the shipped words,
// and an operator's own. It knows nothing of who took it.
package training

import (
	_ "embed"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"waypost/internal/fault"
)

// Languages are those of every text. The first one has to be there, and stands in
// for others.
var Languages = []string{"en", "zh", "ar"}

// A Training is a version of the words.
type Training struct {
	Version string
	courses []course
}

// A Course is a part of the training in one language.
type Course struct {
	ID     string // security
	Title  string
	Points []string
}

type course struct {
	ID     string  `yaml:"id"`
	Title  words   `yaml:"title"`
	Points []words `yaml:"points"`
}

// words are a text by language.
type words map[string]string

func (w words) in(lang string) string {
	if text := w[lang]; text != "" {
		return text
	}
	return w[Languages[0]]
}

// file is what a file of the training holds.
type file struct {
	Version string   `yaml:"version"`
	Adds    bool     `yaml:"adds"` // to what is shipped, rather than replacing it
	Courses []course `yaml:"courses"`
}

//go:embed training.yaml
var shipped []byte

var (
	errFile  = fault.New(fault.Invalid, "training_file", "The training %s can't be read: %s")
	errThere = fault.New(fault.Invalid, "training_missing", "The training %s isn't there or can't be opened. Name its file in staff.training, or leave that out for the shipped one.")
)

// required are the courses that no training is without.
var required = []string{"security", "privacy"}

// Read returns the shipped training, or what an operator's file makes of it: one
// that adds has its points after the shipped ones, any other replaces them. A fault
// of kind Invalid says what is wrong with the file.
func Read(path string) (*Training, error) {
	own, err := read(shipped)
	if err != nil {
		return nil, errFile.With("training.yaml", err.Error()).Because(err)
	}
	if path == "" {
		return &Training{own.Version, own.Courses}, nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator named it
	if err != nil {
		return nil, errThere.With(path).Because(err)
	}
	theirs, err := read(text)
	if err != nil {
		return nil, errFile.With(path, err.Error()).Because(err)
	}
	if theirs.Adds {
		theirs.Version, theirs.Courses = own.Version+"+"+theirs.Version, joined(own.Courses, theirs.Courses)
	}
	t := &Training{theirs.Version, theirs.Courses}
	for _, id := range required {
		if !slices.ContainsFunc(t.courses, func(c course) bool { return c.ID == id }) {
			return nil, errFile.With(path, "it has no course "+id+"; with adds: true it keeps the shipped one")
		}
	}
	return t, nil
}

// joined are courses with others' points after theirs, and the others' own after them.
func joined(all, more []course) []course {
	for _, m := range more {
		i := slices.IndexFunc(all, func(c course) bool { return c.ID == m.ID })
		if i < 0 {
			all = append(all, m)
			continue
		}
		all[i].Points = append(all[i].Points, m.Points...)
	}
	return all
}

// problem is what is wrong with a file, in words for its operator.
type problem string

func (p problem) Error() string { return string(p) }

func read(text []byte) (f file, err error) {
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return file{}, err
	}
	if f.Version == "" || len(f.Version) > 40 || strings.ContainsAny(f.Version, " \t\n") {
		return file{}, problem("version needs 1 to 40 characters without spaces, like 2026-11")
	}
	if len(f.Courses) == 0 {
		return file{}, problem("courses is empty")
	}
	for _, c := range f.Courses {
		if c.ID == "" || len(c.Points) == 0 {
			return file{}, problem("each course needs an id and points")
		}
		texts := slices.Clone(c.Points)
		if len(c.Title) > 0 || !f.Adds || !slices.Contains(required, c.ID) { // else it is the shipped one's
			texts = append(texts, c.Title)
		}
		for _, w := range texts {
			if strings.TrimSpace(w[Languages[0]]) == "" {
				return file{}, problem("course " + c.ID + ": each text needs words in English (en); zh and ar are optional")
			}
		}
	}
	return f, nil
}

// In is the training in a language.
func (t *Training) In(lang string) []Course {
	var all []Course
	for _, c := range t.courses {
		one := Course{ID: c.ID, Title: c.Title.in(lang)}
		for _, p := range c.Points {
			one.Points = append(one.Points, p.in(lang))
		}
		all = append(all, one)
	}
	return all
}

// Wording is the same as one text, for the record of who read it.
func (t *Training) Wording(lang string) string {
	var b strings.Builder
	for _, c := range t.In(lang) {
		b.WriteString(c.Title + "\n")
		for _, p := range c.Points {
			b.WriteString("- " + p + "\n")
		}
	}
	return b.String()
}
