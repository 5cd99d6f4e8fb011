package poll

import (
	"cmp"
	"hash/fnv"
	"maps"
	"slices"

	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/recognise"
)

// maxCandidates bounds how many carriers are tried for one number.
const maxCandidates = 8

// A Plan is what to ask about a number: what a Want takes, and what stands in
// the way where something does.
type Plan struct {
	Key      parcel.Key      // without a Mark; that follows from Given
	Given    carrier.Given   // of what somebody knows, what the Askings can use
	Askings  []parcel.Asking // by rank; empty when nobody can be asked
	Choice   parcel.Choice   // ByHand or Only where there is no guess, else Unchosen
	Missing  []Missing       // of carriers that can't be asked, best candidate first
	Guessing bool            // several carriers are tried until one knows the number
}

// Missing is why a carrier can't be asked about a number.
type Missing struct {
	Why     Why
	Carrier carrier.Code       // "" when it is the number's own fault
	Source  carrier.SourceCode // that would have to be connected
	Values  []string           // what the operator must supply for it, by name
	Needs   []carrier.Need     // what the carrier wants to know besides the number
}

// A Why is one of a closed list.
type Why string

// Why a carrier can't be asked.
const (
	InvalidNumber Why = "invalid_number" // its check digit does not hold, or its length is wrong
	UnknownFormat Why = "unknown_format" // no carrier's numbers look like it
	NoSource      Why = "no_source"      // Waypost knows no way to ask the carrier
	NotConnected  Why = "not_connected"  // the operator has no account at its source
	NeedsMore     Why = "needs_more"     // it answers only who knows more than the number
	NotOnAGuess   Why = "not_on_a_guess" // its source is asked only when the carrier is sure
)

// MakePlan says whom to ask about a number: chosen is the carrier that
// somebody named, "" if none, given what they know besides the number. It is
// pure. Without a chosen carrier, those are asked that the number can belong to,
// best first; as long as several can be meant, only sources that allow it are
// asked on a guess. What nobody who is asked has a use for is left out of Given,
// so that it makes no parcel of its own.
func MakePlan(cat *carrier.Catalogue, accounts []Account, n recognise.Number, chosen carrier.Code, given carrier.Given) Plan {
	p := Plan{Key: parcel.Key{Number: n.Text, Carrier: chosen}, Given: carrier.Given{}}
	candidates := n.Candidates
	switch {
	case chosen != "":
		candidates = []recognise.Candidate{choose(n, chosen)}
		p.Choice = parcel.ByHand
	case n.Problem == recognise.UnknownFormat || n.Problem == recognise.NoProblem && len(candidates) == 0:
		p.Missing = []Missing{{Why: UnknownFormat}}
		return p
	case n.Problem != recognise.NoProblem:
		p.Missing = []Missing{{Why: InvalidNumber}}
		return p
	case len(candidates) == 1:
		p.Choice = parcel.Only
	}
	for _, c := range candidates[:min(len(candidates), maxCandidates)] {
		sure := p.Choice != parcel.Unchosen || c.Score >= recognise.Certain
		asking, missing, ok := ask(cat, accounts, c, given, sure)
		if !ok {
			p.Missing = append(p.Missing, missing)
			continue
		}
		asking.Rank = len(p.Askings)
		asking.Role = parcel.Candidate
		if p.Choice != parcel.Unchosen {
			asking.Role = parcel.Origin
		}
		p.Askings = append(p.Askings, asking)
		maps.Copy(p.Given, confided(cat, asking, given))
	}
	p.Guessing = len(p.Askings) > 1
	return p
}

// confided is what of given is told to whom is asked: what its source can be told,
// or its carrier demands. Who hands a parcel over is told nothing, because it
// wasn't meant for them.
func confided(cat *carrier.Catalogue, a parcel.Asking, given carrier.Given) carrier.Given {
	source, ok := cat.Source(a.Source)
	if given == nil || !ok || a.Role == parcel.Destination {
		return nil
	}
	takes := source.Takes
	if c, ok := cat.Carrier(a.Carrier); ok && source.Shared {
		takes = slices.Concat(takes, c.Needs)
	}
	return given.Of(takes)
}

// choose returns the candidate of a carrier that somebody named; the number is
// taken as it is where the carrier's formats don't fit it.
func choose(n recognise.Number, chosen carrier.Code) recognise.Candidate {
	for _, c := range n.Candidates {
		if c.Carrier == chosen {
			return c
		}
	}
	return recognise.Candidate{Carrier: chosen, Number: n.Text, Score: 1}
}

