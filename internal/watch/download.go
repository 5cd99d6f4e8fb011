package watch

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/fault"
	"waypost/internal/inventory"
	"waypost/internal/parcel"
	"waypost/internal/place"
	"waypost/internal/status"
)

// A Format is a kind of file.
type Format string

// Formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// A Sheet is one of the tables that can be downloaded.
type Sheet string

// Sheets.
const (
	ParcelSheet Sheet = "parcels" // one line a watch
	EventSheet  Sheet = "events"  // one line an event
)

// A Download is what a file is to be like.
type Download struct {
	Format Format
	Sheet  Sheet                   // of a CSV; an XLSX has both
	Lang   string                  // of headings and carriers' names: en, zh
	Status func(status.Sub) string // a status in words; nil writes its code
}

var errDownload = fault.New(fault.Invalid, "download", "Parcels can be had as csv or xlsx, and a CSV of parcels or of events.")

// columns are the headings, which Import knows, too. Events have nothing of the
// owner's words: a long sheet goes through a temporary file, where those would
// lie in the clear.
var columns = map[Sheet][][2]string{
	ParcelSheet: {
		{"Tracking number", "运单号"}, {"Carrier", "承运商"}, {"Name", "名称"}, {"Note", "备注"}, {"Tags", "标签"}, {"Order number", "订单号"},
		{"Status", "状态"}, {"Last event (UTC)", "最新事件时间 (UTC)"}, {"Days quiet", "未更新天数"}, {"Expected delivery", "预计送达"},
		{"Saved (UTC)", "保存时间 (UTC)"}, {"Archived (UTC)", "归档时间 (UTC)"},
	},
	EventSheet: {
		{"Tracking number", "运单号"}, {"Carrier", "承运商"}, {"Local time", "当地时间"}, {"Zone", "时区"}, {"UTC", "UTC"},
		{"Status", "状态"}, {"Place", "地点"}, {"What the carrier said", "承运商原文"},
	},
}

// A sink takes a table line by line.
type sink interface {
	sheet(name Sheet, title string, heading []string) error
	line(cells []string) error
	close() error
}

// Write streams all that a query lets through, with all events of the parcels,
// as a file that no spreadsheet takes for formulas. What goes wrong after the
// first byte leaves a file that isn't whole.
func (s *Store) Write(ctx context.Context, owner inventory.Subject, q Query, d Download, w io.Writer) error {
	if d.Format != CSV && d.Format != XLSX || d.Format == CSV && d.Sheet != ParcelSheet && d.Sheet != EventSheet {
		return errDownload
	}
	if err := q.check(); err != nil {
		return err
	}
	f, err := s.find(ctx, owner, q)
	if err != nil {
		return fmt.Errorf("write watches of %s: %w", owner, err)
	}
	for _, r := range f.rows {
		if err := r.open(f.key); err != nil {
			return fmt.Errorf("write watches of %s: %w", owner, err)
		}
	}
	out := writer{Download: d, store: s, rows: f.rows}
	if out.sink, err = newSink(d.Format, w); err != nil {
		return err
	}
	sheets := []Sheet{d.Sheet}
	if d.Format == XLSX {
		sheets = []Sheet{ParcelSheet, EventSheet}
	}
	for _, sheet := range sheets {
		if err := out.write(ctx, sheet); err != nil {
			return fmt.Errorf("write watches of %s: %w", owner, err)
		}
	}
	return out.sink.close()
}

// A writer writes rows into a sink.
type writer struct {
	Download
	store *Store
	sink  sink
	rows  []*row
}

func (w *writer) write(ctx context.Context, sheet Sheet) error {
	heading := make([]string, len(columns[sheet]))
	for i, c := range columns[sheet] {
		heading[i] = c[w.language()]
	}
	title := map[Sheet][2]string{ParcelSheet: {"Parcels", "包裹"}, EventSheet: {"Events", "事件"}}[sheet][w.language()]
	if err := w.sink.sheet(sheet, title, heading); err != nil {
		return err
	}
	now := w.store.all.now()
	for some := range slices.Chunk(w.rows, step) {
		watches := make([]Watch, len(some))
		for i, r := range some {
			watches[i] = r.Watch
		}
		if err := w.store.readThrough(ctx, watches); err != nil {
			return err
		}
		for _, watch := range watches {
			lines := [][]string{w.parcel(watch, now)}
			if sheet == EventSheet {
				lines = w.events(watch)
			}
			for _, line := range lines {
				if err := w.sink.line(line); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// language is the place of the language in columns.
func (w *writer) language() int {
	if strings.HasPrefix(w.Lang, "zh") {
		return 1
	}
	return 0
}

func (w *writer) parcel(p Watch, now time.Time) []string {
	quiet := ""
	if n := p.Quiet(now); n >= 0 {
		quiet = strconv.Itoa(n)
	}
	return []string{
		p.Number, w.carrier(p.By()), p.Name, p.Note, strings.Join(p.Tags, ", "), p.Order,
		w.status(p.Status), moment(p.Event), quiet, spaced(p.Arrival().Local), moment(p.Created), moment(p.Archived),
	}
}

// events are the lines of a parcel's events, the newest first.
func (w *writer) events(p Watch) [][]string {
	var lines [][]string
	for _, e := range slices.Backward(p.Parcel.History.Events) {
		lines = append(lines, w.event(p, e))
	}
	return lines
}

func (w *writer) event(p Watch, e parcel.Event) []string {
	zone := ""
	if iso := e.Time.ISO(); len(iso) > len("2006-01-02T15:04:05") {
		zone = iso[len("2006-01-02T15:04:05"):]
	}
	return []string{
		p.Number, w.carrier(e.Carrier), spaced(e.Time.Local), zone, moment(e.Time.UTC), w.status(e.Status), placed(e.Place), e.Words,
	}
}

// carrier is a carrier's name, its code when there is no such carrier.
func (w *writer) carrier(code carrier.Code) string {
	if c, ok := w.store.all.knowledge().Catalogue.Carrier(code); ok {
		return c.Name([]string{"en", "zh"}[w.language()])
	}
	return string(code)
}

func (w *writer) status(sub status.Sub) string {
	if w.Status == nil || sub == "" {
		return string(sub)
	}
	return w.Status(sub)
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}

// spaced is a wall time as spreadsheets write it.
func spaced(local string) string { return strings.Replace(local, "T", " ", 1) }

func placed(p place.Place) string {
	var parts []string
	for _, part := range []string{p.Name, p.Postcode, p.City, p.Region, p.Country} {
		if part != "" && !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
