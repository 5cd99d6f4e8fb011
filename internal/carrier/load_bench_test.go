package carrier_test

import (
	"io/fs"
	"testing"

	"go.yaml.in/yaml/v4"

	"waypost/carriers"
	"waypost/internal/carrier"
	"waypost/sources"
)

// BenchmarkLoad reads all the files that are shipped, checks them, and makes
// the catalogue, as every start of the program does.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if c, mistakes := carrier.Load(carriers.Files, sources.Files); len(mistakes) > 0 || len(c.Carriers()) < 400 {
			b.Fatal(len(c.Carriers()), mistakes)
		}
	}
}

// BenchmarkLoadBare is what BenchmarkLoad is measured against: the same bytes
// through the YAML reader alone, into plain maps.
func BenchmarkLoadBare(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		for _, folder := range []fs.FS{carriers.Files, sources.Files} {
			names, err := fs.Glob(folder, "*.yaml")
			if err != nil {
				b.Fatal(err)
			}
			for _, name := range names {
				text, err := fs.ReadFile(folder, name)
				if err != nil {
					b.Fatal(err)
				}
				var tree map[string]any
				if err := yaml.Unmarshal(text, &tree); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
