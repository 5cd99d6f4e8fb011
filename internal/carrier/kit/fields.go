package kit

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A sort is what a field holds, as its name tells.
type sort uint8

const (
	unknown  sort = iota
	harmless      // codes, times, words, places of the carrier
	person        // whatever is said of a person
	phone
	point  // a coordinate
	free   // what somebody typed beside an event: it may be no more than a name
	secret // ids, references, addresses of pages: whatever leads to more
)

// sorts are the words of fields' names. A whole name decides before its words,
// and of its words' sorts the first in this order: "receiver city" is a person's.
var sorts = []struct {
	is    sort
	words []string
}{
	{phone, strings.Fields(`phone phones telephone tel mobile fax msisdn cell cellphone`)},
	{point, strings.Fields(`lat latitude lon lng long longitude coordinate coordinates geo geolocation`)},
	{person, strings.Fields(`receiver recipient recipients consignee addressee shipper sender consignor customer contact person driver courier employee
		signee signed signatory signature signer neighbour neighbor firstname lastname surname forename givenname fullname initials
		street streets house building floor apartment flat room line1 line2 line3 addressline addresslines
		receivedby destinataire expediteur empfaenger absender destinatario remetente remitente odbiorca nadawca ontvanger afzender rcpn sndr
		deliveryaddress shipto shiptoaddress destinationaddress deliverto billto
		zip zipcode postcode postal postalcode email birthday vat tax iban passport photo image pod`)},
	{free, strings.Fields(`detail details remark remarks comment comments note notes instructions summary info information`)},
	{secret, strings.Fields(`id ids uuid guid token ref refs reference references account order orders invoice barcode url uri link href key hash session request trace
		number numbers no nr awb waybill trackingnumber tracknumber pin piece`)},
	{harmless, strings.Fields(`code codes status statuses state states type types category kind phase stage event events reason desc description descriptions text texts
		msg faultcode faultstring errorcode origin destination network
		message messages words title label
		date time datetime timestamp at when day hour offset gmt utc zone timezone tz eta estimated expected promised scheduled delivery delivered
		city town country countries region province district locality location place area facility office depot hub terminal station branch agency site centre center unit units
		statusid eventid reasonid stateid typeid eventidentifier serviceid productid facilityid officeid countryid
		service services product mode class level lang language locale currency uom count total page pages size success ok error errors fault faults version
		sequence seq index order position weight length width height volume value quantity pieces carrier partner`)},
}

// Fields whose name alone says nothing: what is around them tells, unless that is
// harmless in many ways. Of an event a name or a value may be a person's.
var (
	vague  = []string{"name", "value", "values"}
	things = strings.Fields(`service product city town country region state status facility office depot hub branch station location place carrier type category kind`)
)

var humps = regexp.MustCompile(`[A-Z]?[a-z]+[0-9]?|[A-Z]+[0-9]?|[0-9]+`)

// sortOf tells by a field's path what stands there.
func sortOf(path string) sort {
	keys := slices.DeleteFunc(strings.Split(strings.ReplaceAll(path, "[]", ""), "."), func(k string) bool { return k == "" })
	for _, key := range keys[:max(0, len(keys)-1)] {
		if is := sortOfKey(key); is == person || is == phone {
			if own := sortOfKey(keys[len(keys)-1]); own == phone || own == point {
				return own
			}
			return is // of a receiver everything is private
		}
	}
	if last := len(keys) - 1; last > 0 && keys[last] == "_text" {
		keys = keys[:last] // the text of an element with attributes
	}
	if len(keys) == 0 {
		return unknown
	}
	key := keys[len(keys)-1]
	if len(keys) == 1 || !slices.Contains(vague, strings.ToLower(key)) {
		return sortOfKey(key)
	}
	around := keys[len(keys)-2]
	is := sortOfKey(around)
	if is == harmless && !slices.ContainsFunc(wordsOf(around), func(word string) bool { return slices.Contains(things, word) }) {
		return unknown
	}
	return is
}

// isName reports whether a field holds what somebody is called.
func isName(path string) bool {
	key := path[strings.LastIndex(path, ".")+1:]
	return slices.ContainsFunc(wordsOf(key), func(word string) bool {
		return strings.HasSuffix(word, "name") || strings.HasPrefix(word, "sign") || word == "receivedby"
	})
}

func sortOfKey(key string) sort {
	whole := strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, key))
	if is := sortOfWord(whole); is != unknown {
		return is
	}
	parts := humps.FindAllString(key, -1)
	best := unknown
	for _, part := range parts {
		if is := sortOfWord(strings.ToLower(part)); is != unknown && (best == unknown || rank(is) < rank(best)) {
			best = is
		}
	}
	return best
}

func sortOfWord(word string) sort {
	for _, s := range sorts {
		if slices.Contains(s.words, word) {
			return s.is
		}
	}
	return unknown
}

// rank is where a sort stands in sorts.
func rank(is sort) int {
	for i, s := range sorts {
		if s.is == is {
			return i
		}
	}
	return len(sorts)
}
