package engine

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	maxAnswer = 4 << 20 // bytes
	maxDepth  = 200
	maxNodes  = 1_000_000
)

// formats are those that an answer, or what is sent, can be written in.
var formats = []string{"json", "xml", "csv", "edifact"}

var errTooDeep = fmt.Errorf("is nested deeper than %d levels", maxDepth)

// Decode makes of an answer in a source's format (one of formats) the tree that
// its file's expressions run over: JSON's, with numbers as json.Number.
func Decode(format string, answer []byte) (any, error) { return tree(format, answer) }

// tree makes of an answer what JSON would have been.
func tree(format string, answer []byte) (any, error) {
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("is larger than %d MiB", maxAnswer>>20)
	}
	switch format {
	case "xml":
		return xmlTree(answer)
	case "csv":
		return csvTree(answer)
	case "edifact":
		return edifactTree(answer)
	}
	return jsonTree(answer)
}

// jsonTree keeps numbers as they are written: codes exceed 2⁵³.
func jsonTree(answer []byte) (any, error) {
	if deep(answer) {
		return nil, errTooDeep
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf"))))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, errors.New("is no JSON")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("goes on behind its JSON")
	}
	return v, nil
}

// deep reports whether brackets are nested deeper than maxDepth.
func deep(answer []byte) bool {
	depth, quoted := 0, false
	for i := 0; i < len(answer); i++ {
		switch c := answer[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// names is how XML names are spelled in paths.
var names = strings.NewReplacer("-", "_", ".", "_")

// xmlTree reads an element with only text as a text, an empty or nil one as
// null, a repeated one as a list; attributes are keys; text beside them is
// _text. Name spaces go. It refuses document type definitions.
func xmlTree(answer []byte) (any, error) {
	if head, _, _ := bytes.Cut(bytes.ToLower(answer[:min(len(answer), 200)]), []byte("?>")); !bytes.Contains(head, []byte("encoding=")) || bytes.Contains(head, []byte("utf-8")) {
		answer = bytes.ToValidUTF8(answer, []byte("\ufffd")) // one wrong byte spoils its text, as in JSON, and not the answer
	}
	decoder := xml.NewDecoder(bytes.NewReader(answer))
	decoder.CharsetReader = latin1
	for nodes := 0; ; {
		token, err := decoder.Token()
		if err != nil {
			return nil, errors.New("is no XML")
		}
		switch t := token.(type) {
		case xml.Directive:
			return nil, errors.New("has a document type definition")
		case xml.StartElement:
			v, err := element(decoder, t, 1, &nodes)
			if err != nil {
				return nil, err
			}
			return map[string]any{names.Replace(t.Name.Local): v}, nil
		}
	}
}

func element(decoder *xml.Decoder, start xml.StartElement, depth int, nodes *int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if *nodes++; *nodes > maxNodes {
		return nil, errors.New("has too many elements")
	}
	fields := map[string]any{}
	isNil := false
	for _, a := range start.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Local == "xmlns":
		case a.Name.Local == "nil":
			isNil = a.Value == "true" || a.Value == "1"
		default:
			fields[names.Replace(a.Name.Local)] = a.Value
		}
	}
	var text strings.Builder
	for {
		token, err := decoder.Token()
		if err != nil {
			return nil, errors.New("is no whole XML")
		}
		switch t := token.(type) {
		case xml.CharData:
			text.Write(t)
		case xml.Directive:
			return nil, errors.New("has a document type definition")
		case xml.StartElement:
			v, err := element(decoder, t, depth+1, nodes)
			if err != nil {
				return nil, err
			}
			put(fields, names.Replace(t.Name.Local), v)
		case xml.EndElement:
			return closed(fields, strings.TrimSpace(text.String()), isNil), nil
		}
	}
}

// put adds an element; the second of a name makes a list.
func put(fields map[string]any, name string, v any) {
	old, repeated := fields[name]
	if list, ok := old.([]any); ok {
		fields[name] = append(list, v)
		return
	}
	if repeated {
		v = []any{old, v}
	}
	fields[name] = v
}

func closed(fields map[string]any, text string, isNil bool) any {
	switch {
	case isNil:
		return nil
	case len(fields) == 0 && text == "":
		return nil
	case len(fields) == 0:
		return text
	case text != "":
		fields["_text"] = text
	}
	return fields
}

// latin1 reads the one other encoding that carriers send.
func latin1(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "utf-8", "us-ascii", "ascii":
		return in, nil
	case "iso-8859-1", "latin1", "windows-1252", "iso-8859-15":
		raw, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		var out strings.Builder
		for _, b := range raw {
			out.WriteRune(rune(b))
		}
		return strings.NewReader(out.String()), nil
	}
	return nil, fmt.Errorf("encoding %s is not read", charset)
}

// csvTree reads lines as objects by the names in the first; _line is a line's number.
func csvTree(answer []byte) (any, error) {
	answer = bytes.ToValidUTF8(bytes.TrimPrefix(answer, []byte("\xef\xbb\xbf")), []byte("\ufffd"))
	reader := csv.NewReader(bytes.NewReader(answer))
	reader.FieldsPerRecord = -1
	if head, _, _ := bytes.Cut(answer, []byte("\n")); bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) {
		reader.Comma = ';'
	}
	head, err := reader.Read()
	if err != nil {
		return nil, errors.New("is no CSV")
	}
	list := []any{}
	for {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, errors.New("is no CSV")
		}
		line, _ := reader.FieldPos(0)
		fields := map[string]any{"_line": line}
		for i, name := range head {
			if i < len(row) {
				fields[names.Replace(strings.TrimSpace(name))] = row[i]
			}
		}
		list = append(list, fields)
	}
}
