package quota

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"waypost/internal/db"
)

const (
	// holdFor is how long a key is remembered, so that most calls cost no
	// statement. A change of a key is told to all machines at once; what isn't
	// told, or isn't heard, takes effect within it.
	holdFor = 5 * time.Second

	// mostHeld bounds how many are remembered.
	mostHeld = 10_000

	// noteEvery is how far behind the last use of a secret may be.
	noteEvery = 10 * time.Minute
)

// An entry is what a secret lets in.
type entry struct {
	caller  Caller
	refused error     // why it lets nobody in, nil it does
	ends    time.Time // of the secret, zero never
	until   time.Time // remembered
}

// held is entries by their secrets' hashes.
type held struct {
	mu      sync.Mutex
	entries map[string]entry
	era     int // counts forgetting
}

// get returns what is remembered, and the era in which it was looked for.
func (h *held) get(hash string, now time.Time) (e entry, era int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e, ok = h.entries[hash]
	return e, h.era, ok && now.Before(e.until)
}

// put remembers what was read in an era; what was read before something
// changed is not worth remembering.
func (h *held) put(hash string, e entry, era int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if era != h.era {
		return
	}
	if h.entries == nil || len(h.entries) >= mostHeld {
		h.entries = map[string]entry{}
	}
	h.entries[hash] = e
}

func (h *held) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.entries = nil
	h.era++
}

// Enter returns who calls with a secret from an address. It fails with
// ErrKeyUnknown, ErrKeyExpired, ErrAccountDisabled, ErrRestricted or
// ErrAddressRefused. The
// region is read from the secret, so no other region is asked.
func (q *Stores) Enter(ctx context.Context, secret string, from netip.Addr) (Caller, error) {
	c, err := q.enter(ctx, secret, from)
	q.metrics.entered(err)
	return c, err
}

func (q *Stores) enter(ctx context.Context, secret string, from netip.Addr) (Caller, error) {
	region, _, _ := strings.Cut(secret, "_")
	s, err := q.In(region)
	if err != nil || len(secret) != len(region)+1+secretLength {
		return Caller{}, ErrKeyUnknown
	}
	return s.enter(ctx, secret, from)
}

func (s *Store) enter(ctx context.Context, secret string, from netip.Addr) (Caller, error) {
	s.hear()
	hash, now := s.vault.Lookup(fieldHash, secret), s.all.now()
	e, era, ok := s.held.get(hash, now)
	if !ok {
		var err error
		if e, err = s.look(ctx, hash, from, now); err != nil {
			return Caller{}, err
		}
		s.held.put(hash, e, era)
	}
	switch {
	case !e.ends.IsZero() && !now.Before(e.ends):
		return Caller{}, ErrKeyExpired
	case e.refused != nil:
		return Caller{}, e.refused
	case !allows(e.caller.From, from):
		return Caller{}, ErrAddressRefused.With(from.String())
	}
	restricted, err := s.all.restricted.Is(ctx, e.caller.Owner)
	if err != nil {
		return Caller{}, fmt.Errorf("account of key %s: %w", e.caller.Key, err)
	}
	if restricted {
		return Caller{}, ErrRestricted
	}
	return e.caller, nil
}

// hear forgets what is remembered when a key was changed anywhere.
func (s *Store) hear() {
	for {
		select {
		case <-s.changes.C:
			s.held.forget()
		default:
			return
		}
	}
}

// changed has all machines forget what they remember, once tx is committed; this
// one is told to at once by whoever waits for that.
func (s *Store) changed(tx *db.Tx) {
	tx.Notify(s.topic())
	tx.AfterCommit(s.held.forget)
}

func (s *Store) topic() string { return "quota:" + s.region }

// look reads what a secret lets in, and notes that it was used.
func (s *Store) look(ctx context.Context, hash string, from netip.Addr, now time.Time) (entry, error) {
	e := entry{caller: Caller{Region: s.region}, until: now.Add(holdFor)}
	var sealed []byte
	var scopes string
	var revoked, ends, used int64
	err := s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `
			SELECT k.owner, k.id, k.detail, k.scopes, k.test, k.revoked_ms, s.ends_ms, s.used_ms
			FROM api_secret s JOIN api_key k ON k.owner = s.owner AND k.id = s.key_id WHERE s.hash = $1`, hash).
			Scan(&e.caller.Owner, &e.caller.Key, &sealed, &scopes, &e.caller.Test, &revoked, &ends, &used)
	})
	if errors.Is(err, sql.ErrNoRows) || err == nil && revoked != 0 {
		return entry{}, ErrKeyUnknown
	}
	if err != nil {
		return entry{}, fmt.Errorf("look up a key: %w", err)
	}
	e.ends, e.caller.Scopes = db.At(ends), scopesOf(scopes)
	if !e.ends.IsZero() && !now.Before(e.ends) {
		return e, nil
	}
	k, err := s.sealer(ctx, e.caller.Owner)
	if errors.Is(err, errRegion) {
		return entry{}, ErrKeyUnknown
	}
	if err != nil {
		return entry{}, err
	}
	d, err := openDetail(k, sealed)
	if err != nil {
		return entry{}, err
	}
	e.caller.From = d.From
	if s.all.usable != nil {
		usable, err := s.all.usable(ctx, e.caller.Owner)
		if err != nil {
			return entry{}, fmt.Errorf("account of key %s: %w", e.caller.Key, err)
		}
		if !usable {
			e.refused = ErrAccountDisabled
		}
	}
	if e.refused == nil && allows(e.caller.From, from) && now.Sub(db.At(used)) >= noteEvery {
		_, err := s.db.Exec(ctx, `UPDATE api_secret SET used_ms = $1 WHERE hash = $2 AND used_ms < $1`, db.Ms(now), hash)
		if err != nil {
			return entry{}, fmt.Errorf("note use of key %s: %w", e.caller.Key, err)
		}
	}
	return e, nil
}
