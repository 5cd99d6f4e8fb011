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
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/vault"
)

// A Registering is a registration to be.
type Registering struct {
	Number  string       // as it was sent
	Carrier carrier.Code // "" has it found by the number's form
	Detect  bool         // Carrier is a hint: where the number doesn't fit it, another may be taken
	Final   carrier.Code // of the last mile, "" none
	Strict  bool         // only carriers with a numeric key are found, and each is told what its file demands, even where its source would do without
	Details
}

// A Registered is what became of a Registering.
type Registered struct {
	Registration
	Origin Origin
	Err    error // one of the faults of registrations, a *Lacking, or the ledger's; then Carrier is the one that was meant
}

// An Origin is how a registration came by its carrier.
type Origin int

// Origins.
const (
	Detected Origin = 1 + iota // the number says so
	Named                      // by the program
	Guessed                    // the likeliest one, or another than was named
)

// Register makes registrations and returns what became of each, in order. Those
// that can't be made cost nothing and keep none of the others. A number that is
// registered with the carrier already stays as it is.
func (s *Store) Register(ctx context.Context, owner inventory.Subject, all ...Registering) ([]Registered, error) {
	if len(all) > mostRegistered {
		return nil, ErrTooMany.With(mostRegistered)
	}
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return nil, err
	}
	done, wants := make([]Registered, len(all)), make([]parcel.Want, len(all))
	for i, r := range all {
		done[i], wants[i] = s.all.knowledge().settle(r)
	}
	once(done)
	now := s.all.now()
	if err := s.wantThem(ctx, owner, done, wants, now); err != nil {
		return nil, fmt.Errorf("register for %s: %w", owner, err)
	}
	rows, err := registrationRows(k, owner, done, now)
	if err != nil {
		return nil, err
	}
	refused := make([]error, len(done))
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return s.insertRegistrations(ctx, tx, owner, done, rows, refused, now)
	})
	if err != nil {
		return nil, fmt.Errorf("register for %s: %w", owner, err)
	}
	for i, err := range refused {
		if err != nil {
			done[i].Err = err
		}
	}
	return done, nil
}

// settle says with which carrier a number is registered, and what to want for it.
func (know Knowledge) settle(r Registering) (Registered, parcel.Want) {
	done := Registered{Registration: Registration{
		Number: bare(r.Number), Carrier: r.Carrier, Final: r.Final, Details: r.Details,
	}}
	if done.Err = know.check(done.Number, r); done.Err != nil {
		return done, parcel.Want{}
	}
	number := know.Index.Number(done.Number, recognise.Hints{})
	done.Number = number.Text
	if sent := strings.TrimSpace(r.Number); sent != done.Number {
		done.Sent = sent
	}
	if done.Final != "" && !isPostal(number) {
		done.Err = ErrFinalCarrier
		return done, parcel.Want{}
	}
	if done.Carrier, done.Origin = know.detect(number, r); done.Carrier == "" {
		done.Err = ErrUndetected
		return done, parcel.Want{}
	}
	if done.Err = know.demand(done.Carrier, r); done.Err != nil {
		return done, parcel.Want{}
	}
	want, err := know.wantOf(number, done.Carrier, done.Origin, done.Final, r.Details)
	done.Err = err
	return done, want
}

// check finds what is wrong with a Registering before its number is read.
func (know Knowledge) check(number string, r Registering) error {
	if !fits(number, r.Number) {
		return ErrNumberForm
	}
	for _, code := range []carrier.Code{r.Carrier, r.Final} {
		if _, ok := know.Catalogue.Carrier(code); code != "" && !ok {
			return ErrNoCarrier
		}
	}
	return nil
}

// bare is a number as it is told apart: without blanks, hyphens and case.
func bare(sent string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(sent), "-", ""))
}

// How long a number is (17TRACK Tracking API, "limits").
const (
	leastNumber = 5
	longNumber  = 50
)

// fits reports whether a number has only what numbers have.
func fits(bare, sent string) bool {
	return isPlain(bare) && len(bare) >= leastNumber && len(strings.TrimSpace(sent)) <= longNumber
}

