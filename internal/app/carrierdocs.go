package app

import (
	"fmt"
	"os"
	"path/filepath"

	"waypost/internal/carrier/kit"
)

type carrierDocsCommand struct {
	To       string `help:"Folder for the pages." default:"carrier-pages"`
	Carriers string `help:"Overlay folder of carrier files." type:"path"`
}

func (c carrierDocsCommand) Run(stdio Stdio) error {
	k, err := loadKnowledge(c.Carriers)
	if err != nil {
		return err
	}
	tellMistakes(stdio.Err, k.mistakes)
	pages, err := kit.Pages(k.catalogue)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(c.To, "sources"), 0o750); err != nil {
		return cantWrite(c.To, err)
	}
	for _, name := range sortedKeys(pages) {
		file := filepath.Join(c.To, filepath.FromSlash(name))
		if err := os.WriteFile(file, []byte(pages[name]), 0o640); err != nil { //nolint:gosec // pages are for everybody
			return cantWrite(file, err)
		}
	}
	fmt.Fprintf(stdio.Out, "%s in %s; begin with %s\n", counted(len(pages), "page"), c.To, filepath.Join(c.To, "README.md"))
	return nil
}
