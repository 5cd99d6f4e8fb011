package watch

import (
	"encoding/csv"
	"io"
	"strconv"

	"github.com/xuri/excelize/v2"
)

func newSink(format Format, w io.Writer) (sink, error) {
	if format == CSV {
		_, err := io.WriteString(w, "\uFEFF") // Excel takes a file without it for the system's alphabet
		out := csv.NewWriter(w)
		out.UseCRLF = true
		return &csvSink{out}, err
	}
	f := excelize.NewFile()
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // "@", text: it stays one when somebody edits the cell
	if err != nil {
		return nil, err
	}
	return &xlsxSink{file: f, to: w, text: text}, nil
}

type csvSink struct{ out *csv.Writer }

func (c *csvSink) sheet(_ Sheet, _ string, heading []string) error { return c.line(heading) }

func (c *csvSink) line(cells []string) error {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = harmless(cell)
	}
	return c.out.Write(safe)
}

func (c *csvSink) close() error {
	c.out.Flush()
	return c.out.Error()
}

// An xlsxSink writes cells of type text, which are never formulas. A table that
// is longer than a sheet goes on in another.
type xlsxSink struct {
	file    *excelize.File
	to      io.Writer
	text    int // style
	stream  *excelize.StreamWriter
	title   string
	heading []string
	at      int // lines in the sheet
	parts   int // sheets of the table
	sheets  int
}

const (
	width    = 22      // of columns, in characters
	mostRows = 1 << 20 // in a sheet (ECMA-376, and every spreadsheet)
)

func (x *xlsxSink) sheet(_ Sheet, title string, heading []string) error {
	x.title, x.heading, x.parts = title, heading, 0
	return x.begin()
}

// begin begins another sheet of the table.
func (x *xlsxSink) begin() error {
	if err := x.flush(); err != nil {
		return err
	}
	x.parts++
	title := x.title
	if x.parts > 1 {
		title += " " + strconv.Itoa(x.parts)
	}
	if x.sheets++; x.sheets == 1 {
		if err := x.file.SetSheetName("Sheet1", title); err != nil {
			return err
		}
	} else if _, err := x.file.NewSheet(title); err != nil {
		return err
	}
	var err error
	if x.stream, err = x.file.NewStreamWriter(title); err != nil {
		return err
	}
	x.at = 0
	if err := x.stream.SetColWidth(1, len(x.heading), width); err != nil {
		return err
	}
	if err := x.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	return x.line(x.heading)
}

func (x *xlsxSink) line(cells []string) error {
	if x.at == mostRows {
		if err := x.begin(); err != nil {
			return err
		}
	}
	x.at++
	row := make([]any, len(cells))
	for i, cell := range cells {
		row[i] = excelize.Cell{StyleID: x.text, Value: short(cell, excelize.TotalCellChars)}
	}
	at, err := excelize.CoordinatesToCellName(1, x.at)
	if err != nil {
		return err
	}
	return x.stream.SetRow(at, row)
}

func (x *xlsxSink) flush() error {
	if x.stream == nil {
		return nil
	}
	return x.stream.Flush()
}

func (x *xlsxSink) close() error {
	if err := x.flush(); err != nil {
		return err
	}
	if _, err := x.file.WriteTo(x.to); err != nil {
		return err
	}
	return x.file.Close()
}
