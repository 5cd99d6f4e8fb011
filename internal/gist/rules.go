package gist

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"sync"

	"go.yaml.in/yaml/v4"

	"waypost/internal/status"
)

//go:embed rules/*.yaml
var files embed.FS

// rules are all phrases by their first word; those that begin with a part of a
// word, by its stem.
type rules map[string][]*phrase

// shippedRules are read when the first text is.
var shippedRules = sync.OnceValue(func() rules {
	r, err := readRules(files)
	if err != nil {
		panic(err) // they come with the program
	}
	return r
})

// A ruleFile is the rules of one language.
type ruleFile struct {
	Lang   string                  `yaml:"lang"`
	Unsure []string                `yaml:"unsure"` // it isn't so, or isn't yet
	Says   map[status.Sub][]string `yaml:"says"`
}

func readRules(folder fs.FS) (rules, error) {
	names, err := fs.Glob(folder, "rules/*.yaml")
	if err != nil {
		return nil, err
	}
	r := rules{}
	for _, name := range names {
		if err := r.readFile(folder, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return r, nil
}

func (r rules) readFile(folder fs.FS, name string) error {
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	var f ruleFile
	if err := yaml.Load(text, &f, yaml.WithKnownFields()); err != nil {
		return err
	}
	for _, text := range f.Unsure {
		if err := r.add(f.Lang, unsureOf, text); err != nil {
			return err
		}
	}
	for is, phrases := range f.Says {
		if !slices.Contains(order, is) {
			return fmt.Errorf("%s can't be read from words", is)
		}
		for _, text := range phrases {
			if err := r.add(f.Lang, is, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts a phrase under each word that it may begin with.
func (r rules) add(lang string, is status.Sub, text string) error {
	parts, err := parsePhrase(text)
	if err != nil {
		return err
	}
	p := &phrase{text: text, lang: lang, is: is, parts: parts}
	for _, f := range parts[0].forms {
		key := f.text
		if f.begins {
			key = stem(f.text)
		}
		if !slices.Contains(r[key], p) {
			r[key] = append(r[key], p)
		}
	}
	return nil
}
