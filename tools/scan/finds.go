package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// shortest is how long a word has to be: shorter ones stand everywhere by chance.
const shortest = 6

// A form is a word as it may stand somewhere.
type form struct {
	word, how string
	bytes     []byte
}

// forms are those of words: in plain, in hex of both cases, and in base64 of both
// alphabets at each of three beginnings, but for characters that its neighbours
// decide.
func forms(words []string) []form {
	var all []form
	for _, w := range words {
		all = append(all,
			form{w, "plain", []byte(w)},
			form{w, "hex", []byte(hex.EncodeToString([]byte(w)))},
			form{w, "hex", []byte(strings.ToUpper(hex.EncodeToString([]byte(w))))})
		for lead := range 3 {
			text := append(make([]byte, lead), w...)
			whole := len(text) / 3 * 3
			for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
				coded := e.EncodeToString(text[:whole])
				all = append(all, form{w, "base64", []byte(coded[[]int{0, 2, 3}[lead]:])})
			}
		}
	}
	return all
}

// A place is where a word stands.
type place struct {
	Where string `json:"where"`
	Word  string `json:"word"`
	How   string `json:"how"`
}

// finds searches paths and databases for words.
func finds(ctx context.Context, out io.Writer, file string, where []string) (int, error) {
	if len(where) == 0 {
		return 0, errUsage
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("--words: %w", err)
	}
	var words []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			continue
		}
		if raw, ok := strings.CutPrefix(line, "hex:"); ok {
			plain, err := hex.DecodeString(raw)
			if err != nil {
				return 0, fmt.Errorf("--words %s: %q: %w", file, line, err)
			}
			line = string(plain)
		}
		if len(line) < shortest {
			return 0, fmt.Errorf("--words %s: %q is shorter than %d bytes, and may stand anywhere by chance", file, line, shortest)
		}
		words = append(words, line)
	}
	if len(words) == 0 {
		return 0, fmt.Errorf("--words %s has none", file)
	}
	all := []place{}
	for _, w := range where {
		some, err := search(ctx, w, forms(words))
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
	}
	if err := printJSON(out, all); err != nil {
		return 0, err
	}
	if len(all) > 0 {
		return exitFound, nil
	}
	return exitFine, nil
}

func search(ctx context.Context, where string, words []form) ([]place, error) {
	scheme, _, _ := strings.Cut(where, ":")
	if slices.Contains([]string{"postgres", "postgresql", "dump", "sqlite"}, scheme) {
		return searchDatabase(ctx, where, words)
	}
	var all []place
	err := filepath.WalkDir(where, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		some, err := searchBytes(path, f, words)
		all = append(all, some...)
		return errors.Join(err, f.Close())
	})
	return all, err
}

// searchDatabase reads every cell of every table, libraries' too.
func searchDatabase(ctx context.Context, address string, words []form) (all []place, err error) {
	d, err := openSource(address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	tables, err := d.tables(ctx)
	if err != nil {
		return nil, err
	}
	seen := map[place]bool{}
	for table, columns := range tables {
		err := d.rows(ctx, table, columns, func(row [][]byte) error {
			for i, cell := range row {
				for _, f := range words {
					p := place{table + "." + columns[i], f.word, f.how}
					if bytes.Contains(cell, f.bytes) && !seen[p] {
						seen[p], all = true, append(all, p)
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// step is how much of a file is looked at at once.
const step = 1 << 20

// searchBytes reads a file in pieces that overlap.
func searchBytes(name string, r io.Reader, words []form) (all []place, err error) {
	longest := 0
	for _, f := range words {
		longest = max(longest, len(f.bytes))
	}
	seen := map[place]bool{}
	piece, kept := make([]byte, step+longest), 0
	for {
		n, err := io.ReadFull(r, piece[kept:])
		part := piece[:kept+n]
		for _, f := range words {
			p := place{name, f.word, f.how}
			if !seen[p] && bytes.Contains(part, f.bytes) {
				seen[p], all = true, append(all, p)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		kept = copy(piece, part[len(part)-longest:])
	}
}
