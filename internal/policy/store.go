package policy

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
)

var (
	errVersion   = fault.New(fault.NotFound, "policy_version", "There is no such version of the policy.")
	errSame      = fault.New(fault.Conflict, "policy_same", "Nothing has changed since version %d.")
	errTooSoon   = fault.New(fault.Invalid, "policy_too_soon", "This version lessens rights, so it can apply from %s on at the earliest:\n  %s")
	errMeanwhile = fault.New(fault.Conflict, "policy_meanwhile", "Another version was published meanwhile. Compare with it first.")
)

// A Version is the policy as it was published.
type Version struct {
	Number    int
	Published time.Time // UTC
	Applies   time.Time // UTC
	Documents []Document
	Reach     Reach
	Lessens   []string // in which ways it goes farther than the one before; none for the first
}

// Document is the version in a language, in the first of all where it isn't
// written in that one.
func (v Version) Document(lang string) Document {
	for _, d := range v.Documents {
		if d.Lang == lang {
			return d
		}
	}
	return v.Documents[0]
}

// A Book keeps the versions. It is safe for concurrent use.
type Book struct {
	inventory.OfNobody
	db *db.DB
}

//go:embed migrations/*.sql
var migrations embed.FS

// Open brings the table up to date and returns the book.
func Open(ctx context.Context, d *db.DB) (*Book, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx, "policy", files); err != nil {
		return nil, err
	}
	return &Book{db: d}, nil
}

// Publish keeps a version that applies from a time on, now if that is past. One
// that lessens rights has to be announced for as long as Notice says before; the
// first version is nobody's to compare with.
func (b *Book) Publish(ctx context.Context, documents []Document, r Reach, applies, now time.Time) (Version, error) {
	v := Version{Number: 1, Published: now.UTC(), Applies: applies.UTC(), Documents: documents, Reach: r}
	if applies.Before(now) {
		v.Applies = v.Published
	}
	switch last, err := b.Last(ctx); {
	case errors.Is(err, errVersion):
	case err != nil:
		return Version{}, err
	default:
		if len(Changed(Diff(last.Documents[0], documents[0]))) == 0 {
			return Version{}, errSame.With(last.Number)
		}
		v.Number, v.Lessens = last.Number+1, last.Reach.Lessens(r)
		if earliest := now.Add(Notice); len(v.Lessens) > 0 && v.Applies.Before(earliest) {
			return Version{}, errTooSoon.With(earliest.UTC().Format(time.DateOnly), strings.Join(v.Lessens, "\n  "))
		}
	}
	return v, b.insert(ctx, v)
}

func (b *Book) insert(ctx context.Context, v Version) error {
	var cells [3]string
	for i, value := range []any{v.Documents, v.Reach, v.Lessens} {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		cells[i] = string(text)
	}
	n, err := b.db.Exec(ctx, `
		INSERT INTO policy_version (number, published_ms, applies_ms, documents, reach, lessens)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (number) DO NOTHING`,
		v.Number, v.Published.UnixMilli(), v.Applies.UnixMilli(), cells[0], cells[1], cells[2])
	if err != nil {
		return fmt.Errorf("publish policy %d: %w", v.Number, err)
	}
	if n == 0 {
		return errMeanwhile
	}
	return nil
}

const columns = `number, published_ms, applies_ms, documents, reach, lessens`

// Versions are all of them, newest first.
func (b *Book) Versions(ctx context.Context) ([]Version, error) {
	return b.read(ctx, `SELECT `+columns+` FROM policy_version ORDER BY number DESC`)
}

// Version is one of them.
func (b *Book) Version(ctx context.Context, number int) (Version, error) {
	return one(b.read(ctx, `SELECT `+columns+` FROM policy_version WHERE number = $1`, number))
}

// Last is the newest, which may apply later only.
func (b *Book) Last(ctx context.Context) (Version, error) {
	return one(b.read(ctx, `SELECT `+columns+` FROM policy_version ORDER BY number DESC LIMIT 1`))
}

// Announced is the version that lessens rights and doesn't apply yet; a fault of
// kind NotFound when there is none.
func (b *Book) Announced(ctx context.Context, now time.Time) (Version, error) {
	return one(b.read(ctx, `SELECT `+columns+` FROM policy_version WHERE applies_ms > $1 AND lessens <> 'null' ORDER BY number DESC LIMIT 1`, now.UnixMilli()))
}

func (b *Book) read(ctx context.Context, query string, args ...any) (all []Version, err error) {
	err = b.db.Read(ctx, func(tx *db.Tx) (err error) {
		all, err = db.Rows(ctx, tx, scan, query, args...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read versions of the policy: %w", err)
	}
	return all, nil
}

func scan(row *sql.Rows) (v Version, err error) {
	var published, applies int64
	var documents, reach, lessens string
	if err := row.Scan(&v.Number, &published, &applies, &documents, &reach, &lessens); err != nil {
		return v, err
	}
	v.Published, v.Applies = time.UnixMilli(published).UTC(), time.UnixMilli(applies).UTC()
	for _, cell := range []struct {
		text string
		to   any
	}{{documents, &v.Documents}, {reach, &v.Reach}, {lessens, &v.Lessens}} {
		if err := json.Unmarshal([]byte(cell.text), cell.to); err != nil {
			return v, err
		}
	}
	return v, nil
}

func one(all []Version, err error) (Version, error) {
	if err != nil {
		return Version{}, err
	}
	if len(all) == 0 {
		return Version{}, errVersion
	}
	return all[0], nil
}

// Fields declares the columns.
func (*Book) Fields() []inventory.Field {
	return inventory.Table{
		Field: inventory.Field{Table: "policy_version", Whose: inventory.Nobody},
		Plain: [][2]string{
			{"number", "counts the published versions of the policy"},
			{"published_ms", "when it was published"},
			{"applies_ms", "from when on it applies"},
			{"documents", "its text"},
			{"reach", "what it lets be done with which field"},
			{"lessens", "in which ways it goes farther than the one before"},
		},
	}.Fields()
}

// Expire deletes nothing: versions are kept for good.
func (*Book) Expire(context.Context, time.Time) (int, error) { return 0, nil }
