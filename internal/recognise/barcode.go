package recognise

import (
	"regexp"
	"strings"
)

const (
	groupSeparator  = "\x1d"
	recordSeparator = "\x1e"
)

// A payload is what a scanner read from a label.
type payload struct {
	before   string // text in front of it on the line
	raw      string
	elements []element
}

// An element is one field of a barcode.
type element struct {
	ai     string // GS1 application identifier, "" for what has none
	value  string
	number bool   // it may be the tracking number
	owner  string // the carrier's word, where the barcode's form names it
}

// named controls, as some scanners print them.
var controls = strings.NewReplacer(
	"<GS>", groupSeparator, "{GS}", groupSeparator, "<RS>", recordSeparator, "{RS}", recordSeparator,
	"<EOT>", "", "{EOT}", "", "\x04", "", "␝", groupSeparator, "␞", recordSeparator,
)

var (
	symbology = regexp.MustCompile(`^\][A-Za-z][0-9A-Za-z]`) // ISO/IEC 15424
	printedAI = regexp.MustCompile(`\((00|01|91|401|402|420|421)\) ?[0-9A-Z]`)
	dpdScan   = regexp.MustCompile(`^%([0-9A-Z]{7})(\d{14})(\d{3})(\d{3})[0-9A-Z]?$`)
)

// barcodeIn takes a line for a barcode if it is made like one.
func barcodeIn(line string) (payload, bool) {
	raw := controls.Replace(strings.TrimSpace(line))
	p := payload{raw: raw}
	content, gs1 := raw, false
	if prefix := symbology.FindString(raw); prefix != "" {
		content = raw[len(prefix):]
		switch prefix {
		case "]C1", "]d2", "]Q3", "]e0", "]J1":
			gs1 = true
		}
	}
	switch {
	case strings.HasPrefix(content, "[)>"):
		p.elements = message(content)
	case dpdScan.MatchString(content):
		m := dpdScan.FindStringSubmatch(content)
		p.elements = []element{{value: m[2], number: true, owner: "DPD"}}
	case gs1, strings.Contains(content, groupSeparator):
		p.elements = gs1Elements(strings.TrimLeft(content, groupSeparator))
	case content != raw:
		p.elements = []element{{value: content, number: true}}
	default:
		at := printedAI.FindStringIndex(raw)
		if at == nil {
			return payload{}, false
		}
		p.before, p.elements = raw[:at[0]], printedElements(raw[at[0]:])
	}
	return p, true
}

// barcode takes the numbers out of a payload.
func (r *reader) barcode(p payload) {
	found := false
	for _, e := range p.elements {
		value := plain(e.value)
		switch {
		case e.number && e.ai == "00":
			found = r.acceptSSCC(e, p.before) || found
		case e.number:
			found = r.accept(value, value, "", p.before+" "+e.owner) || found
		case e.ai != "":
			r.ignore("("+e.ai+") "+value, Reason{IsRouting, []string{e.ai}})
		}
	}
	if !found {
		r.ignore(p.raw, Reason{Code: IsUnreadable})
	}
}

func (r *reader) acceptSSCC(e element, words string) bool {
	before := len(r.found.Numbers)
	accepted := r.accept(r.spellSSCC(e), e.value, "", words)
	if len(r.found.Numbers) > before {
		n := &r.found.Numbers[before]
		n.Reasons = append(n.Reasons, Reason{Code: IsSSCC})
	}
	return accepted
}

// spellSSCC writes a logistic unit's number with its identifier 00 where a
// carrier's numbers are written like that, else as its 18 digits.
func (r *reader) spellSSCC(e element) string {
	if with := e.ai + e.value; e.ai == "00" && r.index.worth(with) >= r.index.worth(e.value) {
		return with
	}
	return e.value
}

// articleOwners are carriers that put one fixed article number (01) on every parcel.
var articleOwners = map[string]string{"99312650999998": "Australia Post"}

// fixed are the lengths of GS1 application identifiers that need no separator
// behind them (GS1 General Specifications, 3.2).
var fixed = map[string]int{
	"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2,
	"402": 17, "410": 13, "411": 13, "412": 13, "413": 13, "414": 13, "415": 13, "416": 13, "417": 13,
}

// variable are identifiers of fields that end at a separator.
var variable = []string{"10", "21", "22", "30", "37", "240", "241", "250", "251", "400", "401", "403", "420", "421", "91", "92", "93", "94", "95", "96", "97", "98", "99"}

// gs1Elements takes a string of GS1 elements apart. What is not understood
// comes as it stands.
func gs1Elements(content string) []element {
	var all []element
	owner := ""
	for content = strings.TrimLeft(content, groupSeparator); content != ""; content = strings.TrimLeft(content, groupSeparator) {
		e, rest := nextElement(content, all)
		if e.ai == "01" {
			owner = articleOwners[e.value]
		}
		if e.number {
			e.owner = owner
		}
		all, content = append(all, e), rest
	}
	return all
}

