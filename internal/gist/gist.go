// Package gist tells what a carrier's words say of a parcel's status, where the
// carrier's file doesn't know the code. It is cautious: what isn't sure, isn't
// yet, or isn't so says nothing, since no status is better than a false one. It
// knows phrases of several languages, which stand in rules/*.yaml, and no
// carrier.
package gist

import (
	"slices"
	"unicode/utf8"

	"waypost/internal/status"
)

// A Reading is what a text says.
type Reading struct {
	Is      status.Sub // "" when it says nothing for sure
	Because string     // the words that say so, as the rules spell them
}

// Of reads one event's words.
func Of(words string) Reading {
	found := shippedRules().find(tokens(words))
	unsure := slices.ContainsFunc(found, func(h hit) bool { return h.phrase.is == unsureOf })
	best := hit{}
	for _, h := range found {
		if h.phrase.is == unsureOf || unsure && happens[h.phrase.is] {
			continue
		}
		if best.phrase == nil || weight[h.phrase.is] < weight[best.phrase.is] {
			best = h
		}
	}
	if best.phrase == nil {
		return Reading{}
	}
	return Reading{Is: best.phrase.is, Because: best.phrase.text}
}

// order is what counts of a text that says several things: what went wrong is
// not hidden by what went well, nor what is special by what is usual.
var order = []status.Sub{
	status.ExceptionReturned, status.ExceptionReturning, status.ExceptionLost, status.ExceptionDestroyed,
	status.ExceptionDamage, status.ExceptionCancel, status.DeliveryFailureRejected, status.DeliveryFailureInvalidAddress,
	status.DeliveryFailureNoBody, status.DeliveryFailureOther, status.InTransitCustomsRequiringInfo, status.ExceptionSecurity,
	status.InTransitCustomsReleased, status.InTransitCustomsProcessing, status.ExceptionDelayed,
	status.AvailableForPickupOther, status.OutForDeliveryOther, status.DeliveredOther, status.InfoReceivedOnly,
	status.InTransitDeparture, status.InTransitArrival, status.InTransitPickedUp, status.InTransitOther,
}

var weight = func() map[status.Sub]int {
	weights := map[status.Sub]int{}
	for i, s := range order {
		weights[s] = i
	}
	return weights
}()

// happens are the statuses of something that is over or just going on: words
// that it isn't so, or isn't yet, speak against them.
var happens = map[status.Sub]bool{
	status.ExceptionReturned: true, status.InTransitCustomsReleased: true, status.AvailableForPickupOther: true,
	status.OutForDeliveryOther: true, status.DeliveredOther: true, status.InTransitDeparture: true,
	status.InTransitArrival: true, status.InTransitPickedUp: true,
}

// unsureOf stands for the status of phrases that say that something isn't so, or
// isn't yet.
const unsureOf status.Sub = "unsure"

// A hit is a phrase found in a text, and which of its words it is made of.
type hit struct {
	phrase *phrase
	words  []int
}

// find returns the phrases of a text, without those whose words all belong to
// a longer one: that says better what they mean.
func (r rules) find(text []string) []hit {
	var all []hit
	for i, token := range text {
		for _, list := range [][]*phrase{r[token], r[stem(token)]} {
			for _, p := range list {
				if words := p.matchAt(text, i); words != nil {
					all = append(all, hit{p, words})
				}
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(h hit) bool {
		return slices.ContainsFunc(all, h.within)
	})
}

// within reports whether another phrase is made of the same words and more.
func (h hit) within(other hit) bool {
	if len(h.words) >= len(other.words) {
		return false
	}
	for _, at := range h.words {
		if !slices.Contains(other.words, at) {
			return false
		}
	}
	return true
}

// stem is what phrases are looked up by that begin with a part of a word.
func stem(word string) string {
	_, size := utf8.DecodeRuneInString(word)
	return word[:size] + "*"
}
