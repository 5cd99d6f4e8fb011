package v1_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Whatever is asked, by a program that knows the document and one that doesn't
// care, is answered as the document says and never with a failure of ours: a
// thousand requests, or as many thousand as WAYPOST_SOAK says.
func TestAnythingAskedIsSurvived(t *testing.T) {
	thousands, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK"))
	if err != nil {
		thousands = 1
	}
	each(t, func(t *testing.T, w *world) {
		seed := rand.Uint64()
		m := &monkey{w: w, Rand: rand.New(rand.NewPCG(seed, 0)), ids: []string{nobody}, own: w.ask("GET /v1/account", "").field(t, "key"), statuses: map[int]int{}}
		defer func() { t.Logf("seed %d, %d requests, by status %v", seed, thousands*1000, m.statuses) }()
		for range thousands * 1000 {
			if t.Failed() {
				return
			}
			m.ask()
		}
		if m.statuses[200] == 0 || m.statuses[422] == 0 || m.statuses[404] == 0 {
			t.Errorf("answers are %v; does it ask for anything?", m.statuses)
		}
	})
}

// A monkey makes requests of the document's operations, most of them as it
// says, some of them not.
type monkey struct {
	w *world
	*rand.Rand
	ids      []string // that were seen in answers
	own      string   // the key that it calls with, which it leaves alone
	statuses map[int]int
}

func (m *monkey) ask() {
	t := m.w.t
	path := pick(m, slices.Sorted(maps.Keys(m.w.told.doc.Paths.Map())))
	item := m.w.told.doc.Paths.Find(path)
	method := pick(m, slices.Sorted(maps.Keys(item.Operations())))
	op := item.Operations()[method]
	if op.Extensions["x-stream"] != nil {
		return
	}
	query, header := url.Values{}, http.Header{"Authorization": {"Bearer " + m.w.secret}}
	for _, p := range op.Parameters {
		value := m.text(p.Value.Schema.Value)
		switch {
		case p.Value.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", cmp.Or(url.PathEscape(value), "-"))
		case !p.Value.Required && m.IntN(3) > 0:
		case p.Value.In == "query":
			query.Add(p.Value.Name, value)
		default:
			header.Set(p.Value.Name, regexp.MustCompile(`[^ -~]`).ReplaceAllString(value, ""))
		}
	}
	query.Del("wait") // twenty seconds each
	body := ""
	if op.RequestBody != nil {
		body = m.body(op.RequestBody.Value.Content["application/json"].Schema.Value)
		header.Set("Content-Type", "application/json")
	}
	m.spoil(&method, query, header)
	r, err := http.NewRequestWithContext(t.Context(), method, m.w.base+path+"?"+query.Encode(), strings.NewReader(body))
	if err != nil {
		return // nothing that can be sent
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Errorf("%s %s %s: %v", method, r.URL, body, err)
		return
	}
	defer resp.Body.Close()
	text := must(io.ReadAll(resp.Body))(t)
	m.statuses[resp.StatusCode]++
	if resp.StatusCode >= 500 {
		t.Errorf("%s %s %s answers %d: %s", method, r.URL, body, resp.StatusCode, text)
	}
	m.remember(text)
}

// spoil does now and then what the document doesn't say.
func (m *monkey) spoil(method *string, query url.Values, header http.Header) {
	switch m.IntN(40) {
	case 0:
		*method = pick(m, []string{"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "ODD"})
	case 1:
		query.Set(m.odd(), m.odd())
	case 2:
		header.Set("Content-Type", pick(m, []string{"text/plain", "application/xml", "a/b+json;c", "+;", ""}))
	case 3:
		header.Set("Accept", pick(m, []string{"text/html", "*/*", "application/json;q=0", ";;"}))
	case 4:
		header.Set("Authorization", pick(m, []string{"", "Bearer", "Basic eDp5", "Bearer eu_x", "Bearer " + m.w.secret + "x"}))
	}
}

var id = regexp.MustCompile(`"(?:id|next)": ?"([^"]+)"`)

func (m *monkey) remember(text []byte) {
	for _, found := range id.FindAllSubmatch(text, -1) {
		if string(found[1]) == m.own {
			continue
		}
		if m.ids = append(m.ids, string(found[1])); len(m.ids) > 50 {
			m.ids = m.ids[1:]
		}
	}
}

// text is a parameter's value.
func (m *monkey) text(s *openapi3.Schema) string {
	switch v := m.value(s, 0).(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return fmt.Sprint(v[0])
		}
		return ""
	default:
		return fmt.Sprint(v)
	}
}

func (m *monkey) body(s *openapi3.Schema) string {
	text, err := json.Marshal(m.value(s, 0))
	if err != nil {
		m.w.t.Fatal(err)
	}
	if m.IntN(30) == 0 && len(text) > 0 { // cut, or with a byte that isn't its
		at := m.IntN(len(text))
		return pick(m, []string{string(text[:at]), string(text[:at]) + string(rune(m.IntN(256))) + string(text[at:]), ""})
	}
	return string(text)
}

// value is one that a schema lets through, or, once in a while, isn't.
func (m *monkey) value(s *openapi3.Schema, depth int) any {
	if m.IntN(25) == 0 || depth > 8 {
		return pick(m, []any{nil, true, -1, 1e300, m.odd(), []any{}, map[string]any{}, []any{nil, m.odd()}, map[string]any{m.odd(): m.odd()}})
	}
	if len(s.AnyOf) > 0 {
		s = pick(m, s.AnyOf).Value
	}
	switch {
	case s.Type.Is("null"):
		return nil
	case len(s.Enum) > 0:
		return pick(m, s.Enum)
	case s.Type.Includes("object"):
		out := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, name) || m.IntN(3) == 0 {
				out[name] = m.value(s.Properties[name].Value, depth+1)
			}
		}
		return out
	case s.Type.Includes("array"):
		out := []any{}
		for range m.IntN(4) {
			out = append(out, m.value(s.Items.Value, depth+1))
		}
		return out
	case s.Type.Includes("integer"), s.Type.Includes("number"):
		return pick(m, []int{0, 1, 2, 20, 50, 200, 1 << 40})
	case s.Type.Includes("boolean"):
		return m.IntN(2) == 0
	case s.Format == "uuid":
		return pick(m, m.ids)
	}
	return pick(m, []string{ups, dhl, "RR123456785DE", "dhl-express", "ups", "DE", "Lamp", m.odd(), pick(m, m.ids), "https://hooks.example/in", "2026-11-29"})
}

// odd is text that breaks what isn't careful.
func (m *monkey) odd() string {
	return pick(m, []string{
		"", " ", "\x00", "a\x00b", "\u202e\u0000", "'; DROP TABLE watch; --", "%00", "%s%n", "../../etc/passwd", "<script>", "\\", "\"", "{}", "🐘", "ا",
		strings.Repeat("x", 300), strings.Repeat("9", 90), "\xff\xfe", "1e9999", "-0", "null", "~0/~1", "a.b[0]", "\r\nX: y",
	})
}

func pick[T any](m *monkey, all []T) T { return all[m.IntN(len(all))] }
