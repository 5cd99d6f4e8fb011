package track17

import "slices"

// A Version is one of the API's, which stay side by side.
type Version string

// Versions.
const (
	V1  Version = "v1"
	V2  Version = "v2"
	V21 Version = "v2.1"
	V22 Version = "v2.2"
	V24 Version = "v2.4"
)

// Versions are all of them, the newest last.
var Versions = []Version{V1, V2, V21, V22, V24}

// from reports whether a version is another or a later one.
func (v Version) from(other Version) bool {
	return slices.Index(Versions, v) >= slices.Index(Versions, other)
}

func (v Version) known() bool { return slices.Contains(Versions, v) }
