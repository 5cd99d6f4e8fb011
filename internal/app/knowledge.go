package app

import (
	"os"
	"sync"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/fault"
	"waypost/internal/recognise"
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
	if overlay == "" {
		return plainKnowledge(), nil
	}
	switch info, err := os.Stat(overlay); {
	case os.IsNotExist(err):
		return plainKnowledge(), nil
	case err != nil:
		return nil, fault.New(fault.Invalid, "overlay", "The folder of carrier files %s can't be read.").With(overlay).Because(err)
	case !info.IsDir():
		return nil, fault.New(fault.Invalid, "overlay", "%s is no folder; the overlay of carrier files must be one.").With(overlay)
	}
	catalogue, mistakes := builtin.Catalogue(os.DirFS(overlay))
	return &knowledge{catalogue, recognise.New(catalogue.Carriers()), mistakes}, nil
}

// plainKnowledge is that of the built-in files alone, the caller's to change.
func plainKnowledge() *knowledge {
	catalogue, mistakes := builtin.Catalogue()
	return &knowledge{catalogue, plainIndex(), mistakes}
}

var plainIndex = sync.OnceValue(func() *recognise.Index {
	catalogue, _ := builtin.Catalogue()
	return recognise.New(catalogue.Carriers())
})

// sourceOf is the source of that code, or the first that is asked about the
// carrier of that code.
func (k *knowledge) sourceOf(code carrier.Code) (*carrier.Source, error) {
	if source, ok := k.catalogue.Source(carrier.SourceCode(code)); ok {
		return source, nil
	}
	known, ok := k.catalogue.Carrier(code)
	if !ok {
		return nil, fault.New(fault.NotFound, "carrier_unknown", "There is no carrier or source %q. See: waypost carrier list").With(code)
	}
	for _, via := range known.Via {
		if source, ok := k.catalogue.Source(via.Source); ok {
			return source, nil
		}
	}
	return nil, fault.New(fault.NotFound, "carrier_not_connected", "%s is recognised, but no source for it is described.").With(known.Name())
}
