// Package db is the two databases behind one door: SQLite inside the program,
// PostgreSQL when there is more than one machine. Rooms write one SQL text for
// both, with $1 placeholders over columns of TEXT, BIGINT, BOOLEAN and BYTES;
// whatever differs (pragmas, locks, migrations' words, how a commit is told to
// the other machines) is in here. It knows no room's tables.
package db

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"

	"waypost/internal/fault"
	"waypost/internal/live"
)

// A Dialect is which of the two databases it is.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// A DB is one database. Safe for concurrent use.
type DB struct {
	dialect Dialect
	write   *sql.DB // SQLite: one connection
	read    *sql.DB // SQLite: connections that can't write; PostgreSQL: the same as write
	groups  groups  // SQLite: transactions that share a commit
	ran     atomic.Int64
	schema  string // PostgreSQL: where the tables are
	where   string // the file, or PostgreSQL's url with the password
	live    *live.Broker
	log     *slog.Logger
	stop    func() // ends what runs in the background, and waits for it
	reach   *reach // nil: without it nothing goes
}

// Options are what an operator or a test may decide.
type Options struct {
	Live        *live.Broker // where committed topics go; nil makes one
	Log         *slog.Logger // nil discards
	Connections int          // most connections: to PostgreSQL (default 16), or for reading to SQLite (default 6)

	// Wait has a PostgreSQL database be opened also while it can't be reached, and
	// be let alone when it goes away later. Meanwhile what is asked of it fails at
	// once with ErrAway, and what is to be done First waits; it comes back by itself.
	Wait bool

	restoring bool // a backup is being restored by whoever opens it
}

var errURL = fault.New(fault.Invalid, "database_url",
	"The database setting must be sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE.")

// Open opens the database that url names: sqlite:FILE (made if it isn't there)
// or postgres://…. What an operator can mend comes as a fault that says how;
// no error holds the url's password. ctx bounds the opening only.
func Open(ctx context.Context, url string, o Options) (*DB, error) {
	if o.Live == nil {
		o.Live = live.New()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d, err := open(ctx, url, o)
	if err != nil || o.restoring {
		return d, err
	}
	if err := d.First(ctx, d.refuseRestoring); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func open(ctx context.Context, url string, o Options) (*DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch {
	case scheme == "sqlite" && rest != "":
		return openSQLite(ctx, rest, o)
	case scheme == "postgres" || scheme == "postgresql":
		return openPostgres(ctx, url, o)
	}
	return nil, errURL
}

// Close waits for running transactions and closes the database.
func (d *DB) Close() error {
	if d.reach != nil {
		d.reach.stop()
	}
	d.stop()
	err := d.write.Close()
	if d.read != d.write {
		if e := d.read.Close(); err == nil {
			err = e
		}
	}
	return err
}

// Dialect says which database it is, for the few who must know.
func (d *DB) Dialect() Dialect { return d.dialect }

// Writer is the pool that writes, for a library that makes transactions of its
// own. On SQLite it is one connection, which everybody's transactions wait for:
// whoever has it uses no second one, and gives it back soon.
func (d *DB) Writer() *sql.DB { return d.write }

// Live is the broker that Notify's topics reach after the commit: at once on
// SQLite, over the server and so on every machine on PostgreSQL.
func (d *DB) Live() *live.Broker { return d.live }

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if err := d.reach.enter(ctx); err != nil {
		return err
	}
	return d.reach.told(ctx, d.read.PingContext(ctx))
}

// A Set is all databases of one Waypost. A statement or transaction never
// spans two of them, also where they are the same.
type Set struct {
	Parcels *DB            // what belongs to nobody
	People  map[string]*DB // what belongs to people, by region
}

// OpenSet opens the parcels' database and one per region; the same url is
// opened once. A region's own one may be away: see Options.Wait.
func OpenSet(ctx context.Context, parcels string, people map[string]string, o Options) (*Set, error) {
	opened := map[string]*DB{}
	open := func(url string, o Options) (*DB, error) {
		if d, ok := opened[url]; ok {
			return d, nil
		}
		d, err := Open(ctx, url, o)
		if err == nil {
			opened[url] = d
		}
		return d, err
	}
	s := &Set{People: map[string]*DB{}}
	var err error
	if s.Parcels, err = open(parcels, o); err != nil {
		return nil, err
	}
	o.Wait = true
	for region, url := range people {
		if s.People[region], err = open(url, o); err != nil {
			for _, d := range opened {
				err = errors.Join(err, d.Close())
			}
			return nil, err
		}
	}
	return s, nil
}

// Close closes every database of the set.
func (s *Set) Close() error {
	all := map[*DB]bool{s.Parcels: true}
	for _, d := range s.People {
		all[d] = true
	}
	var first error
	for d := range all {
		if err := d.Close(); first == nil {
			first = err
		}
	}
	return first
}
