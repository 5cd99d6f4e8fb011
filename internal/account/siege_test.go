package account_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"waypost/internal/account"
	"waypost/internal/dbtest"
)

const (
	siegeLasts    = 50 * time.Minute // within every window that bounds an account's codes
	besieged      = 10               // members whose accounts are guessed at
	siegeNetworks = 3000
	crowded       = 10 // networks that half of the tries come from
)

// Thousands of networks guess at a few members' passwords, codes and resets
// through two replicas on one PostgreSQL. WAYPOST_SOAK says how many thousand
// tries there are; two without it.
func TestSiege(t *testing.T) {
	thousands, err := strconv.Atoi(os.Getenv("WAYPOST_SOAK"))
	if err != nil {
		thousands = 2
	}
	s := newSiege(t, thousands*1000)
	var all sync.WaitGroup
	for range 8 {
		all.Go(s.besiege)
	}
	all.Wait()
	s.judge()
}

// A siege counts what got past the limits.
type siege struct {
	*world
	replicas []*account.Members
	members  []account.Contact
	tries    int
	seed     uint64
	begun    atomic.Int64
	in       atomic.Int64 // honest sign-ins
	limited  atomic.Int64

	mu        sync.Mutex
	networks  map[string]int          // tries that were looked at
	guesses   map[account.Contact]int // passwords that were looked at
	here      map[string]int          // the same, by member and network
	codes     map[account.Contact]int // codes that were sent
	codeTries map[account.Token]int   // codes that were looked at, by flow
}

func newSiege(t *testing.T, tries int) *siege {
	url := dbtest.Postgres(t)
	s := &siege{
		world: newWorld(t, account.Options{}, "eu", dbtest.Open(t, url)), tries: tries, seed: rand.Uint64(),
		networks: map[string]int{}, guesses: map[account.Contact]int{}, here: map[string]int{}, codes: map[account.Contact]int{}, codeTries: map[account.Token]int{},
	}
	t.Logf("seed %d, %d tries", s.seed, tries)
	s.replicas = []*account.Members{s.Members, s.replica(dbtest.Open(t, url))}
	for i := range 2 * besieged {
		a := application()
		a.Contact.Value = fmt.Sprintf("member%d@mail.example", i)
		s.join(a, s.homeOf(i))
		s.members = append(s.members, a.Contact)
	}
	return s
}

// homeOf is where the i-th member signed in before, in a network without guessers.
func (s *siege) homeOf(i int) account.From {
	from := home
	from.Browser, from.Address = fmt.Sprintf("laptop-%d", i), netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
	return from
}

// besiege tries until all tries are made. Every hundredth is a member's own:
// one under siege in the browser that the account knows, or one whom nobody
// guesses at in a browser that it doesn't.
func (s *siege) besiege() {
	for i := s.begun.Add(1); i <= int64(s.tries); i = s.begun.Add(1) {
		s.clock.pass(siegeLasts / time.Duration(s.tries))
		r := rand.New(rand.NewPCG(s.seed, uint64(i)))
		m := s.replicas[r.IntN(len(s.replicas))]
		if i%100 == 0 {
			s.comeHome(m, r.IntN(len(s.members)), i)
			continue
		}
		n := r.IntN(siegeNetworks)
		if i%2 == 0 {
			n = r.IntN(crowded)
		}
		from := cafe
		from.Address = netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), byte(r.IntN(250))})
		c := s.members[r.IntN(besieged)]
		switch r.IntN(4) {
		case 0:
			s.guessCode(m, m.SendCode, c, from)
		case 1:
			s.guessCode(m, m.Reset, c, from)
		default:
			s.guess(m, c, from)
		}
	}
}

func (s *siege) comeHome(m *account.Members, i int, try int64) {
	from := s.homeOf(i)
	if i >= besieged {
		from.Browser = fmt.Sprintf("new-%d", try)
	}
	step, err := m.SignIn(s.t.Context(), s.members[i], secret, from)
	if err != nil || step.Session == "" {
		s.t.Errorf("member %d doesn't get in: %v", i, err)
		return
	}
	s.in.Add(1)
}

func (s *siege) guess(m *account.Members, c account.Contact, from account.From) {
	_, err := m.SignIn(s.t.Context(), c, "a guess of somebody", from)
	if s.passed(err, "sign_in") {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.networks[network24(from)]++
		s.guesses[c]++
		s.here[fmt.Sprint(c, network24(from))]++
	}
}

func network24(from account.From) string {
	return netip.PrefixFrom(from.Address, 24).Masked().String()
}

// guessCode has a code sent, and guesses what it is.
func (s *siege) guessCode(m *account.Members, send func(context.Context, account.Contact, account.From) (account.Token, error), c account.Contact, from account.From) {
	flow, err := send(s.t.Context(), c, from)
	if !s.passed(err, "") {
		return
	}
	s.mu.Lock()
	s.networks[network24(from)]++
	s.codes[c]++
	s.mu.Unlock()
	for range 8 {
		_, err := m.Enter(s.t.Context(), flow, "guess", from)
		if s.passed(err, "code_wrong") {
			s.mu.Lock()
			s.codeTries[flow]++
			s.mu.Unlock()
		}
	}
}

// passed says whether a try was looked at; a limit's refusal isn't.
func (s *siege) passed(err error, answer string) bool {
	switch code(err) {
	case answer:
		return true
	case "too_often", "code_over":
		s.limited.Add(1)
	default:
		s.t.Errorf("a try ends with %v", err)
	}
	return false
}

func (s *siege) judge() {
	for _, bound := range []struct {
		what      string
		got, most int
	}{
		{"tries from one network", largest(s.networks), 6 * 300},
		{"passwords of one member that were looked at", largest(s.guesses), 100},
		{"passwords of one member from one network", largest(s.here), 30},
		{"codes to one address", largest(s.codes), 12},
		{"tries of one code", largest(s.codeTries), 5},
	} {
		if bound.got > bound.most || bound.got == 0 {
			s.t.Errorf("%s: %d, want some, at most %d", bound.what, bound.got, bound.most)
		}
		s.t.Logf("%s: %d of at most %d", bound.what, bound.got, bound.most)
	}
	if want := s.tries / 100; int(s.in.Load()) != want {
		s.t.Errorf("%d honest sign-ins, want %d", s.in.Load(), want)
	}
	if s.limited.Load() == 0 {
		s.t.Error("nothing was refused: the siege is too small to show anything")
	}
	s.t.Logf("%d honest sign-ins of %d; %d tries refused", s.in.Load(), s.tries/100, s.limited.Load())
}

func largest[K comparable](counts map[K]int) int {
	return slices.Max(append(slices.Collect(maps.Values(counts)), 0))
}
