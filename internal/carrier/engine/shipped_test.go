package engine_test

import (
	"os"
	"path/filepath"
	"testing"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/engine"
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
	cat, mistakes := builtin.Catalogue()
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

// TestEverySourceShowsEveryKind holds the shipped sources to seven kinds of
// answers and a private one, each with its proof, or the reason why it can't occur.
func TestEverySourceShowsEveryKind(t *testing.T) {
	cat, _ := builtin.Catalogue()
	for _, s := range cat.Sources() {
		shown := map[carrier.VectorKind]int{}
		for _, v := range s.Vectors {
			if v.Cannot == "" && v.Answer == "" && (s.Asked || v.Push == "") {
				continue // a request
			}
			shown[v.Kind]++
			if v.Answer+v.Push != "" && v.Proof == "" {
				t.Errorf("%s: %s doesn't say whether it was recorded, documented or made", s.Code, v.Answer)
			}
			if v.Kind == "private" && v.Cannot != "" {
				t.Errorf("%s: a description can hold anything, but it says %q", s.Code, v.Cannot)
			}
		}
		for _, kind := range carrier.VectorKinds {
			if shown[kind] == 0 && (s.Asked || !kind.OfQuestions()) {
				t.Errorf("%s shows no answer of kind %s, and doesn't say why", s.Code, kind)
			}
		}
	}
	if n := len(carrier.VectorKinds); n != 8 {
		t.Errorf("there are %d kinds, want seven and the private one", n)
	}
}
