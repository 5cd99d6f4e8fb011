package engine

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// scrub cuts what is about people out of a carrier's text: what the file hides,
// then addresses of mail, codes of doors, streets with house numbers, telephone
// numbers, and the names of those who took the parcel. Most texts hold nothing
// of the kind; a look at their words tells that before any expression runs.
func (p *Program) scrub(text string) string {
	clean := text
	for _, h := range p.hide {
		clean = h.ReplaceAllString(clean, "")
	}
	clean = anonymous(clean)
	if clean == text {
		return text
	}
	return tidy(clean)
}

// anonymous is the classifier that all sources share.
func anonymous(text string) string {
	seen := look(text)
	for _, cut := range []struct {
		needed bool
		form   *regexp.Regexp
		keep   *regexp.Regexp
	}{
		{seen.at, mailForm, nil},
		{seen.digits > 0 && seen.roles&codeWord != 0, codeForm, gateForm},
		{seen.digits > 0 && (seen.roles&streetWord != 0 || seen.foreign), streetForm, nil},
		{seen.digits > 0 && seen.roles&flatWord != 0, flatForm, nil},
		{seen.digits >= 7 || seen.digits > 0 && seen.roles&phoneWord != 0, phoneForm, nil},
		{seen.han, peopleHan, selfHan},
		{seen.han && seen.digits > 0, streetHan, nil},
	} {
		if cut.needed {
			text = cut.form.ReplaceAllStringFunc(text, func(found string) string {
				if cut.keep == nil {
					return ""
				}
				return strings.TrimRight(cut.keep.FindString(found), " #")
			})
		}
	}
	if seen.roles&(verb|label|colonLabel|title) != 0 {
		text = cutNames(text)
	}
	return text
}

// sight is what a text is made of.
type sight struct {
	digits  int
	at      bool // an @
	foreign bool // letters beyond ASCII
	han     bool // Chinese or Japanese
	roles   role
}

// look goes through a text once. It allocates nothing.
func look(text string) sight {
	var s sight
	var buffer [32]byte
	word := buffer[:0]
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			s.digits++
		case r == '@':
			s.at = true
		case r >= 0x3040 && r <= 0x9fff:
			s.han, s.foreign = true, true
		case r >= utf8.RuneSelf:
			s.foreign = true
		}
		if unicode.IsLetter(r) {
			if len(word) < len(buffer)-utf8.UTFMax {
				word = utf8.AppendRune(word, unicode.ToLower(r))
			}
			if i+utf8.RuneLen(r) < len(text) {
				continue
			}
		}
		if len(word) > 1 {
			s.roles |= roles[string(word)] | ending(word)
		}
		word = word[:0]
	}
	return s
}

// ending tells streets whose kind is the word's end: Bahnhofstraße.
func ending(word []byte) role {
	if len(word) < 6 {
		return 0
	}
	switch word[len(word)-1] {
	case 'e', 'r', 'g', 'z', 'm', 't', 'n', 'a', 'i', 'j', 'u':
		for _, end := range streetEndings {
			if strings.HasSuffix(string(word), end) {
				return streetWord
			}
		}
	}
	return 0
}

