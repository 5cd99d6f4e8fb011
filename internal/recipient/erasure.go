package recipient

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"waypost/internal/db"
	"waypost/internal/inventory"
)

// A content is what a notice keeps until it is confirmed.
type content struct {
	Names  []string        `json:"names,omitempty"`
	Call   json.RawMessage `json:"call,omitempty"`
	Secret string          `json:"secret"` // ends the letter's link
}

// A prepared is a notice that is to be written.
type prepared struct {
	id     string
	told   Told
	way    Way
	hash   string
	sealed []byte
}

// Begin writes down that somebody is being erased, and which services got
// something of them. It comes before anything is deleted; nobody is told before
// Finish. Of an erasure that was begun already it changes nothing, because what is
// left of the person says less than there was: gather isn't asked then.
func (s *Store) Begin(ctx context.Context, who inventory.Subject, gather func(context.Context) ([]Told, error)) error {
	begun, err := s.begun(ctx, who)
	if err != nil || begun {
		return err
	}
	told, err := gather(ctx)
	if err != nil {
		return err
	}
	var all []prepared
	for _, t := range told {
		p, err := s.prepare(ctx, t)
		if err != nil {
			return fmt.Errorf("prepare to tell %s: %w", t.Party, err)
		}
		all = append(all, p)
	}
	now := s.all.now().UnixMilli()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		done, err := tx.ExecContext(ctx, `INSERT INTO erasure (subject, region, begun_ms) VALUES ($1, $2, $3) ON CONFLICT (subject) DO NOTHING`,
			string(who), s.Name, now)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		for _, p := range all {
			_, err := tx.ExecContext(ctx, `
				INSERT INTO erasure_notice (id, region, subject, party, which, way, content, hash, made_ms, due_ms, tries, problem, letters,
					told_ms, escalated_ms, confirmed_ms, how, clerk, ref, keyed)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, '', 0, 0, 0, 0, '', '', '', $10)`,
				p.id, s.Name, string(who), string(p.told.Party), p.told.Which, string(p.way), p.sealed, p.hash, now, true)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("begin to erase %s: %w", who, err)
	}
	return nil
}

func (s *Store) begun(ctx context.Context, who inventory.Subject) (bool, error) {
	var n int
	err := s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM erasure WHERE subject = $1`, string(who)).Scan(&n)
	})
	return n > 0, err
}

// prepare seals what a service is told with a key of its own. A crash before it is
// written leaves a key that opens nothing.
func (s *Store) prepare(ctx context.Context, t Told) (prepared, error) {
	p := prepared{id: s.Name + "-" + uuid.Must(uuid.NewV7()).String(), told: t, way: s.wayTo(t.To)}
	if t.Call != nil {
		p.way = ByCall
	}
	if err := s.Vault.Create(ctx, inventory.Subject(p.id)); err != nil {
		return prepared{}, err
	}
	k, err := s.Vault.Key(ctx, inventory.Subject(p.id))
	if err != nil {
		return prepared{}, err
	}
	c := content{t.Names, t.Call, rand.Text()}
	plain, err := json.Marshal(c)
	p.hash, p.sealed = s.Vault.Lookup(fieldHash, p.id+" "+c.Secret), k.Seal(fieldContent, plain)
	return p, err
}

// wayTo is how a service without an interface is told.
func (s *Store) wayTo(to To) Way {
	if s.all.o.Contact(to) == "" {
		return ByHand
	}
	return ByMail
}

// Finish says that somebody is erased, and has the services told. Twice is once.
func (s *Store) Finish(ctx context.Context, who inventory.Subject) error {
	now := s.all.now().UnixMilli()
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, statement := range []string{
			`UPDATE erasure_notice SET subject = '', made_ms = $1, due_ms = $1 WHERE subject = $2 AND subject <> '' AND way <> 'hand'`,
			`UPDATE erasure_notice SET subject = '', made_ms = $1, escalated_ms = $1 WHERE subject = $2 AND subject <> '' AND way = 'hand'`,
		} {
			if _, err := tx.ExecContext(ctx, statement, now, string(who)); err != nil {
				return err
			}
		}
		done, err := tx.ExecContext(ctx, `DELETE FROM erasure WHERE subject = $1`, string(who))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return s.Jobs.Add(ctx, tx, Erased{s.Name})
	})
	if err != nil {
		return fmt.Errorf("finish erasing %s: %w", who, err)
	}
	return nil
}

// Unfinished are those whose erasure was begun before a time and isn't finished,
// the oldest first and no more than most: a process died in between.
func (s *Store) Unfinished(ctx context.Context, before time.Time, most int) (all []inventory.Subject, err error) {
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		all, err = db.Rows(ctx, tx, func(row *sql.Rows) (who inventory.Subject, err error) { return who, row.Scan(&who) },
			`SELECT subject FROM erasure WHERE region = $1 AND begun_ms <= $2 ORDER BY begun_ms LIMIT $3`, s.Name, before.UnixMilli(), most)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("erasures of %s: %w", s.Name, err)
	}
	return all, nil
}

// read returns what a notice keeps, and to whom; ErrOver when it keeps nothing.
func (s *Store) read(ctx context.Context, id string) (c content, to To, made time.Time, err error) {
	var sealed []byte
	var ms int64
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT party, which, content, made_ms FROM erasure_notice WHERE id = $1 AND confirmed_ms = 0 AND subject = ''`, id).
			Scan(&to.Party, &to.Which, &sealed, &ms)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return content{}, To{}, time.Time{}, ErrOver
	}
	if err != nil {
		return content{}, To{}, time.Time{}, fmt.Errorf("notice %s: %w", id, err)
	}
	k, err := s.Vault.Key(ctx, inventory.Subject(id))
	if err != nil {
		return content{}, To{}, time.Time{}, fmt.Errorf("notice %s: %w", id, err)
	}
	plain, err := k.Open(fieldContent, sealed)
	if err == nil {
		err = json.Unmarshal(plain, &c)
	}
	return c, to, time.UnixMilli(ms).UTC(), err
}
