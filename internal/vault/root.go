package vault

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A root is what is derived from the store's own secret. The secret is made
// with the store and wrapped like a subject's key, so keyed hashes outlive
// every regional key.
type root struct {
	nameKey   []byte
	lookupKey []byte
}

// rootName is what the root's wrapping is bound to in place of a subject.
const rootName = "store"

// openRoot returns the store's root, made at the first start. Of several that
// start at once with different keys one makes it, and the others are refused.
func openRoot(ctx context.Context, d *db.DB, ring Ring) (root, error) {
	regional, wrapped, err := readRoot(ctx, d)
	if errors.Is(err, sql.ErrNoRows) {
		if err := makeRoot(ctx, d, ring); err != nil {
			return root{}, fmt.Errorf("make the key store: %w", err)
		}
		regional, wrapped, err = readRoot(ctx, d)
	}
	if err != nil {
		return root{}, fmt.Errorf("open the key store: %w", err)
	}
	secret, err := ring.unwrap(regional, purposeRoot, rootName, wrapped)
	if err != nil {
		return root{}, fmt.Errorf("open the key store: %w", err)
	}
	return root{
		nameKey:   derive(secret, "waypost key store: names of subjects", secretLength),
		lookupKey: derive(secret, "waypost key store: look-up", secretLength),
	}, nil
}

func readRoot(ctx context.Context, d *db.DB) (regional KeyID, wrapped []byte, err error) {
	err = d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT regional, wrapped FROM root_key`).Scan(&regional, &wrapped)
	})
	return regional, wrapped, err
}

func makeRoot(ctx context.Context, d *db.DB, ring Ring) error {
	wrapped := ring.wrap(purposeRoot, rootName, newSecret())
	return d.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO root_key (one, regional, wrapped) VALUES (1, $1, $2) ON CONFLICT (one) DO NOTHING`,
			ring.current, wrapped)
		return err
	})
}

// name is what the store calls a subject.
func (r root) name(s inventory.Subject) string { return keyed(r.nameKey, []byte(s)) }

func (r root) lookup(f Field, value string) string { return keyed(r.lookupKey, bind(string(f), value)) }

// keyed is HMAC-SHA-256 in base64url.
func keyed(key, text []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write(text) //nolint:errcheck // it never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}
