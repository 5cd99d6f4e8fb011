package parcel

import (
	"context"
	"database/sql"
	"maps"
	"slices"

	"waypost/internal/db"
)

// Every query of a parcel names its id or its number, so that parcels can be
// spread over several databases.
const (
	selectParcel = `
		SELECT p.id, p.number, p.carrier, p.mark, p.generation, p.found, p.choice, p.edition,
			p.created_ms, p.wanted_ms, p.kept_ms, p.stays_ms, COALESCE(h.revision, 0), h.bytes
		FROM parcel AS p LEFT JOIN history AS h ON h.parcel_id = p.id`
	selectAsk = `
		SELECT parcel_id, source, carrier, number, account, role, rank, state, visitor, due_ms,
			lease, claimed_ms, asked_ms, answered_ms, failures, problem, reason, digest, pushed_ms
		FROM ask`
)

// load reads parcels by id.
func load(ctx context.Context, tx *db.Tx, ids []ID) (map[ID]*row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	among, args := db.In(tx, "p.id", ids, 0)
	rows, err := db.Rows(ctx, tx, scanParcel, selectParcel+" WHERE "+among, args...)
	if err != nil {
		return nil, err
	}
	return withAsks(ctx, tx, rows)
}

// loadKeys reads the newest generation of parcels by number.
func loadKeys(ctx context.Context, tx *db.Tx, keys []Key) (map[Key]*row, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	wanted := make(map[Key]bool, len(keys))
	numbers := make([]string, len(keys))
	for i, k := range keys {
		wanted[k], numbers[i] = true, k.Number
	}
	newest, err := newestOf(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(newest, func(k Key, _ *row) bool { return !wanted[k] })
	_, err = withAsks(ctx, tx, slices.Collect(maps.Values(newest)))
	return newest, err
}

// loadNumbers reads the newest generation of all parcels with these numbers,
// whatever carrier they were asked for.
func loadNumbers(ctx context.Context, tx *db.Tx, numbers []string) ([]*row, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	newest, err := newestOf(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	rows := slices.SortedFunc(maps.Values(newest), (*row).compare)
	_, err = withAsks(ctx, tx, rows)
	return rows, err
}

// newestOf reads the newest generation of the parcels with these numbers,
// without their asks.
func newestOf(ctx context.Context, tx *db.Tx, numbers []string) (map[Key]*row, error) {
	among, args := db.In(tx, "p.number", numbers, 0)
	rows, err := db.Rows(ctx, tx, scanParcel, selectParcel+" WHERE "+among, args...)
	if err != nil {
		return nil, err
	}
	newest := make(map[Key]*row, len(rows))
	for _, r := range rows {
		if n, ok := newest[r.Key]; !ok || n.Generation < r.Generation {
			newest[r.Key] = r
		}
	}
	return newest, nil
}

// withAsks reads the asks of parcels and takes their histories apart.
func withAsks(ctx context.Context, tx *db.Tx, rows []*row) (map[ID]*row, error) {
	byID := make(map[ID]*row, len(rows))
	ids := make([]ID, len(rows))
	for i, r := range rows {
		byID[r.ID], ids[i] = r, r.ID
	}
	if len(rows) == 0 {
		return byID, nil
	}
	among, args := db.In(tx, "parcel_id", ids, 0)
	type owned struct {
		of ID
		*askRow
	}
	scan := func(at *sql.Rows) (owned, error) {
		id, a, err := scanAsk(at)
		return owned{id, a}, err
	}
	asks, err := db.Rows(ctx, tx, scan, selectAsk+" WHERE "+among+" ORDER BY parcel_id, rank, source, carrier, number", args...)
	if err != nil {
		return nil, err
	}
	for _, a := range asks {
		byID[a.of].asks = append(byID[a.of].asks, a.askRow)
	}
	if err := withGiven(ctx, tx, rows); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Revision == 0 {
			continue
		}
		if r.History, err = Decode(r.bytes); err != nil {
			r.History, r.damaged = History{}, true // the others are not to suffer
		}
	}
	return byID, nil
}

func scanParcel(at *sql.Rows) (*row, error) {
	var r row
	var created, wanted, kept, stays int64
	err := at.Scan(&r.ID, &r.Number, &r.Carrier, &r.Mark, &r.Generation, &r.Found, &r.Choice, &r.edition,
		&created, &wanted, &kept, &stays, &r.Revision, &r.bytes)
	r.Created, r.Wanted, r.kept, r.stays = db.At(created), db.At(wanted), db.At(kept), db.At(stays)
	return &r, err
}

func scanAsk(at *sql.Rows) (ID, *askRow, error) {
	var id ID
	var a askRow
	var due, claimed, asked, answered, pushed int64
	err := at.Scan(&id, &a.Source, &a.Carrier, &a.Number, &a.Account, &a.Role, &a.Rank, &a.State, &a.visitor, &due,
		&a.lease, &claimed, &asked, &answered, &a.Failures, &a.Problem, &a.Reason, &a.digest, &pushed)
	a.Due, a.claimed, a.Asked, a.Answered, a.Pushed = db.At(due), db.At(claimed), db.At(asked), db.At(answered), db.At(pushed)
	a.Told = a.State == Told
	a.was, a.wasLease, a.wasGuest, a.wasSeen = a.Ask, a.lease, a.visitor, a.digest
	return id, &a, err
}

// fill is the smallest power of two that holds n.
func fill(n int) int {
	size := 1
	for size < n {
		size *= 2
	}
	return size
}
