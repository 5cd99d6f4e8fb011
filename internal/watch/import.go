package watch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/db"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
	"waypost/internal/vault"
)

const (
	// importFor is how long a preview waits for a yes.
	importFor = time.Hour

	// mostImports is how many previews of one owner wait; older ones go.
	mostImports = 3
)

// An ImportID names something that is to be imported. It says nothing without
// the owner.
type ImportID string

// A File is what is to be imported: an XLSX, a CSV in any common alphabet and
// with any common separator, a mail's source (.eml), or text in which numbers are
// to be found.
type File struct {
	Content []byte
	Pasted  bool // typed or pasted, not a file: a text unless it is a table
}

// A Preview says what each line will become.
type Preview struct {
	Import   ImportID
	Revision int64      // counts the previews of an import
	Until    time.Time  // UTC; until when it can be committed
	Table    bool       // false: a text, which has no columns
	Mapping  Mapping    // of a table
	Sample   [][]string // a table's first lines as they stand, with the header
	Tags     []string   // that all are given beside their own
	Lines    []Line
	Counts   map[Outcome]int
	Cut      int // lines beyond what can be imported at once
}

// A Reading is what the owner changes about how an import is read.
type Reading struct {
	Mapping  *Mapping              // nil leaves it
	Carriers map[int]carrier.Code  // by line, Line.At: the carrier that is meant; "" lets Waypost find it
	Given    map[int]carrier.Given // by line, Line.At, beside what was given before: what its carrier demands
	Tags     *[]string             // that all are given beside their own
}

// An imported is what is kept of an import.
type imported struct {
	Text     string `json:",omitempty"`
	Mail     []byte `json:",omitempty"` // its source, in whatever alphabets its parts are
	Table    table
	Mapping  Mapping
	Carriers map[int]carrier.Code  `json:",omitempty"`
	Given    map[int]carrier.Given `json:",omitempty"`
	Tags     []string              `json:",omitempty"`
	Cut      int                   `json:",omitempty"`
	ends     int64
}

var (
	errNoImport = fault.New(fault.NotFound, "import_not_found", "This import is over. Bring the file again, please.")
	errPreview  = fault.New(fault.Conflict, "import_changed", "The preview was changed meanwhile. Look at it again, please.")
	errMapping  = fault.New(fault.Invalid, "import_mapping", "One column, and only one, must be the number; each other kind can be there once.")
)

// Import reads something that is to be imported, and says what would become of
// it. Nothing is imported before Commit.
func (s *Store) Import(ctx context.Context, owner inventory.Subject, f File) (Preview, error) {
	k, err := s.vault.Key(ctx, owner)
	if err != nil {
		return Preview{}, err
	}
	in, err := s.read(f)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, owner, k, ImportID(newID()), in, 1)
}

// Preview returns the latest preview of an import.
func (s *Store) Preview(ctx context.Context, owner inventory.Subject, id ImportID) (Preview, error) {
	_, in, lines, revision, err := s.imported(ctx, owner, id)
	if err != nil {
		return Preview{}, err
	}
	p := in.preview(id, revision)
	p.Until, p.Cut, p.Lines = db.At(in.ends), in.Cut, lines
	p.count()
	return p, nil
}

// preview is what an import says of itself, without its lines.
func (in imported) preview(id ImportID, revision int64) Preview {
	return Preview{
		Import: id, Revision: revision, Table: len(in.Table.Cells) > 0, Mapping: in.Mapping,
		Sample: in.Table.Cells[:min(len(in.Table.Cells), 5)], Tags: in.Tags,
	}
}

func (p *Preview) count() {
	p.Counts = map[Outcome]int{}
	for _, l := range p.Lines {
		p.Counts[l.Outcome]++
	}
}

