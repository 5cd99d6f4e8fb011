package app

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/fault"
)

type carrierTestCommand struct {
	Carriers []string `arg:"" optional:"" name:"carrier" help:"Carriers or sources, by code; none: all."`
	In       []string `help:"Folders of carrier or source files." default:"carriers,sources" type:"path"`
}

func (c carrierTestCommand) Run(stdio Stdio) error {
	files, err := c.files()
	if err != nil {
		return err
	}
	var sources []*carrier.Source
	vectors, failed, mistaken := 0, 0, 0
	for _, file := range files {
		source, trials, mistakes := engine.TryFile(file)
		tellMistakes(stdio.Out, mistakes)
		mistaken += len(mistakes)
		if source == nil {
			continue
		}
		sources = append(sources, source)
		vectors += len(trials)
		failed += printTrials(stdio.Out, file, source, trials)
	}
	fmt.Fprintf(stdio.Out, "%s, %s: %d as expected.\n%s\n", counted(len(sources), "source"), counted(vectors, "vector"), vectors-failed, unproven(sources))
	if failed+mistaken > 0 {
		return fault.New(fault.Invalid, "carrier_vectors", "Not all is as expected: %s different, %s in the files.").With(counted(failed, "vector"), counted(mistaken, "mistake"))
	}
	return nil
}

// printTrials prints a source's line, and the differences below it. It returns
// how many vectors differ.
func printTrials(w io.Writer, file string, source *carrier.Source, trials []engine.Trial) int {
	different := slices.DeleteFunc(slices.Clone(trials), func(t engine.Trial) bool { return len(t.Differences) == 0 })
	if len(different) == 0 {
		fmt.Fprintf(w, "good   %s, %s\n", source.Code, counted(len(trials), "vector"))
		return 0
	}
	fmt.Fprintf(w, "WRONG  %s, %d of %s\n", source.Code, len(different), counted(len(trials), "vector"))
	for _, t := range different {
		fmt.Fprintf(w, "  %s:%d, %s\n", file, t.Vector.Line, t.File)
		for _, d := range t.Differences {
			printDifference(w, d)
		}
	}
	return len(different)
}

func printDifference(w io.Writer, d engine.Difference) {
	if d.Field == "" {
		fmt.Fprintf(w, "    %s\n", d.Text)
		return
	}
	fmt.Fprintf(w, "    %s\n      expected  %s\n      came      %s\n", d.Field, orNothing(d.Want), orNothing(d.Got))
	switch {
	case d.Line > 0:
		fmt.Fprintf(w, "      read from line %d of the answer: %s\n", d.Line, d.Near)
	case d.Near != "":
		fmt.Fprintf(w, "      read from: %s\n", d.Near)
	}
}

func orNothing(text string) string { return cmp.Or(text, "nothing") }

// files are the carrier and source files that are to be tested.
func (c carrierTestCommand) files() ([]string, error) {
	var files []string
	for _, folder := range c.In {
		found, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
		if err != nil {
			return nil, fault.New(fault.Invalid, "carrier_folder", "The folder %s can't be read.").With(folder).Because(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		return nil, fault.New(fault.NotFound, "carrier_folder", "There are no carrier files in %s. Vectors stand beside the files: run this in a clone of Waypost, or name a folder with --in.").With(strings.Join(c.In, ", "))
	}
	if len(c.Carriers) == 0 {
		return files, nil
	}
	chosen := slices.DeleteFunc(slices.Clone(files), func(file string) bool { return !slices.Contains(c.Carriers, namedAfter(file)) })
	for _, code := range c.Carriers {
		if !slices.ContainsFunc(chosen, func(file string) bool { return namedAfter(file) == code }) {
			return nil, fault.New(fault.NotFound, "carrier_unknown", "There is no file of %s in %s.").With(code, strings.Join(c.In, ", "))
		}
	}
	return chosen, nil
}

// namedAfter is the carrier that a file is named after.
func namedAfter(file string) string { return strings.TrimSuffix(filepath.Base(file), ".yaml") }
