package watch

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// A New is a watch to be.
type New struct {
	Number  string        // as typed or printed
	Carrier carrier.Code  // named by the owner; "" lets Waypost find the one that knows it
	Given   carrier.Given // what the owner knows besides, for carriers that demand it
	Mark    parcel.Mark   // instead of Given: of a parcel that the owner has seen by it; ErrForgotten when it has gone
	Words
	Alerts Alerts
	Source Source // "" is ByHand
}

// A Saved is what became of a New.
type Saved struct {
	ID   ID
	Made bool // false: it was there already, and keeps its words
}

var (
	errNumber  = fault.New(fault.Invalid, "number", "%s can't be watched: %s. Check the number, or name its carrier.")
	errGiven   = fault.New(fault.Invalid, "given", "What is given as %s can't be one. Dates are written 2026-03-31, countries NO; of a phone number the last four digits are asked for.")
	errCarrier = fault.New(fault.Invalid, "carrier", "There is no carrier %q. Carriers are named as on their pages here: dhl-express.")
	errFull    = fault.New(fault.Limited, "watches_full", "%d parcels can be kept, archived ones included. Delete some that are no longer needed.")
	errMany    = fault.New(fault.Invalid, "too_many_at_once", "At most %d parcels can be taken at once.")
)

// ErrForgotten is for a parcel that was seen by its mark, and that there isn't.
var ErrForgotten = fault.New(fault.Conflict, "given_forgotten", "What the carrier wants to know besides the number was forgotten meanwhile. Enter it again, please.")

// A NewError is why one of several News can't be saved.
type NewError struct {
	At int // its place among them, from 0
	error
}

// Unwrap returns why.
func (e *NewError) Unwrap() error { return e.error }

// mostAtOnce bounds one call.
const mostAtOnce = 10_000

// Save keeps parcels for an owner and returns what became of each, in order;
// all of it, or nothing. Twice is once: a parcel that the owner watches already
// stays as it is, and comes back from the archive.
func (s *Store) Save(ctx context.Context, owner inventory.Subject, news ...New) ([]Saved, error) {
	if len(news) > mostAtOnce {
		return nil, errMany.With(mostAtOnce)
	}
	usual, err := s.usual(ctx, owner)
	if err != nil {
		return nil, err
	}
	news, wants := slices.Clone(news), make([]parcel.Want, len(news))
	for i := range news {
		if wants[i], err = s.prepare(&news[i], usual); err != nil {
			return nil, &NewError{i, err}
		}
	}
	saved, err := s.save(ctx, owner, news, wants, nil)
	if err != nil {
		return nil, fmt.Errorf("save for %s: %w", owner, err)
	}
	return saved, nil
}

// prepare checks a New, brings it into its one form, and says what to want;
// usual are the carriers that its owner's parcels usually come with.
func (s *Store) prepare(n *New, usual []carrier.Code) (parcel.Want, error) {
	know := s.all.knowledge()
	if _, ok := know.Catalogue.Carrier(n.Carrier); n.Carrier != "" && !ok {
		return parcel.Want{}, errCarrier.With(string(n.Carrier))
	}
	hints := recognise.Hints{Used: usual}
	if n.Carrier != "" {
		hints.Carriers = []carrier.Code{n.Carrier}
	}
	number := know.Index.Number(n.Number, hints)
	if why := unfit(number, n.Carrier); why != Fit {
		return parcel.Want{}, errNumber.With(quoted(n.Number), whys[why])
	}
	if n.Mark != "" {
		n.Number = number.Text
		return n.known()
	}
	given, err := tidied(n.Given)
	if err != nil {
		return parcel.Want{}, err
	}
	want, _ := know.Plan(number, know.meant(number.Text, n.Carrier), given)
	n.Number, n.Carrier = want.Number, want.Carrier
	return want, n.tidy()
}

// known is what to want of a parcel that its owner has seen by its mark: that one
// and no other.
func (n *New) known() (parcel.Want, error) {
	return parcel.Want{Key: parcel.Key{Number: n.Number, Carrier: n.Carrier, Mark: n.Mark}}, n.tidy()
}

