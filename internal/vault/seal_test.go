package vault_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"strings"
	"testing"

	"waypost/internal/dbtest"
	"waypost/internal/vault"
)

func TestSealedValuesOpenAtTheirPlaceOnly(t *testing.T) {
	v := openVault(t, dbtest.Open(t, dbtest.SQLite(t)), newKey())
	ada, grace := person(t, v, "ada"), person(t, v, "grace")
	sealed := ada.SealText(mail, "ada@mail.example")
	if len(sealed) != len("ada@mail.example")+29 {
		t.Errorf("sealing adds %d bytes, want 29", len(sealed)-len("ada@mail.example"))
	}
	if bytes.Equal(sealed, ada.SealText(mail, "ada@mail.example")) {
		t.Error("the same value is sealed to the same bytes twice")
	}
	reads(t, ada, sealed, "ada@mail.example")
	for _, tc := range []struct {
		name   string
		sealer *vault.Sealer
		field  vault.Field
		sealed []byte
	}{
		{"another field", ada, "account.member.phone", sealed},
		{"another room's field", ada, "shop.member.email", sealed},
		{"another subject", grace, mail, sealed},
		{"cut short", ada, mail, sealed[:len(sealed)-1]},
		{"the version alone", ada, mail, sealed[:1]},
		{"something behind", ada, mail, append(bytes.Clone(sealed), 0)},
		{"another version", ada, mail, append([]byte{2}, sealed[1:]...)},
		{"plain text", ada, mail, []byte("ada@mail.example")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.sealer.Open(tc.field, tc.sealed)
			if code(err) != "sealed_damaged" || got != nil {
				t.Errorf("got %q (%v), want that it is damaged", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "mail.example") {
				t.Errorf("the error shows the value: %v", err)
			}
		})
	}
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			if _, err := ada.Open(mail, changed); code(err) != "sealed_damaged" {
				t.Fatalf("with bit %d of byte %d changed: got %v, want that it is damaged", bit, i, err)
			}
		}
	}
}

func TestWhatWasNotGivenCostsNothing(t *testing.T) {
	ada := person(t, openVault(t, dbtest.Open(t, dbtest.SQLite(t)), newKey()), "ada")
	if sealed := ada.SealText(mail, ""); sealed == nil || len(sealed) != 0 {
		t.Errorf("empty is sealed to %v, want no bytes, and not NULL", sealed)
	}
	reads(t, ada, nil, "")
	reads(t, ada, []byte{}, "")
}

func FuzzOpen(f *testing.F) {
	ada := person(f, openVault(f, dbtest.Open(f, dbtest.SQLite(f)), newKey()), "ada")
	sealed := ada.SealText(mail, "ada@mail.example")
	f.Add(sealed, "account.member.email")
	f.Add(sealed[:13], "account.member.email")
	f.Add([]byte{1}, "")
	f.Add([]byte{}, "x")
	f.Fuzz(func(t *testing.T, text []byte, name string) {
		field := vault.Field(name)
		got, err := ada.Open(field, text)
		ours := len(text) == 0 || field == mail && bytes.Equal(text, sealed)
		if ours != (err == nil) || err != nil && got != nil {
			t.Errorf("Open(%q, %x) = %q, %v", name, text, got, err)
		}
		if back, err := ada.Open(field, ada.Seal(field, text)); err != nil || !bytes.Equal(back, text) {
			t.Errorf("sealed and opened %q under %q: %q, %v", text, name, back, err)
		}
	})
}

// BenchmarkSeal measures against the bare cipher on the same bytes.
func BenchmarkSeal(b *testing.B) {
	ada := person(b, openVault(b, dbtest.Open(b, dbtest.SQLite(b)), newKey()), "ada")
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	bare, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		b.Fatal(err)
	}
	for _, size := range []int{20, 1000} {
		plain := bytes.Repeat([]byte("x"), size)
		sealed, bareSealed := ada.Seal(mail, plain), bare.Seal(nil, nil, plain, nil)
		for name, work := range map[string]func(){
			"seal":      func() { ada.Seal(mail, plain) },
			"seal-bare": func() { bare.Seal(nil, nil, plain, nil) },
			"open":      func() { must(b, ada.Open, sealed) },
			"open-bare": func() {
				if _, err := bare.Open(nil, nil, bareSealed, nil); err != nil {
					b.Fatal(err)
				}
			},
		} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					work()
				}
			})
		}
	}
}

func must(b *testing.B, open func(vault.Field, []byte) ([]byte, error), sealed []byte) {
	if _, err := open(mail, sealed); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkKey measures finding a key that is remembered.
func BenchmarkKey(b *testing.B) {
	v := openVault(b, dbtest.Open(b, dbtest.SQLite(b)), newKey())
	person(b, v, "ada")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Key(b.Context(), "ada"); err != nil {
			b.Fatal(err)
		}
	}
}
