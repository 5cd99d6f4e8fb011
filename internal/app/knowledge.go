package app

import (
	"io/fs"
	"os"

	"waypost/carriers"
	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/recognise"
	"waypost/sources"
)

// knowledge is what the carrier files say, ready to use.
type knowledge struct {
	catalogue *carrier.Catalogue
	index     *recognise.Index
	mistakes  []carrier.Mistake // of the overlay's files, which are left out
}

// loadKnowledge reads the built-in carrier files and those of the overlay
// folder, if it is there. A mistake in a built-in file is a bug and an error;
// one in the overlay disables that file only.
func loadKnowledge(overlay string) (*knowledge, error) {
	var over []fs.FS
	if overlay != "" {
		switch info, err := os.Stat(overlay); {
		case err == nil && !info.IsDir():
			return nil, fault.New(fault.Invalid, "overlay", "%s is no folder; the overlay of carrier files must be one.").With(overlay)
		case err == nil:
			over = append(over, os.DirFS(overlay))
		case !os.IsNotExist(err):
			return nil, fault.New(fault.Invalid, "overlay", "The folder of carrier files %s can't be read.").With(overlay).Because(err)
		}
	}
	catalogue, mistakes := carrier.Load(carriers.Files, sources.Files, over...)
	return &knowledge{catalogue: catalogue, index: recognise.New(catalogue.Carriers()), mistakes: mistakes}, nil
}
