package carrier_test

import (
	"io/fs"
	"runtime"
	"testing"

	"go.yaml.in/yaml/v4"

	"waypost/carriers"
	"waypost/internal/carrier"
	"waypost/sources"
)

// BenchmarkLoad reads all the files that are shipped, checks them, and makes
// the catalogue, as every start of the program does. MB-held is what is kept of
// them, on the heap.
func BenchmarkLoad(b *testing.B) {
	var held *carrier.Catalogue
	before := heap()
	b.ReportAllocs()
	for b.Loop() {
		c, mistakes := carrier.Load(carriers.Files, sources.Files)
		if len(mistakes) > 0 || len(c.Carriers()) < 400 {
			b.Fatal(len(c.Carriers()), mistakes)
		}
		held = c
	}
	after := heap()
	b.ReportMetric(float64(len(held.Carriers())), "carriers")
	b.ReportMetric(float64(after-before)/1e6, "MB-held")
}

// heap is what is reachable on it, in bytes.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
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
