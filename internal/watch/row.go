package watch

import (
	"context"
	"database/sql"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/inventory"
	"waypost/internal/vault"
)

// A row is a watch as it stands in the database, its words still sealed.
type row struct {
	Watch
	sealed []byte
	opened bool
}

const selectWatch = `
	SELECT w.owner, w.id, w.source, w.words, w.alerts, w.archived_ms, w.created_ms,
		p.parcel_id, p.number, p.carrier, p.mark, p.generation, p.found, p.status, p.since_ms, p.event_ms, p.stale_ms,
		p.eta, p.eta_ms, p.settled_ms, p.revision
	FROM watch w JOIN watched p ON p.id = w.watched_id`

func scanRow(rows *sql.Rows) (*row, error) {
	var r row
	var alerts, eta string
	var archived, created, since, event, stale, etaMs, settled int64
	err := rows.Scan(&r.Owner, &r.ID, &r.Source, &r.sealed, &alerts, &archived, &created,
		&r.ParcelID, &r.Number, &r.Carrier, &r.Mark, &r.Generation, &r.Found, &r.Status, &since, &event, &stale,
		&eta, &etaMs, &settled, &r.Revision)
	if err != nil {
		return nil, err
	}
	r.Alerts, r.Archived, r.Created = alertsOf(alerts), db.At(archived), db.At(created)
	r.Since, r.Event, r.Stale, r.Settled = db.At(since), db.At(event), db.At(stale), db.At(settled)
	r.ETA = carrier.Time{Local: eta, UTC: db.At(etaMs)}
	return &r, nil
}

// open unseals a row's words.
func (r *row) open(k *vault.Sealer) error {
	if r.opened {
		return nil
	}
	r.opened = true
	return k.OpenJSON(fieldWords, r.sealed, &r.Words)
}

// rowsOf reads an owner's watches; where goes on after the owner, and its
// places begin at $2.
func rowsOf(ctx context.Context, tx *db.Tx, owner inventory.Subject, where string, args ...any) ([]*row, error) {
	return db.Rows(ctx, tx, scanRow, selectWatch+` WHERE w.owner = $1`+where, append([]any{string(owner)}, args...)...)
}

// values are a summary's columns, in the table's order from found on.
func (s Summary) values(read time.Time) []any {
	return []any{
		string(s.Found), string(s.Status), db.Ms(s.Since), db.Ms(s.Event), db.Ms(s.Stale), s.ETA.Local, db.Ms(s.ETA.UTC), db.Ms(s.Settled), s.Revision, db.Ms(read),
	}
}

// blob is bytes as they are stored: none are empty, where a database may have
// answered with nil.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
