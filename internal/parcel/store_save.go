package parcel

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

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
	var in inserts
	for _, r := range rows {
		in.row(string(r.ID), r.Number, string(r.Carrier), string(r.Mark), r.Generation, string(r.Found), string(r.Choice), 0,
			ms(r.Created), ms(r.Wanted), ms(r.kept))
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO parcel (id, number, carrier, mark, generation, found, choice, edition, created_ms, wanted_ms, kept_ms)
		VALUES `+in.values()+` ON CONFLICT DO NOTHING`, in.args...)
	return expect(int64(len(rows)), done, err, "insert parcels")
}

func insertAsks(ctx context.Context, tx *db.Tx, rows []*row) error {
	var in inserts
	for _, r := range rows {
		for _, a := range r.asks {
			if a.fresh {
				in.row(string(r.ID), string(a.Source), string(a.Carrier), a.Number, string(a.Account), string(a.Role), a.Rank,
					string(a.State), a.visitor, ms(a.Due), "", 0, ms(a.Asked), ms(a.Answered), ms(a.Pushed), a.Failures, string(a.Problem), a.Reason)
			}
		}
	}
	if in.rows == 0 {
		return nil
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO ask (parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
			lease, claimed_ms, asked_ms, answered_ms, pushed_ms, failures, problem, reason)
		VALUES `+in.values()+` ON CONFLICT DO NOTHING`, in.args...)
	return expect(int64(in.rows), done, err, "insert asks")
}

func (r *row) saveParcel(ctx context.Context, tx *db.Tx) error {
	done, err := tx.ExecContext(ctx, `
		UPDATE parcel SET found = $1, choice = $2, wanted_ms = $3, kept_ms = $4, edition = edition + 1
		WHERE id = $5 AND edition = $6`,
		string(r.Found), string(r.Choice), ms(r.Wanted), ms(r.kept), string(r.ID), r.edition)
	return expect(1, done, err, "update parcel "+string(r.ID))
}

// saveHistory writes the next revision.
func (r *row) saveHistory(ctx context.Context, tx *db.Tx) error {
	statement := "UPDATE history SET revision = revision + 1, bytes = $1 WHERE parcel_id = $2 AND revision = $3"
	args := []any{r.bytes, string(r.ID), r.Revision - 1}
	if r.Revision == 1 {
		statement = "INSERT INTO history (parcel_id, revision, bytes) VALUES ($2, 1, $1) ON CONFLICT DO NOTHING"
		args = args[:2]
	}
	done, err := tx.ExecContext(ctx, statement, args...)
	return expect(1, done, err, "write history of parcel "+string(r.ID))
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
	columns, types string // of the values, see inserts.typed; the key and what was read come behind
	set            string
	values         func(ownAsk) []any
}

// whenAsked is all that most polls change: the lease is over, and the next time
// known.
var whenAsked = update{
	columns: "due_ms, asked_ms, answered_ms", types: "III",
	set: "due_ms = new.due_ms, asked_ms = new.asked_ms, answered_ms = new.answered_ms, lease = '', claimed_ms = 0",
	values: func(a ownAsk) []any {
		return []any{ms(a.Due), ms(a.Asked), ms(a.Answered)}
	},
}

var wholeAsk = update{
	columns: "account, role, rank, state, visitor, due_ms, lease, claimed_ms, asked_ms, answered_ms, pushed_ms, failures, problem, reason, digest",
	types:   "TTITBITIIIIITTT",
	set: `account = new.account, role = new.role, rank = new.rank, state = new.state, visitor = new.visitor,
		due_ms = new.due_ms, lease = new.lease, claimed_ms = new.claimed_ms, asked_ms = new.asked_ms, answered_ms = new.answered_ms,
		pushed_ms = new.pushed_ms, failures = new.failures, problem = new.problem, reason = new.reason, digest = new.digest`,
	values: func(a ownAsk) []any {
		claimed := a.claimed
		if a.lease == "" {
			claimed = instant(0)
		}
		return []any{
			string(a.Account), string(a.Role), a.Rank, string(a.State), a.visitor, ms(a.Due), a.lease, ms(claimed),
			ms(a.Asked), ms(a.Answered), ms(a.Pushed), a.Failures, string(a.Problem), a.Reason, a.digest,
		}
	},
}

func updateEach(ctx context.Context, tx *db.Tx, all []ownAsk, u update) error {
	for asks := range slices.Chunk(all, askBatch) {
		var in inserts
		for i := range fill(len(asks)) {
			a := asks[min(i, len(asks)-1)] // the last one again, so that there are few different statements
			in.row(append(u.values(a), string(a.of), string(a.Source), string(a.Carrier), a.Number, a.wasLease, ms(a.was.Due), ms(a.was.Pushed))...)
		}
		done, err := tx.ExecContext(ctx, `
			WITH new (`+u.columns+`, parcel_id, source, carrier, number, old_lease, old_due_ms, old_pushed_ms) AS (VALUES `+in.typed(u.types+"TTTTTII")+`)
			UPDATE ask SET `+u.set+` FROM new
			WHERE ask.parcel_id = new.parcel_id AND ask.source = new.source AND ask.carrier = new.carrier AND ask.number = new.number
				AND ask.lease = new.old_lease AND ask.due_ms = new.old_due_ms AND ask.pushed_ms = new.old_pushed_ms`, in.args...)
		if err := expect(int64(len(asks)), done, err, "update asks"); err != nil {
			return err
		}
	}
	return nil
}

// expect returns errLost when a statement changed fewer rows than it should.
func expect(rows int64, done sql.Result, err error, step string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	if n != rows {
		return errLost
	}
	return nil
}

// inserts collects rows for one INSERT.
type inserts struct {
	args    []any
	rows    int
	columns int
}

func (in *inserts) row(values ...any) {
	in.args = append(in.args, values...)
	in.rows, in.columns = in.rows+1, len(values)
}

// typed is values, with the first row's types told, letter by letter: Text,
// Integer, Boolean. The others follow it.
func (in *inserts) typed(types string) string {
	names := map[rune]string{'T': "TEXT", 'I': "BIGINT", 'B': "BOOLEAN"}
	var b strings.Builder
	for i, t := range types {
		fmt.Fprintf(&b, "%cCAST($%d AS %s)", "(,"[min(i, 1)], i+1, names[t])
	}
	_, others, _ := strings.Cut(in.values(), ")")
	return b.String() + ")" + others
}

// values spells the rows' placeholders.
func (in *inserts) values() string {
	var b strings.Builder
	for i := range in.args {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%in.columns == 0:
			b.WriteString("),(")
		default:
			b.WriteString(",")
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteString(")")
	return b.String()
}
