package watch_test

import (
	"archive/zip"
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"waypost/internal/carrier"
	"waypost/internal/watch"
)

// sheet is a table with one line of every kind.
const sheet = `Tracking No.,Courier,Name,Tags,Order #,Colour
1Z4A7B2C0364182055,UPS,Boots,"gifts; winter",A-1,red
1z 88r0x3 0319772400,,"Socks, two",,A-2,
4829103753,DHL Express,Case,,,
1Z4A7B2C0364182055,,again,,,
1Z4A7B2C0364182056,,mistyped,,,
1.23457E+11,,rounded,,,
boots,,words,,,
273645019283,,many carriers,,,
273645019283,ups,the same,,,

0123456789,gls,needs a postal code,,,
1Z71F3K9YW40251838,Nobody's Couriers,unknown carrier,,,
`

func outcomes(p watch.Preview) string {
	var all []string
	for _, l := range p.Lines {
		all = append(all, string(l.Outcome))
	}
	return strings.Join(all, " ")
}

func TestAPreviewSaysWhatEachLineWillBecome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		socks := w.save(mia, ups2, "old socks")
		p := must(s.Import(ctx, mia, watch.File{Content: []byte(sheet)}))(t)
		if got, want := outcomes(p), "new there new twice no_number no_number no_number ambiguous twice needs_more new"; got != want {
			t.Errorf("outcomes %q, want %q", got, want)
		}
		if want := []watch.Column{watch.NumberColumn, watch.CarrierColumn, watch.NameColumn, watch.TagsColumn, watch.OrderColumn, watch.NoColumn}; !p.Table ||
			!p.Mapping.Header || !slices.Equal(p.Mapping.Columns, want) {
			t.Errorf("mapping %+v, want %v", p.Mapping, want)
		}
		boots, mistyped, rounded, unknown := p.Lines[0], p.Lines[4], p.Lines[5], p.Lines[10]
		if boots.At != 2 || !slices.Equal(boots.Tags, []string{"gifts", "winter"}) || boots.Order != "A-1" || boots.Name != "Boots" {
			t.Errorf("first line %+v", boots)
		}
		if p.Lines[1].Watch != socks || mistyped.Why != watch.WrongCheck || mistyped.Closest == "" || rounded.Why != watch.Rounded {
			t.Errorf("lines %+v, %+v, %+v", p.Lines[1], mistyped, rounded)
		}
		if many := p.Lines[7]; len(many.Candidates) < 2 || p.Lines[9].Needs[0] != carrier.PostalCode || unknown.Unknown == "" || unknown.At != 13 {
			t.Errorf("lines %+v, %+v, %+v", many, p.Lines[9], unknown)
		}

		done := must(s.Commit(ctx, mia, p.Import, p.Revision))(t)
		if done.Changed != 5 {
			t.Errorf("%d were imported, want 5", done.Changed)
		}
		list := must(s.List(ctx, mia, watch.Query{Text: "winter"}))(t)
		if list.Total != 1 || list.Counts.Active != 6 || list.Watches[0].Source != watch.Imported {
			t.Errorf("imported %+v", list.Watches)
		}
		if w.get(mia, socks).Name != "old socks" {
			t.Error("what was there already lost its name")
		}
		_, err := s.Commit(ctx, mia, p.Import, p.Revision)
		wantFault(t, err, "import_not_found")
		if got := must(s.Undo(ctx, mia, done.Undo))(t); got.Restored != 5 {
			t.Errorf("undone %+v", got)
		}
		if got := must(s.List(ctx, mia, watch.Query{}))(t); got.Total != 1 {
			t.Errorf("%d are left, want 1", got.Total)
		}
	})
}

func TestAnImportIsReadAsItsOwnerSays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx, s := t.Context(), w.store()
		p := must(s.Import(ctx, mia, watch.File{Content: []byte("a;b\nred;273645019283\nblue;1Z4A7B2C0364182055\n")}))(t)
		if got := outcomes(p); got != "ambiguous new" || p.Mapping.Columns[1] != watch.NumberColumn {
			t.Errorf("outcomes %q by %+v", got, p.Mapping)
		}
		mapping, tags := watch.Mapping{Header: true, Columns: []watch.Column{watch.NameColumn, watch.NumberColumn}}, []string{"May"}
		next := must(s.Reread(ctx, mia, p.Import, watch.Reading{Mapping: &mapping, Carriers: map[int]carrier.Code{2: "ups"}, Tags: &tags}))(t)
		if l := next.Lines[0]; l.Outcome != watch.WillBeNew || l.Carrier != "ups" || l.Name != "red" || !slices.Equal(l.Tags, tags) {
			t.Errorf("line %+v", l)
		}
		_, err := s.Commit(ctx, mia, p.Import, p.Revision)
		wantFault(t, err, "import_changed")
		for _, bad := range []watch.Mapping{{}, {Columns: []watch.Column{"colour", watch.NumberColumn}}, {Columns: []watch.Column{watch.NumberColumn, watch.NumberColumn}}} {
			_, err := s.Reread(ctx, mia, p.Import, watch.Reading{Mapping: &bad})
			wantFault(t, err, "import_mapping")
		}
		w.ahead = 61 * time.Minute
		_, err = s.Commit(ctx, mia, next.Import, next.Revision)
		wantFault(t, err, "import_not_found")

		w.SetMost(1)
		p = must(s.Import(ctx, mia, watch.File{Content: []byte(sheet)}))(t)
		if p.Counts[watch.WillBeNew] != 1 || p.Counts[watch.NoRoom] == 0 {
			t.Errorf("with room for one: %v", p.Counts)
		}
		if err := s.Discard(ctx, mia, p.Import); err != nil {
			t.Error(err)
		}
	})
}

