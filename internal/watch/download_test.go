package watch_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"waypost/internal/status"
	"waypost/internal/watch"
)

// cunning are texts that a spreadsheet would take for formulas.
var cunning = []string{
	"=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", `=HYPERLINK("https://evil.example","x")`, "＝1+1", "'=1+1", "'quoted'", "plain",
}

func download(t *testing.T, w *world, d watch.Download) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w.store().Write(t.Context(), mia, watch.Query{Shelf: watch.Both, Sort: watch.BySaving, Reverse: true}, d, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestNoCellOfACSVIsAFormula(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for i, text := range cunning {
			number := "TEST" + strings.Repeat("0", 8) + string(rune('0'+i))
			must(w.store().Save(t.Context(), mia, watch.New{Number: number, Carrier: "ups", Words: watch.Words{
				Name: text, Note: text + "\n" + text, Order: text, Tags: []string{text},
			}}))(t)
		}
		file := download(t, w, watch.Download{Format: watch.CSV, Sheet: watch.ParcelSheet})
		text, marked := bytes.CutPrefix(file, []byte("\uFEFF"))
		if !marked {
			t.Error("the file has no mark, so Excel takes it for the system's alphabet")
		}
		rows := must(csv.NewReader(bytes.NewReader(text)).ReadAll())(t)
		if len(rows) != len(cunning)+1 {
			t.Fatalf("%d lines", len(rows))
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
					t.Errorf("cell %q is taken for a formula", cell)
				}
			}
		}

		must(w.store().Apply(t.Context(), mia, watch.Change{Do: watch.Delete}, must(w.store().Match(t.Context(), mia, watch.Query{}))(t)...))(t)
		p := must(w.store().Import(t.Context(), mia, watch.File{Content: file}))(t)
		var names []string
		for _, l := range p.Lines {
			names = append(names, l.Name)
		}
		want := slices.Clone(cunning)
		want[6] = "=1+1" // an apostrophe in front of a formula is taken for ours
		if !slices.Equal(names, want) {
			t.Errorf("read again: %q, want %q", names, want)
		}
	})
}

// An xlsxCell is a cell as the format has it (ECMA-376, 18.3.1.4).
type xlsxCell struct {
	Ref     string `xml:"r,attr"`
	Type    string `xml:"t,attr"`
	Formula string `xml:"f"`
	Text    string `xml:"is>t"`
}

// readXLSX reads a sheet without the library that wrote it.
func readXLSX(t *testing.T, file []byte, sheet string) [][]xlsxCell {
	t.Helper()
	archive := must(zip.NewReader(bytes.NewReader(file), int64(len(file))))(t)
	r := must(archive.Open("xl/worksheets/" + sheet + ".xml"))(t)
	var parsed struct {
		Rows []struct {
			Cells []xlsxCell `xml:"c"`
		} `xml:"sheetData>row"`
	}
	if err := xml.Unmarshal(must(io.ReadAll(r))(t), &parsed); err != nil {
		t.Fatal(err)
	}
	var rows [][]xlsxCell
	for _, row := range parsed.Rows {
		rows = append(rows, row.Cells)
	}
	return rows
}

func TestAnXLSXHasTextOnlyAndAllEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.save(mia, ups, `=HYPERLINK("https://evil.example","x")`, "gifts")
		w.tell(ups, status.InTransitPickedUp, 2*time.Hour)
		w.tell(ups, status.OutForDeliveryOther, time.Hour)
		file := download(t, w, watch.Download{Format: watch.XLSX, Lang: "zh", Status: func(s status.Sub) string { return "~" + string(s) }})
		parcels, events := readXLSX(t, file, "sheet1"), readXLSX(t, file, "sheet2")
		for _, row := range slices.Concat(parcels, events) {
			for _, c := range row {
				if c.Formula != "" || c.Text != "" && c.Type != "inlineStr" {
					t.Errorf("cell %+v is no text", c)
				}
			}
		}
		if len(parcels) != 2 || parcels[0][0].Text != "运单号" || parcels[1][0].Text != ups || parcels[1][2].Text != `=HYPERLINK("https://evil.example","x")` ||
			parcels[1][6].Text != "~OutForDelivery_Other" {
			t.Errorf("parcels %+v", parcels)
		}
		if len(events) != 3 || events[1][5].Text != "~OutForDelivery_Other" || events[2][6].Text != "Testhafen, DE" || events[1][7].Text != "Something happened" ||
			events[1][3].Text != "Z" || events[1][2].Text != events[1][4].Text {
			t.Errorf("events %+v", events)
		}
		csvEvents := download(t, w, watch.Download{Format: watch.CSV, Sheet: watch.EventSheet})
		if n := bytes.Count(csvEvents, []byte("\r\n")); n != 3 {
			t.Errorf("a CSV of events has %d lines", n)
		}
		err := w.store().Write(t.Context(), mia, watch.Query{}, watch.Download{Format: "pdf"}, io.Discard)
		wantFault(t, err, "download")
	})
}
