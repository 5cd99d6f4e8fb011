package reference

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/template"
)

// A call is an operation as it is called in one language.
type call struct{ Language, Text string }

// A request is what the calls send.
type request struct {
	Method, URL string
	Body        string // JSON, "" none
	Stream      bool
}

// languages are the templates of calls. Each is whole: it can be run as it
// stands, with the key in the environment's WAYPOST_KEY.
var languages = []struct {
	name string
	text *template.Template
}{
	{"curl", parse(`curl{{if .Stream}} -N{{end}}{{if ne .Method "GET"}} -X {{.Method}}{{end}} "{{.URL}}" \
  -H "Authorization: Bearer $WAYPOST_KEY"{{if .Body}} \
  -H "Content-Type: application/json" \
  -d '{{.Body}}'{{end}}
`)},
	{"Go", parse("package main\n\nimport (\n\t\"io\"\n\t\"log\"\n\t\"net/http\"\n\t\"os\"\n{{if .Body}}\t\"strings\"\n{{end}})\n" + `
func main() {
	req, err := http.NewRequest("{{.Method}}", "{{.URL}}", {{if .Body}}strings.NewReader(` + "`{{.Body}}`" + `){{else}}nil{{end}})
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("WAYPOST_KEY"))
{{- if .Body}}
	req.Header.Set("Content-Type", "application/json")
{{- end}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(os.Stdout, resp.Body); err != nil {
		log.Fatal(err)
	}
}
`)},
	{"Python", parse(`import os
import urllib.request

request = urllib.request.Request(
    "{{.URL}}",
    method="{{.Method}}",
    headers={
        "Authorization": "Bearer " + os.environ["WAYPOST_KEY"],
{{- if .Body}}
        "Content-Type": "application/json",
{{- end}}
    },
{{- if .Body}}
    data=r'''{{.Body}}'''.encode(),
{{- end}}
)
with urllib.request.urlopen(request) as response:
{{- if .Stream}}
    for line in response:
        print(line.decode(), end="")
{{- else}}
    print(response.read().decode())
{{- end}}
`)},
	{"Node.js", parse(`const response = await fetch("{{.URL}}", {
  method: "{{.Method}}",
  headers: {
    Authorization: ` + "`Bearer ${process.env.WAYPOST_KEY}`" + `,
{{- if .Body}}
    "Content-Type": "application/json",
{{- end}}
  },
{{- if .Body}}
  body: JSON.stringify({{.Body}}),
{{- end}}
});
{{- if .Stream}}
const text = new TextDecoder();
for await (const chunk of response.body) process.stdout.write(text.decode(chunk, { stream: true }));
{{- else}}
console.log(await response.text());
{{- end}}
`)},
}

func parse(text string) *template.Template { return template.Must(template.New("").Parse(text)) }

// calls are an operation in every language.
func (p *Pages) calls(op operation) []call {
	r := request{Method: op.Method, URL: p.URL + p.doc.address(op), Stream: op.Stream}
	if s := op.body(); s != nil {
		r.Body = p.doc.sample(s)
	}
	var all []call
	for _, l := range languages {
		var b bytes.Buffer
		if err := l.text.Execute(&b, r); err == nil { // it only writes to memory
			all = append(all, call{l.name, b.String()})
		}
	}
	return all
}

// address is an operation's path, with examples in its places.
func (d *document) address(op operation) string {
	path, query := op.Route, url.Values{}
	for _, p := range op.Parameters {
		value := ""
		if s := d.meant(p.Schema); len(s.Examples) > 0 {
			value, _ = s.Examples[0].(string)
		}
		switch {
		case p.In == "path" && value == "":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", strings.ToUpper(p.Name)+"_ID")
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case p.In == "query" && p.Required:
			query.Set(p.Name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// sample is a body that an operation takes: what it requires, and what has an
// example.
func (d *document) sample(s *schema) string {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	if err := out.Encode(d.example(s, 0)); err != nil {
		return "" // it is made of what came out of JSON
	}
	return strings.TrimSpace(b.String())
}

func (d *document) example(s *schema, depth int) any {
	s = d.meant(s)
	switch {
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Items != nil:
		return []any{d.example(s.Items, depth+1)}
	case s.Default != nil:
		return s.Default
	case slices.Contains(s.Type, "object"):
		out := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if slices.Contains(s.Required, name) || len(d.meant(s.Properties[name]).Examples) > 0 {
				out[name] = d.example(s.Properties[name], depth+1)
			}
		}
		return out
	case slices.Contains(s.Type, "boolean"):
		return true
	case slices.Contains(s.Type, "integer"), slices.Contains(s.Type, "number"):
		return 1
	}
	return "…"
}