func TestPastedTextIsSearchedForNumbers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		text := "Hello,\nyour parcels: " + ups + " and UPS " + ups2 + ", order 12345, 49.90 EUR on 2026-03-04."
		p := must(w.store().Import(t.Context(), mia, watch.File{Content: []byte(text), Pasted: true}))(t)
		if p.Table || p.Counts[watch.WillBeNew] != 2 || p.Counts[watch.NotANumber] == 0 || p.Lines[len(p.Lines)-1].Reason == nil {
			t.Errorf("preview %+v", p.Lines)
		}
		cells := "运单号\t名称\n" + ups + "\t靴子\n" + ups2 + "\t袜子\n"
		p = must(w.store().Import(t.Context(), mia, watch.File{Content: []byte(cells), Pasted: true}))(t)
		if !p.Table || p.Counts[watch.WillBeNew] != 2 || p.Lines[1].Name != "袜子" {
			t.Errorf("pasted cells: %+v", p.Lines)
		}
	})
}

func TestTablesAreReadInEveryAlphabet(t *testing.T) {
	const text = "运单号;名称\n" + ups + ";冬天的靴子，蓝色\n"
	const latin = "Nummer;Name\n" + ups + ";Grüße für Zoë\n"
	encode := func(e encoding.Encoding, text string) []byte { return must(e.NewEncoder().Bytes([]byte(text)))(t) }
	for _, tc := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"UTF-8", []byte(text), "冬天的靴子，蓝色"},
		{"UTF-8 with its mark", []byte("\uFEFF" + text), "冬天的靴子，蓝色"},
		{"UTF-16, little end first", encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), text), "冬天的靴子，蓝色"},
		{"UTF-16, big end first", encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), "冬天的靴子，蓝色"},
		{"UTF-16 without its mark", encode(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), latin), "Grüße für Zoë"},
		{"GB18030", encode(simplifiedchinese.GB18030, text), "冬天的靴子，蓝色"},
		{"Windows-1252", encode(charmap.Windows1252, latin), "Grüße für Zoë"},
	} {
		cells, err := watch.ReadTable(tc.content)
		if err != nil || len(cells) != 2 || len(cells[1]) != 2 || cells[1][0] != ups || cells[1][1] != tc.want {
			t.Errorf("%s: got %q, %v", tc.name, cells, err)
		}
	}
}

func TestAnXLSXIsReadAsItIsStored(t *testing.T) {
	f := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "Tracking number", "B1": "备注", "A2": 273645019283, "B2": "=1+1", "A4": ups, "B4": "<&>"} {
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	cells := must(watch.ReadTable(b.Bytes()))(t)
	if len(cells) != 3 || cells[1][0] != "273645019283" || cells[1][1] != "=1+1" || cells[2][0] != ups || cells[2][1] != "<&>" {
		t.Errorf("cells %q", cells)
	}
}

func TestAWideSheetEndsSoon(t *testing.T) {
	f := excelize.NewFile()
	sheet := must(f.NewStreamWriter("Sheet1"))(t)
	for i := range 1000 {
		if err := sheet.SetRow("XFD"+strconv.Itoa(i+1), []any{"x"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := sheet.Flush(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	_, err := watch.ReadTable(b.Bytes())
	wantFault(t, err, "import_unpacks")
}

func TestFilesThatCantBeReadSaySo(t *testing.T) {
	zipped := func(files map[string]int) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for name, size := range files {
			w := must(z.Create(name))(t)
			must(w.Write(make([]byte, size)))(t)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for _, tc := range []struct {
		name    string
		content []byte
		code    string
	}{
		{"nothing", nil, "import_empty"},
		{"blank lines", []byte("\n ,\n\n"), "import_empty"},
		{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01"), "import_binary"},
		{"an old Excel file", []byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "import_old_excel"},
		{"an archive that is no XLSX", zipped(map[string]int{"a.txt": 3}), "import_xlsx"},
		{"half an XLSX", []byte("PK\x03\x04half"), "import_xlsx"},
		{"a bomb", zipped(map[string]int{"xl/worksheets/sheet1.xml": 65 << 20}), "import_unpacks"},
		{"too much", make([]byte, 5<<20+1), "import_too_big"},
	} {
		_, err := watch.ReadTable(tc.content)
		if err == nil {
			t.Errorf("%s was read", tc.name)
		}
		wantFault(t, err, tc.code)
	}
}

func FuzzReadTable(f *testing.F) {
	f.Add([]byte(sheet))
	f.Add([]byte("\xFF\xFE1\x00Z\x00"))
	f.Add([]byte("a\tb\n\"x"))
	file := excelize.NewFile()
	if err := file.SetCellValue("Sheet1", "A1", ups); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := file.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		cells, err := watch.ReadTable(content)
		if err != nil {
			return
		}
		for _, line := range cells {
			if len(line) > 50 || !slices.ContainsFunc(line, func(cell string) bool { return cell != "" }) {
				t.Errorf("line %q", line)
			}
			for _, cell := range line {
				if strings.ContainsRune(cell, 0) || len([]rune(cell)) > 2500 {
					t.Errorf("cell %q", cell)
				}
			}
		}
	})
}
