// Package sources holds the built-in files of sources that serve several
// carriers. The answers of their vectors stand in folders beside.
package sources

import "embed"

// Files are the source files and their vectors' answers.
//
//go:embed *.yaml */*
var Files embed.FS