func nextElement(content string, before []element) (e element, rest string) {
	if len(before) > 0 && before[len(before)-1].ai == "420" || len(before) == 0 {
		// A US carrier's number bears its identifier (91 to 95) as its own first digits.
		if field, rest, _ := strings.Cut(content, groupSeparator); usNumber.MatchString(field) {
			return element{value: field, number: true}, rest
		}
	}
	for n := 2; n <= 3 && n <= len(content); n++ {
		ai := content[:n]
		if length, ok := fixed[ai]; ok && len(content) >= n+length {
			return element{ai: ai, value: content[n : n+length], number: carriesNumber(ai)}, content[n+length:]
		}
	}
	if len(content) >= 10 && content[0] == '3' && content[1] >= '1' && content[1] <= '6' {
		return element{ai: content[:4], value: content[4:10]}, content[10:] // a measure
	}
	if m := usRouting.FindStringSubmatch(content); m != nil {
		return element{ai: "420", value: m[1]}, content[3+len(m[1]):]
	}
	field, rest, _ := strings.Cut(content, groupSeparator)
	for _, ai := range variable {
		if value, ok := strings.CutPrefix(field, ai); ok && value != "" {
			return element{ai: ai, value: value, number: carriesNumber(ai)}, rest
		}
	}
	return element{value: field, number: true}, rest
}

var (
	usNumber  = regexp.MustCompile(`^9[1-5](?:\d{20}|\d{24}|\d{28})$`)
	usRouting = regexp.MustCompile(`^420(\d{5}(?:\d{4})?)` + groupSeparator + `?9[1-5](?:\d{20}|\d{24})(?:` + groupSeparator + `|$)`)
)

func carriesNumber(ai string) bool {
	switch ai {
	case "00", "401", "402", "91":
		return true
	}
	return false
}

// printedElements reads the line under a barcode: (420) 90210 (00) 1 2345….
func printedElements(text string) []element {
	var all []element
	marks := anyAI.FindAllStringSubmatchIndex(text, -1)
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		ai := text[m[2]:m[3]]
		value := leadingCode.FindString(strings.TrimSpace(text[m[1]:end]))
		value = strings.ReplaceAll(value, " ", "")
		if whole := ai + value; len(ai) == 2 && usNumber.MatchString(whole) {
			all = append(all, element{value: whole, number: true})
			continue
		}
		all = append(all, element{ai: ai, value: value, number: carriesNumber(ai)})
	}
	return all
}

var (
	anyAI       = regexp.MustCompile(`\((\d{2,4})\)`)
	leadingCode = regexp.MustCompile(`^[0-9A-Z]+(?: [0-9A-Z]+)*`)
)

// message reads an ISO/IEC 15434 message: MaxiCode of UPS, PDF417 of FedEx, or
// fields with data identifiers.
func message(content string) []element {
	var fields []string
	for _, record := range strings.Split(content, recordSeparator) {
		fields = append(fields, strings.Split(record, groupSeparator)...)
	}
	for i, f := range fields {
		switch {
		case i > 0 && f == "UPSN":
			return []element{{value: upsNumber(fields, i), number: true, owner: "UPS"}}
		case i > 0 && strings.HasPrefix(f, "FDE"):
			return []element{{value: fedexNumber(fields[i-1]), number: true, owner: "FedEx"}}
		}
	}
	var all []element
	for _, f := range fields {
		if plate := licencePlate.FindStringSubmatch(f); plate != nil {
			all = append(all, element{value: plate[1], number: true})
		}
	}
	return all
}

// licencePlate is a field of a transport unit (ANSI MH10.8.2, identifiers J to 6J).
var licencePlate = regexp.MustCompile(`^[1-6]?(J[0-9A-Z]{8,34})$`)

// upsNumber is the whole number; MaxiCode may split it into 1Z with the package
// part, the shipper's number and the class of service.
func upsNumber(fields []string, mark int) string {
	tracking := fields[mark-1]
	if len(tracking) == 10 && strings.HasPrefix(tracking, "1Z") && mark >= 2 && mark+1 < len(fields) && len(fields[mark+1]) == 6 {
		class := fields[mark-2]
		if len(class) >= 2 {
			return "1Z" + fields[mark+1] + class[len(class)-2:] + tracking[2:]
		}
	}
	return tracking
}

// fedexNumber drops the form id behind the number.
func fedexNumber(tracking string) string {
	if len(tracking) == 16 {
		return tracking[:12]
	}
	return tracking
}

// digitalLink reads the path of a GS1 Digital Link: pairs of identifier and value.
func digitalLink(path string) ([]element, bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i := 0; i+1 < len(parts); i++ {
		ai, value := parts[i], parts[i+1]
		switch {
		case ai == "00" && len(value) == 18 && isDigits(value), ai == "402" && len(value) == 17 && isDigits(value), ai == "401" && len(value) >= 8 && hasDigit(value):
			return []element{{ai: ai, value: value, number: true}}, true
		}
	}
	return nil, false
}