var (
	mailForm = regexp.MustCompile(`[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)

	phoneForm = regexp.MustCompile(`(?i)(?:\b(?:tel|telephone|phone|mobile|mob|ph|call|cell|telefon|téléphone|tél|teléfono|telefone|fone|handy)\b\.?\s*(?:no\.?|number|nr\.?)?\s*:?\s*|(?:тел|телефон|電話|电话|手机|联系电话)\.?\s*[:：]?\s*)\(?\+?\d[\d\s().-]{4,16}\d|\+\d[\d\s().-]{7,16}\d|\(\d{2,3}\)\s?\d{3,5}[\s.-]\d{4}\b|\b\d{3}[\s.-]\d{3}[\s.-]\d{4}\b|\b1[3-9]\d{9}\b|\b0\d{1,4}[\s/-]?\d{3,4}[\s-]?\d{3,5}\b`)

	// Codes of doors, with what names them in front or behind.
	codeForm = regexp.MustCompile(`(?i)(?:\b(?:(?:door|gate|entry|entrance|access|safe|key|lock|lockbox|garage|building|intercom|buzzer|alarm)(?:\s*(?:code|pin|number|no\.?))?|pin|code porte|digicode|türcode|tür-?code|code|kod do \p{L}+|kod|portkod|portcode|deurcode|dørkode|código de \p{L}+|senha do \p{L}+|codice \p{L}+|domofon)|код \p{L}+|домофон|门禁码?|取件码|密码)\s*(?:is|:|：|=|#|nr\.?)?\s*[#*]?\p{L}?\d[\d\p{L}]{1,8}[*#]?|[#*]\d{3,8}[#*]?`)

	// A street with its house number, in front of it or behind.
	streetForm = regexp.MustCompile(strings.Join([]string{
		`\b\d{1,5}[A-Za-z]?\s+(?:\p{Lu}[\p{L}'’.-]*\s+){1,4}(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|way|boulevard|blvd|place|pl|terrace|crescent|close|square|sq|highway|hwy|parkway|row|walk|gardens)\b\.?`,
		`\b\d{1,5}[a-z]?\s+\p{Ll}+\s+(?:street|avenue|lane|boulevard|terrace|crescent)\b`,
		`\b\d{1,4}(?:\s?(?i:bis|ter))?,?\s+(?i:rue|avenue|boulevard|allée|chemin|impasse|viale|piazza|calle|avenida|rua|travessa)\s+(?:(?:de|du|des|da|do|dos|del|della|la|le|les|l|d)\s+)*\p{L}[\p{L}'’.-]*(?:\s+\p{Lu}[\p{L}'’.-]*){0,4}`,
		`(?:\b(?i:rue|viale|piazza|calle|avenida|rua|travessa|ulica)|\b(?:Via|VIA)|\b(?i:ul)\.|вул\.|ул\.|улица|вулиця|просп\.)\s+\p{L}[\p{L}'’.-]*(?:\s+\p{L}[\p{L}'’.-]*){0,4},?\s*(?:n[.º°]?\s*|д\.\s*|буд\.\s*)?\d{1,5}[a-zа-я]?(?:/\d+)?`,
		`(?i)\p{L}[\p{L}'’.-]*(?:` + strings.Join(streetEndings, "|") + `)\.?\s+\d{1,5}\s?[a-z]?\b`,
	}, "|"))
	flatForm  = regexp.MustCompile(`(?i)\b(?:apt|apartment|flat|suite|unit|ap|lgh|app|appt|apto)\.?\s*#?\d{1,5}[a-z]?\b|(?:кв|оф)\.\s*\d{1,5}`)
	streetHan = regexp.MustCompile(`[至到在往于]?[^\P{Han}至到在往于]{2,12}(?:路|街|道|巷|弄|大道)\d{1,5}号?(?:[\p{Han}\d-]{0,12}(?:室|号楼|栋|单元|楼))*`)

	// Chinese and Japanese name people by what they are, by how they are
	// addressed, or as those who signed.
	peopleHan = regexp.MustCompile(`[,，;；:：（(]?\s*(?:签收人|签收者|簽收人|代收人|收件人|寄件人|收货人|联系人|快递员|派送员|配送员|業務員|收件員|受取人|ご署名)\s*(?:是|为|為|:|：|\[|【|\s)[^，,。；;）)\]】]*[）)\]】]?|[由被给]?[\p{Han}]{1,2}(?:先生|女士|小姐|师傅|太太)|(?:张|王|李|赵|刘|陈|杨|黄|周|吴|徐|孙|马|朱|胡|郭|何|林|高|罗)[\p{Han}]{1,2}签收`)

	// What stays of a match: the gate whose code goes, and who signed for themselves.
	gateForm = regexp.MustCompile(`^(?i:gate|door|entrance|garage|building)(?:\s*#)`)
	selfHan  = regexp.MustCompile(`^.*(?:本人|门卫|前台|物业|家人|同事|驿站|快递柜).*$`)

	leftOver = regexp.MustCompile(`(?:[\s,，;:：(（–-]*[,，;:：(（–-])+\s*([.!?。]|$)|\s+([,.;:!?)])|\(\s*\)|（\s*）|\[\s*\]`)
	repeated = regexp.MustCompile(`([,，;:–-])(?:\s*[,，;:–-])+`)
)

// tidy closes the gaps that cutting left.
func tidy(text string) string {
	text = repeated.ReplaceAllString(text, "$1")
	text = leftOver.ReplaceAllString(text, "$1$2")
	return strings.TrimSpace(strings.Join(strings.Fields(text), " "))
}
