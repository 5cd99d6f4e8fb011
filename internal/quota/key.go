package quota

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

const (
	mostKeys    = 50 // of an owner
	mostSecrets = 5  // of a key, those that go on
	mostName    = 80 // characters
	mostOverlap = 30 * 24 * time.Hour
)

// The places of what is sealed. None is ever renamed.
const (
	fieldDetail vault.Field = "quota.api_key.detail"
	fieldHash   vault.Field = "quota.api_secret.hash"
	fieldLast   vault.Field = "quota.api_secret.last"
	fieldCopy   vault.Field = "quota.api_secret.copy"
)

var (
	errKey     = fault.New(fault.NotFound, "key_missing", "There is no such key any more.")
	errSecret  = fault.New(fault.NotFound, "secret_missing", "That secret of the key has ended already.")
	errOnly    = fault.New(fault.Conflict, "secret_only", "That is the key's only secret. Revoke the key instead.")
	errName    = fault.New(fault.Invalid, "key_name", "A key needs a name of 1 to 80 characters that can be written.")
	errScopes  = fault.New(fault.Invalid, "key_scopes", "Choose at least one thing that the key may be used for.")
	errMany    = fault.New(fault.Conflict, "key_many", "An account has room for 50 keys. Revoke one that isn't needed.")
	errRotated = fault.New(fault.Conflict, "key_rotated", "This key has 5 secrets that still work. End one of them first.")
	errOverlap = fault.New(fault.Invalid, "key_overlap", "The old secret can go on for 0 to 30 days.")
	errSigns   = fault.New(fault.Conflict, "key_signs_not", "The secret of this key isn't kept, so nothing can be signed with it. Make a key that signs.")
)

// SecretMade says that a key was made, or rotated.
type SecretMade struct {
	Owner   inventory.Subject `json:"owner"`
	Key     KeyID             `json:"key"`
	Secret  SecretID          `json:"secret"`
	Rotated bool              `json:"rotated,omitempty"`
}

// Kind names the event.
func (SecretMade) Kind() string { return "quota.secret_made" }

// detail is what is sealed of a key.
type detail struct {
	Name string  `json:"name"`
	From []Range `json:"from,omitempty"`
}

// check returns settings in their one form.
func (s Settings) check() (Settings, error) {
	s.Name = strings.Join(strings.Fields(s.Name), " ")
	if s.Name == "" || utf8.RuneCountInString(s.Name) > mostName || strings.ContainsFunc(s.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s, errName
	}
	for _, scope := range s.Scopes {
		if !slices.Contains(Scopes, scope) {
			return s, errScopes
		}
	}
	if len(s.Scopes) == 0 {
		return s, errScopes
	}
	s.Scopes = scopesOf(storedScopes(s.Scopes))
	if len(s.From) > mostRanges {
		return s, errRanges
	}
	return s, nil
}

func (s Settings) seal(k *vault.Sealer) ([]byte, error) {
	plain, err := json.Marshal(detail{s.Name, s.From})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fieldDetail, err)
	}
	return k.Seal(fieldDetail, plain), nil
}

// sealer is what seals an owner's fields; errRegion where there is no such owner.
func (s *Store) sealer(ctx context.Context, owner inventory.Subject) (*vault.Sealer, error) {
	k, err := s.vault.Key(ctx, owner)
	if errors.Is(err, vault.ErrNoKey) || errors.Is(err, vault.ErrDestroyed) {
		return nil, errRegion
	}
	return k, err
}

// Make makes a key. With signs its secret is kept, sealed, so that something
// can be signed with it later.
func (s *Store) Make(ctx context.Context, owner inventory.Subject, set Settings, signs bool) (Fresh, error) {
	return s.make(ctx, Key{Owner: owner, Settings: set, Signs: signs})
}

// MakeTest is Make of a key that works with test numbers alone.
func (s *Store) MakeTest(ctx context.Context, owner inventory.Subject, set Settings, signs bool) (Fresh, error) {
	return s.make(ctx, Key{Owner: owner, Settings: set, Signs: signs, Test: true})
}

