package lawful

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// fieldFile is the place of what is given. It is never renamed.
const fieldFile vault.Field = "lawful.lawful_file.content"

// passphraseWork is what age itself takes: about a second.
const passphraseWork = 18

// A given is what an authority reads, once it is decrypted.
type given struct {
	Ours      string        `json:"our_reference"`
	Theirs    string        `json:"your_reference"`
	Authority string        `json:"authority"`
	Made      time.Time     `json:"made"` // UTC
	From      time.Time     `json:"from"` // UTC
	To        time.Time     `json:"to"`   // UTC, left out
	Fields    []givenField  `json:"fields"`
	People    []givenPerson `json:"people"`
}

type givenField struct {
	Name FieldID `json:"name"`
	What string  `json:"what"`
}

type givenPerson struct {
	ID   inventory.Subject `json:"id"`
	Data Package           `json:"data"`
}

// Make makes the file for the authority: of what held reads of each person exactly
// the fields that two people approved, of the time that they approved, encrypted
// for the age public key to ("age1…"), or with a passphrase that it returns and
// that is kept nowhere. by is who approved as the second.
func (r *Requests) Make(ctx context.Context, ref, by, to string, held func(context.Context, inventory.Subject) (Held, error)) (passphrase string, err error) {
	one, err := r.Get(ctx, ref)
	if err != nil {
		return "", err
	}
	if err := one.makes(by, r.now()); err != nil {
		return "", err
	}
	recipient, passphrase, err := r.recipient(to)
	if err != nil {
		return "", err
	}
	content, counts, err := r.content(ctx, one, held)
	if err != nil {
		return "", fmt.Errorf("make what is given for %s: %w", ref, err)
	}
	var file bytes.Buffer
	if err := encrypt(&file, recipient, content); err != nil {
		return "", fmt.Errorf("encrypt what is given for %s: %w", ref, err)
	}
	s, err := r.of(ref)
	if err != nil {
		return "", err
	}
	return passphrase, s.keep(ctx, one, by, file.Bytes(), counts)
}

// makes reports why somebody can't make a file; nil when they can.
func (r Request) makes(by string, now time.Time) error {
	switch {
	case r.Kind == Preservation:
		return errPreservation
	case r.State != Approved && r.State != Disclosed:
		return errState
	case by == "" || r.Approver() != by:
		return errApprover
	case r.File.Ends.After(now) && r.File.Fetched.IsZero():
		return errThere
	}
	return nil
}

// recipient is for whom a file is encrypted: an authority's key, or whoever has a
// passphrase that is made here.
func (r *Requests) recipient(to string) (age.Recipient, string, error) {
	if to = strings.TrimSpace(to); to != "" {
		key, err := age.ParseX25519Recipient(to)
		if err != nil {
			return nil, "", errRecipient.Because(err)
		}
		return key, "", nil
	}
	passphrase := rand.Text() // 128 bits or more
	key, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, "", err
	}
	key.SetWorkFactor(r.work)
	return key, passphrase, nil
}

// content is what is given, as JSON, and how often each field is in it.
func (r *Requests) content(ctx context.Context, one Request, held func(context.Context, inventory.Subject) (Held, error)) ([]byte, map[string]int, error) {
	g := given{Ours: one.Ref, Theirs: one.Reference, Authority: one.Authority, Made: r.now().UTC().Truncate(time.Second), From: one.From, To: one.To}
	counts := map[string]int{}
	for _, item := range one.Items {
		for _, id := range item.Fields {
			g.Fields = append(g.Fields, givenField{id, r.fields[id].What})
			counts[string(id)] = 0
		}
	}
	for _, who := range one.People {
		all, err := held(ctx, who)
		if err != nil {
			return nil, nil, err
		}
		g.People = append(g.People, givenPerson{who, one.cut(all, r.fields, counts)})
	}
	text, err := json.MarshalIndent(g, "", "  ")
	return text, counts, err
}

func encrypt(to io.Writer, recipient age.Recipient, content []byte) error {
	w, err := age.Encrypt(to, recipient)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	return w.Close()
}

// keep keeps a file until it is fetched, unless the request was changed meanwhile.
func (s *Store) keep(ctx context.Context, seen Request, by string, file []byte, counts map[string]int) error {
	detail, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file)
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		one, w, err := s.request(ctx, tx, seen.Ref, tx.Lock())
		if err != nil {
			return err
		}
		now := s.all.now()
		if err := one.makes(by, now); err != nil {
			return err
		}
		if !slices.Equal(one.People, seen.People) {
			return errChanged
		}
		k, err := s.Vault.Key(ctx, w.key)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO lawful_file (ref, key, for_id, content, hash, made_ms, ends_ms, fetched_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
			ON CONFLICT (ref) DO UPDATE SET for_id = excluded.for_id, content = excluded.content, hash = excluded.hash,
				made_ms = excluded.made_ms, ends_ms = excluded.ends_ms, fetched_ms = 0`,
			one.Ref, string(w.key), by, k.Seal(fieldFile, file), hex.EncodeToString(sum[:]), db.Ms(now), db.Ms(now.Add(FetchFor)))
		if err != nil {
			return err
		}
		return s.step(ctx, tx, one.Ref, by, DidMake, string(detail))
	})
	if err != nil {
		return fmt.Errorf("keep what is given for %s: %w", seen.Ref, err)
	}
	return nil
}

// Fetches reports why somebody can't fetch the file of a request now; nil when they
// can.
func (r Request) Fetches(by string, now time.Time) error {
	switch {
	case by == "" || r.Approver() != by:
		return errApprover
	case r.State != Approved && r.State != Disclosed || r.File.Made.IsZero() || !r.File.Ends.After(now) || !r.File.Fetched.IsZero():
		return errOver
	}
	return nil
}

// Fetch returns the file of a request, once, to who approved it: with that it has
// left the house, and those whom it is about are told, unless law forbids it. Where
// it got lost on the way to them, they make another, which is noted, too.
func (r *Requests) Fetch(ctx context.Context, ref, by string) (file []byte, err error) {
	s, err := r.of(ref)
	if err != nil {
		return nil, err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		one, w, err := s.request(ctx, tx, ref, tx.Lock())
		if err != nil {
			return err
		}
		now := r.now()
		if err := one.Fetches(by, now); err != nil {
			return err
		}
		if file, err = s.take(ctx, tx, w, now); err != nil {
			return err
		}
		one.State, one.Fetched, one.Given = Disclosed, now, max(one.Given, len(one.People))
		if err := s.save(ctx, tx, one); err != nil {
			return err
		}
		if err := s.step(ctx, tx, ref, by, DidFetch, ""); err != nil {
			return err
		}
		return s.Jobs.Add(ctx, tx, Given{s.Name})
	})
	if err != nil {
		return nil, fmt.Errorf("fetch what is given for %s: %w", ref, err)
	}
	return file, nil
}

// take opens the file of a request, and deletes it.
func (s *Store) take(ctx context.Context, tx *db.Tx, w words, now time.Time) ([]byte, error) {
	var sealed []byte
	err := tx.QueryRowContext(ctx, `SELECT content FROM lawful_file WHERE ref = $1`, w.ref).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errOver
	}
	if err != nil {
		return nil, err
	}
	k, err := s.Vault.Key(ctx, w.key)
	if err != nil {
		return nil, err
	}
	file, err := k.Open(fieldFile, sealed)
	if err != nil {
		return nil, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE lawful_file SET content = $1, fetched_ms = $2 WHERE ref = $3`, []byte{}, db.Ms(now), w.ref)
	return file, err
}
