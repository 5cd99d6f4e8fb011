package db

import (
	"strings"
	"sync"
)

// To SQLite, $1 is a name, and names are looked up one by one: a statement
// with 400 of them takes 160,000 steps to read and as many to fill. So they
// become plain question marks, with the arguments in the order of the text.
type positional struct {
	text  string
	order []int // of the arguments, from 0
}

// texts keeps what has been rewritten. Queries are constants or made of few
// shapes, so there are not many.
var texts sync.Map // string → positional

// place returns query and its arguments as SQLite takes them fastest.
func place(query string, args []any) (string, []any) {
	if len(args) == 0 {
		return query, args
	}
	kept, ok := texts.Load(query)
	if !ok {
		kept, _ = texts.LoadOrStore(query, rewrite(query))
	}
	p := kept.(positional)
	placed := make([]any, len(p.order))
	for i, from := range p.order {
		if from >= len(args) {
			return query, args // SQLite says best what is missing
		}
		placed[i] = args[from]
	}
	return p.text, placed
}

// rewrite replaces $1, $2 … outside of quotes.
func rewrite(query string) positional {
	var p positional
	var b strings.Builder
	var quote byte // that is open, 0 none
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '$':
			n, end := 0, i+1
			for ; end < len(query) && '0' <= query[end] && query[end] <= '9'; end++ {
				n = 10*n + int(query[end]-'0')
			}
			if n == 0 {
				break
			}
			p.order = append(p.order, n-1)
			b.WriteByte('?')
			i = end - 1
			continue
		}
		b.WriteByte(c)
	}
	p.text = b.String()
	return p
}
