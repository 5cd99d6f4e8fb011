package quota

import (
	"net/netip"
	"strings"

	"waypost/internal/fault"
)

// A Range is the addresses from the first to the last, both of one family. An
// IPv4 address that is written as an IPv6 one is taken as IPv4.
type Range struct{ first, last netip.Addr }

// mostRanges bounds a key's list.
const mostRanges = 100

var (
	errAddress = fault.New(fault.Invalid, "address_malformed", "%q is no address. Write one as 192.0.2.7 or 2001:db8::7, a network as 192.0.2.0/24, a range as 192.0.2.7-192.0.2.20.")
	errBits    = fault.New(fault.Invalid, "address_bits", "%q isn't the beginning of its network. Did you mean %s?")
	errOrder   = fault.New(fault.Invalid, "address_order", "In %q the first address comes after the last, or they are of different kinds.")
	errRanges  = fault.New(fault.Invalid, "address_many", "A key takes at most 100 addresses, networks and ranges.")
)

// ParseRanges reads addresses, networks and ranges, with lines, blanks or
// commas between. Its errors name what can't be read.
func ParseRanges(text string) ([]Range, error) {
	words := strings.FieldsFunc(spaceless(text), func(r rune) bool { return strings.ContainsRune(", ;\t\r\n", r) })
	if len(words) > mostRanges {
		return nil, errRanges
	}
	var all []Range
	for _, word := range words {
		r, err := parseRange(word)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// spaceless takes the blanks away that stand around the hyphen of a range.
func spaceless(text string) string {
	return strings.NewReplacer(" - ", "-", "–", "-", " – ", "-").Replace(text)
}

func parseRange(word string) (Range, error) {
	if first, last, ok := strings.Cut(word, "-"); ok {
		return span(word, first, last)
	}
	if strings.Contains(word, "/") {
		return network(word)
	}
	a, err := netip.ParseAddr(word)
	if err != nil || a.Zone() != "" {
		return Range{}, errAddress.With(word)
	}
	return Range{a.Unmap(), a.Unmap()}, nil
}

func span(word, first, last string) (Range, error) {
	a, err := netip.ParseAddr(first)
	if err != nil || a.Zone() != "" {
		return Range{}, errAddress.With(word)
	}
	b, err := netip.ParseAddr(last)
	if err != nil || b.Zone() != "" {
		return Range{}, errAddress.With(word)
	}
	r := Range{a.Unmap(), b.Unmap()}
	if r.first.Is4() != r.last.Is4() || r.last.Less(r.first) {
		return Range{}, errOrder.With(word)
	}
	return r, nil
}

func network(word string) (Range, error) {
	p, err := netip.ParsePrefix(word)
	if err != nil || p.Addr().Is4In6() {
		return Range{}, errAddress.With(word)
	}
	if p != p.Masked() {
		return Range{}, errBits.With(word, p.Masked().String())
	}
	return Range{p.Addr(), lastOf(p)}, nil
}

// lastOf is the last address of a network.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Addr().AsSlice()
	for i := range bytes {
		keep := min(max(p.Bits()-8*i, 0), 8)
		bytes[i] |= 0xff >> keep
	}
	last, _ := netip.AddrFromSlice(bytes)
	return last
}

// Contains reports whether an address is one of the range.
func (r Range) Contains(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.Is4() == r.first.Is4() && !a.Less(r.first) && !r.last.Less(a)
}

// String writes a range as shortly as it can be read again.
func (r Range) String() string {
	if r.first == r.last {
		return r.first.String()
	}
	for bits := r.first.BitLen() - 1; bits >= 0; bits-- {
		p := netip.PrefixFrom(r.first, bits)
		if p.Masked().Addr() != r.first {
			break
		}
		if lastOf(p) == r.last {
			return p.String()
		}
	}
	return r.first.String() + "-" + r.last.String()
}

// MarshalText is String.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what String wrote.
func (r *Range) UnmarshalText(text []byte) (err error) {
	*r, err = parseRange(string(text))
	return err
}
