package app

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/internal/carrier/kit"
	"waypost/internal/config"
	"waypost/internal/fault"
	"waypost/internal/status"
)

type carrierNewCommand struct {
	Name     string            `help:"Its name, in English."`
	Code     string            `help:"Its code: lower case with hyphens."`
	Country  string            `help:"Its country, two letters."`
	Kind     string            `help:"postal, express, parcel, lockers, last-mile, freight or marketplace."`
	Site     string            `help:"Its website."`
	Link     string            `help:"Its tracking page, with {number}."`
	Number   []string          `help:"Examples of its numbers, invented or your own without their owner."`
	Base     string            `help:"Scheme and host of its API."`
	Auth     string            `help:"How it knows who asks: none, header NAME, query NAME, bearer, basic, oauth2 PATH."`
	Ask      string            `help:"Path and query that are asked, with {number}."`
	Sample   string            `help:"File with a sample answer."`
	Zone     string            `help:"Zone of times that don't say theirs: Europe/Oslo, or place."`
	Status   map[string]string `help:"What a code means: HUB=InTransit_Other."`
	Problem  map[string]string `help:"What an error code means: not_found=missing."`
	Recorded bool              `help:"The sample is a real answer: look-alikes are put in for whatever is private."`
	Keep     []string          `help:"Field of a real answer that is harmless, by path, with what is below it."`
	Hide     []string          `help:"Field of a real answer that is replaced, by path, with what is below it."`
	Yes      bool              `help:"Ask nothing; take every proposal."`
	Replace  bool              `help:"Replace the file if it is there."`
	To       string            `help:"Folder for the file. Default: the overlay folder."`
	Config   string            `help:"Configuration file." type:"path" env:"WAYPOST_CONFIG"`
}

