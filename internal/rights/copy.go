package rights

import (
	"archive/zip"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"

	"waypost/internal/inventory"
	"waypost/internal/locale"
)

//go:embed copy.html
var page string

var readable = template.Must(template.New("copy").Funcs(template.FuncMap{"say": func(string, ...any) string { return "" }}).Parse(page))

// Names of the files of a copy.
const (
	PageFile   = "your-data.html"
	DataFile   = "data.json"
	SchemaFile = "schema.json"
)

// Copy writes a ZIP with all that is held of somebody: a page in their language
// that needs no network, the same and more as JSON, and its JSON Schema. It fails
// with db.ErrAway while another region may hold something and can't be reached.
func (r *Rights) Copy(ctx context.Context, who inventory.Subject, lang string, w io.Writer) error {
	h, err := r.Whole(ctx, who)
	if err != nil {
		return err
	}
	files := zip.NewWriter(w)
	for _, one := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{PageFile, func(w io.Writer) error { return r.page(h, lang, w) }},
		{DataFile, func(w io.Writer) error { return indented(w, h) }},
		{SchemaFile, func(w io.Writer) error { return indented(w, r.Schema()) }},
	} {
		file, err := files.CreateHeader(&zip.FileHeader{Name: one.name, Method: zip.Deflate, Modified: h.Made})
		if err == nil {
			err = one.write(file)
		}
		if err != nil {
			return fmt.Errorf("copy for %s: %s: %w", who, one.name, err)
		}
	}
	return files.Close()
}

func indented(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// page writes what people read.
func (r *Rights) page(h Held, lang string, w io.Writer) error {
	words := locale.Choose(r.words, lang)
	t, err := readable.Clone()
	if err != nil {
		return err
	}
	return t.Funcs(template.FuncMap{"say": words.Say}).Execute(w, map[string]any{
		"Words": words, "Facts": Lang(words.Lang), "Subject": h.Subject, "Made": words.Moment(h.Made) + " UTC", "Categories": r.Categories(h, lang),
	})
}
