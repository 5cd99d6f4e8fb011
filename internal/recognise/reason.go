package recognise

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Reason says why, in a form that any language can word: a code of a closed
// list and what fills it in.
type Reason struct {
	Code ReasonCode
	Args []string
}

// A ReasonCode names a sentence.
type ReasonCode string

// Why a carrier is a candidate, and stands where it stands.
const (
	FitsForm      ReasonCode = "form"           // format name
	ShapeRare     ReasonCode = "shape"          // one in how many numbers of this make-up looks like it
	OfStandard    ReasonCode = "standard"       //
	OnlyObserved  ReasonCode = "observed"       //
	NoForm        ReasonCode = "no_form"        //
	CheckRight    ReasonCode = "check_right"    //
	CheckWrong    ReasonCode = "check_wrong"    //
	CheckDoubtful ReasonCode = "check_doubtful" // the rule is not certain, and fails
	KnownService  ReasonCode = "service"        // service
	OfCountry     ReasonCode = "issued"         // ISO 3166-1 alpha-2 of the post that issued it, its English name
	LargeCarrier  ReasonCode = "large"          // one of the world's largest
	MediumCarrier ReasonCode = "medium"         //
	SmallCarrier  ReasonCode = "small"          //
	SameCountry   ReasonCode = "country"        // ISO 3166-1 alpha-2
	FarCountry    ReasonCode = "country_far"    // ISO 3166-1 alpha-2: the carrier is of another continent
	NamedByHost   ReasonCode = "host"           // host
	NamedBySender ReasonCode = "sender"         // host of the mail's sender
	NamedByWord   ReasonCode = "word"           // word
	NamedByCaller ReasonCode = "named"          //
	UsedByCaller  ReasonCode = "used"           //
	FoundBefore   ReasonCode = "memory"         // how many such numbers were found here, how many of them with the carrier
	HardlyFound   ReasonCode = "memory_hardly"  // how many such numbers were found here, next to none of them with the carrier
	Above         ReasonCode = "above"          // code of the next candidate's carrier, its English name, what decides: form, trust, check, service, country, size, name or memory
)

// What a number says of itself.
const (
	IsS10        ReasonCode = "s10"         // country's ISO 3166-1 alpha-2, its English name, service
	IsS10Foreign ReasonCode = "s10_nowhere" // two letters that are no country
	IsSSCC       ReasonCode = "sscc"        //
	NotInFiles   ReasonCode = "no_carrier"  // its post is not in the catalogue
	SlipExplains ReasonCode = "slip"        // the closest number, what was mistyped there
)

// Why a piece of a text is no number.
const (
	IsWords      ReasonCode = "words"      // how many
	IsDate       ReasonCode = "date"       //
	IsTime       ReasonCode = "time"       //
	IsPrice      ReasonCode = "price"      //
	IsPhone      ReasonCode = "phone"      //
	IsEmail      ReasonCode = "email"      //
	IsOrder      ReasonCode = "order"      // the word that says so
	IsIBAN       ReasonCode = "iban"       //
	IsLink       ReasonCode = "link"       // no known tracking page
	IsRouting    ReasonCode = "routing"    // a barcode's field, not the number: its application identifier
	IsTooShort   ReasonCode = "short"      //
	IsTooLong    ReasonCode = "long"       //
	IsDigits     ReasonCode = "digits"     // digits in running text that no carrier's word introduces
	IsUnlike     ReasonCode = "unlike"     // letters and digits that no carrier uses
	IsAgain      ReasonCode = "again"      // the number was there before
	IsUnreadable ReasonCode = "unreadable" // a barcode or mail that could not be taken apart
	IsCut        ReasonCode = "cut"        // the text beyond the limit
	AndMore      ReasonCode = "more"       // how many further pieces were ignored
)

var sentences = map[ReasonCode]string{
	FitsForm:      "it has the form of this carrier's numbers (%s)",
	ShapeRare:     "about one in %s numbers of this make-up looks like it",
	OfStandard:    "the form is laid down in a public document",
	OnlyObserved:  "the form has been seen on parcels, but is not published",
	NoForm:        "none of the carrier's known forms fits",
	CheckRight:    "its check digit is right",
	CheckWrong:    "its check digit is wrong",
	CheckDoubtful: "its last digit breaks a rule that this carrier seems to follow",
	KnownService:  "it names a service: %s",
	LargeCarrier:  "the carrier is one of the world's largest",
	OfCountry:     "issued by the post of %[2]s",
	MediumCarrier: "the carrier is a leading one in its country",
	SmallCarrier:  "the carrier is a small one",
	SameCountry:   "the carrier is at home in %s",
	FarCountry:    "the carrier works on another continent than %s",
	NamedByHost:   "it came with an address of the carrier, %s",
	NamedBySender: "the mail is from the carrier, %s",
	NamedByWord:   "the carrier is named beside it: “%s”",
	NamedByCaller: "the carrier was asked for",
	UsedByCaller:  "the carrier is one that is used here",
	FoundBefore:   "of %s such numbers here, %s were this carrier's",
	HardlyFound:   "of %s such numbers here, hardly any was this carrier's",
	Above:         "it stands above %[2]s: %[3]s",

	IsS10:        "an international postal number of %[2]s: %[3]s",
	IsS10Foreign: "it is made like an international postal number, but no country has the code %s",
	IsSSCC:       "a GS1 logistic unit (SSCC): the number says who packed it, not who carries it",
	NotInFiles:   "no carrier file describes that country's post",
	SlipExplains: "%s would be right: %s",

	IsWords:      "words, no number",
	IsDate:       "a date",
	IsTime:       "a time",
	IsPrice:      "an amount of money",
	IsPhone:      "a telephone number",
	IsEmail:      "an e-mail address",
	IsOrder:      "introduced as something else: “%s”",
	IsIBAN:       "a bank account (IBAN)",
	IsLink:       "a link without a tracking number",
	IsRouting:    "another field of the barcode (%s)",
	IsTooShort:   "too short for a tracking number",
	IsTooLong:    "too long for a tracking number",
	IsDigits:     "a plain number, and nothing near it says that it is a parcel's",
	IsUnlike:     "no carrier's numbers look like this",
	IsAgain:      "the same number was there before",
	IsUnreadable: "could not be read",
	IsCut:        "the text is too long; the rest was not read",
	AndMore:      "%s more pieces that are no numbers",
}

// String says the reason in English.
func (r Reason) String() string {
	sentence := sentences[r.Code]
	if !strings.Contains(sentence, "%") {
		return sentence
	}
	args := make([]any, len(r.Args))
	for i, a := range r.Args {
		args[i] = a
	}
	if r.Code == Above {
		args[2] = decisions[basis(r.Args[2])]
	}
	return fmt.Sprintf(sentence, args...)
}

var decisions = map[basis]string{
	byForm:    "its form is the rarer one",
	byTrust:   "its form is better known",
	byCheck:   "the check digit decides",
	byService: "the service code is one of its own",
	byCountry: "the country decides",
	bySize:    "it is the larger carrier",
	byName:    "it was named",
	byMemory:  "such numbers here were its own more often",
}

// ReasonCodes are all codes, sorted: what a page must be able to word.
func ReasonCodes() []ReasonCode { return slices.Sorted(maps.Keys(sentences)) }
