package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"waypost/carriers"
	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
	"waypost/sources"
)

// TestShippedFiles holds every built-in file to what `waypost carrier check` asks.
func TestShippedFiles(t *testing.T) {
	for _, folder := range []string{"carriers", "sources"} {
		files, err := filepath.Glob(filepath.Join("../../..", folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s (%v)", folder, err)
		}
		for _, file := range files {
			t.Run(folder+"/"+filepath.Base(file), func(t *testing.T) {
				for _, m := range engine.CheckFile(file) {
					t.Error(m)
				}
			})
		}
	}
}

func TestShippedCatalogue(t *testing.T) {
	cat, mistakes := carrier.Load(carriers.Files, sources.Files)
	for _, m := range mistakes {
		t.Error(m)
	}
	if n := len(cat.Carriers()); n < 60 {
		t.Errorf("%d carriers are shipped, want at least 60", n)
	}
	if n := len(cat.Sources()); n < 10 {
		t.Errorf("%d sources are shipped, want at least 10", n)
	}
	if entries, err := os.ReadDir("../../../carriers"); err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
}
