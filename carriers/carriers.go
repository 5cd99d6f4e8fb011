// Package carriers holds the built-in carrier files: one carrier, one file. The
// answers of their vectors stand in folders beside and are not embedded.
package carriers

import "embed"

// Files are the carrier files.
//
//go:embed *.yaml
var Files embed.FS
