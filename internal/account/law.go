package account

import (
	"slices"

	"waypost/internal/fault"
)

// An Age is an age range, as its owner declares it: never a date of birth.
type Age string

// Ages.
const (
	Grown      Age = "grown"      // old enough to decide alone
	Supervised Age = "supervised" // not of age where the law asks for it; somebody of age looks after the account
	Child      Age = "child"      // under 14: a guardian has to agree
)

// GuardianUnder is the age in years under which a guardian has to agree.
const GuardianUnder = 14

// MajorityUnder is the age in years under which some countries' law wants supervision.
const MajorityUnder = 18

// Law is what the law says about children, by country.
type Law struct {
	// Supervision are the countries whose law treats everybody under 18 as a
	// child, ISO 3166-1 alpha-2. nil takes Supervision.
	Supervision []string
}

// Supervision is where the law protects everybody under 18: India (Digital
// Personal Data Protection Act, 2023, sections 2(f) and 9).
var Supervision = []string{"IN"}

var errAge = fault.New(fault.Invalid, "age", "Please say which of the age ranges is yours.")

// Ages are the choices that are put to somebody of a country: no more than the
// law there makes necessary.
func (l Law) Ages(country string) []Age {
	if l.supervises(country) {
		return []Age{Grown, Supervised, Child}
	}
	return []Age{Grown, Child}
}

func (l Law) supervises(country string) bool {
	if l.Supervision == nil {
		return slices.Contains(Supervision, country)
	}
	return slices.Contains(l.Supervision, country)
}

// Ages are the age ranges that somebody of a country is asked for.
func (m *Members) Ages(country string) []Age { return m.law.Ages(country) }
