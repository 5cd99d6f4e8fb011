package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/memory"
	"waypost/internal/recognise"
)

// maxText bounds what is read for numbers, in bytes; maxNumbers, what is found.
const (
	maxText    = 8 << 20
	maxNumbers = 10_000
)

var errNoFile = fault.New(fault.Invalid, "text_file", "There is no file %s. If that is a number: echo %s | waypost recognise")

type recogniseCommand struct {
	File     string   `arg:"" optional:"" default:"-" help:"Text, e-mail or HTML to read; - is standard input."`
	JSON     bool     `name:"json" help:"One JSON object a number, then one with what was ignored."`
	Country  string   `help:"Country that speaks for its own carriers, two letters: DE."`
	Carriers string   `help:"Overlay folder of carrier files." type:"path"`
	Used     []string `name:"carrier" help:"Carriers that are likelier than others, by code."`
	Sender   string   `help:"Address that the text was mailed from."`
	Learned  string   `help:"File with what an installation has learned; see: waypost carrier learned." type:"existingfile"`
}

func (c recogniseCommand) Run(stdio Stdio) error {
	text, err := readText(c.File, stdio.In)
	if errors.Is(err, fs.ErrNotExist) {
		return errNoFile.With(c.File, c.File)
	}
	if err != nil {
		return err
	}
	k, err := loadKnowledge(c.Carriers)
	if err != nil {
		return err
	}
	if c.Learned != "" {
		if k.index, err = remembering(k.index, c.Learned); err != nil {
			return err
		}
	}
	hints := recognise.Hints{Country: strings.ToUpper(c.Country), Max: maxNumbers, Size: maxText, Sender: c.Sender}
	for _, code := range c.Used {
		hints.Used = append(hints.Used, carrier.Code(code))
	}
	found := k.index.Text(text, hints)
	if c.JSON {
		return printFoundJSON(stdio.Out, k.catalogue, found)
	}
	printFound(stdio.Out, k.catalogue, found)
	return nil
}

// remembering is the index with what an installation has learned.
func remembering(index *recognise.Index, file string) (*recognise.Index, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, fault.New(fault.Invalid, "learned_file", "%s can't be read. Is the name right?").With(file).Because(err)
	}
	defer in.Close()
	known, err := memory.Read(in)
	if err != nil {
		return nil, err
	}
	return index.Remembering(known), nil
}

func readText(file string, in io.Reader) (string, error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return "", fault.New(fault.Invalid, "text_file", "%s can't be read. Is the name right?").With(file).Because(err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxText+1))
	if err != nil {
		return "", fault.New(fault.Invalid, "text_file", "%s can't be read. Is it a file?").With(file).Because(err)
	}
	if len(text) > maxText {
		return "", fault.New(fault.Invalid, "text_too_long", "The text is longer than 8 MiB. Give it in parts.")
	}
	return string(text), nil
}

type numberJSON struct {
	Number     string          `json:"number"`
	Candidates []candidateJSON `json:"candidates"`
	Problem    string          `json:"problem"`
	Closest    string          `json:"closest,omitempty"`
	Expected   string          `json:"expected,omitempty"` // 2006-01-02
}

type candidateJSON struct {
	Carrier carrier.Code   `json:"carrier"`
	Key     int            `json:"key"`
	Name    string         `json:"name"`
	Format  string         `json:"format"`
	Score   float64        `json:"score"`
	Reasons []string       `json:"reasons"`
	Needs   []carrier.Need `json:"needs"`
}

type ignoredJSON struct {
	Text string `json:"text"`
	Why  string `json:"why"`
}

func printFoundJSON(w io.Writer, cat *carrier.Catalogue, found recognise.Found) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	for _, n := range found.Numbers {
		line := numberJSON{Number: n.Text, Candidates: []candidateJSON{}, Problem: string(n.Problem), Closest: n.Closest, Expected: n.Expected}
		for _, c := range n.Candidates {
			line.Candidates = append(line.Candidates, candidateOf(cat, c))
		}
		if err := out.Encode(line); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	last := struct {
		Ignored []ignoredJSON `json:"ignored"`
	}{[]ignoredJSON{}}
	for _, i := range found.Ignored {
		last.Ignored = append(last.Ignored, ignoredJSON{i.Text, i.Why.String()})
	}
	if found.More > 0 {
		last.Ignored = append(last.Ignored, ignoredJSON{"…", fmt.Sprintf("%d more numbers; give the text in parts", found.More)})
	}
	if err := out.Encode(last); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func candidateOf(cat *carrier.Catalogue, c recognise.Candidate) candidateJSON {
	line := candidateJSON{Carrier: c.Carrier, Format: c.Format, Score: c.Score, Reasons: []string{}, Needs: []carrier.Need{}}
	if known, ok := cat.Carrier(c.Carrier); ok {
		line.Key, line.Name = known.Key, known.Name()
	}
	for _, r := range c.Reasons {
		line.Reasons = append(line.Reasons, r.String())
	}
	line.Needs = append(line.Needs, c.Needs...)
	return line
}

func printFound(w io.Writer, cat *carrier.Catalogue, found recognise.Found) {
	if len(found.Numbers) == 0 {
		fmt.Fprintln(w, "No tracking number found.")
	}
	for _, n := range found.Numbers {
		fmt.Fprintln(w, n.Text)
		if n.Problem != "" {
			fmt.Fprintf(w, "  problem: %s\n", strings.ReplaceAll(string(n.Problem), "_", " "))
		}
		if n.Closest != "" {
			fmt.Fprintf(w, "  did you mean %s?\n", n.Closest)
		}
		if n.Expected != "" {
			fmt.Fprintf(w, "  expected on %s, as the text says\n", n.Expected)
		}
		for _, c := range n.Candidates {
			line := candidateOf(cat, c)
			fmt.Fprintf(w, "  %3.0f %%  %s (%s)\n", 100*c.Score, line.Name, c.Carrier)
			for _, r := range line.Reasons {
				fmt.Fprintf(w, "         %s\n", r)
			}
			for _, need := range c.Needs {
				fmt.Fprintf(w, "         also needs: %s\n", need)
			}
		}
	}
	for _, i := range found.Ignored {
		fmt.Fprintf(w, "ignored %q: %s\n", i.Text, i.Why)
	}
	if found.More > 0 {
		fmt.Fprintf(w, "%d more numbers were left out.\n", found.More)
	}
}