func (c carrierNewCommand) Run(_ context.Context, stdio Stdio) error {
	folder := c.To
	if folder == "" {
		cfg, err := config.Load(c.Config, environment(), nil)
		if err != nil {
			return err
		}
		folder = cfg.Carriers
	}
	n := &newCarrier{carrierNewCommand: c, interview: newInterview(stdio, c.Yes)}
	for _, step := range []func() error{
		n.identity,
		func() error { return n.mayWrite(folder) },
		n.numbers, n.api, n.sample, n.meanings,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return n.write(stdio, folder)
}

// newCarrier is a carrier while it is asked for.
type newCarrier struct {
	carrierNewCommand
	*interview
	draft  kit.Draft
	answer []byte // the sample
}

// A blank is a question and where its answer goes.
type blank struct {
	question
	to *string
}

func (n *newCarrier) all(blanks ...blank) error {
	for _, q := range blanks {
		text, err := n.ask(q.question)
		if err != nil {
			return err
		}
		*q.to = text
	}
	return nil
}

var notInCode = regexp.MustCompile(`[^a-z0-9]+`)

func (n *newCarrier) identity() error {
	d := &n.draft
	name, err := n.ask(question{text: "Name, in English", flag: "name", given: n.Name, needed: true})
	if err != nil {
		return err
	}
	d.Name = name
	proposed := strings.Trim(notInCode.ReplaceAllString(strings.ToLower(name), "-"), "-")
	var code, kind string
	err = n.all(
		blank{question{text: "Code", flag: "code", given: n.Code, proposal: proposed, needed: true, wrong: inForm(`^[a-z0-9]+(-[a-z0-9]+)*$`, "lower case with hyphens")}, &code},
		blank{question{text: "Country, two letters", flag: "country", given: n.Country, wrong: inForm(`^[A-Za-z]{2}$`, "two letters, as DE")}, &d.Country},
		blank{question{text: "Kind", flag: "kind", given: n.Kind, proposal: string(carrier.ParcelKind), wrong: oneOf(carrier.Kinds)}, &kind},
		blank{question{text: "Website", flag: "site", given: n.Site, wrong: inForm(`^https://[^/\s]+`, "an address, https://…")}, &d.Site},
		blank{question{text: "Tracking page, with {number}", flag: "link", given: n.Link, wrong: inForm(`^https://.*\{number\}`, "an address, https://… with {number}")}, &d.Link},
	)
	d.Code, d.Kind, d.Country = carrier.Code(code), carrier.Kind(kind), strings.ToUpper(d.Country)
	return err
}

// inForm is what is wrong with answers that aren't of a form.
func inForm(form, what string) func(string) string {
	is := regexp.MustCompile(form)
	return func(answer string) string {
		if is.MatchString(answer) {
			return ""
		}
		return "it must be " + what + "."
	}
}

func oneOf[T ~string](all []T) func(string) string {
	return func(answer string) string {
		if slices.Contains(all, T(answer)) {
			return ""
		}
		return fmt.Sprintf("it is one of %v.", all)
	}
}

// mayWrite asks before a file is replaced.
func (n *newCarrier) mayWrite(folder string) error {
	file := filepath.Join(folder, string(n.draft.Code)+".yaml")
	if _, err := os.Stat(file); os.IsNotExist(err) || n.Replace {
		return nil
	}
	replace, err := n.ask(question{text: file + " is there already. Replace it?", flag: "replace", proposal: "no"})
	if err != nil || replace == "yes" || replace == "y" {
		return err
	}
	return fault.New(fault.Conflict, "carrier_file", "%s is there already, and stays as it is. With --replace it is replaced.").With(file)
}

func (n *newCarrier) numbers() error {
	examples := strings.Join(n.Number, " ")
	examples, err := n.ask(question{text: "Numbers that it has, with spaces between", flag: "number", given: examples, wrong: inForm(`^[A-Za-z0-9 ]+$`, "letters and digits")})
	n.draft.Formats = kit.FormatsOf(strings.Fields(examples))
	return err
}

func (n *newCarrier) api() error {
	var api kit.API
	base, err := n.ask(question{text: "API, scheme and host; none: it is only recognised", flag: "base", given: n.Base, wrong: inForm(`^https?://[^/\s]+$`, "scheme and host, https://api.…")})
	if err != nil || base == "" {
		return err
	}
	api.Base = base
	n.draft.API = &api
	return n.all(
		blank{question{text: "Who asks is shown by (" + strings.Join(kit.Auths, ", ") + ")", flag: "auth", given: n.Auth, proposal: "header X-Api-Key",
			wrong: inForm(`^(none|bearer|basic|(header|query) [A-Za-z][\w-]*|oauth2 /\S*)$`, "one of "+strings.Join(kit.Auths, ", "))}, &api.Auth},
		blank{question{text: "Path and query, with {number}", flag: "ask", given: n.Ask, proposal: "/track/{number}", wrong: inForm(`^/\S*\{number\}`, "a path that begins with / and holds {number}")}, &api.Ask},
	)
}

// sample reads a sample answer, and asks whether what is found in it is right.
func (n *newCarrier) sample() error {
	api := n.draft.API
	if api == nil {
		return nil
	}
	file, err := n.ask(question{text: "A sample answer: its file, or - to paste it and end with a line of one dot", flag: "sample", given: n.Sample, needed: true})
	if err != nil {
		return err
	}
	text := ""
	if file == "-" {
		text = n.pasted()
	} else if text, err = readText(file, nil); err != nil {
		return err
	}
	n.answer = []byte(text)
	if api.Guess, err = kit.GuessRead(n.answer); err != nil {
		return fault.New(fault.Invalid, "carrier_sample", "%s: %s.").With(file, err)
	}
	g := &api.Guess
	if len(g.Numbers) == 0 && len(n.draft.Formats) > 0 {
		g.Numbers = n.draft.Formats[0].Good[:1]
	}
	for _, f := range []struct {
		text string
		to   *string
	}{
		{"Parcels", &g.Parcels},
		{"  number", &g.Number},
		{"  service", &g.Service},
		{"  expected delivery", &g.ETA},
		{"  error", &g.Problem},
		{"  events", &g.Events},
		{"    when", &g.At},
		{"    code", &g.Code},
		{"    words", &g.Words},
		{"    city", &g.City},
		{"    country", &g.Country},
	} {
		if *f.to, err = n.ask(question{text: f.text, proposal: *f.to}); err != nil {
			return err
		}
	}
	if g.Zoned {
		return nil
	}
	api.Zone, err = n.ask(question{text: "    their zone, as Europe/Oslo; place: the event's country has one", flag: "zone", given: n.Zone})
	return err
}

// meanings asks what the codes of the sample mean.
func (n *newCarrier) meanings() error {
	api := n.draft.API
	if api == nil {
		return nil
	}
	api.Status, api.Errors = map[string]string{}, map[string]string{}
	for _, seen := range api.Guess.Seen {
		is, err := n.ask(question{
			text: fmt.Sprintf("%s, %q, is", seen.Code, seen.Words), flag: "status", given: n.Status[seen.Code], proposal: kit.Propose(seen.Words),
			wrong: func(answer string) string {
				if answer == "note" || status.Sub(answer).Known() {
					return ""
				}
				return "it is note, or a sub-status, as InTransit_Other; docs/carriers.md lists them."
			},
		})
		if err != nil {
			return err
		}
		api.Status[seen.Code] = is
	}
	for _, code := range api.Guess.Errors {
		is, err := n.ask(question{text: "The error " + code + " is", flag: "problem", given: n.Problem[code], proposal: string(carrier.Missing), wrong: oneOf(carrier.ProblemKinds)})
		if err != nil {
			return err
		}
		api.Errors[code] = is
	}
	return nil
}

// write writes the file, with the sample as its first vector where it is fit to
// be kept, and says how to go on.
func (n *newCarrier) write(stdio Stdio, folder string) error {
	file := filepath.Join(folder, string(n.draft.Code)+".yaml")
	text, err := n.draft.File()
	if err != nil {
		return err
	}
	files := map[string]string{}
	if n.draft.API != nil {
		program, err := compiled(file, text)
		if err != nil {
			return err
		}
		if err := n.makeFit(program.Source()); err != nil {
			return err
		}
		v := n.vector(program)
		if text, err = kit.AddVectors(text, v); err != nil {
			return fmt.Errorf("add the sample to %s: %w", file, err)
		}
		files[filepath.Join(folder, string(n.draft.Code), v.Answer)] = string(n.answer)
	}
	files[file] = text
	for _, name := range sortedKeys(files) {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			return cantWrite(filepath.Dir(name), err)
		}
		if err := os.WriteFile(name, []byte(files[name]), 0o640); err != nil { //nolint:gosec // others of the group may read carrier files
			return cantWrite(name, err)
		}
		fmt.Fprintf(stdio.Out, "written: %s\n", name)
	}
	return n.next(stdio, file)
}