func (s *Store) make(ctx context.Context, key Key) (Fresh, error) {
	owner := key.Owner
	set, err := key.check()
	if err != nil {
		return Fresh{}, err
	}
	k, err := s.sealer(ctx, owner)
	if err != nil {
		return Fresh{}, err
	}
	sealed, err := set.seal(k)
	if err != nil {
		return Fresh{}, err
	}
	now := s.all.now().UTC().Truncate(time.Millisecond)
	made := Fresh{Key: Key{ID: KeyID(newID()), Owner: owner, Settings: set, Signs: key.Signs, Test: key.Test, Made: now}, Secret: s.newSecret()}
	secret := Secret{ID: SecretID(newID()), Last: last(made.Secret), Made: now}
	made.Secrets = []Secret{secret}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		var there int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM api_key WHERE owner = $1 AND revoked_ms = 0`, string(owner)).Scan(&there)
		if err != nil {
			return err
		}
		if there >= mostKeys {
			return errMany
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO api_key (owner, id, detail, scopes, signs, test, created_ms, revoked_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
			string(owner), string(made.ID), sealed, storedScopes(set.Scopes), key.Signs, key.Test, db.Ms(now))
		if err != nil {
			return err
		}
		if err := s.insertSecret(ctx, tx, k, made, secret); err != nil {
			return err
		}
		return s.tell(ctx, tx, SecretMade{Owner: owner, Key: made.ID, Secret: secret.ID})
	})
	if err != nil {
		return Fresh{}, fmt.Errorf("make a key of %s: %w", owner, err)
	}
	return made, nil
}

func (s *Store) tell(ctx context.Context, tx *db.Tx, e SecretMade) error {
	if s.jobs == nil {
		return nil
	}
	return s.jobs.Add(ctx, tx, e)
}

// insertSecret writes the secret of a key that was just made or rotated.
func (s *Store) insertSecret(ctx context.Context, tx *db.Tx, k *vault.Sealer, of Fresh, secret Secret) error {
	copied := []byte{}
	if of.Signs {
		copied = k.SealText(fieldCopy, of.Secret)
	}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO api_secret (hash, owner, key_id, id, last, copy, created_ms, ends_ms, used_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)`,
		s.vault.Lookup(fieldHash, of.Secret), string(of.Owner), string(of.ID), string(secret.ID), k.SealText(fieldLast, secret.Last), copied, db.Ms(secret.Made))
	return err
}

const (
	secretLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	secretLength  = 36 // 214 bits
)

// newSecret makes a secret, which begins with the region so that it is known
// where to look for its key.
func (s *Store) newSecret() string {
	const fair = 256 / len(secretLetters) * len(secretLetters) // bytes from here on would favour the first letters
	text := []byte(s.region + "_")
	for full := len(text) + secretLength; len(text) < full; {
		var b [64]byte
		rand.Read(b[:]) //nolint:errcheck // it never fails
		for _, c := range b {
			if int(c) < fair && len(text) < full {
				text = append(text, secretLetters[int(c)%len(secretLetters)])
			}
		}
	}
	return string(text)
}

func last(secret string) string { return secret[len(secret)-4:] }

// List returns an owner's keys, oldest first; those that were revoked while
// they can be restored.
func (s *Store) List(ctx context.Context, owner inventory.Subject) ([]Key, error) {
	return s.keys(ctx, owner, ``)
}

// Get returns a key of an owner's.
func (s *Store) Get(ctx context.Context, owner inventory.Subject, id KeyID) (Key, error) {
	found, err := s.keys(ctx, owner, ` AND k.id = $4`, string(id))
	if err != nil {
		return Key{}, err
	}
	if len(found) == 0 {
		return Key{}, errKey
	}
	return found[0], nil
}

func (s *Store) keys(ctx context.Context, owner inventory.Subject, where string, args ...any) ([]Key, error) {
	k, err := s.sealer(ctx, owner)
	if err != nil {
		return nil, err
	}
	now := s.all.now()
	args = append([]any{string(owner), db.Ms(now), db.Ms(now.Add(-UndoFor))}, args...)
	var all []Key
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all = nil
		_, err := db.Rows(ctx, tx, func(row *sql.Rows) (struct{}, error) {
			one, err := scanKey(row, k, owner)
			if n := len(all); err == nil && n > 0 && all[n-1].ID == one.ID {
				all[n-1].Secrets = append(all[n-1].Secrets, one.Secrets...)
			} else {
				all = append(all, one)
			}
			return struct{}{}, err
		}, `
			SELECT k.id, k.detail, k.scopes, k.signs, k.test, k.created_ms, k.revoked_ms, s.id, s.last, s.created_ms, s.ends_ms, s.used_ms
			FROM api_key k JOIN api_secret s ON s.owner = k.owner AND s.key_id = k.id
			WHERE k.owner = $1 AND (s.ends_ms = 0 OR s.ends_ms > $2) AND (k.revoked_ms = 0 OR k.revoked_ms > $3)`+where+`
			ORDER BY k.created_ms, k.id, s.created_ms DESC, s.id DESC`, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keys of %s: %w", owner, err)
	}
	return all, nil
}

