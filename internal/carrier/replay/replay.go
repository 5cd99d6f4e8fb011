// Package replay serves sources' own vectors over HTTP, each as its API would: it
// gives out tokens, finds the numbers in a request, and answers with a vector's
// answer in which they stand. So every source can be asked, also those for which
// the simulator has no world of its own; what it answers is as old as the vector,
// and never changes. It knows no source by name.
package replay

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"waypost/internal/carrier"
	"waypost/internal/carrier/engine"
)

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// A Source is one that is served.
type Source struct {
	answers []answer
	tokens  map[string][]byte // by path
	first   string            // path of the request before the one that counts, "" none
	where   []place
}

// An answer is one of the source's vectors.
type answer struct {
	carrier.Vector
	body []byte
}

// New makes a source ready to be served. It fails for one that can't be asked, or
// that has no vector to answer with.
func New(s *carrier.Source) (*Source, error) {
	program, mistakes := engine.Compile(s)
	if len(mistakes) > 0 {
		return nil, fmt.Errorf("%s: %s", s.Code, mistakes[0].Text)
	}
	r := &Source{tokens: tokens(s.Connect.Auth)}
	if f := s.Connect.Ask.First; f != nil {
		r.first = cmp.Or(f.Post, f.Get)
	}
	for _, v := range s.Vectors {
		if v.Answer == "" || len(v.Asked) == 0 {
			continue
		}
		body, err := fs.ReadFile(s.Answers, v.Answer)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Code, err)
		}
		r.answers = append(r.answers, answer{v, body})
	}
	if !s.Asked || len(r.answers) == 0 {
		return nil, fmt.Errorf("%s can't be asked, or has no answer", s.Code)
	}
	slices.SortStableFunc(r.answers, func(a, b answer) int { return rank(a.Kind) - rank(b.Kind) })
	var err error
	if r.where, err = places(program, r.answers[0].Vector, s.Batch > 1); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Code, err)
	}
	return r, nil
}

// rank is how gladly a kind of vector is answered with.
func rank(k carrier.VectorKind) int {
	if at := slices.Index([]carrier.VectorKind{"delivered", "in_transit"}, k); at >= 0 {
		return at
	}
	return 2
}

// ServeHTTP answers a request to the source, whose base address ends where the
// request's path begins. A number of one of the vectors is answered by it; any
// other by one that is delivered or in transit. What asks for more numbers than
// the vector has is told of the first of them.
func (s *Source) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Simulated", "waypost")
	if token, ok := s.tokens[r.URL.Path]; ok {
		w.Header().Set("Content-Type", "application/json")
		w.Write(token) //nolint:errcheck // whoever asked has gone
		return
	}
	if s.first != "" && r.URL.Path == s.first {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, "{}") //nolint:errcheck // likewise
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request can't be read", http.StatusBadRequest)
		return
	}
	numbers := s.numbers(r.URL.RequestURI(), string(body))
	if len(numbers) == 0 {
		http.Error(w, "there is no number in the request", http.StatusBadRequest)
		return
	}
	a := s.pick(numbers[0])
	w.WriteHeader(cmp.Or(a.HTTP, http.StatusOK))
	w.Write(a.about(numbers)) //nolint:errcheck // likewise
}

// pick is the answer for a number.
func (s *Source) pick(number string) answer {
	for _, a := range s.answers {
		if slices.Contains(a.Asked, number) {
			return a
		}
	}
	usual := slices.DeleteFunc(slices.Clone(s.answers), func(a answer) bool { return rank(a.Kind) == 2 })
	if len(usual) == 0 {
		return s.answers[0]
	}
	h := fnv.New32a()
	h.Write([]byte(number)) //nolint:errcheck // a hash takes everything
	return usual[h.Sum32()%uint32(len(usual))]
}

// about is the answer with other numbers in the place of its own.
func (a answer) about(numbers []string) []byte {
	var pairs []string
	for i, own := range a.Asked[:min(len(a.Asked), len(numbers))] {
		pairs = append(pairs, own, numbers[i])
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(a.body)))
}

// tokens are the answers of the paths that give out tokens.
func tokens(auth carrier.AuthSpec) map[string][]byte {
	switch {
	case auth.OAuth2 != nil:
		return map[string][]byte{auth.OAuth2.Post: nested(map[string]any{".access_token": "replayed", ".expires_in": 3600})}
	case auth.Login != nil:
		values := map[string]any{auth.Login.Token: "replayed"}
		if path.MatchString(auth.Login.Lasts) {
			values[auth.Login.Lasts] = 3600
		}
		return map[string][]byte{cmp.Or(auth.Login.Post, auth.Login.Get): nested(values)}
	}
	return nil
}

// path is jq that only leads to a field.
var path = regexp.MustCompile(`^(\.[A-Za-z_]\w*)+$`)

// nested is a JSON object that has each value where its path leads.
func nested(values map[string]any) []byte {
	root := map[string]any{}
	for at, value := range values {
		names := strings.Split(strings.TrimPrefix(at, "."), ".")
		here := root
		for _, name := range names[:len(names)-1] {
			below, ok := here[name].(map[string]any)
			if !ok {
				below = map[string]any{}
				here[name] = below
			}
			here = below
		}
		here[names[len(names)-1]] = value
	}
	text, _ := json.Marshal(root) // of texts and numbers
	return text
}