// Reread reads an import in another way.
func (s *Store) Reread(ctx context.Context, owner inventory.Subject, id ImportID, r Reading) (Preview, error) {
	k, in, _, revision, err := s.imported(ctx, owner, id)
	if err != nil {
		return Preview{}, err
	}
	if r.Mapping != nil {
		if err := r.Mapping.check(); err != nil {
			return Preview{}, err
		}
		in.Mapping = *r.Mapping
	}
	if r.Carriers != nil {
		in.Carriers = r.Carriers
	}
	if in.Given == nil {
		in.Given = map[int]carrier.Given{}
	}
	maps.Copy(in.Given, r.Given)
	if r.Tags != nil {
		if in.Tags, err = cleanTags(*r.Tags); err != nil {
			return Preview{}, err
		}
	}
	return s.preview(ctx, owner, k, id, in, revision+1)
}

// Commit imports what a preview said, exactly, and returns how to take it back.
// A preview that isn't the import's latest is a conflict.
func (s *Store) Commit(ctx context.Context, owner inventory.Subject, id ImportID, revision int64) (Done, error) {
	k, _, lines, latest, err := s.imported(ctx, owner, id)
	if err != nil {
		return Done{}, err
	}
	if latest != revision {
		return Done{}, errPreview
	}
	var news []New
	var wants []parcel.Want
	for _, l := range lines {
		if l.Outcome.Taken() {
			news = append(news, New{Number: l.Number, Carrier: l.Carrier, Words: l.Words, Source: Imported})
			wants = append(wants, s.all.knowledge().wantKey(parcel.Key{Number: l.Number, Carrier: l.Carrier}, l.Given))
		}
	}
	var done Done
	_, err = s.save(ctx, owner, news, wants, func(tx *db.Tx, saved []Saved) error {
		gone, err := tx.ExecContext(ctx, `DELETE FROM watch_import WHERE owner = $1 AND id = $2 AND revision = $3`, string(owner), string(id), revision)
		if err := one(gone, err, errNoImport); err != nil {
			return err
		}
		var before []earlier
		for _, n := range saved {
			if n.Made {
				before = append(before, earlier{stored: stored{ID: n.ID}, After: 1, Made: true})
			}
		}
		done, err = s.undoable(ctx, tx, owner, k, before)
		return err
	})
	if err != nil {
		return Done{}, fmt.Errorf("import for %s: %w", owner, err)
	}
	return done, nil
}

// Discard forgets an import.
func (s *Store) Discard(ctx context.Context, owner inventory.Subject, id ImportID) error {
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		gone, err := tx.ExecContext(ctx, `DELETE FROM watch_import WHERE owner = $1 AND id = $2`, string(owner), string(id))
		return one(gone, err, errNoImport)
	})
	if err != nil {
		return fmt.Errorf("discard import of %s: %w", owner, err)
	}
	return nil
}

// read takes a file apart.
func (s *Store) read(f File) (imported, error) {
	index := s.all.knowledge().Index
	isNumber := func(text string) bool {
		n := index.Number(text, recognise.Hints{})
		return text != "" && unfit(n, "") == Fit
	}
	if f.Pasted {
		if len(f.Content) > mostPasted {
			return imported{}, errFileBig.With(1)
		}
		text, err := decodeText(f.Content)
		if err != nil {
			return imported{}, err
		}
		if t, ok := pastedTable(text); ok {
			return imported{Table: t, Mapping: t.guess(isNumber)}, nil
		}
		return imported{Text: text}, nil
	}
	if recognise.IsMail(f.Content) {
		return imported{Mail: f.Content[:min(len(f.Content), mostMail)]}, nil
	}
	t, err := readTable(f.Content)
	if err != nil {
		return imported{}, err
	}
	return imported{Table: t, Mapping: t.guess(isNumber)}, nil
}

