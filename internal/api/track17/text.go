package track17

import (
	"strconv"
	"sync"
	"unicode/utf8"
)

// A text is JSON being written, in the order in which its members are to stand.
// Whoever writes closes what they open.
type text struct{ b []byte }

// texts are those that were sent, to be written anew: an answer may take half a
// megabyte.
var texts = sync.Pool{New: func() any { return &text{} }}

// newText is an empty one, for send.
func newText() *text {
	t := texts.Get().(*text)
	t.b = t.b[:0]
	return t
}

// next puts a comma where one belongs.
func (t *text) next() {
	if n := len(t.b); n > 0 && t.b[n-1] != '{' && t.b[n-1] != '[' && t.b[n-1] != ':' {
		t.b = append(t.b, ',')
	}
}

func (t *text) open(bracket byte) {
	t.next()
	t.b = append(t.b, bracket)
}

func (t *text) close(bracket byte) { t.b = append(t.b, bracket) }

func (t *text) key(name string) {
	t.next()
	t.b = append(t.b, '"')
	t.b = append(t.b, name...)
	t.b = append(t.b, '"', ':')
}

// object writes a member that is an object; with no name, an element.
func (t *text) object(name string, members func()) {
	if name != "" {
		t.key(name)
	}
	t.open('{')
	members()
	t.close('}')
}

// array writes a member that is an array.
func (t *text) array(name string, elements func()) {
	t.key(name)
	t.open('[')
	elements()
	t.close(']')
}

// str writes a string.
func (t *text) str(name, value string) {
	t.key(name)
	t.quote(value)
}

// opt writes a string, or null where there is none.
func (t *text) opt(name, value string) {
	if value == "" {
		t.null(name)
		return
	}
	t.str(name, value)
}

// null writes members that are null.
func (t *text) null(names ...string) {
	for _, name := range names {
		t.key(name)
		t.b = append(t.b, "null"...)
	}
}

func (t *text) num(name string, value int64) {
	t.key(name)
	t.b = strconv.AppendInt(t.b, value, 10)
}

func (t *text) truth(name string, value bool) {
	t.key(name)
	t.b = strconv.AppendBool(t.b, value)
}

// raw writes JSON that is written already.
func (t *text) raw(name string, value []byte) {
	t.key(name)
	t.b = append(t.b, value...)
}

const hexDigits = "0123456789abcdef"

// quote writes a JSON string. What isn't UTF-8 becomes U+FFFD.
func (t *text) quote(s string) {
	t.b = append(t.b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				t.b = append(append(t.b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += size
			continue
		}
		t.b = append(t.b, s[start:i]...)
		switch c {
		case '"', '\\':
			t.b = append(t.b, '\\', c)
		case '\n':
			t.b = append(t.b, '\\', 'n')
		case '\r':
			t.b = append(t.b, '\\', 'r')
		case '\t':
			t.b = append(t.b, '\\', 't')
		default:
			t.b = append(t.b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	t.b = append(append(t.b, s[start:]...), '"')
}
