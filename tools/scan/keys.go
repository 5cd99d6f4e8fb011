package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
)

// A ring is the regional keys of files, by their ids.
type ring map[string]cipher.AEAD

// readRing reads files of keys, one a line in base64.
func readRing(files []string) (ring, error) {
	all := ring{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("--keys: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			secret, err := base64.StdEncoding.DecodeString(line)
			if err != nil || len(secret) != 32 {
				return nil, fmt.Errorf("--keys %s: a line is no key", file)
			}
			id, err := derived(secret, "waypost regional key: name", 8)
			if err != nil {
				return nil, err
			}
			wrap, err := derived(secret, "waypost regional key: wrap", 32)
			if err != nil {
				return nil, err
			}
			if all[hex.EncodeToString(id)], err = gcm(wrap); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func derived(secret []byte, what string, length int) ([]byte, error) {
	return hkdf.Key(sha256.New, secret, nil, what, length)
}

func gcm(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

var errShut = errors.New("does not open")

// open opens a sealed value: version 1, a nonce of 12 bytes, the text with its tag
// of 16, bound to two names with a zero byte between.
func open(key cipher.AEAD, sealed []byte, first, second string) ([]byte, error) {
	if len(sealed) < 1+12+16 || sealed[0] != 1 {
		return nil, errShut
	}
	plain, err := key.Open(nil, sealed[1:13], sealed[13:], []byte(first+"\x00"+second))
	if err != nil {
		return nil, errShut
	}
	return plain, nil
}

// A found is what key stores have of somebody.
type found struct {
	key       cipher.AEAD // nil: none
	destroyed bool
}

// keyOf looks in a key store for somebody's key.
func keyOf(ctx context.Context, store source, r ring, subject string) (f found, err error) {
	var root []byte
	err = store.rows(ctx, "root_key", []string{"regional", "wrapped"}, func(row [][]byte) error {
		key, ok := r[string(row[0])]
		if !ok {
			return fmt.Errorf("key store needs regional key %s, which no --keys has", row[0])
		}
		root, err = open(key, row[1], "root", "store")
		return err
	})
	if err != nil {
		return f, fmt.Errorf("key store: %w", err)
	}
	if len(root) == 0 {
		return f, errors.New("key store: it has no root")
	}
	names, err := derived(root, "waypost key store: names of subjects", 32)
	if err != nil {
		return f, err
	}
	h := hmac.New(sha256.New, names)
	h.Write([]byte(subject))
	name := base64.RawURLEncoding.EncodeToString(h.Sum(nil))
	err = store.rows(ctx, "subject_key", []string{"name", "regional", "wrapped"}, func(row [][]byte) error {
		if string(row[0]) != name {
			return nil
		}
		if len(row[2]) == 0 {
			f.destroyed = true
			return nil
		}
		key, ok := r[string(row[1])]
		if !ok {
			return fmt.Errorf("%s needs regional key %s, which no --keys has", subject, row[1])
		}
		secret, err := open(key, row[2], "subject", name)
		if err != nil {
			return err
		}
		f.key, err = gcm(secret)
		return err
	})
	if err != nil {
		return f, fmt.Errorf("key store: %w", err)
	}
	return f, nil
}
