package recognise

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"waypost/internal/carrier"
)

// hints are what names carriers beside their numbers' forms.
type hints struct {
	hosts   map[string][]carrier.Code
	params  map[string]bool
	phrases map[string][]named // words in alphabets that are written with spaces, by spelling
	longest int                // words in the longest phrase
	pieces  []named            // words in scripts that may be written without
}

// named is a word and a carrier that it names.
type named struct {
	word    string // as the carrier's file has it
	folded  string
	carrier carrier.Code
}

func newHints(carriers []*carrier.Carrier) hints {
	h := hints{hosts: map[string][]carrier.Code{}, params: map[string]bool{}, phrases: map[string][]named{}}
	for _, p := range commonParams {
		h.params[p] = true
	}
	for _, c := range carriers {
		for _, host := range c.Hints.Hosts {
			host = strings.ToLower(host)
			h.hosts[host] = append(h.hosts[host], c.Code)
		}
		for _, p := range c.Hints.Params {
			h.params[strings.ToLower(p)] = true
		}
		for _, w := range c.Hints.Words {
			h.addWord(named{w, fold(w), c.Code})
		}
	}
	return h
}

func (h *hints) addWord(n named) {
	if strings.ContainsFunc(n.folded, func(r rune) bool { return r >= firstUnspaced && unicode.IsLetter(r) }) {
		h.pieces = append(h.pieces, n)
		return
	}
	words := wordsOf(n.folded)
	phrase := strings.Join(words, " ")
	h.phrases[phrase] = append(h.phrases[phrase], n)
	h.longest = max(h.longest, len(words))
}

// firstUnspaced is where Latin, Greek, Cyrillic and Armenian letters end.
const firstUnspaced = 0x590

// evidence is what is known beside one number.
type evidence struct {
	country    string
	hostName   string
	host       map[carrier.Code]bool
	senderName string
	sender     map[carrier.Code]bool
	words      map[carrier.Code]string
	far        bool // the words are of a line before, which may have had a number of its own
	named      map[carrier.Code]bool
	used       map[carrier.Code]bool
}

// evidence gathers what the caller knows, the host of the address that held
// the number ("" if none did), and the words in front of it.
func (x *Index) evidence(h Hints, host, words string) evidence {
	e := evidence{country: strings.ToUpper(h.Country), words: map[carrier.Code]string{}, named: setOf(h.Carriers), used: setOf(h.Used)}
	if e.country == "UK" {
		e.country = "GB"
	}
	if world[e.country].name == "" {
		e.country = ""
	}
	for _, name := range []string{host, h.Host} {
		if codes := x.hints.byHost(name); len(codes) > 0 {
			e.hostName, e.host = name, codes
			break
		}
	}
	e.senderName = h.Sender[strings.LastIndexByte(h.Sender, '@')+1:]
	e.sender = x.hints.byHost(e.senderName)
	for _, text := range []string{h.Words, words} {
		for code, word := range x.hints.byWords(text) {
			e.words[code] = word
		}
	}
	return e
}

func setOf(codes []carrier.Code) map[carrier.Code]bool {
	set := make(map[carrier.Code]bool, len(codes))
	for _, code := range codes {
		set[code] = true
	}
	return set
}

// byHost are the carriers whose host is name or the nearest one above it.
func (h *hints) byHost(name string) map[carrier.Code]bool {
	name, _, _ = strings.Cut(strings.ToLower(name), ":") // a port
	for name != "" {
		if codes := h.hosts[name]; len(codes) > 0 {
			return setOf(codes)
		}
		_, name, _ = strings.Cut(name, ".")
	}
	return nil
}

// byWords are the carriers that text names, each with the word that does. Of
// words within words only the longest counts: "DHL Freight" does not name DHL
// Express.
func (h *hints) byWords(text string) map[carrier.Code]string {
	found := map[carrier.Code]string{}
	text = fold(text)
	words := wordsOf(text)
	for i := 0; i < len(words); {
		length := min(h.longest, len(words)-i)
		for ; length > 1; length-- {
			if h.phrases[strings.Join(words[i:i+length], " ")] != nil {
				break
			}
		}
		for _, n := range h.phrases[strings.Join(words[i:i+length], " ")] {
			found[n.carrier] = n.word
		}
		i += length
	}

	var longest string
	for _, n := range h.pieces {
		if strings.Contains(text, n.folded) && len(n.folded) > len(longest) {
			longest = n.folded
		}
	}
	for _, n := range h.pieces {
		if n.folded == longest {
			found[n.carrier] = n.word
		}
	}
	return found
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !isWordRune(r) })
}

func isWordRune(r rune) bool {
	return r != utf8.RuneError && r < 0x2E80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func fold(text string) string { return strings.ToLower(plain(text)) }

// commonParams are query parameters that hold numbers on tracking pages of
// several carriers and of sites that track for all.
var commonParams = []string{
	"tracknum", "tracknums", "trknbr", "tracknumbers", "tracknumber", "tlabels", "qtc_tlabels1", "awb", "tracking-id",
	"tracking-number", "tracking_number", "trackingnumber", "trackingnumbers", "trackingid", "tracking", "track_number",
	"trackid", "trackcode", "piececode", "idc", "searchfor", "searchid", "searchvalue", "code", "match", "nums", "number", "numbers",
	"shipmentid", "shipmentnumber", "itemcode", "objetos", "bill_code", "search", "barcode", "waybill", "parcelnumber",
	"parcelnumbers", "consignment", "id",
}
