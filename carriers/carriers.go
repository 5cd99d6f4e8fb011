// Package carriers holds the built-in carrier files: one carrier, one file. The
// answers of their vectors stand in folders beside.
package carriers

import "embed"

// Files are the carrier files and their vectors' answers.
//
//go:embed *.yaml */*
var Files embed.FS
