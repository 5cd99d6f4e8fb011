package app

import (
	"fmt"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"waypost/internal/account"
)

// networks gives everybody a network of their own, so that nobody is limited
// for what another did.
var networks atomic.Uint32

func somewhere() account.From {
	n := networks.Add(1)
	return account.From{Address: netip.AddrFrom4([4]byte{198, byte(n >> 8), byte(n), 7}), Browser: fmt.Sprint("browser ", n), Language: "en"}
}

// A person is somebody who is signed in.
type person struct {
	account.Session
	token account.Token
}

// newMember signs somebody up.
func newMember(t testing.TB, s *server, address string) person {
	t.Helper()
	return newMemberOf(t, s, address, "DE")
}

// newMemberOf signs somebody of a country up.
func newMemberOf(t testing.TB, s *server, address, country string) person {
	t.Helper()
	from, members := somewhere(), s.people.members
	name, _, _ := strings.Cut(address, "@")
	flow, err := members.SignUp(t.Context(), account.Application{
		Contact: account.Contact{Kind: account.Mail, Value: address}, Nickname: name, Country: country, Language: "en", Age: account.Grown,
		Terms: account.Terms{Version: "1", Wording: "I agree.", How: "test"},
	}, from)
	if err != nil {
		t.Fatal(err)
	}
	step, err := members.Enter(t.Context(), flow, codeOf(t, s, flow), from)
	if err != nil {
		t.Fatal(err)
	}
	session, err := members.Session(t.Context(), step.Session)
	if err != nil {
		t.Fatal(err)
	}
	return person{session, step.Session}
}

// codeOf is the code that is sent for what was begun.
func codeOf(t testing.TB, s *server, flow account.Token) string {
	t.Helper()
	begun, err := s.people.members.Flow(t.Context(), flow)
	if err != nil {
		t.Fatal(err)
	}
	letter, err := s.people.members.CodeToSend(t.Context(), account.Code{Flow: begun.ID})
	if err != nil {
		t.Fatal(err)
	}
	return letter.Code
}