// isPlain reports whether a text is letters and digits, as all numbers are that
// are kept.
func isPlain(bare string) bool {
	return !strings.ContainsFunc(bare, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') })
}

// isPostal reports whether a number is one that posts hand on to each other.
func isPostal(n recognise.Number) bool {
	return n.Problem == recognise.NoProblem &&
		slices.ContainsFunc(n.Reasons, func(r recognise.Reason) bool { return r.Code == recognise.IsS10 })
}

// leastGuess is the score from which a candidate is worth being charged for.
const leastGuess = 0.05

// detect finds the carrier of a number, "" when its form doesn't say.
func (know Knowledge) detect(n recognise.Number, r Registering) (carrier.Code, Origin) {
	if r.Carrier != "" && !r.Detect {
		return r.Carrier, Named
	}
	var fits []recognise.Candidate
	if n.Problem == recognise.NoProblem {
		for _, c := range n.Candidates {
			if known, ok := know.Catalogue.Carrier(c.Carrier); ok && c.Score >= leastGuess && (!r.Strict || known.Key != 0) {
				fits = append(fits, c)
			}
		}
	}
	switch {
	case r.Carrier != "" && (len(fits) == 0 || slices.ContainsFunc(fits, func(c recognise.Candidate) bool { return c.Carrier == r.Carrier })):
		return r.Carrier, Named
	case len(fits) == 0:
		return "", 0
	case r.Carrier == "" && fits[0].Score >= recognise.Certain:
		return fits[0].Carrier, Detected
	}
	return fits[0].Carrier, Guessed
}

// demand says what a carrier demands and wasn't told.
func (know Knowledge) demand(code carrier.Code, r Registering) error {
	known, ok := know.Catalogue.Carrier(code)
	if !ok || !r.Strict || len(r.given(known.Needs).Lacks(known.Needs)) == 0 {
		return nil
	}
	return &Lacking{Carrier: code, Needs: known.Needs}
}

// Would says with which carrier a number would be registered, and what would be
// wanted of it; it fails as Register does, and does nothing.
func (w *Watches) Would(r Registering) (carrier.Code, parcel.Want, error) {
	done, want := w.knowledge().settle(r)
	return done.Carrier, want, done.Err
}

// wantOf is what to want for a registration. A guess has all candidates asked,
// where they may be; whoever knows the number is found.
func (know Knowledge) wantOf(n recognise.Number, code carrier.Code, from Origin, final carrier.Code, d Details) (parcel.Want, error) {
	if from == Guessed {
		if want, needs := know.Plan(n, "", d.given(nil)); len(needs) == 0 && len(want.Askings) > 0 {
			return want, nil
		}
	}
	meant := unlessSure(n, code)
	want, needs := know.Plan(n, meant, d.given(nil))
	if len(needs) > 0 {
		given := d.given(needs)
		if lacks := given.Lacks(needs); len(lacks) > 0 {
			return want, &Lacking{Carrier: code, Needs: lacks}
		}
		want, needs = know.Plan(n, meant, given)
	}
	if len(want.Askings) == 0 && len(needs) == 0 {
		return want, ErrNotConnected
	}
	if final != "" && final != code {
		last, _ := know.Plan(n, final, nil)
		for _, a := range last.Askings {
			a.Role, a.Rank = parcel.Destination, len(want.Askings)
			want.Askings = append(want.Askings, a)
		}
	}
	return want, nil
}

// once leaves those out that are named twice.
func once(done []Registered) {
	seen := map[Reference]bool{}
	for i, r := range done {
		if ref := (Reference{r.Number, r.Carrier}); r.Err == nil && seen[ref] {
			done[i].Err = ErrRegistered
		} else if r.Err == nil {
			seen[ref] = true
		}
	}
}

// taken are those of a list that are registered already.
func taken(ctx context.Context, tx *db.Tx, owner inventory.Subject, done []Registered, rows []registrationRow) (map[Reference]bool, error) {
	numbers := make([]string, len(rows))
	for i, r := range rows {
		numbers[i] = done[r.at].Number
	}
	among, args := db.In(tx, "p.number", numbers, 1)
	there := map[Reference]bool{}
	_, err := db.Rows(ctx, tx, func(row *sql.Rows) (struct{}, error) {
		var ref Reference
		err := row.Scan(&ref.Number, &ref.Carrier)
		there[ref] = true
		return struct{}{}, err
	}, `SELECT p.number, r.carrier FROM `+byNumberFirst(tx.Dialect())+` AND `+among, append([]any{string(owner)}, args...)...)
	return there, err
}

// wantThem wants the parcels of those that can be registered, and gives them
// what is known of these.
func (s *Store) wantThem(ctx context.Context, owner inventory.Subject, done []Registered, wants []parcel.Want, now time.Time) error {
	var some []parcel.Want
	for i, r := range done {
		if r.Err == nil {
			some = append(some, wants[i])
		}
	}
	if len(some) == 0 {
		return nil
	}
	if err := s.all.restricted.Refuse(ctx, owner); err != nil {
		return err
	}
	for i := range some {
		some[i].Until, some[i].Visitor = now.Add(wantFor), false
	}
	parcels, err := s.all.parcels.Want(ctx, some)
	if err != nil {
		return err
	}
	for i := range done {
		if done[i].Err == nil {
			done[i].Parcel, done[i].Summary = parcels[0], summarise(parcels[0], now)
			parcels = parcels[1:]
		}
	}
	return nil
}

// A registrationRow is a row of the table, but for what it watches.
type registrationRow struct {
	at      int // its place among those that were to be registered
	details []byte
}

func registrationRows(k *vault.Sealer, owner inventory.Subject, done []Registered, now time.Time) ([]registrationRow, error) {
	var rows []registrationRow
	for i := range done {
		r := &done[i]
		if r.Err != nil {
			continue
		}
		sealed, err := sealDetails(k, r.Details)
		if err != nil {
			return nil, err
		}
		r.ID, r.Owner, r.Created, r.Begun = RegistrationID(newID()), owner, db.At(db.Ms(now)), db.At(db.Ms(now))
		rows = append(rows, registrationRow{i, sealed})
	}
	return rows, nil
}

// insertRegistrations writes rows and draws on the ledger; refused says which
// of done could not be.
func (s *Store) insertRegistrations(ctx context.Context, tx *db.Tx, owner inventory.Subject, done []Registered, rows []registrationRow, refused []error, now time.Time) error {
	clear(refused)
	if len(rows) == 0 {
		return nil
	}
	there, err := taken(ctx, tx, owner, done, rows)
	if err != nil {
		return fmt.Errorf("find registrations: %w", err)
	}
	fresh := make([]registrationRow, 0, len(rows))
	var summaries []Summary
	for _, row := range rows {
		r := done[row.at]
		if there[Reference{r.Number, r.Carrier}] {
			refused[row.at] = ErrRegistered
			continue
		}
		fresh, summaries = append(fresh, row), append(summaries, r.Summary)
	}
	if rows = fresh; len(rows) == 0 {
		return nil
	}
	watched, err := note(ctx, tx, summaries, now.Add(wantFor), now)
	if err != nil {
		return err
	}
	b := db.NewBatch("new", "id", "carrier", "final", "watched_id", "details")
	for _, row := range rows {
		r := done[row.at]
		b.Add(string(r.ID), string(r.Carrier), string(r.Final), watched[r.Summary.generation()], blob(row.details))
	}
	made, err := db.BatchRows(ctx, tx, scanID, b, `
		INSERT INTO registration (owner, id, carrier, final, watched_id, details, created_ms, begun_ms,
			stopped_ms, why, due_ms, changes, retracked, pushed_ms, push_status, push_code)
		SELECT $1, id, carrier, final, watched_id, details, $2, $2, 0, '', $3, 0, FALSE, 0, '', 0 FROM new WHERE TRUE
		ON CONFLICT DO NOTHING RETURNING id`, string(owner), db.Ms(now), db.Ms(now.Add(deliveredFor)))
	if err != nil {
		return fmt.Errorf("insert registrations: %w", err)
	}
	slices.Sort(made) // the order of registering
	for _, row := range rows {
		if !slices.Contains(made, done[row.at].ID) {
			refused[row.at] = ErrRegistered
		}
	}
	if err := s.draw(ctx, tx, owner, done, made, refused); err != nil {
		return err
	}
	return s.begun(ctx, tx, owner, made...)
}

// draw takes what registrations cost, and deletes those that can't be paid for.
func (s *Store) draw(ctx context.Context, tx *db.Tx, owner inventory.Subject, done []Registered, made []RegistrationID, refused []error) error {
	tx.Notify(Topic(owner))
	if s.all.ledger == nil || len(made) == 0 {
		return nil
	}
	unpaid, err := s.all.ledger.Draw(ctx, tx, owner, made)
	if err != nil {
		return err
	}
	var gone []RegistrationID
	for i, err := range unpaid {
		if err == nil {
			continue
		}
		gone = append(gone, made[i])
		at := slices.IndexFunc(done, func(r Registered) bool { return r.ID == made[i] })
		refused[at] = err
	}
	if len(gone) == 0 {
		return nil
	}
	among, args := db.In(tx, "id", gone, 1)
	_, err = tx.ExecContext(ctx, `DELETE FROM registration WHERE owner = $1 AND `+among, append([]any{string(owner)}, args...)...)
	return err
}
