package account

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the lists of stolen passwords are made with it
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/trustelem/zxcvbn/frequency"

	"waypost/internal/fault"
)

// Breached is lists of stolen passwords: a short one that the program has, and
// a long one that the operator may give. Nobody is called. Safe for concurrent use.
type Breached struct {
	file io.ReaderAt // nil: only the short one
	size int64
	done func() error
}

// digest is how long a SHA-1 is in hexadecimal.
const digest = 2 * sha1.Size

// maxLine bounds a line of the file: a digest, a colon, a count, a line's end.
const maxLine = digest + 1 + 20 + 2

var errBreachedFile = fault.New(fault.Invalid, "breached_file",
	"%s is no list of stolen passwords: it needs lines like 40 hexadecimal digits, a colon and a count, sorted by the digits, as Have I Been Pwned gives it ordered by hash.")

// OpenBreached opens the operator's list, a file of SHA-1 sums sorted by sum in
// the format of Have I Been Pwned ("ordered by hash"). path "" is none.
func OpenBreached(path string) (*Breached, error) {
	if path == "" {
		return &Breached{}, nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, errBreachedFile.With(path).Because(err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(errBreachedFile.With(path).Because(err), f.Close())
	}
	b := &Breached{file: f, size: info.Size(), done: f.Close}
	if _, err := b.at(0); err != nil {
		return nil, errors.Join(errBreachedFile.With(path).Because(err), f.Close())
	}
	return b, nil
}

// Close closes the operator's list.
func (b *Breached) Close() error {
	if b == nil || b.done == nil {
		return nil
	}
	return b.done()
}

// short is the list that the program has: the thirty thousand passwords stolen
// most often that the strength estimator knows (Mark Burnett's lists, which he
// put into the public domain).
var short = sync.OnceValue(func() map[string]bool {
	list := frequency.FrequencyLists["passwords"]
	all := make(map[string]bool, len(list))
	for _, p := range list {
		all[p] = true
	}
	return all
})

// Has reports whether a password is on a list. The error says that the
// operator's can't be read any more.
func (b *Breached) Has(password string) (bool, error) {
	if short()[strings.ToLower(password)] {
		return true, nil
	}
	if b == nil || b.file == nil {
		return false, nil
	}
	sum := sha1.Sum([]byte(password)) //nolint:gosec // as the list has it
	return b.find([]byte(strings.ToUpper(hex.EncodeToString(sum[:]))))
}

// find looks for a sum by halving: each step reads a line.
func (b *Breached) find(sum []byte) (bool, error) {
	low, high := int64(0), b.size // the line, if there is one, begins in [low, high)
	for low < high {
		middle := low + (high-low)/2
		line, err := b.lineAfter(middle)
		if err != nil {
			return false, err
		}
		if line.begin >= high {
			high = middle
			continue
		}
		switch bytes.Compare(line.sum, sum) {
		case 0:
			return true, nil
		case -1:
			low = line.end
		default:
			high = middle
		}
	}
	return false, nil
}

// A breachedLine is one line of the file, and where it stands.
type breachedLine struct {
	sum        []byte // upper case
	begin, end int64
}

// lineAfter returns the first line that begins at or after offset; beyond the
// last, one that begins at the end.
func (b *Breached) lineAfter(offset int64) (breachedLine, error) {
	if offset == 0 {
		return b.at(0)
	}
	around := make([]byte, maxLine)
	n, err := b.file.ReadAt(around, offset-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return breachedLine{}, err
	}
	end := bytes.IndexByte(around[:n], '\n')
	if end < 0 {
		if offset-1+int64(n) >= b.size {
			return breachedLine{begin: b.size, end: b.size}, nil
		}
		return breachedLine{}, fmt.Errorf("line at %d is too long", offset)
	}
	return b.at(offset + int64(end))
}

// at reads the line that begins at offset.
func (b *Breached) at(offset int64) (breachedLine, error) {
	if offset >= b.size {
		return breachedLine{begin: b.size, end: b.size}, nil
	}
	buffer := make([]byte, maxLine)
	n, err := b.file.ReadAt(buffer, offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return breachedLine{}, err
	}
	text, _, whole := bytes.Cut(buffer[:n], []byte("\n"))
	if !whole && offset+int64(n) < b.size {
		return breachedLine{}, fmt.Errorf("line at %d is too long", offset)
	}
	sum, err := parseBreachedLine(text)
	if err != nil {
		return breachedLine{}, fmt.Errorf("line at %d: %w", offset, err)
	}
	end := offset + int64(len(text))
	if whole {
		end++
	}
	return breachedLine{sum: sum, begin: offset, end: end}, nil
}

// parseBreachedLine reads 40 hexadecimal digits, and a colon and a count that
// may be missing.
func parseBreachedLine(text []byte) ([]byte, error) {
	text = bytes.TrimSuffix(text, []byte("\r"))
	if len(text) < digest || len(text) > digest && text[digest] != ':' {
		return nil, errors.New("no digest followed by a colon")
	}
	sum := bytes.ToUpper(text[:digest])
	if _, err := hex.Decode(make([]byte, sha1.Size), sum); err != nil {
		return nil, err
	}
	return sum, nil
}