// scanKey reads a key with one of its secrets.
func scanKey(row *sql.Rows, k *vault.Sealer, owner inventory.Subject) (Key, error) {
	one := Key{Owner: owner}
	var sealed, ending []byte
	var scopes string
	var made, revoked, secretMade, ends, used int64
	var secret Secret
	err := row.Scan(&one.ID, &sealed, &scopes, &one.Signs, &one.Test, &made, &revoked, &secret.ID, &ending, &secretMade, &ends, &used)
	if err != nil {
		return Key{}, err
	}
	one.Made, one.Revoked, one.Scopes = db.At(made), db.At(revoked), scopesOf(scopes)
	secret.Made, secret.Ends, secret.Used = db.At(secretMade), db.At(ends), db.At(used)
	if secret.Last, err = k.OpenText(fieldLast, ending); err != nil {
		return Key{}, err
	}
	one.Secrets = []Secret{secret}
	d, err := openDetail(k, sealed)
	one.Name, one.From = d.Name, d.From
	return one, err
}

func openDetail(k *vault.Sealer, sealed []byte) (d detail, err error) {
	plain, err := k.Open(fieldDetail, sealed)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(plain, &d); err != nil {
		return d, fmt.Errorf("%s: %w", fieldDetail, err)
	}
	return d, nil
}

// Edit changes what an owner decides about a key.
func (s *Store) Edit(ctx context.Context, owner inventory.Subject, id KeyID, set Settings) error {
	set, err := set.check()
	if err != nil {
		return err
	}
	k, err := s.sealer(ctx, owner)
	if err != nil {
		return err
	}
	sealed, err := set.seal(k)
	if err != nil {
		return err
	}
	return s.change(ctx, errKey, `UPDATE api_key SET detail = $1, scopes = $2 WHERE owner = $3 AND id = $4 AND revoked_ms = 0`,
		sealed, storedScopes(set.Scopes), string(owner), string(id))
}

// Revoke ends a key with all its secrets. Until UndoFor later it can be restored.
func (s *Store) Revoke(ctx context.Context, owner inventory.Subject, id KeyID) error {
	return s.change(ctx, errKey, `UPDATE api_key SET revoked_ms = $1 WHERE owner = $2 AND id = $3 AND revoked_ms = 0`,
		db.Ms(s.all.now()), string(owner), string(id))
}

// Restore takes the revoking of a key back. Its secrets work as before.
func (s *Store) Restore(ctx context.Context, owner inventory.Subject, id KeyID) error {
	return s.change(ctx, errKey, `UPDATE api_key SET revoked_ms = 0 WHERE owner = $1 AND id = $2 AND revoked_ms > $3`,
		string(owner), string(id), db.Ms(s.all.now().Add(-UndoFor)))
}

// RevokeSince revokes every key of an owner that has a secret which was made
// from a time on, whoever made it.
func (s *Store) RevokeSince(ctx context.Context, owner inventory.Subject, since time.Time) (revoked int, err error) {
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		s.changed(tx)
		done, err := tx.ExecContext(ctx, `
			UPDATE api_key SET revoked_ms = $1 WHERE owner = $2 AND revoked_ms = 0 AND EXISTS (
				SELECT 1 FROM api_secret s WHERE s.owner = api_key.owner AND s.key_id = api_key.id AND s.created_ms >= $3)`,
			db.Ms(s.all.now()), string(owner), db.Ms(since))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		revoked = int(n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("revoke keys of %s: %w", owner, err)
	}
	return revoked, nil
}

// change runs a statement that changes one row, and fails with none where there
// is no such row.
func (s *Store) change(ctx context.Context, none error, statement string, args ...any) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		s.changed(tx)
		return one(ctx, tx, none, statement, args...)
	})
}

func one(ctx context.Context, tx *db.Tx, none error, statement string, args ...any) error {
	done, err := tx.ExecContext(ctx, statement, args...)
	if err != nil {
		return fmt.Errorf("change a key: %w", err)
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		return none
	}
	return err
}
