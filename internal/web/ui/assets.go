package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// assets are the files that pages refer to, by the name they have in an
// address: waypost.3fa2c1b0.css. An address never changes its bytes, so a
// browser may keep it for good.
type assets struct {
	names map[string]string // waypost.css → waypost.3fa2c1b0.css
	files map[string]asset  // by the latter
}

type asset struct {
	kind   string
	bytes  []byte
	zipped []byte
}

// kinds are the content types; a file of another kind is left out.
var kinds = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// styles are the parts of waypost.css, in order: later ones win.
var styles = []string{"base.css", "frame.css", "home.css", "parcel.css", "carriers.css", "member.css", "parcels.css", "reference.css", "legal.css", "print.css"}

func loadAssets(from fs.FS, dir string) (*assets, error) {
	entries, err := fs.ReadDir(from, dir)
	if err != nil {
		return nil, err
	}
	a := &assets{names: map[string]string{}, files: map[string]asset{}}
	for _, e := range entries {
		if path.Ext(e.Name()) == ".css" {
			continue
		}
		content, err := fs.ReadFile(from, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		a.add(e.Name(), content)
	}
	var css bytes.Buffer
	for _, name := range styles {
		content, err := fs.ReadFile(from, path.Join(dir, name))
		if err != nil {
			return nil, err
		}
		css.Write(content)
	}
	a.add("waypost.css", css.Bytes())
	return a, nil
}

func (a *assets) add(name string, content []byte) {
	ext := path.Ext(name)
	sum := sha256.Sum256(content)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:5]) + ext
	a.names[name] = hashed
	a.files[hashed] = asset{kind: kinds[ext], bytes: content, zipped: zip(content)}
}

func (a *assets) address(name string) (string, error) {
	hashed, ok := a.names[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return "/assets/" + hashed, nil
}

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.files[strings.TrimPrefix(r.URL.Path, "/assets/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	write(w, r, http.StatusOK, file.bytes, file.zipped)
}

// zip returns content compressed, nil where that would save nothing.
func zip(content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(content) //nolint:errcheck // a buffer takes everything
	z.Close()        //nolint:errcheck // likewise
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// write answers with content, or with zipped where that is there and wanted.
func write(w http.ResponseWriter, r *http.Request, status int, content, zipped []byte) {
	if zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		content = zipped
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(content) //nolint:errcheck // the reader has gone
	}
}
