package watch

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// decodeText reads text in whatever spreadsheets write: UTF-8, UTF-16, GB18030
// (Chinese Windows), else Windows-1252.
func decodeText(content []byte) (string, error) {
	content, isUTF8 := bytes.CutPrefix(content, []byte("\xEF\xBB\xBF"))
	var from encoding.Encoding
	switch {
	case isUTF8:
		return string(bytes.ToValidUTF8(content, []byte("\uFFFD"))), refuseBinary(content)
	case bytes.HasPrefix(content, []byte("\xFF\xFE")), bytes.HasPrefix(content, []byte("\xFE\xFF")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case zerosAt(content, 1):
		from = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zerosAt(content, 0):
		from = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	case utf8.Valid(content):
		return string(content), refuseBinary(content)
	case inPairs(content):
		from = simplifiedchinese.GB18030
	default:
		from = charmap.Windows1252
	}
	text, err := from.NewDecoder().Bytes(content)
	if err != nil {
		return "", errFileBinary.Because(err)
	}
	return string(text), refuseBinary(text)
}

// refuseBinary fails on what is no text: text has no zero bytes.
func refuseBinary(content []byte) error {
	if bytes.IndexByte(content, 0) >= 0 {
		return errFileBinary
	}
	return nil
}

// zerosAt reports whether nearly all bytes at even (0) or odd (1) places are
// zero, and hardly any of the others: UTF-16 without its mark.
func zerosAt(content []byte, odd int) bool {
	var zeros [2]int
	for i, b := range content {
		if b == 0 {
			zeros[i%2]++
		}
	}
	half := len(content) / 2
	return half > 0 && zeros[odd]*10 > half*7 && zeros[1-odd]*20 < half
}

// inPairs reports whether bytes above ASCII come two by two and more often than
// not, as they do in GB18030; accented letters stand alone.
func inPairs(content []byte) bool {
	pairs, single := 0, 0
	for i := 0; i < len(content); {
		run := 0
		for i+run < len(content) && content[i+run] >= utf8.RuneSelf {
			run++
		}
		switch {
		case run == 1:
			single++
		case run > 1:
			pairs += run / 2
		}
		i += run + 1
	}
	return pairs > single
}