// tidy brings a New's words and alerts into their one form.
func (n *New) tidy() (err error) {
	if n.Source == "" {
		n.Source = ByHand
	}
	if n.Words, err = n.clean(); err != nil {
		return err
	}
	n.Alerts, err = n.Alerts.clean()
	return err
}

// tidied brings what somebody knows besides a number into the form in which
// carriers are told it.
func tidied(given carrier.Given) (carrier.Given, error) {
	tidy := carrier.Given{}
	for need, value := range given {
		if value == "" {
			continue
		}
		var ok bool
		if tidy[need], ok = need.Tidy(value); !ok {
			return nil, errGiven.With(string(need))
		}
	}
	return tidy, nil
}

// The most that a number may have, and what is shown of one that can't be used.
const (
	mostNumber = 64
	mostQuoted = 40
)

// A Why is why something can't be watched; one of a closed list.
type Why string

// Whys.
const (
	Fit           Why = "" // it can
	TooShort      Why = "too_short"
	TooLong       Why = "too_long"
	OddCharacters Why = "odd_characters" // neither letters nor digits
	WrongCheck    Why = "check_digit"
	UnknownFormat Why = "unknown_format" // no carrier's numbers look like it; naming the carrier helps
	Rounded       Why = "rounded"        // a spreadsheet has shortened it: 1.2E+11
	WordsLong     Why = "words_long"     // what is said of it is too long
)

// whys say it in English.
var whys = map[Why]string{
	TooShort:      "it is too short",
	TooLong:       "it is too long",
	OddCharacters: "a number has letters and digits only",
	WrongCheck:    "its check digit is wrong, so something was mistyped",
	UnknownFormat: "no carrier's numbers look like it",
}

// unfit says why a number can't be watched, Fit when it can. Where its owner
// named the carrier, they know better than the formats.
func unfit(n recognise.Number, chosen carrier.Code) Why {
	odd := strings.ContainsFunc(n.Text, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
	switch {
	case len(n.Text) < 5:
		return TooShort
	case len(n.Text) > mostNumber:
		return TooLong
	case odd:
		return OddCharacters
	case chosen != "":
		return Fit
	}
	switch n.Problem {
	case recognise.CheckDigit:
		return WrongCheck
	case recognise.TooShort:
		return TooShort
	case recognise.TooLong:
		return TooLong
	case recognise.UnknownFormat:
		return UnknownFormat
	}
	if len(n.Candidates) == 0 {
		return UnknownFormat
	}
	return Fit
}

// meant is the carrier that somebody named, "" where the number alone leaves no
// doubt of it: then the parcel is the one that everybody has who named none.
func (know Knowledge) meant(number string, named carrier.Code) carrier.Code {
	if named == "" {
		return ""
	}
	return unlessSure(know.Index.Number(number, recognise.Hints{}), named)
}

// unlessSure is the carrier that somebody named of a number, which was read
// without that, "" where there is no doubt of it.
func unlessSure(n recognise.Number, named carrier.Code) carrier.Code {
	if n.Problem == recognise.NoProblem && len(n.Candidates) > 0 && n.Candidates[0].Carrier == named && n.Candidates[0].Score >= recognise.Certain {
		return ""
	}
	return named
}

func quoted(text string) string {
	if short := []rune(plain(text, false)); len(short) > mostQuoted {
		return "“" + string(short[:mostQuoted]) + "…”"
	}
	return "“" + plain(text, false) + "”"
}

// save wants parcels and writes their watches; after runs in the same
// transaction.
func (s *Store) save(ctx context.Context, owner inventory.Subject, news []New, wants []parcel.Want,
	after func(tx *db.Tx, saved []Saved) error,
) ([]Saved, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	sealed := make([][]byte, len(news))
	for i, n := range news {
		if sealed[i], err = sealWords(k, n.Words); err != nil {
			return nil, err
		}
	}
	now := s.all.now()
	summaries, err := s.want(ctx, owner, wants, now)
	if err != nil {
		return nil, err
	}
	if len(summaries) < len(wants) {
		return nil, ErrForgotten
	}
	var saved []Saved
	err = s.db.Tx(ctx, func(tx *db.Tx) (err error) {
		ids, err := note(ctx, tx, summaries, now.Add(wantFor), now)
		if err != nil {
			return err
		}
		rows := make([]stored, len(news))
		for i, n := range news {
			rows[i] = stored{
				ID: ID(newID()), Watched: ids[summaries[i].generation()], Source: n.Source, Words: sealed[i],
				Alerts: n.Alerts.stored(), Created: db.Ms(now), Edition: 1,
			}
		}
		if saved, err = s.keep(ctx, tx, owner, rows); err != nil || after == nil {
			return err
		}
		return after(tx, saved)
	})
	return saved, err
}

// A stored is a watch's row, without its parcel.
type stored struct {
	ID       ID
	Watched  string
	Source   Source
	Words    []byte // sealed
	Alerts   string
	Archived int64
	Created  int64
	Edition  int64
}

// keep inserts watches, and brings those that there are already back from the
// archive.
func (s *Store) keep(ctx context.Context, tx *db.Tx, owner inventory.Subject, rows []stored) ([]Saved, error) {
	if _, err := insertWatches(ctx, tx, owner, rows); err != nil {
		return nil, err
	}
	if err := s.room(ctx, tx, owner); err != nil {
		return nil, err
	}
	saved := make([]Saved, 0, len(rows))
	for some := range slices.Chunk(rows, step) {
		there, err := findWatches(ctx, tx, owner, some)
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			found := there[r.Watched]
			saved = append(saved, Saved{ID: found.ID, Made: found.ID == r.ID})
			if found.Archived == 0 {
				continue
			}
			_, err := tx.ExecContext(ctx, `
				UPDATE watch SET archived_ms = 0, edition = edition + 1 WHERE owner = $1 AND id = $2`, string(owner), string(found.ID))
			if err != nil {
				return nil, err
			}
		}
	}
	tx.Notify(Topic(owner))
	return saved, nil
}

