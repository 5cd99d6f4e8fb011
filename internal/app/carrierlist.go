package app

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"waypost/internal/carrier"
)

type carrierListCommand struct {
	JSON     bool   `name:"json" help:"As a JSON list."`
	Carriers string `help:"Overlay folder of carrier files." type:"path"`
}

type carrierJSON struct {
	Carrier    carrier.Code   `json:"carrier"`
	Key        int            `json:"key"`
	Name       string         `json:"name"`
	Country    string         `json:"country"`
	Kind       carrier.Kind   `json:"kind"`
	Recognises bool           `json:"recognises"`
	Connects   bool           `json:"connects"`
	Needs      []carrier.Need `json:"needs"`
	Sources    []sourceJSON   `json:"sources"` // that it can be asked by, best first
}

type sourceJSON struct {
	Source   carrier.SourceCode `json:"source"`
	Proof    carrier.Proof      `json:"proof"` // the best of its vectors
	Unproven bool               `json:"unproven"`
}

func (c carrierListCommand) Run(stdio Stdio) error {
	k, err := loadKnowledge(c.Carriers)
	if err != nil {
		return err
	}
	tellMistakes(stdio.Err, k.mistakes)
	list := []carrierJSON{}
	for _, known := range k.catalogue.Carriers() {
		list = append(list, listed(k.catalogue, known))
	}
	if c.JSON {
		out := json.NewEncoder(stdio.Out)
		out.SetEscapeHTML(false)
		out.SetIndent("", " ")
		if err := out.Encode(list); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	} else if err := printCarriers(stdio.Out, list); err != nil {
		return err
	}
	fmt.Fprintln(stdio.Err, counts(list, k.catalogue.Sources()))
	return nil
}

func listed(cat *carrier.Catalogue, known *carrier.Carrier) carrierJSON {
	sources := []sourceJSON{}
	for _, via := range known.Via {
		if s, ok := cat.Source(via.Source); ok {
			sources = append(sources, sourceJSON{s.Code, s.Proof(), s.Proof() == carrier.Made})
		}
	}
	return carrierJSON{
		Carrier: known.Code, Key: known.Key, Name: known.Name(), Country: known.Country, Kind: known.Kind,
		Recognises: len(known.Formats) > 0, Connects: len(known.Via) > 0,
		Needs: append([]carrier.Need{}, known.Needs...), Sources: sources,
	}
}

func printCarriers(w io.Writer, list []carrierJSON) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CARRIER\tKEY\tNAME\tCOUNTRY\tKIND\tRECOGNISES\tCONNECTS\tPROOF\tNEEDS")
	for _, c := range list {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", c.Carrier, c.Key, c.Name, c.Country, c.Kind,
			yes(c.Recognises), yes(c.Connects), proofs(c.Sources), strings.Trim(fmt.Sprint(c.Needs), "[]"))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// proofs is where the vectors of a carrier's sources are from, best source first.
func proofs(sources []sourceJSON) string {
	if len(sources) == 0 {
		return "-"
	}
	var words []string
	for _, s := range sources {
		words = append(words, string(s.Proof))
	}
	return strings.Join(words, ",")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "-"
}

// counts says how many carriers are listed and connected, and which sources are
// unproven.
func counts(list []carrierJSON, sources []*carrier.Source) string {
	connected := 0
	for _, c := range list {
		if c.Connects {
			connected++
		}
	}
	return fmt.Sprintf("%s, %d connected by %s.\n%s", counted(len(list), "carrier"), connected, counted(len(sources), "source"), unproven(sources))
}

// unproven names the sources whose answers are all made.
func unproven(sources []*carrier.Source) string {
	var codes []string
	for _, s := range sources {
		if s.Proof() == carrier.Made {
			codes = append(codes, string(s.Code))
		}
	}
	if len(codes) == 0 {
		return "Every source has an answer that was recorded or documented."
	}
	return fmt.Sprintf("%s unproven, with made answers only: %s", counted(len(codes), "source"), strings.Join(codes, ", "))
}
