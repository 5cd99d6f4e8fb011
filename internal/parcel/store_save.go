package parcel

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"waypost/internal/db"
)

// save writes what has changed of the rows. Each statement holds only while
// the row is still what was read; errLost when one is not.
func save(ctx context.Context, tx *db.Tx, rows []*row) error {
	var fresh []*row
	for _, r := range rows {
		if r.fresh {
			fresh = append(fresh, r)
		}
	}
	if err := insertParcels(ctx, tx, fresh); err != nil {
		return err
	}
	for _, r := range rows {
		if r.decided && !r.fresh {
			if err := r.saveParcel(ctx, tx); err != nil {
				return err
			}
		}
		if r.told {
			if err := r.saveHistory(ctx, tx); err != nil {
				return err
			}
		}
		for _, topic := range r.topics {
			tx.Notify(topic)
		}
	}
	if err := insertGiven(ctx, tx, rows); err != nil {
		return err
	}
	if err := updateAsks(ctx, tx, rows); err != nil {
		return err
	}
	return insertAsks(ctx, tx, rows)
}

func insertParcels(ctx context.Context, tx *db.Tx, rows []*row) error {
	if len(rows) == 0 {
		return nil
	}
	b := db.NewBatch("new", "id", "number", "carrier", "mark", "generation", "found", "choice", "created_ms", "wanted_ms", "kept_ms", "stays_ms")
	for _, r := range rows {
		b.Add(string(r.ID), r.Number, string(r.Carrier), string(r.Mark), r.Generation, string(r.Found), string(r.Choice),
			db.Ms(r.Created), db.Ms(r.Wanted), db.Ms(r.kept), db.Ms(r.stays))
	}
	made, err := tx.ExecBatch(ctx, b, `
		INSERT INTO parcel (id, number, carrier, mark, generation, found, choice, edition, created_ms, wanted_ms, kept_ms, stays_ms)
		SELECT id, number, carrier, mark, generation, found, choice, 0, created_ms, wanted_ms, kept_ms, stays_ms FROM new WHERE TRUE ON CONFLICT DO NOTHING`)
	return expect(len(rows), made, err, "insert parcels")
}

func insertAsks(ctx context.Context, tx *db.Tx, rows []*row) error {
	b := db.NewBatch("new", "parcel_id", "source", "carrier", "number", "account", "role", "rank", "state", "visitor", "due_ms",
		"asked_ms", "answered_ms", "pushed_ms", "failures", "problem", "reason")
	for _, r := range rows {
		for _, a := range r.asks {
			if a.fresh {
				b.Add(string(r.ID), string(a.Source), string(a.Carrier), a.Number, string(a.Account), string(a.Role), a.Rank,
					string(a.State), a.visitor, db.Ms(a.Due), db.Ms(a.Asked), db.Ms(a.Answered), db.Ms(a.Pushed), a.Failures, string(a.Problem), a.Reason)
			}
		}
	}
	made, err := tx.ExecBatch(ctx, b, `
		INSERT INTO ask (parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
			lease, claimed_ms, asked_ms, answered_ms, pushed_ms, failures, problem, reason)
		SELECT parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
			'', 0, asked_ms, answered_ms, pushed_ms, failures, problem, reason FROM new WHERE TRUE ON CONFLICT DO NOTHING`)
	return expect(b.Len(), made, err, "insert asks")
}

func (r *row) saveParcel(ctx context.Context, tx *db.Tx) error {
	changed, err := rowsOf(tx.ExecContext(ctx, `
		UPDATE parcel SET found = $1, choice = $2, wanted_ms = $3, kept_ms = $4, stays_ms = $5, edition = edition + 1
		WHERE id = $6 AND edition = $7`,
		string(r.Found), string(r.Choice), db.Ms(r.Wanted), db.Ms(r.kept), db.Ms(r.stays), string(r.ID), r.edition))
	return expect(1, changed, err, "update parcel "+string(r.ID))
}

