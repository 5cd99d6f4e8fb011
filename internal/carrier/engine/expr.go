package engine

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"github.com/itchyny/gojq"
)

// helpers are what jq is given beside its own words: a list's items (a lone
// object is one; null is none to each, and a failure to items), an XML element's
// text, and what is not empty.
const helpers = `
def each: if . == null then empty elif type == "array" then .[] else . end;
def items: if type == "object" then . else .[] end;
def text: if type == "object" then ._text else . end;
def nonempty: select(. != null and . != "" and . != {} and . != []);
`

// forbidden are jq's words that reach outside, never end, or grow without bound.
var forbidden = map[string]bool{
	"input": true, "inputs": true, "env": true, "$ENV": true, "$__loc__": true, "input_filename": true,
	"input_line_number": true, "debug": true, "stderr": true, "now": true, "localtime": true, "mktime": true,
	"repeat": true, "while": true, "until": true, "range": true, "recurse_down": true, "limit": true,
	"import": true, "include": true, "halt": true, "halt_error": true, "getpath/1": false, "combinations": true,
	"walk": true, "splits": false, "ascii": false, "implode": false, "error": true, "label": true,
	"get_search_list": true, "modulemeta": true, "builtins": true, "gensym": true, "infinite": true,
}

var minusInPath = regexp.MustCompile(`\.[a-zA-Z_]+-[a-zA-Z_]+`)

// parse reads one expression by itself, so that a mistake is named where it stands.
func parse(expr string) error {
	q, err := gojq.Parse(expr)
	if err != nil {
		var at *gojq.ParseError
		if errors.As(err, &at) {
			return fmt.Errorf("%s at column %d", strings.TrimSuffix(at.Error(), fmt.Sprintf(":%d", at.Offset)), at.Offset)
		}
		return err
	}
	if m := minusInPath.FindString(expr); m != "" && !strings.Contains(expr, `"`+m) {
		return fmt.Errorf("jq reads %s as a subtraction; quote the name: .%q", m, strings.TrimPrefix(m, "."))
	}
	return refuse(reflect.ValueOf(q))
}

var (
	funcType = reflect.TypeFor[gojq.Func]()
	defType  = reflect.TypeFor[gojq.FuncDef]()
)

// refuse walks a parsed expression and names the first forbidden word in it.
func refuse(v reflect.Value) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return refuse(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			if err := refuse(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if v.Type() == defType {
			return errors.New("an expression can't define functions")
		}
		if v.Type() == funcType && forbidden[v.FieldByName("Name").String()] {
			return fmt.Errorf("%s can't be used here", v.FieldByName("Name"))
		}
		for i := range v.NumField() {
			if err := refuse(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// compile makes a program of an expression whose parts were parsed before.
func compile(expr string, variables ...string) (*gojq.Code, error) {
	q, err := gojq.Parse(helpers + expr)
	if err != nil {
		return nil, err
	}
	options := append([]gojq.CompilerOption{gojq.WithVariables(variables), parted}, digests...)
	return gojq.Compile(q, options...)
}

// digests are the functions that signatures are made of. Each takes a text.
var digests = []gojq.CompilerOption{
	digest("md5_hex", func(b []byte) string { s := md5.Sum(b); return hex.EncodeToString(s[:]) }),
	digest("md5_base64", func(b []byte) string { s := md5.Sum(b); return base64.StdEncoding.EncodeToString(s[:]) }),
	digest("sha256_hex", func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }),
	digest("sha256_base64", func(b []byte) string { s := sha256.Sum256(b); return base64.StdEncoding.EncodeToString(s[:]) }),
	digest("base64_text", func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }),
	digest("url_form", urlForm),
	keyed("hmac_sha256_base64", base64.StdEncoding.EncodeToString),
	keyed("hmac_sha256_hex", hex.EncodeToString),
}

func digest(name string, of func([]byte) string) gojq.CompilerOption {
	return gojq.WithFunction(name, 0, 0, func(in any, _ []any) any {
		text, ok := in.(string)
		if !ok {
			return fmt.Errorf("%s takes a text", name)
		}
		return of([]byte(text))
	})
}

func keyed(name string, spell func([]byte) string) gojq.CompilerOption {
	return gojq.WithFunction(name, 1, 1, func(in any, args []any) any {
		text, ok := in.(string)
		key, keyOK := args[0].(string)
		if !ok || !keyOK {
			return fmt.Errorf("%s takes a text and a key", name)
		}
		mac := hmac.New(sha256.New, []byte(key))
		mac.Write([]byte(text))
		return spell(mac.Sum(nil))
	})
}

// urlForm escapes as application/x-www-form-urlencoded, like Java's URLEncoder:
// it leaves the asterisk and escapes the tilde, other than Go's QueryEscape.
func urlForm(text []byte) string {
	return strings.NewReplacer("%2A", "*", "~", "%7E").Replace(url.QueryEscape(string(text)))
}
