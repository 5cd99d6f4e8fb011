package watch

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"waypost/internal/fault"
)

// Bounds of what is imported.
const (
	mostFile    = 5 << 20
	mostPasted  = 256 << 10
	mostMail    = 1 << 20 // that is read of a mail; what is attached comes after its text
	mostLines   = 10_000
	mostColumns = 50
	mostCell    = 2_500    // characters that are read of a cell: a note and a bit
	mostEntries = 1_000    // files in an XLSX
	mostOpened  = 64 << 20 // bytes that an XLSX may unpack to
	mostSpread  = 1 << 20  // cells of an XLSX, with the empty ones to the left of those that have something
	sniffed     = 20       // lines by which a separator is found
)

var (
	errFileBig    = fault.New(fault.Invalid, "import_too_big", "The file is too big: %d MB are the most. Split it.")
	errFileOld    = fault.New(fault.Invalid, "import_old_excel", "This is an Excel file of the old kind (.xls). Save it as .xlsx or .csv, please.")
	errFileXLSX   = fault.New(fault.Invalid, "import_xlsx", "This Excel file can't be read. Save it again as .xlsx or .csv, please.")
	errFileBomb   = fault.New(fault.Invalid, "import_unpacks", "This Excel file unpacks to more than can be read. Split it.")
	errFileBinary = fault.New(fault.Invalid, "import_binary", "This is neither a table nor text. Bring a CSV or XLSX file, or paste the numbers.")
	errFileCSV    = fault.New(fault.Invalid, "import_csv", "The table can't be read at line %d: a quotation mark isn't closed, or stands where none can.")
	errFileEmpty  = fault.New(fault.Invalid, "import_empty", "There is nothing in it.")
)

// A table is cells by line.
type table struct {
	Cells [][]string `json:",omitempty"`
	At    []int      `json:",omitempty"` // each line's number where it is from
	Cut   int        `json:",omitempty"` // lines that were left out because there are too many
}

// readTable reads a file: an XLSX's first sheet, or text.
func readTable(content []byte) (table, error) {
	switch {
	case len(content) > mostFile:
		return table{}, errFileBig.With(mostFile >> 20)
	case bytes.HasPrefix(content, []byte("PK\x03\x04")):
		return readXLSX(content)
	case bytes.HasPrefix(content, []byte("\xD0\xCF\x11\xE0")):
		return table{}, errFileOld
	}
	text, err := decodeText(content)
	if err != nil {
		return table{}, err
	}
	return readCSV(text, separator(text))
}

// readXLSX reads the first sheet that has anything in it. The cells' values are
// taken as they are stored: a number of twelve digits is no 1.23E+11.
func readXLSX(content []byte) (t table, err error) {
	defer func() {
		if r := recover(); r != nil { // the library is young, the bytes are a stranger's
			t, err = table{}, errFileXLSX.Because(fmt.Errorf("panic: %v", r))
		}
	}()
	if err := weighXLSX(content); err != nil {
		return table{}, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostOpened, UnzipXMLSizeLimit: mostOpened,
	})
	if err != nil {
		return table{}, errFileXLSX.Because(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	for _, sheet := range f.GetSheetList() {
		if t, err = readSheet(f, sheet); err != nil || len(t.Cells) > 0 {
			return t, err
		}
	}
	return table{}, errFileEmpty
}

// weighXLSX refuses what would unpack to more than can be held. The sizes that
// the archive declares hold: its reader fails on what is longer.
func weighXLSX(content []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return errFileXLSX.Because(err)
	}
	if len(archive.File) > mostEntries {
		return errFileBomb
	}
	var total uint64
	for _, entry := range archive.File {
		if total += entry.UncompressedSize64; total > mostOpened {
			return errFileBomb
		}
	}
	return nil
}

func readSheet(f *excelize.File, sheet string) (table, error) {
	rows, err := f.Rows(sheet)
	if err != nil {
		return table{}, errFileXLSX.Because(err)
	}
	defer rows.Close() //nolint:errcheck // it was only read
	var t table
	spread := 0
	for at := 1; rows.Next() && at <= 10*mostLines; at++ {
		cells, err := rows.Columns()
		if err != nil {
			return table{}, errFileXLSX.Because(err)
		}
		if spread += len(cells); spread > mostSpread {
			return table{}, errFileBomb
		}
		t.add(at, cells)
	}
	if err := rows.Error(); err != nil {
		return table{}, errFileXLSX.Because(err)
	}
	return t, nil
}

// separator is what most evenly stands between the cells of the first lines: a
// comma, semicolon or tab; a comma when none does.
func separator(text string) rune {
	best, most := ',', 0
	for _, candidate := range []rune{'\t', ';', ','} {
		per, lines := -1, 0
		for line := range strings.Lines(text) {
			n := outsideQuotes(line, candidate)
			if lines == sniffed || strings.TrimSpace(line) == "" {
				continue
			}
			if lines++; per < 0 || n < per {
				per = n
			}
		}
		if per > most {
			best, most = candidate, per
		}
	}
	return best
}

// outsideQuotes counts a rune in a line, but not between quotation marks.
func outsideQuotes(line string, wanted rune) int {
	n, quoted := 0, false
	for _, r := range line {
		if r == '"' {
			quoted = !quoted
		} else if r == wanted && !quoted {
			n++
		}
	}
	return n
}

func readCSV(text string, comma rune) (table, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = comma, -1, true, comma != '\t'
	var t table
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			at := 0
			var parse *csv.ParseError
			if errors.As(err, &parse) {
				at = parse.Line
			}
			return table{}, errFileCSV.With(at)
		}
		at, _ := r.FieldPos(0)
		t.add(at, cells)
	}
	if len(t.Cells) == 0 {
		return table{}, errFileEmpty
	}
	return t, nil
}

// add adds a line that has anything in it.
func (t *table) add(at int, cells []string) {
	cells = cells[:min(len(cells), mostColumns)]
	line := make([]string, len(cells))
	empty := true
	for i, cell := range cells {
		line[i] = disarmed(strings.TrimSpace(plain(short(cell, mostCell), true)))
		empty = empty && line[i] == ""
	}
	switch {
	case empty:
	case len(t.Cells) > mostLines: // a header and so many
		t.Cut++
	default:
		t.Cells, t.At = append(t.Cells, line), append(t.At, at)
	}
}

// short is the beginning of a text.
func short(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}