// pastedTable takes pasted text for a table when it looks like one: cells from
// a spreadsheet, which have tabs between, or headings in its first line.
func pastedTable(text string) (table, bool) {
	comma := separator(text)
	t, err := readCSV(text, comma)
	if err != nil || len(t.Cells) < 2 {
		return table{}, false
	}
	named := slices.ContainsFunc(t.Cells[0], func(cell string) bool { return heading(cell) == NumberColumn })
	return t, named || comma == '\t' && len(t.Cells[0]) > 1
}

func (m Mapping) check() error {
	if len(m.Columns) > mostColumns {
		return errMapping
	}
	seen := map[Column]int{}
	for _, c := range m.Columns {
		if seen[c]++; !slices.Contains(Columns, c) || c != NoColumn && seen[c] > 1 {
			return errMapping
		}
	}
	if seen[NumberColumn] != 1 {
		return errMapping
	}
	return nil
}

// preview says what an import would become, and keeps both.
func (s *Store) preview(ctx context.Context, owner inventory.Subject, k *vault.Sealer, id ImportID, in imported, revision int64) (Preview, error) {
	p := in.preview(id, revision)
	p.Until, p.Cut = db.At(s.in(importFor)), in.Table.Cut
	there, err := s.there(ctx, owner)
	if err != nil {
		return Preview{}, fmt.Errorf("preview import of %s: %w", owner, err)
	}
	usual, err := s.usual(ctx, owner)
	if err != nil {
		return Preview{}, err
	}
	j := &judge{store: s, know: s.all.knowledge(), there: there, usual: usual, room: s.all.most - there.count, seen: map[string][]carrier.Code{}, in: in}
	p.Lines = j.lines()
	p.Cut += j.more
	p.count()
	in.Cut = p.Cut
	content, err := k.SealJSON(fieldContent, in)
	if err != nil {
		return Preview{}, err
	}
	lines, err := k.SealJSON(fieldPreview, p.Lines)
	if err != nil {
		return Preview{}, err
	}
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		return keepImport(ctx, tx, owner, p, content, lines)
	})
	if err != nil {
		return Preview{}, fmt.Errorf("preview import of %s: %w", owner, err)
	}
	return p, nil
}

func keepImport(ctx context.Context, tx *db.Tx, owner inventory.Subject, p Preview, content, lines []byte) error {
	if p.Revision > 1 {
		done, err := tx.ExecContext(ctx, `
			UPDATE watch_import SET content = $1, preview = $2, revision = $3, ends_ms = $4 WHERE owner = $5 AND id = $6 AND revision = $7`,
			content, lines, p.Revision, db.Ms(p.Until), string(owner), string(p.Import), p.Revision-1)
		return one(done, err, errPreview)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO watch_import (owner, id, content, preview, revision, ends_ms) VALUES ($1, $2, $3, $4, $5, $6)`,
		string(owner), string(p.Import), content, lines, p.Revision, db.Ms(p.Until))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `
		DELETE FROM watch_import WHERE owner = $1 AND id NOT IN (
			SELECT id FROM watch_import WHERE owner = $1 ORDER BY id DESC LIMIT $2)`, string(owner), mostImports)
	return err
}

// imported reads an import that isn't over.
func (s *Store) imported(ctx context.Context, owner inventory.Subject, id ImportID) (k *vault.Sealer, in imported, lines []Line, revision int64, err error) {
	if k, err = s.vault.Key(ctx, owner); err != nil {
		return nil, in, nil, 0, err
	}
	var content, preview []byte
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT content, preview, revision, ends_ms FROM watch_import WHERE owner = $1 AND id = $2 AND ends_ms > $3`,
			string(owner), string(id), db.Ms(s.all.now())).Scan(&content, &preview, &revision, &in.ends)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, in, nil, 0, errNoImport
	}
	if err == nil {
		err = k.OpenJSON(fieldContent, content, &in)
	}
	if err == nil {
		err = k.OpenJSON(fieldPreview, preview, &lines)
	}
	if err != nil {
		return nil, in, nil, 0, fmt.Errorf("read import of %s: %w", owner, err)
	}
	return k, in, lines, revision, nil
}