// ask finds the best source of a candidate that can be asked.
func ask(cat *carrier.Catalogue, accounts []Account, c recognise.Candidate, given carrier.Given, sure bool) (parcel.Asking, Missing, bool) {
	missing := Missing{Why: NoSource, Carrier: c.Carrier}
	known, ok := cat.Carrier(c.Carrier)
	if !ok {
		return parcel.Asking{}, missing, false
	}
	number := cmp.Or(c.Number, "")
	for _, via := range known.Via {
		source, ok := cat.Source(via.Source)
		if !ok {
			continue
		}
		account, connected := accountFor(accounts, source.Code, number)
		if connected && !source.Asked {
			return parcel.Asking{Account: account, Source: source.Code, Carrier: c.Carrier, Number: number, Told: true}, Missing{}, true
		}
		needs := source.Needs
		if source.Shared { // a carrier's own source says by itself what it needs, its public page may want more
			needs = slices.Concat(c.Needs, needs)
		}
		needs = given.Lacks(needs)
		switch {
		case !connected:
			if missing.Why == NoSource {
				missing.Why, missing.Source, missing.Values = NotConnected, source.Code, source.Account
			}
		case len(needs) > 0:
			missing = Missing{Why: NeedsMore, Carrier: c.Carrier, Source: source.Code, Needs: slices.Compact(slices.Sorted(slices.Values(needs)))}
		case !sure && !source.Probe:
			missing = Missing{Why: NotOnAGuess, Carrier: c.Carrier, Source: source.Code}
		default:
			return parcel.Asking{Account: account, Source: source.Code, Carrier: c.Carrier, Number: number}, Missing{}, true
		}
	}
	if missing.Why == NoSource || missing.Why == NotConnected {
		if asking, ok := fallback(accounts, c, sure); ok {
			return asking, Missing{}, true
		}
		if asking, ok := tells(accounts, known, number); ok {
			return asking, Missing{}, true
		}
	}
	return parcel.Asking{}, missing, false
}

// fallback is how a carrier that nobody is connected to is asked about all the
// same: by a source that answers for any, the first of them by code.
func fallback(accounts []Account, c recognise.Candidate, sure bool) (parcel.Asking, bool) {
	var codes []carrier.SourceCode
	for i := range accounts {
		if s := accounts[i].Source; s.Fallback && s.Asked && (sure || s.Probe) {
			codes = append(codes, s.Code)
		}
	}
	if len(codes) == 0 {
		return parcel.Asking{}, false
	}
	source := slices.Min(codes)
	account, _ := accountFor(accounts, source, c.Number)
	return parcel.Asking{Account: account, Source: source, Carrier: c.Carrier, Number: c.Number}, true
}

// tells is how a parcel of a carrier that nobody can ask about becomes known: by a
// source that tells of such carriers by itself, the first of them by code.
func tells(accounts []Account, c *carrier.Carrier, number string) (parcel.Asking, bool) {
	var codes []carrier.SourceCode
	for i := range accounts {
		if s := accounts[i].Source; !s.Asked && tellsOf(s, c) {
			codes = append(codes, s.Code)
		}
	}
	if len(codes) == 0 {
		return parcel.Asking{}, false
	}
	source := slices.Min(codes)
	account, _ := accountFor(accounts, source, number)
	return parcel.Asking{Account: account, Source: source, Carrier: c.Code, Number: number, Told: true}, true
}

// tellsOf reports whether a source that can't be asked tells of a carrier's parcels.
func tellsOf(s *carrier.Source, c *carrier.Carrier) bool {
	return slices.Contains(s.Push.Kinds, c.Kind) || slices.ContainsFunc(c.Via, func(v carrier.Via) bool { return v.Source == s.Code })
}

// accountFor picks one of a source's accounts by the number, so that the same
// number is always asked with the same account.
func accountFor(accounts []Account, source carrier.SourceCode, number string) (carrier.AccountCode, bool) {
	var own []carrier.AccountCode
	for i := range accounts {
		if accounts[i].Source.Code == source {
			own = append(own, accounts[i].Code)
		}
	}
	if len(own) == 0 {
		return "", false
	}
	slices.Sort(own)
	h := fnv.New32a()
	h.Write([]byte(number))
	return own[h.Sum32()%uint32(len(own))], true
}
