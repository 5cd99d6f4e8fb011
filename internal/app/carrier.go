package app

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/fault"
	"waypost/internal/parcel"
)

type carrierCommand struct {
	List   carrierListCommand   `cmd:"" help:"Every carrier, and what Waypost can do with each."`
	New    carrierNewCommand    `cmd:"" help:"Ask about a carrier, and write its file after a sample answer."`
	Check  carrierCheckCommand  `cmd:"" help:"Say what is wrong with a carrier or source file, by line, and run its vectors."`
	Test   carrierTestCommand   `cmd:"" help:"Run the vectors of all carriers, or of some, and show every difference."`
	Record carrierRecordCommand `cmd:"" help:"Ask a carrier, and keep its answer as a vector, with look-alikes for whatever is private."`
	Docs   carrierDocsCommand   `cmd:"" help:"Write a page about every carrier and source, from their files."`
	Read   carrierReadCommand   `cmd:"" help:"Show what a saved answer of a carrier would become, without network."`
	Try    carrierTryCommand    `cmd:"" help:"Ask with an account once, to see that its credentials are taken."`
	Take   carrierTakeCommand   `cmd:"" help:"Take in files of what a source sent by itself; beside a server that runs, too."`
	Health carrierHealthCommand `cmd:"" help:"How the connected sources are doing, and what needs somebody; beside a server that runs, too."`

	Unmapped carrierUnmappedCommand `cmd:"" help:"Codes that carriers sent and their files don't have, each with a line for the status map."`
	Learned  carrierLearnedCommand  `cmd:"" help:"Whose numbers turned out to be whose: show it, take it elsewhere, forget it."`
}

type carrierCheckCommand struct {
	Files []string `arg:"" help:"Carrier or source files; their vectors' answers stand in a folder beside."`
}

func (c carrierCheckCommand) Run(stdio Stdio) error {
	wrong := 0
	for _, file := range c.Files {
		mistakes := engine.CheckFile(file)
		tellMistakes(stdio.Out, mistakes)
		if len(mistakes) == 0 {
			fmt.Fprintf(stdio.Out, "%s: good\n", file)
		}
		wrong += len(mistakes)
	}
	if wrong > 0 {
		return fault.New(fault.Invalid, "carrier_file", "%s. docs/carriers.md explains every field.").With(counted(wrong, "mistake"))
	}
	return nil
}

// counted is a number of things, in English.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func tellMistakes(w io.Writer, mistakes []carrier.Mistake) {
	for _, m := range mistakes {
		fmt.Fprintln(w, m)
	}
}

type carrierReadCommand struct {
	Carrier  carrier.Code `arg:"" help:"Carrier or source whose answer it is, by code."`
	Answer   string       `arg:"" help:"File with the saved answer; - is standard input."`
	JSON     bool         `name:"json" help:"As a JSON list."`
	HTTP     int          `name:"http" default:"200" help:"HTTP status that the answer came with."`
	Asked    []string     `help:"Numbers that were asked for, if the answer doesn't name them."`
	File     string       `help:"Carrier file to read with, instead of the built-in one." type:"existingfile"`
	Carriers string       `help:"Overlay folder of carrier files." type:"path"`
}

func (c carrierReadCommand) Run(stdio Stdio) error {
	answer, err := readText(c.Answer, stdio.In)
	if err != nil {
		return err
	}
	source, err := c.source(stdio)
	if err != nil {
		return err
	}
	program, mistakes := engine.Compile(source)
	if len(mistakes) > 0 {
		tellMistakes(stdio.Err, mistakes)
		return fault.New(fault.Invalid, "carrier_file", "The file of %s has mistakes.").With(c.Carrier)
	}
	reports, err := program.Read([]byte(answer), c.HTTP, c.Asked)
	return printReports(stdio, c.JSON, source, c.Carrier, reports, err)
}

func (c carrierReadCommand) source(stdio Stdio) (*carrier.Source, error) {
	overlay := c.Carriers
	if c.File != "" {
		overlay = filepath.Dir(c.File)
	}
	k, err := loadKnowledge(overlay)
	if err != nil {
		return nil, err
	}
	if c.File != "" {
		tellMistakes(stdio.Err, k.mistakes)
	}
	return k.sourceOf(c.Carrier)
}

// printReports prints what an answer became: a list (empty if the carrier
// doesn't know the number), or the problem.
func printReports(stdio Stdio, asJSON bool, source *carrier.Source, code carrier.Code, reports []carrier.Report, err error) error {
	var problem *carrier.Problem
	if errors.As(err, &problem) {
		if problem.Kind == carrier.Missing {
			return printAnswers(stdio.Out, asJSON, nil)
		}
		return printProblem(stdio.Err, problemWord(problem.Kind), problem.Text, asJSON)
	}
	if err != nil {
		return err
	}
	var answers []answerJSON
	var untold *carrier.Problem // the first that isn't "not found"
	for _, r := range reports {
		if r.Problem != nil {
			if r.Problem.Kind != carrier.Missing && untold == nil {
				untold = r.Problem
			}
			continue
		}
		now := saved(r)
		leg := parcel.Asking{Source: source.Code, Carrier: code, Number: r.Number, Role: parcel.Origin}
		h, _ := parcel.Merge(parcel.History{}, leg, r, now)
		answers = append(answers, answerOf(r.Number, h, now))
	}
	if untold != nil && len(answers) == 0 {
		return printProblem(stdio.Err, problemWord(untold.Kind), untold.Text, asJSON)
	}
	if err := printAnswers(stdio.Out, asJSON, answers); err != nil || untold == nil {
		return err
	}
	return printProblem(stdio.Err, problemWord(untold.Kind), untold.Text, asJSON)
}

// saved is the time as of which a saved answer is read, since it doesn't say
// when it was given: its newest event's. So an old answer says what it said.
func saved(r carrier.Report) time.Time {
	for _, e := range slices.Backward(r.Events) {
		if !e.Time.UTC.IsZero() {
			return e.Time.UTC
		}
		for _, form := range []string{"2006-01-02T15:04:05", time.DateOnly} {
			if t, err := time.Parse(form, e.Time.Local); err == nil {
				return t
			}
		}
	}
	return time.Now()
}

func printAnswers(w io.Writer, asJSON bool, answers []answerJSON) error {
	if asJSON {
		return printAnswersJSON(w, append([]answerJSON{}, answers...))
	}
	if len(answers) == 0 {
		fmt.Fprintln(w, "Not found.")
	}
	for _, a := range answers {
		printAnswer(w, a)
	}
	return nil
}

// problemWord sorts a source's problem into the few that the command line tells apart.
func problemWord(kind carrier.ProblemKind) string {
	switch kind {
	case carrier.NeedsPhone, carrier.NeedsPostcode, carrier.WrongValue:
		return "needs_more"
	case carrier.LimitedKind, carrier.TooMany:
		return "limited"
	case carrier.Unreadable:
		return "broken"
	}
	return string(kind)
}