// insertWatch inserts the rows of batchOf, of an owner.
const insertWatch = `
	INSERT INTO watch (owner, id, watched_id, source, words, alerts, archived_ms, created_ms, edition)
	SELECT $1, id, watched_id, source, words, alerts, archived_ms, created_ms, edition FROM new WHERE TRUE`

func batchOf(rows []stored) *db.Batch {
	b := db.NewBatch("new", "id", "watched_id", "source", "words", "alerts", "archived_ms", "created_ms", "edition")
	for _, r := range rows {
		b.Add(string(r.ID), r.Watched, string(r.Source), blob(r.Words), r.Alerts, r.Archived, r.Created, r.Edition)
	}
	return b
}

// insertWatches inserts those whose parcel isn't watched yet, and returns how many.
func insertWatches(ctx context.Context, tx *db.Tx, owner inventory.Subject, rows []stored) (int, error) {
	total := 0
	for some := range slices.Chunk(rows, step) {
		n, err := tx.ExecBatch(ctx, batchOf(some), insertWatch+` ON CONFLICT DO NOTHING`, string(owner))
		if total += int(n); err != nil {
			return total, fmt.Errorf("insert watches: %w", err)
		}
	}
	return total, nil
}

// room fails when an owner has more watches than there is room for.
func (s *Store) room(ctx context.Context, tx *db.Tx, owner inventory.Subject) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM watch WHERE owner = $1`, string(owner)).Scan(&n); err != nil {
		return err
	}
	if n > s.all.most {
		return errFull.With(s.all.most)
	}
	return nil
}

// findWatches reads an owner's watches of the same parcels, by parcel.
func findWatches(ctx context.Context, tx *db.Tx, owner inventory.Subject, rows []stored) (map[string]stored, error) {
	there := make(map[string]stored, len(rows))
	if len(rows) == 0 {
		return there, nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.Watched
	}
	among, args := db.In(tx, "watched_id", ids, 1)
	_, err := db.Rows(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var r stored
		err := row.Scan(&r.ID, &r.Watched, &r.Archived)
		there[r.Watched] = r
		return struct{}{}, err
	}, `SELECT id, watched_id, archived_ms FROM watch WHERE owner = $1 AND `+among, append([]any{string(owner)}, args...)...)
	return there, err
}

// in is a time from now.
func (s *Store) in(d time.Duration) int64 { return db.Ms(s.all.now().Add(d)) }
