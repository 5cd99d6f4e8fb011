package replay_test

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"waypost/internal/carrier"
	"waypost/internal/carrier/builtin"
	"waypost/internal/carrier/engine"
	"waypost/internal/carrier/replay"
	"waypost/internal/outbound"
)

// ask connects a source to a server with some of its vectors, and asks.
func ask(t *testing.T, s *carrier.Source, vectors []carrier.Vector, v carrier.Vector, numbers ...string) ([]carrier.Report, error) {
	t.Helper()
	part := *s
	part.Vectors = vectors
	served, err := replay.New(&part)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(served)
	defer server.Close()
	program, mistakes := engine.Compile(s)
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	account := engine.Account{Code: "x/main", Base: server.URL, Values: map[string]string{}}
	for _, name := range s.Account {
		account.Values[name] = cmp.Or(v.Values[name], "of-the-account")
	}
	connector, err := program.Connect(account, outbound.New(outbound.Options{Timeout: 10 * time.Second, Allow: []string{"127.0.0.1"}}))
	if err != nil {
		t.Fatal(err)
	}
	var asks []carrier.Ask
	for _, n := range numbers {
		asks = append(asks, carrier.Ask{Number: n, Params: v.Params, With: v.With, Lang: v.Lang})
	}
	return connector.Track(t.Context(), asks)
}

// TestEverySourceTellsItsVectorsOverTheWire asks each source about the numbers of
// each of its vectors by HTTP, and wants what reading the file alone brings.
func TestEverySourceTellsItsVectorsOverTheWire(t *testing.T) {
	cat, _ := builtin.Catalogue()
	asked := 0
	for _, s := range cat.Sources() {
		if !s.Asked {
			continue
		}
		asked++
		t.Run(string(s.Code), func(t *testing.T) {
			program, _ := engine.Compile(s)
			for _, v := range s.Vectors {
				if v.Answer == "" || len(v.Asked) == 0 {
					continue
				}
				body, err := fs.ReadFile(s.Answers, v.Answer)
				if err != nil {
					t.Fatal(err)
				}
				want, wantErr := program.Read(body, cmp.Or(v.HTTP, http.StatusOK), v.Asked)
				got, gotErr := ask(t, s, []carrier.Vector{v}, v, v.Asked...)
				if problem(gotErr) != problem(wantErr) || !reflect.DeepEqual(bare(got), bare(want)) {
					t.Errorf("%s: over the wire %s %v, from the file %s %v", v.Answer, bare(got), gotErr, bare(want), wantErr)
				}
			}
		})
	}
	if asked < 55 {
		t.Errorf("%d sources are asked, want all", asked)
	}
}

// TestAnyNumberIsAnswered asks each source about a number of no vector.
func TestAnyNumberIsAnswered(t *testing.T) {
	cat, _ := builtin.Catalogue()
	for _, s := range cat.Sources() {
		if !s.Asked {
			continue
		}
		t.Run(string(s.Code), func(t *testing.T) {
			for _, v := range s.Vectors {
				if v.Kind != "delivered" || v.Answer == "" || len(v.Asked) == 0 {
					continue
				}
				other := another(v.Asked[0])
				got, err := ask(t, s, s.Vectors, v, other)
				if err != nil || len(got) != 1 || got[0].Number != other || got[0].Problem != nil || len(got[0].Events) == 0 {
					t.Errorf("about %s: %s %v, want a history", other, bare(got), err)
				}
				return
			}
		})
	}
}

// another is a number of the same form: its last digit but one is another.
func another(number string) string {
	at := strings.LastIndexAny(number[:len(number)-1], "0123456789")
	return number[:at] + string('0'+(number[at]-'0'+1)%10) + number[at+1:]
}

func problem(err error) string {
	var p *carrier.Problem
	if errors.As(err, &p) {
		return string(p.Kind)
	}
	return fmt.Sprint(err)
}

// bare are reports in a form that can be compared: without what tells one calling
// from another.
func bare(reports []carrier.Report) (all []string) {
	for _, r := range reports {
		r.Digest = ""
		text := fmt.Sprintf("%+v", r)
		if r.Problem != nil {
			text = r.Number + " " + string(r.Problem.Kind)
		}
		all = append(all, text)
	}
	return all
}