// saveHistory writes the next revision.
func (r *row) saveHistory(ctx context.Context, tx *db.Tx) error {
	statement := "UPDATE history SET revision = revision + 1, bytes = $1 WHERE parcel_id = $2 AND revision = $3"
	args := []any{r.bytes, string(r.ID), r.Revision - 1}
	if r.Revision == 1 {
		statement = "INSERT INTO history (parcel_id, revision, bytes) VALUES ($2, 1, $1) ON CONFLICT DO NOTHING"
		args = args[:2]
	}
	changed, err := rowsOf(tx.ExecContext(ctx, statement, args...))
	return expect(1, changed, err, "write history of parcel "+string(r.ID))
}

// askBatch is how many asks one statement updates.
const askBatch = 256

// An ownAsk is an ask and the parcel that it is of.
type ownAsk struct {
	of ID
	*askRow
}

// updateAsks writes asks that are in the database, many in one statement.
func updateAsks(ctx context.Context, tx *db.Tx, rows []*row) error {
	var answered, changed []ownAsk
	for _, r := range rows {
		for _, a := range r.asks {
			switch {
			case a.fresh || !a.changed():
			case a.answeredAsBefore():
				answered = append(answered, ownAsk{r.ID, a})
			default:
				changed = append(changed, ownAsk{r.ID, a})
			}
		}
	}
	if err := updateEach(ctx, tx, answered, whenAsked); err != nil {
		return err
	}
	return updateEach(ctx, tx, changed, wholeAsk)
}

// An update is what is written of asks.
type update struct {
	columns []string // of the values; the key and what was read come behind
	set     string
	values  func(ownAsk) []any
}

// whenAsked is all that most polls change: the lease is over, and the next time
// known.
var whenAsked = update{
	columns: []string{"due_ms", "asked_ms", "answered_ms"},
	set:     "due_ms = new.due_ms, asked_ms = new.asked_ms, answered_ms = new.answered_ms, lease = '', claimed_ms = 0",
	values: func(a ownAsk) []any {
		return []any{db.Ms(a.Due), db.Ms(a.Asked), db.Ms(a.Answered)}
	},
}

var wholeAsk = update{
	columns: []string{
		"account", "role", "rank", "state", "visitor", "due_ms", "lease", "claimed_ms",
		"asked_ms", "answered_ms", "pushed_ms", "failures", "problem", "reason", "digest",
	},
	set: `account = new.account, role = new.role, rank = new.rank, state = new.state, visitor = new.visitor,
		due_ms = new.due_ms, lease = new.lease, claimed_ms = new.claimed_ms, asked_ms = new.asked_ms, answered_ms = new.answered_ms,
		pushed_ms = new.pushed_ms, failures = new.failures, problem = new.problem, reason = new.reason, digest = new.digest`,
	values: func(a ownAsk) []any {
		claimed := a.claimed
		if a.lease == "" {
			claimed = db.At(0)
		}
		return []any{
			string(a.Account), string(a.Role), a.Rank, string(a.State), a.visitor, db.Ms(a.Due), a.lease, db.Ms(claimed),
			db.Ms(a.Asked), db.Ms(a.Answered), db.Ms(a.Pushed), a.Failures, string(a.Problem), a.Reason, a.digest,
		}
	},
}

func updateEach(ctx context.Context, tx *db.Tx, all []ownAsk, u update) error {
	for asks := range slices.Chunk(all, askBatch) {
		b := db.NewBatch("new", append(slices.Clip(u.columns), "parcel_id", "source", "carrier", "number", "old_lease", "old_due_ms", "old_pushed_ms")...)
		for _, a := range asks {
			b.Add(append(u.values(a), string(a.of), string(a.Source), string(a.Carrier), a.Number, a.wasLease, db.Ms(a.was.Due), db.Ms(a.was.Pushed))...)
		}
		changed, err := tx.ExecBatch(ctx, b, `
			UPDATE ask SET `+u.set+` FROM new
			WHERE ask.parcel_id = new.parcel_id AND ask.source = new.source AND ask.carrier = new.carrier AND ask.number = new.number
				AND ask.lease = new.old_lease AND ask.due_ms = new.old_due_ms AND ask.pushed_ms = new.old_pushed_ms`)
		if err := expect(len(asks), changed, err, "update asks"); err != nil {
			return err
		}
	}
	return nil
}

// rowsOf is how many rows a statement changed.
func rowsOf(done sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// expect returns errLost when a statement changed fewer rows than it should.
func expect(rows int, changed int64, err error, step string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	if changed != int64(rows) {
		return errLost
	}
	return nil
}
