package kit

import (
	"crypto/rand"
	"math/big"
	"regexp"
	"strings"
	"unicode"
)

// Like is a look-alike of text: as long, with letters where there were letters
// and digits where there were digits, and otherwise random, so that nothing
// leads back. Vowels stay vowels, so that words can be said; what is hexadecimal
// stays so.
func Like(text string) string {
	if hexadecimal.MatchString(text) {
		return strings.Map(func(r rune) rune {
			if r == '-' {
				return r
			}
			return rune(oneOf("0123456789abcdef"))
		}, text)
	}
	var out strings.Builder
	for i, r := range text {
		switch {
		case r == '0' && i == 0, !unicode.IsLetter(r) && !unicode.IsDigit(r):
			out.WriteRune(r)
		case unicode.IsDigit(r):
			out.WriteByte(oneOf("123456789"))
		case r > unicode.MaxLatin1 && !unicode.Is(unicode.Latin, r):
			out.WriteString(string([]rune(foreign)[random(len([]rune(foreign)))]))
		case unicode.IsUpper(r):
			out.WriteString(strings.ToUpper(string(letterLike(unicode.ToLower(r)))))
		default:
			out.WriteByte(letterLike(r))
		}
	}
	return out.String()
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f-]{16,}$`)

// foreign are the Chinese placeholders for somebody (甲乙丙丁 and so on), which
// stand for letters of other scripts.
const foreign = "甲乙丙丁戊己庚辛壬癸"

func letterLike(r rune) byte {
	if strings.ContainsRune("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûü", r) {
		return oneOf("aeiou")
	}
	return oneOf("bdfgklmnprstvz")
}

// likePhone is a look-alike of a telephone number that nobody has: it ends in
// 555 01xx, which the North American Numbering Plan keeps for fiction, as far as
// there are digits.
func likePhone(text string) string {
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	end := "55501" + string([]byte{oneOf("0123456789"), oneOf("0123456789")})
	at := 0
	return strings.Map(func(r rune) rune {
		if !unicode.IsDigit(r) {
			return r
		}
		at++
		if back := digits - at; back < len(end) {
			return rune(end[len(end)-1-back])
		}
		return '5'
	}, text)
}

// likeMail is an address below example.com, as long where the name has room.
func likeMail(text string) string {
	const domain = "@example.com"
	name := strings.Map(func(r rune) rune {
		if r == '@' {
			return 'a'
		}
		return r
	}, text)
	return Like(name[:max(1, len(name)-len(domain))]) + domain
}

// likeLink is an address of a page at example.com.
func likeLink(text string, like func(string) string) string {
	_, behind, _ := strings.Cut(text, "://")
	_, path, _ := strings.Cut(behind, "/")
	return "https://example.com/" + like(path)
}

// likePoint keeps a coordinate's form; it is always on the globe.
func likePoint(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '1'
		}
		return r
	}, text)
}

func oneOf(letters string) byte { return letters[random(len(letters))] }

// random is below n, and can't be foretold from what came before.
func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // crypto/rand never fails (its documentation)
	}
	return int(i.Int64())
}
