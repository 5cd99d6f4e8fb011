// Package builtin is the catalogue of the carrier and source files that come with
// the program.
package builtin

import (
	"io/fs"
	"sync"

	"waypost/carriers"
	"waypost/internal/carrier"
	"waypost/sources"
)

var plain = sync.OnceValues(func() (*carrier.Catalogue, []carrier.Mistake) {
	return carrier.Load(carriers.Files, sources.Files)
})

// Catalogue is what the files say together with those of overlays, as carrier.Load
// has it. Without one they are read once, and a mistake is a bug. Safe for
// concurrent use.
func Catalogue(overlays ...fs.FS) (*carrier.Catalogue, []carrier.Mistake) {
	if len(overlays) == 0 {
		return plain()
	}
	return carrier.Load(carriers.Files, sources.Files, overlays...)
}
