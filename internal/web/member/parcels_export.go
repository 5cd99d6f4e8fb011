package member

import (
	"cmp"
	"io"
	"net/http"

	"waypost/internal/status"
	"waypost/internal/watch"
)

// exportParcels serves GET /parcels/export?format=csv|xlsx&sheet=parcels|events
// with the query of a list: all of it as a file.
func (p *Pages) exportParcels(w http.ResponseWriter, r *http.Request, s shelf) error {
	v := r.URL.Query()
	reader := p.kit.Reader(r)
	d := watch.Download{
		Format: watch.Format(v.Get("format")), Sheet: watch.Sheet(cmp.Or(v.Get("sheet"), string(watch.ParcelSheet))), Lang: reader.Lang,
		Status: func(sub status.Sub) string { return reader.Say("status." + string(sub)) },
	}
	q := listQuery(v)
	q.After = ""
	file := &download{w: w, format: d.Format, sheet: d.Sheet}
	err := s.Write(r.Context(), s.owner, q, d, file)
	if err != nil && file.begun {
		p.log.Error("download broke off", "err", err)
		panic(http.ErrAbortHandler) // so that the browser sees that the file isn't whole
	}
	return err
}

// A download sets its headers with its first byte, so that until then an error
// can be answered with a page.
type download struct {
	w      http.ResponseWriter
	format watch.Format
	sheet  watch.Sheet
	begun  bool
}

var _ io.Writer = (*download)(nil)

var fileTypes = map[watch.Format]string{
	watch.CSV:  "text/csv; charset=utf-8",
	watch.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		name := "waypost-" + string(d.sheet) + "." + string(d.format)
		h := d.w.Header()
		h.Set("Content-Type", fileTypes[d.format])
		h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
		h.Set("Cache-Control", "no-store")
	}
	return d.w.Write(b)
}
