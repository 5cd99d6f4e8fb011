package ui

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
)

// A Page is one kind of page: template files and the type of what they show.
// Its files define "main", and may use the parts of the frame.
type Page[T any] struct {
	kit  *Kit
	sets map[Reader]func() (*template.Template, error) // one a language, and whether links name it; parsed when first wanted
}

// A Head is what the frame says about a page.
type Head struct {
	Title   string // without the site's name; "" on the home page
	About   string // one sentence, for search engines and previews
	Here    string // the page's address, for the links to other languages
	Section string // which link of the navigation leads here: carriers, parcels, account, signin; "" none
	Private bool   // search engines are asked to stay away
	Secret  bool   // it is one reader's own: nothing keeps a copy
	Refresh int    // seconds after which a browser without script asks Here again; 0 never
	Scripts []string
}

// NewPage reads a page's templates from files.
func NewPage[T any](k *Kit, files fs.FS, names ...string) (*Page[T], error) {
	p := &Page[T]{kit: k, sets: map[Reader]func() (*template.Template, error){}}
	for _, words := range k.words {
		for _, named := range []bool{false, true} {
			reader := Reader{words, named}
			p.sets[reader] = sync.OnceValues(func() (*template.Template, error) { return k.parse(reader, files, names) })
		}
	}
	if _, err := p.sets[Reader{Words: k.words[0]}](); err != nil {
		return nil, err // the others differ in their words only
	}
	return p, nil
}

func (k *Kit) parse(reader Reader, files fs.FS, names []string) (*template.Template, error) {
	set, err := k.frame(reader)
	if err != nil {
		return nil, err
	}
	if set, err = set.ParseFS(files, names...); err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	return set, nil
}

// execute renders one of the page's templates.
func (p *Page[T]) execute(to io.Writer, reader Reader, name string, data any) error {
	set, err := p.sets[reader]()
	if err != nil {
		return err
	}
	if err := set.ExecuteTemplate(to, name, data); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return nil
}

func (k *Kit) frame(reader Reader) (*template.Template, error) {
	set, err := template.New("frame.html").Funcs(template.FuncMap{
		"say":     reader.Say,
		"country": reader.Country,
		"link":    reader.Link,
		"asset":   k.Asset,
		"icon":    k.icon,
		"kebab":   func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") },
	}).ParseFS(files, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse the frame: %w", err)
	}
	return set, nil
}

// icon draws a symbol of the sprite. It says nothing to a screen reader, so
// words have to stand beside it.
func (k *Kit) icon(name string) (template.HTML, error) {
	sprite, err := k.Asset("icons.svg")
	if err != nil {
		return "", err
	}
	return template.HTML(`<svg class="icon" aria-hidden="true" focusable="false"><use href="` + //nolint:gosec // both are escaped
		template.HTMLEscapeString(sprite+"#"+name) + `"></use></svg>`), nil
}

type framed[T any] struct {
	Head
	Reader  Reader
	Who     Who  // who is signed in
	Outbox  bool // whether there is a page that shows what was sent
	Langs   []langLink
	Notice  Notice // what every page announces
	Closing Closing
	Unseen  bool // there is something that the member is told of an incident
	View    T
}

type langLink struct {
	Lang, Name, Href string
	Current          bool
}

// Reply renders the page to memory and answers with it, or with 304 if the
// browser has it already. Nothing has been written when it fails.
func (p *Page[T]) Reply(w http.ResponseWriter, r *http.Request, status int, reader Reader, head Head, view T) error {
	data := framed[T]{Head: head, Reader: reader, Who: WhoOf(r.Context()), Outbox: p.kit.outbox, View: view}
	if p.kit.notice != nil {
		data.Notice = p.kit.notice(r.Context())
	}
	if p.kit.closing != nil {
		data.Closing = p.kit.closing(r.Context())
	}
	if p.kit.unseen != nil && data.Who.Name != "" {
		data.Unseen = p.kit.unseen(r.Context())
	}
	for _, words := range p.kit.words {
		data.Langs = append(data.Langs, langLink{words.Lang, words.Name, withLang(head.Here, words.Lang), words == reader.Words})
	}
	var b bytes.Buffer
	if err := p.execute(&b, reader, "frame", data); err != nil {
		return err
	}
	sum := sha256.Sum256(b.Bytes())
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", reader.Lang)
	h.Set("Cache-Control", "private, no-cache")
	if head.Secret {
		h.Set("Cache-Control", "no-store")
	}
	h.Add("Vary", "Accept-Language")
	h.Add("Vary", "Accept-Encoding")
	if status == http.StatusOK && r.Method != http.MethodPost && !head.Secret {
		h.Set("ETag", tag)
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	write(w, r, status, b.Bytes(), zip(b.Bytes()))
	return nil
}

// Part renders one of the page's templates by itself, for a live page.
func (p *Page[T]) Part(reader Reader, name string, data any) (string, error) {
	var b strings.Builder
	if err := p.execute(&b, reader, name, data); err != nil {
		return "", err
	}
	return b.String(), nil
}
