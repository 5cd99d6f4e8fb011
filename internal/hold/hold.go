// Package hold keeps legal holds: whose data has to stay though its time is over
// or its owner wants it erased, on which ground, until when that is looked at
// again, and what was done to each hold. It deletes nothing and keeps nobody from
// it: who deletes asks.
package hold

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/region"
	"waypost/internal/vault"
)

// An ID names a hold; it begins with its region.
type ID string

// A Ground is why data has to stay.
type Ground string

// Grounds.
const (
	Claim  Ground = "claim"        // somebody claims something of somebody, and the data is evidence
	Order  Ground = "order"        // a court or an authority orders it
	Silent Ground = "silent_order" // it does, and forbids to tell whose data it is
)

// Grounds are those that there are; on others nothing is held.
var Grounds = []Ground{Claim, Order, Silent}

// Told reports whether whose data it is may know of it.
func (g Ground) Told() bool { return g != Silent }

// A Deed is what was done to a hold.
type Deed string

// Deeds.
const (
	DidSet    Deed = "set"
	DidReview Deed = "reviewed"
	DidLift   Deed = "lifted"
)

// A Hold keeps somebody's data.
type Hold struct {
	ID     ID
	Of     inventory.Subject
	Ground Ground
	Ref    string    // its number on record: C-2026-3
	Reason string    // in a clerk's words, 500 characters at most
	Review time.Time // UTC; when somebody is to look whether it is still needed. It holds until it is lifted
	Set    time.Time // UTC
	Lifted time.Time // UTC; zero: in force
}

// An Entry is something that was done to a hold.
type Entry struct {
	Did    Deed
	By     string    // one of the staff, "" at the console
	Words  string    // why
	Review time.Time // UTC; until when it then was to be reviewed, zero of one that was lifted
	At     time.Time // UTC
}

const (
	mostReason = 500 // characters

	// longest is how long a hold goes without somebody looking at it.
	longest = 366 * 24 * time.Hour
)

// number is what a record's number looks like: no room for a name or an address.
var number = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9#._/-]{0,39}$`)

// What can be wrong.
var (
	errNone   = fault.New(fault.NotFound, "hold_missing", "There is no such hold.")
	errOf     = fault.New(fault.NotFound, "hold_nobody", "There is no account with that id, or its data was erased already.")
	errGround = fault.New(fault.Invalid, "hold_ground", "Please choose the ground from the list. On others nothing is held.")
	errRef    = fault.New(fault.Invalid, "hold_ref", "Please give the number under which it is on record, like C-2026-3. A name or an address is no number.")
	errReason = fault.New(fault.Invalid, "hold_reason", "Please say why, in 1 to 500 characters.")
	errReview = fault.New(fault.Invalid, "hold_review", "Please give a day on which it is looked at again, after today and within a year.")
	errOver   = fault.New(fault.Conflict, "hold_over", "That hold was lifted already.")
)

// A Region is where some of the members live, with their keys.
type Region struct {
	Name  string // eu; ids of its people begin with it
	DB    *db.DB
	Vault *vault.Vault
}

// Holds are all regions'. They are safe for concurrent use.
type Holds struct {
	stores region.Set[*Store]
	now    func() time.Time
}

// A Store is the holds on one region's people.
type Store struct {
	Region
	all *Holds
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the tables of every region up to date. There is one or more, of
// different names.
func Open(ctx context.Context, regions ...Region) (*Holds, error) {
	all := &Holds{now: time.Now}
	var err error
	all.stores, err = region.Open(regions, errNone, func(r Region) (string, *Store, error) {
		return r.Name, &Store{r, all}, Migrate(ctx, r.DB)
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Migrate brings the room's tables in a database up to date.
func Migrate(ctx context.Context, d *db.DB) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	return d.Migrate(ctx, "hold", files)
}

// Stores are all regions' stores, by name: for the side door.
func (h *Holds) Stores() []*Store { return h.stores.Stores() }

// at is the store of the region that an id begins with; errNone where there is none.
func (h *Holds) at(id string) (*Store, error) { return h.stores.In(region.Of(id)) }

// Held reports whether somebody's data has to stay.
func (h *Holds) Held(ctx context.Context, who inventory.Subject) (bool, error) {
	s, err := h.at(string(who))
	if err != nil {
		return false, nil //nolint:nilerr // who lives in no region is held in none
	}
	n := 0
	err = s.DB.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM hold WHERE owner = $1 AND lifted_ms = 0`, string(who)).Scan(&n)
	})
	if err != nil {
		return false, fmt.Errorf("whether %s is held: %w", who, err)
	}
	return n > 0, nil
}

// All are those whose data has to stay, by name, in every region that can be reached.
func (h *Holds) All(ctx context.Context) ([]inventory.Subject, error) {
	var all []inventory.Subject
	for _, s := range h.Stores() {
		some, err := s.held(ctx)
		if errors.Is(err, db.ErrAway) {
			continue // what is in other regions of its people, memberships, ends by no period
		}
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil // regions may share a database
}

// check reports what is wrong with a hold that is to be set.
func (h *Holds) check(want Hold) error {
	switch {
	case !slices.Contains(Grounds, want.Ground):
		return errGround
	case !number.MatchString(want.Ref):
		return errRef
	}
	return errors.Join(said(want.Reason), h.reviewable(want.Review))
}

// said reports whether words say something.
func said(words string) error {
	n := utf8.RuneCountInString(words)
	if n == 0 || n > mostReason || !utf8.ValidString(words) || strings.ContainsFunc(words, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }) {
		return errReason
	}
	return nil
}

func (h *Holds) reviewable(at time.Time) error {
	if now := h.now(); !at.After(now) || at.After(now.Add(longest)) {
		return errReview
	}
	return nil
}
