// Package oidctest runs npm's oidc-provider for tests: an OpenID Connect
// provider that nobody on the project wrote. It knows nothing of who signs in.
package oidctest

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

//go:embed provider.mjs
var program []byte

// Settings are the provider's clients, as oidc-provider has them, and what it
// says of everybody who signs in.
type Settings struct {
	Clients []map[string]any `json:"clients"`
	Person  map[string]any   `json:"person"`
}

// Start runs the provider until the test ends, and returns its issuer. Where
// WAYPOST_TEST_OIDC names no folder that has it, the test is skipped.
func Start(t *testing.T, s Settings) (issuer string) {
	t.Helper()
	folder := os.Getenv("WAYPOST_TEST_OIDC")
	if folder == "" {
		t.Skip("WAYPOST_TEST_OIDC names no folder with npm's oidc-provider; tools/with-parts prepares one where there is node and npm")
	}
	settings, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "provider.mjs")
	if err := os.WriteFile(file, program, 0o600); err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", file, folder) //nolint:gosec // our own program
	node.Stdin = strings.NewReader(string(settings))
	var said strings.Builder
	node.Stderr = &said
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Wait() }) // the test's context ends it
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("oidc-provider did not start: %v\n%s", err, said.String())
	}
	go io.Copy(io.Discard, out) //nolint:errcheck // nobody reads it
	return strings.TrimSpace(line)
}
