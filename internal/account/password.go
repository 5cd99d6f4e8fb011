package account

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/secure/precis"

	"waypost/internal/fault"
)

const (
	minPassword     = 8    // characters
	maxPassword     = 1024 // bytes: far beyond what anybody types
	hashesAtOnce    = 4    // by default; each takes 19 MiB and a core
	maxHashesAtOnce = 64
)

var (
	errPHC           = errors.New("stored password hash can't be read")
	errPasswordShort = fault.New(fault.Invalid, "password_short", "The password needs at least 8 characters.")
	errPasswordLong  = fault.New(fault.Invalid, "password_long", "The password has more than 1024 bytes. Take a shorter one.")
	errPasswordChars = fault.New(fault.Invalid, "password_characters", "The password has characters that can't be typed. Take others.")
	errPasswordKnown = fault.New(fault.Invalid, "password_known", "That password is on lists of stolen passwords, where guessing begins. Take another.")
	errPasswordWeak  = fault.New(fault.Invalid, "password_weak", "That password is guessed in no time. Take a longer one, several words for instance.")
	errBusy          = fault.New(fault.Limited, "busy", "Too many people sign in just now. Please try again in a moment.")
)

// passwords hashes and checks passwords, so many at a time as memory allows.
type passwords struct {
	slots    chan struct{}
	breached *Breached
	log      *slog.Logger
	cost     cost
	decoy    phc          // checked when there is no password to check
	hashes   atomic.Int64 // how many were computed
}

func newPasswords(atOnce int, breached *Breached, log *slog.Logger, c cost) *passwords {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if atOnce <= 0 {
		atOnce = hashesAtOnce
	}
	return &passwords{
		slots: make(chan struct{}, min(atOnce, maxHashesAtOnce)), breached: breached, log: log, cost: c,
		decoy: newPHC([]byte(rawToken()), c),
	}
}

// normal returns a password as it is hashed: RFC 8265's OpaqueString, so that
// one password typed on two keyboards is one.
func normal(password string) ([]byte, error) {
	if len(password) > maxPassword {
		return nil, errPasswordLong
	}
	n, err := precis.OpaqueString.String(password)
	if err != nil {
		if password == "" {
			return nil, errPasswordShort
		}
		return nil, errPasswordChars
	}
	return []byte(n), nil
}

// hash makes the stored form of a new password, which has to be good enough.
// about is what the password should not be made of: a nickname, an address.
func (p *passwords) hash(ctx context.Context, password string, about ...string) (string, error) {
	n, err := normal(password)
	if err != nil {
		return "", err
	}
	switch {
	case utf8.RuneCount(n) < minPassword:
		return "", errPasswordShort
	case p.stolen(string(n)):
		return "", errPasswordKnown
	case Strength(string(n), about...) == Weakest:
		return "", errPasswordWeak
	}
	if err := p.enter(ctx); err != nil {
		return "", err
	}
	defer p.leave()
	return newPHC(n, p.cost).String(), nil
}

// stolen reports whether a password is on a list of stolen ones. Nobody is kept
// out because the operator's can't be read.
func (p *passwords) stolen(password string) bool {
	found, err := p.breached.Has(password)
	if err != nil {
		p.log.Error("list of stolen passwords can't be read", "err", err)
	}
	return found
}

// check reports whether a password is the stored one. Without a stored one it
// does the same work. again is the stored form at today's cost when that has
// grown since, else "".
func (p *passwords) check(ctx context.Context, stored, password string) (right bool, again string, err error) {
	n, err := normal(password)
	wrong := err != nil
	known, err := p.stored(stored)
	if err != nil {
		return false, "", err
	}
	if err := p.enter(ctx); err != nil {
		return false, "", err
	}
	defer p.leave()
	if matches := known.matches(n); !matches || stored == "" || wrong {
		return false, "", nil
	}
	if known.cost != p.cost {
		again = newPHC(n, p.cost).String()
	}
	return true, again, nil
}

func (p *passwords) stored(text string) (phc, error) {
	if text == "" {
		return p.decoy, nil
	}
	return parsePHC(text)
}

// enter waits until there is memory for one more hash.
func (p *passwords) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		p.hashes.Add(1)
		return nil
	case <-ctx.Done():
		return errBusy.Because(ctx.Err())
	}
}

func (p *passwords) leave() { <-p.slots }
