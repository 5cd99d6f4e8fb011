package parcel

import (
	"context"
	"database/sql"
	"fmt"
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
		for _, a := range r.asks {
			if !a.fresh && a.changed() {
				if err := a.save(ctx, tx, r.ID); err != nil {
					return err
				}
			}
		}
		for _, topic := range r.topics {
			tx.Notify(topic)
		}
	}
	return insertAsks(ctx, tx, rows)
}

func insertParcels(ctx context.Context, tx *db.Tx, rows []*row) error {
	if len(rows) == 0 {
		return nil
	}
	var in inserts
	for _, r := range rows {
		in.row(string(r.ID), r.Number, string(r.Carrier), r.Generation, string(r.Found), string(r.Choice), 0,
			ms(r.Created), ms(r.Wanted), ms(r.kept))
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO parcel (id, number, carrier, generation, found, choice, edition, created_ms, wanted_ms, kept_ms)
		VALUES `+in.values()+` ON CONFLICT DO NOTHING`, in.args...)
	return expect(int64(len(rows)), done, err, "insert parcels")
}

func insertAsks(ctx context.Context, tx *db.Tx, rows []*row) error {
	var in inserts
	for _, r := range rows {
		for _, a := range r.asks {
			if a.fresh {
				in.row(string(r.ID), string(a.Source), string(a.Carrier), a.Number, string(a.Account), string(a.Role), a.Rank,
					string(a.State), a.visitor, ms(a.Due), "", 0, ms(a.Asked), ms(a.Answered), a.Failures, string(a.Problem), a.Reason)
			}
		}
	}
	if in.rows == 0 {
		return nil
	}
	done, err := tx.ExecContext(ctx, `
		INSERT INTO ask (parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
			lease, claimed_ms, asked_ms, answered_ms, failures, problem, reason)
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

func (a *askRow) save(ctx context.Context, tx *db.Tx, of ID) error {
	claimed := a.claimed
	if a.lease == "" {
		claimed = instant(0)
	}
	done, err := tx.ExecContext(ctx, `
		UPDATE ask SET account = $1, role = $2, rank = $3, state = $4, visitor = $5, due_ms = $6, lease = $7,
			claimed_ms = $8, asked_ms = $9, answered_ms = $10, failures = $11, problem = $12, reason = $13
		WHERE parcel_id = $14 AND source = $15 AND carrier = $16 AND number = $17 AND lease = $18 AND due_ms = $19`,
		string(a.Account), string(a.Role), a.Rank, string(a.State), a.visitor, ms(a.Due), a.lease,
		ms(claimed), ms(a.Asked), ms(a.Answered), a.Failures, string(a.Problem), a.Reason,
		string(of), string(a.Source), string(a.Carrier), a.Number, a.wasLease, ms(a.was.Due))
	return expect(1, done, err, "update ask of parcel "+string(of))
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
