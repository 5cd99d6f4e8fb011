package mail

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"waypost/internal/fault"
	"waypost/internal/mailtest"
)

// keyFile writes a private key as an operator would.
func keyFile(t *testing.T, key crypto.Signer) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// record is what stands in the DNS for a key.
func record(t *testing.T, key crypto.Signer) string {
	t.Helper()
	if public, ok := key.Public().(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func edKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSignaturesVerifyElsewhere(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey(t, 2048), "Ed25519": edKey(t)} {
		for _, domain := range []string{"track.example", strings.Repeat("quite-long.", 9) + "track.example"} {
			t.Run(fmt.Sprintf("%s at a name of %d bytes", name, len(domain)), func(t *testing.T) {
				signature, err := ReadDKIM(domain, "way2026", keyFile(t, key))
				if err != nil {
					t.Fatal(err)
				}
				sink := mailtest.Start(t, mailtest.Options{})
				s := sender(t, sink, Options{TLS: Off, From: "Waypost <post@" + domain + ">", DKIM: signature})
				for _, m := range []Message{
					{To: "mara@example.org", Subject: "Your code: 482913", Text: "482913  \n\n\n", Kind: Code},
					{To: "mara@example.org", Subject: strings.Repeat("您的包裹已到 ", 20), Text: "trailing \t\n.\nspaces\n\n", HTML: "<p>\n\n</p>", Lang: "zh-Hans", Kind: Alert,
						Unsubscribe: link(t, "https://track.example/u/"+strings.Repeat("t", 200))},
				} {
					if err := s.Send(t.Context(), m); err != nil {
						t.Fatal(err)
					}
				}
				for _, m := range sink.Mails() {
					verifyDKIM(t, m.Raw, domain, record(t, key))
				}
			})
		}
	}
}

func verifyDKIM(t *testing.T, raw []byte, domain, record string) {
	t.Helper()
	verify := func(raw []byte) error {
		found, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
			if name != "way2026._domainkey."+domain {
				t.Errorf("asked the DNS for %s", name)
			}
			return []string{record}, nil
		}})
		if err != nil || len(found) != 1 {
			t.Fatalf("%d signatures, %v in\n%s", len(found), err, raw)
		}
		for _, name := range []string{"From", "List-Unsubscribe", "List-Unsubscribe-Post"} {
			if !slices.Contains(found[0].HeaderKeys, name) {
				t.Errorf("%s is not covered by %q", name, found[0].HeaderKeys)
			}
		}
		return found[0].Err
	}
	if err := verify(raw); err != nil {
		t.Errorf("%v in\n%s", err, raw)
	}
	for _, tampered := range [][2]string{
		{"From: ", "From: eve@example.org\r\nFrom: "},
		{"MIME-Version: ", "List-Unsubscribe: <https://evil.example>\r\nMIME-Version: "},
		{"Date: ", "Reply-Now: x\r\nSubject: y\r\nDate: "},
	} {
		changed := strings.Replace(string(raw), "\r\n"+tampered[0], "\r\n"+tampered[1], 1)
		if verify([]byte(changed)) == nil {
			t.Errorf("still verifies with %q", tampered[1])
		}
	}
}

func TestAKeyThatCantBeUsedIsToldAtStart(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	nonsense := filepath.Join(t.TempDir(), "nonsense.pem")
	if err := os.WriteFile(nonsense, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := keyFile(t, edKey(t))
	for _, tc := range []struct{ name, domain, selector, file string }{
		{"no such file", "track.example", "way", filepath.Join(t.TempDir(), "none.pem")},
		{"no key", "track.example", "way", nonsense},
		{"a key too short", "track.example", "way", keyFile(t, rsaKey(t, 1024))},
		{"a key of another kind", "track.example", "way", keyFile(t, curve)},
		{"a domain with a semicolon", "track.example; l=0", "way", good},
		{"a selector with a line break", "track.example", "way\r\n", good},
	} {
		if _, err := ReadDKIM(tc.domain, tc.selector, tc.file); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
}