// compiled is the program of a file that isn't written yet.
func compiled(file, text string) (*engine.Program, error) {
	_, source, mistakes := carrier.LoadFile(file, []byte(text))
	if len(mistakes) == 0 {
		program, wrong := engine.Compile(source)
		if len(wrong) == 0 {
			return program, nil
		}
		mistakes = wrong
	}
	return nil, fault.New(fault.Invalid, "carrier_file", "Nothing was written; what was answered makes a file with mistakes.\n  %s").With(mistakes[0])
}

// makeFit puts look-alikes into a real answer.
func (n *newCarrier) makeFit(source *carrier.Source) error {
	if !n.Recorded {
		return nil
	}
	redactor := kit.NewRedactor(source, n.Keep, n.Hide)
	numbers := n.draft.API.Guess.Numbers
	for i, number := range numbers {
		numbers[i] = kit.Like(number)
		redactor.Replace(number, numbers[i])
	}
	answer, unsure, err := redactor.Redact(n.answer)
	if err != nil {
		return fault.New(fault.Invalid, "carrier_sample", "The sample can't be kept: %s.").With(err)
	}
	if len(unsure) > 0 {
		return undecided(unsure)
	}
	n.answer = answer
	return nil
}

// vector is what the sample becomes.
func (n *newCarrier) vector(program *engine.Program) carrier.Vector {
	proof := carrier.Made
	if n.Recorded {
		proof = carrier.Recorded
	}
	v := kit.VectorOf(proof, kit.Reading{Answer: n.answer, Asked: n.draft.API.Guess.Numbers}.Reports(program, http.StatusOK))
	v.Answer = "sample." + n.draft.API.Guess.Format
	return v
}

// next says what is left to do, and what the settings need.
func (n *newCarrier) next(stdio Stdio, file string) error {
	fmt.Fprintf(stdio.Out, "\nNext: waypost carrier check %s\n", file)
	if n.draft.API == nil {
		return nil
	}
	fmt.Fprintf(stdio.Out, "Its account, for the settings:\n\naccounts:\n  %s:\n    main:\n", n.draft.Code)
	if names := n.draft.API.Account(); len(names) > 0 {
		fmt.Fprintf(stdio.Out, "      values: {%s: …}\n", strings.Join(names, ": …, "))
	} else {
		fmt.Fprint(stdio.Out, "      concurrency: 4\n")
	}
	return nil
}
