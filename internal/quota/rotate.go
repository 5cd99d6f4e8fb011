package quota

import (
	"context"
	"fmt"
	"time"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// Rotate gives a key a new secret. Those that it has go on for overlap, from
// none to 30 days, unless they end before.
func (s *Store) Rotate(ctx context.Context, owner inventory.Subject, id KeyID, overlap time.Duration) (Fresh, error) {
	if overlap < 0 || overlap > mostOverlap {
		return Fresh{}, errOverlap
	}
	k, err := s.sealer(ctx, owner)
	if err != nil {
		return Fresh{}, err
	}
	old, err := s.Get(ctx, owner, id)
	if err != nil {
		return Fresh{}, err
	}
	if !old.Revoked.IsZero() {
		return Fresh{}, errKey
	}
	if len(old.Secrets) >= mostSecrets && overlap > 0 {
		return Fresh{}, errRotated
	}
	now := s.all.now().UTC().Truncate(time.Millisecond)
	made := Fresh{Key: old, Secret: s.newSecret()}
	secret := Secret{ID: SecretID(newID()), Last: last(made.Secret), Made: now}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		// The key's row first, so that a revoking at the same time comes before or after.
		err := one(ctx, tx, errKey, `UPDATE api_key SET signs = signs WHERE owner = $1 AND id = $2 AND revoked_ms = 0`, string(owner), string(id))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE api_secret SET ends_ms = $1 WHERE owner = $2 AND key_id = $3 AND (ends_ms = 0 OR ends_ms > $1)`,
			db.Ms(now.Add(overlap)), string(owner), string(id))
		if err != nil {
			return err
		}
		s.changed(tx)
		if err := s.insertSecret(ctx, tx, k, made, secret); err != nil {
			return err
		}
		return s.tell(ctx, tx, SecretMade{Owner: owner, Key: id, Secret: secret.ID, Rotated: true})
	})
	if err != nil {
		return Fresh{}, fmt.Errorf("rotate key %s of %s: %w", id, owner, err)
	}
	if made.Key, err = s.Get(ctx, owner, id); err != nil {
		return Fresh{}, err
	}
	return made, nil
}

// End ends a secret that overlaps a newer one, at once.
func (s *Store) End(ctx context.Context, owner inventory.Subject, id KeyID, secret SecretID) error {
	k, err := s.Get(ctx, owner, id)
	if err != nil {
		return err
	}
	if k.Secrets[0].ID == secret {
		return errOnly
	}
	now := db.Ms(s.all.now())
	return s.change(ctx, errSecret, `UPDATE api_secret SET ends_ms = $1 WHERE owner = $2 AND key_id = $3 AND id = $4 AND ends_ms > $1`,
		now, string(owner), string(id), string(secret))
}

// Signing returns the secret of a key to sign with: the newest that a program
// has called with, because whoever has it there has it for checking too;
// before any was used, the oldest that works.
func (s *Store) Signing(ctx context.Context, owner inventory.Subject, id KeyID) (string, error) {
	key, err := s.Get(ctx, owner, id)
	if err != nil {
		return "", err
	}
	if !key.Revoked.IsZero() {
		return "", errKey
	}
	if !key.Signs {
		return "", errSigns
	}
	with := key.Secrets[len(key.Secrets)-1]
	for _, secret := range key.Secrets {
		if !secret.Used.IsZero() {
			with = secret
			break
		}
	}
	k, err := s.sealer(ctx, owner)
	if err != nil {
		return "", err
	}
	var sealed []byte
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT copy FROM api_secret WHERE owner = $1 AND key_id = $2 AND id = $3`,
			string(owner), string(id), string(with.ID)).Scan(&sealed)
	})
	if err != nil {
		return "", fmt.Errorf("secret of key %s to sign with: %w", id, err)
	}
	return k.OpenText(fieldCopy, sealed)
}
