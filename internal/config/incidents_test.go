package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestAuthoritiesOfAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waypost.yaml")
	text := "incidents:\n  authorities:\n    default:\n      - {law: gdpr, name: The Commissioner, contact: \"https://authority.example\"}\n      - {law: other, hours: 24, source: A law}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Incidents.Authorities["default"]
	if len(got) != 2 || got[0] != (Authority{Law: "gdpr", Name: "The Commissioner", Contact: "https://authority.example"}) || got[1].Hours != 24 || got[1].Source != "A law" {
		t.Errorf("read %+v", got)
	}
}
