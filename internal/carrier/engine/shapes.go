package engine

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A shape is how something private is written.
type shape struct {
	starts  role // it begins at a word with one of these roles
	digits  bool // or at a number and its signs
	capital bool // or at any word with a capital letter
	pattern *regexp.Regexp
	private func(before, found string) bool // further asks what was found; nil takes all
}

const (
	maxShape = 200 // bytes that one match may span
	maxTried = 100 // places of a text where one shape is tried; what is left goes
)

// find adds what a text holds of the shape. Only where a word or number begins
// that may start it is the expression tried, for its cost.
func (s shape) find(cuts []span, text string) []span {
	tries := 0
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !s.begins(r) || inside(text, at) {
			at += size
			continue
		}
		end, tried := at+size, s.digits && !unicode.IsLetter(r)
		if w, found := nextWord(text, at); found && w.start == at {
			tried = s.starts == 0 || w.is(s.starts) || s.capital && w.capital() || s.starts&(streetWord|codeWord) != 0 && s.starts&ending([]byte(strings.ToLower(w.text))) != 0
			end = w.end
		}
		if tried {
			if tries++; tries > maxTried {
				return append(cuts, span{at, len(text)})
			}
			window := text[at:min(len(text), at+maxShape)]
			if m := s.pattern.FindStringSubmatchIndex(window); m != nil && m[1] > 0 && (s.private == nil || s.private(text[:at], window[:m[1]])) {
				from := at
				if len(m) > 3 && m[3] > 0 {
					from += m[3] // what the first group holds stays
				}
				cuts = append(cuts, span{from, at + m[1]})
				end = at + m[1]
			} else if isEastern(r) {
				end = at + size
			}
		}
		at = end
	}
	return cuts
}

// begins reports whether a shape may begin with a sign.
func (s shape) begins(r rune) bool {
	return unicode.IsLetter(r) || s.digits && (unicode.IsDigit(r) || strings.ContainsRune("+＋(#*（,，;；:：@", r))
}

// inside reports whether a place of a text is in the midst of a word or number.
func inside(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	behind, _ := utf8.DecodeRuneInString(text[at:])
	switch {
	case isEastern(before) || isEastern(behind):
		return false
	case unicode.IsDigit(behind):
		return unicode.IsDigit(before) || unicode.IsLetter(before)
	}
	return unicode.IsLetter(behind) && unicode.IsLetter(before)
}

var mail = shape{digits: true, pattern: regexp.MustCompile(`^(?:[\p{L}\p{N}._%+-]+\s?[@＠]\s?[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*|@[\p{L}\p{N}_.]{2,})`)}

// phone takes numbers of telephones: by the word in front, by + or a leading
// zero, by their brackets, or by how their digits are grouped.
var (
	phone  = shape{digits: true, pattern: regexp.MustCompile(`^` + number), private: isPhone}
	called = shape{starts: phoneWord, pattern: regexp.MustCompile(`(?i)^(?:(?:` + phoneWords + `)(?:[\s.:：]+(?:no|number|nr|n[°ºo]|num(?:ber|mer|éro|ero)?|phone|номер|me|us|him|her|on|at|is|the|auf|au|unter|номеру|recipient|customer|receiver))*[\s.:：()#-]*)` + number), private: isPhone}
)

const number = `[+＋(]?\d[\d\s().\x{a0}\x{2010}-\x{2015}/-]{4,22}\d`

const phoneWords = `tel|tele(?:ph|f)on[eo]?|telf|tlf|telnr|phone|mobile|mob|mobil[eo]?|mobilnr|mobiltelefon|ph|fon|cell|cellulare|cel|celular|call|called|ring|rang|whatsapp|sms|gsm|handy|rufnummer|téléphone|tél|teléfono|móvil|telemóvel|telefono|telefoon|puh|puhelin|komórka|kom|kontakt|contact|fone|nummer|телефон[у]?|тел|моб|мобильный|мобільний|сот`

var (
	calledForm   = regexp.MustCompile(`^(?i:` + phoneWords + `)(?:[^\p{L}]|$)`)
	easternPhone = regexp.MustCompile(`(?:電話|电话|手机|手機|联系方式|番号|携帯|연락처|전화|번호|휴대폰)[\s:：号是]*$`)
	dateOrTime   = regexp.MustCompile(`\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d{2}(?:[^\d]|$)|\d{1,2}[:.]\d{2}\s?(?:[ap]m|h|Uhr)`)
	grouped      = regexp.MustCompile(`^\(?\d{2,5}\)?[\s.\x{a0}\x{2010}-\x{2015}/-]+\d{2,5}(?:[\s.\x{a0}\x{2010}-\x{2015}/-]+\d{2,5})+$|^\(\d{2,5}\)\s?\d{3,}`)
)

func isPhone(before, found string) bool {
	digits, first := 0, 0
	for i, r := range found {
		if unicode.IsDigit(r) {
			if digits == 0 {
				first = i
			}
			digits++
		}
	}
	number := strings.TrimLeft(found[max(0, first-1):], " .:#-")
	switch {
	case calledForm.MatchString(found), easternPhone.MatchString(before):
		return digits >= 5 && !dateOrTime.MatchString(number)
	case digits < 7 || digits > 16 || dateOrTime.MatchString(number):
		return false
	case number[0] == '+', strings.HasPrefix(number, "＋"):
		return true
	case strings.HasPrefix(number, "00"):
		return digits <= 15
	case number[0] == '0', strings.HasPrefix(number, "(0"):
		return digits >= 9 && digits <= 12
	case len(number) == digits:
		return digits == 11 && number[0] == '1' && number[1] >= '3' // mobile numbers in China
	}
	return grouped.MatchString(number)
}

// code takes codes of doors, gates, safes and pick-ups, with what names them.
var code = shape{starts: codeWord, pattern: regexp.MustCompile(`(?i)^(?:(` + gateWords + `\s*)[#]\s*` + codeValue +
	`|(?:(?:\p{L}+['’\s-]+)?\p{L}*(?:` + codeWords + `)(?:(?:\s+|\s?['’])(?:(?:d|de|du|des|da|do|dos|del|della|la|le|el|of|for|to|the|zu|zur|am|an|der|die|für|voor|til|till|for)(?:\s+|\s?['’]))*\p{L}+){0,3}?|` + bellWords + `)` + codeJoin + codeValue +
	`|(?:` + gateWords + `)\s*(?:no\.?|number|nr\.?)?\s*[:=]?\s*[#*]?(?:\p{L}?\d{3,8}\p{L}?|\d+\p{L}\d+)[#*]?` +
	`|(?:` + codeWords + `)\s*[:=：]\s*(?-i:[A-Z]{3,10}))`), private: isDoorCode}

var easternCode = shape{pattern: regexp.MustCompile(`^(?:门禁|門禁|密码|密碼|取件码|取件碼|开门码|暗証番号|暗号|解錠|ドアコード|オートロック|비밀번호|출입코드|현관)[^\d，。,;；]{0,8}[#*]?[A-Za-z]?\d[\d\p{Latin}-]{0,9}[#*]?`)}

const (
	gateWords = `(?:door|gate|entry|entrance|access|safe|key|keybox|lock|lockbox|garage|building|security|alarm|portail|portal|portão|portone|cancello|tür|tor|haustür|brama|bramka|furtka|port|dør|dörr|poort|deur|подъезд|під['’]їзд|парадная)`
	codeWords = `code|codes|kod|koden|kode|koodi|pin|pins|digicode|código|codigo|codice|clave|senha|hasło|passcode|password|passwort|kennwort|combination|keypad|код|кода|коду|пароль|шифр`
	bellWords = `buzzer|bell|doorbell|intercom|interphone|interfon[eo]?|citofono|timbre|telefonillo|klingel|türklingel|bel|deurbel|dzwonek|domofonu?|porttelefon|ringeklokke|calling\s+point|домофон[а]?|дзвінок|звонок`
	codeJoin  = `[\s.,(]*(?:no\.?|number|nr\.?|n[°º]|num\.?|is|was|ist|est|es|é|è|er|är|jest|=|:|：|-)*[\s:：=(]*`
	codeValue = `[#*]?\s?\p{L}{0,3}[-\s]?\d(?:[\d*#-]|\p{L}\d|\p{L}{1,2}(?:[^\p{L}]|$)|\s\d{2,4}(?:[^\d:./]|$)|\s[#*]){0,11}`
)

// noDoor are words beside "code" that make it another one.
var noDoor = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:post\p{L}*|zip|bar|qr|status|reason|service|error|event|track\p{L}*|sort\p{L}*|rout\p{L}*|airport|hs|exception|scan|country|tariff|product|object|objeto|barras|rastrei?o|seguimiento|suivi|erreur|fehler|produkt|pocztowy|kreskowy|поштовий|почтовый|товара|location|facility|hub|unit|batch|flight|delivery\s+code\s+status)(?:[^\p{L}]|$)|(?:zip|post|bar|status|fehler|reason|strich)-?(?:code|kode|kod)`)

func isDoorCode(before, found string) bool {
	if near := strings.Fields(before); len(near) > 0 {
		found = near[len(near)-1] + " " + found
	}
	return !noDoor.MatchString(found)
}

// keypad takes what is typed at a door: 7731#, *4711.
var keypad = shape{
	digits: true, capital: true, starts: codeWord,
	pattern: regexp.MustCompile(`^(?:[#*]\s?\d{3,8}[#*]?|\d{3,8}\s?[#*](?:[^*\d]|$)|[A-Z]\d{2,6}#|#\d{1,4}[A-Z]\d*)`),
	private: func(before, _ string) bool { return !strings.HasSuffix(before, "*") },
}

// careOf takes who somebody lives with.
var careOf = shape{pattern: regexp.MustCompile(`^(?:c/o|C/O|z\.\s?Hd\.(?:\sv\.)?)\s*:?\s*[^,;:()\d]+`)}

// identity takes numbers of papers.
var identity = shape{starts: idWord, pattern: regexp.MustCompile(`(?i)^(?:id|identity card|id card|passport|passnummer|ausweis|ausweisnummer|personalausweis|dni|nif|nie|cpf|rg|bsn|pesel|cnp|паспорт|инн|身份证号?|身份證號?)\.?\s*(?:no\.?|number|nr\.?|n[°º])?\s*[:：#]?\s*[A-Z]{0,3}\d[\d.\s/-]{3,20}[\dXx]`)}

// street takes a street with its house number, in front of it or behind.
var street = shape{starts: streetWord, digits: true, capital: true, pattern: regexp.MustCompile(`^(?:` + strings.Join([]string{
	`(?:no\.?\s?)?\d{1,5}(?:[-–/]\d{1,5})?[A-Za-z]?,?\s+(?:(?:\p{Lu}|[´'’])[\p{L}'’.-]*\s+|(?i:of|the|de|la|upper|lower|old|new|north|south|east|west|n|s|e|w)\.?\s+){1,4}(?i:` + streetKinds + `)(?:[^\p{L}]|$)`,
	`\d{1,5}[a-z]?\s+(?:\p{Ll}+\s+){1,2}(?:street|avenue|lane|boulevard|terrace|crescent|drive|road|close|grove|mews)(?:[^\p{L}]|$)`,
	`(?:\p{Lu}[\p{L}'’.-]*\s+){1,4}(?i:street|st|road|rd|avenue|ave|lane|drive|boulevard|blvd|close|grove|terrace|crescent|way|court)\.?,?\s+(?:(?i:no|nr|number)\.?\s*)?\d{1,4}[A-Za-z]?(?:[^\d\p{L}]|$)`,
	`\d{1,4}(?:\s?(?i:bis|ter|quater))?\s?,?\s+(?i:` + romanceStreets + `)\s+` + romanceName,
	`(?:Via|VIA|Cours|Route|Place|Passage|Largo|Strada|Plaza|R\.|V\.le|P\.zza|VIALE|PLAZA)\s+` + romanceName + `,?\s*(?i:n[.º°]?|nº|nr\.?|no\.?)?\s*\d{1,5}\s?[A-Za-z]?(?:[/-]\d+[A-Za-z]?)?(?:[^\d\p{L}]|$)`,
	`(?i:` + romanceRoads + `|ulica|aleja|aleje|osiedle|plac|ul\.|al\.|os\.|pl\.|c/)\s*\p{L}[\p{L}'’.-]*(?:\s+\p{L}[\p{L}'’.-]*){0,5}?,?\s*(?i:n[.º°]?|nº|núm\.?|num\.?|n\.º|nr\.?|no\.?)?\s*\d{1,5}\s?[A-Za-z]?(?:[/-]\d+[A-Za-z]?)?(?:[^\d\p{L}]|$)`,
	`(?i:улица|вулиця|вулиці|проспект[у]?|переулок|провулок|бульвар|шоссе|шосе|площадь|площа|набережная|набережна|ул|вул|просп|пр-т|пр-кт|пер|пров|бул|бульв|пл|наб|мкр|мкрн)\.?\s+[\p{L}\d][\p{L}\d'’.-]*(?:\s+\p{L}[\p{L}'’.-]*){0,3},?\s*(?i:дом|д|будинок|буд|б)?\.?\s*(?:№\s*)?\d{1,5}[\p{L}]?(?:[/-]\d+)?(?:,?\s*(?i:корпус|корп|к|стр)\.?\s*\d+)?`,
	`(?i:дом|д\.|будинок|буд\.)\s*(?:№\s*)?\d{1,5}`,
	`\p{L}[\p{L}'’.-]*(?i:` + strings.Join(streetEndings, "|") + `)\.?,?\s+(?:(?i:nr|no)\.?\s*)?\d{1,5}(?:-\d{1,4})?\s?[A-Za-z]?(?:[^\d\p{L}]|$)`,
	`(?:Am|An der|An den|Im|In der|In den|Zum|Zur|Auf der|Auf dem|Unter den|Hinter der|Vor dem|Bei der|Alte[rn]?|Neue[rn]?|Lange|Kleine|Große)\s+\p{Lu}\p{Ll}[\p{L}-]+\s+\d{1,4}\s?[a-z]?(?:[^\d\p{L}.:]|$)`,
}, "|") + `)`), private: isStreet}

const (
	streetKinds    = `street|st|str|road|rd|avenue|ave|av|lane|ln|drive|dr|court|ct|way|boulevard|blvd|place|pl|terrace|ter|crescent|cres|close|square|sq|highway|hwy|parkway|pkwy|row|walk|gardens|gdns|mews|grove|hill|view|rise|mead|green|yard|wharf|quay|loop|trail|trl|circle|cir|path|alley|bend|cove|ridge|run|crossing|turnpike|broadway|passage|parade|esplanade|embankment|croft|vale|heights|hollow|glen|meadow|meadows|woods|plaza|pike|mill|bank|fold|gate`
	romanceRoads   = `rue|avenue|av\.|avda\.?|ave\.?|boulevard|bd|bvd|allée|allee|chemin|impasse|quai|viale|piazza|piazzale|corso|vicolo|calle|avenida|paseo|ronda|carrer|camino|carretera|ctra\.|travesía|rua|travessa|praça|alameda|estrada|rodovia`
	romanceStreets = romanceRoads + `|cours|route|place|passage|via|v\.le|p\.zza|largo|strada|plaza|r\.`
	romanceName    = `(?:(?:de|du|des|da|do|dos|das|del|della|dei|delle|la|le|les|el|los|las)\s+|[dl]['’])*\p{L}[\p{L}'’.-]*(?:\s+(?:(?:de|du|des|da|do|dos|del|della|la|le)\s+)?\p{Lu}[\p{L}'’.-]*){0,4}`
)

// isStreet tells streets from facilities with a number: Im Paketzentrum 12.
func isStreet(_, found string) bool {
	if at := strings.IndexFunc(found, unicode.IsDigit); at > 0 {
		name := strings.Fields(strings.TrimRight(found[:at], " ,"))
		for _, w := range name {
			if stemmed(strings.ToLower(w)) {
				return false
			}
		}
	}
	return true
}

// flat takes what stands behind a house number, and house numbers by name.
var flat = shape{starts: flatWord, digits: true, pattern: regexp.MustCompile(`(?i)^(?:(?:apt|apartment|apartament|appartement|flat|suite|unit|room|ap|lgh|leil|lejl|app|appt|apto|apartamento|piso|porta|puerta|bât|bâtiment|étage|esc|escalera|bloco|bl|wohnung|whg|etage|stock|og|interno|scala|int|mieszkanie|m|lok|huis|кв|квартира|оф|офис|офіс|подъезд|під['’]їзд|этаж|поверх|floor)\.?\s*(?:no\.?|nr\.?)?\s*[#:№]?\s?\d{1,5}\s?[a-z]?(?:[^\d\p{L}]|$)|\d{1,3}(?:st|nd|rd|th|er|e|º|ª|°|\.)\s?(?:floor|étage|piso|andar|piano|stock|og|etage|verdieping)|(?:house|haus|hausnummer|hausnr|casa|maison|dom|huisnummer|nummer|number|numéro|numero|número|nr|no|n[°º]|№|at|neighbou?rs?(?:\s+at)?)\.?\s*(?:no\.?|number|nr\.?|n[°º])\s*\d{1,5}\s?[a-z]?(?:[^\d\p{L}]|$)|(?:house|hausnummer|hausnr\.?|huisnummer|neighbou?rs?\s+at|neighbou?r|next\s+door\s+at|nachbarn?\s+(?:in|nr\.?|aus)|at\s+number|number|numéro|número|numero)\s+\d{1,5}\s?[a-z]?(?:[^\d\p{L}:.]|$))`), private: isFlat}

// isFlat leaves units of carriers and floors of nobody alone.
func isFlat(_, found string) bool {
	return !strings.HasPrefix(strings.ToLower(found), "number 1 of")
}

// Chinese, Japanese and Korean name people by what they are, by how they are
// addressed, or as those who signed.
var eastern = shape{digits: true, pattern: regexp.MustCompile(`^(?:[,，;；:：（(]?\s*(?:` + easternRoles + `)(?:姓名|名|人|氏名|이름)?\s*(?:是|为|為|は|:|：|\[|【|「|\s|-)+[^，,。；;）)\]】」]*[）)\]】」]?` +
	`|(?:由|被|给|給|交给|交給|交由|转交|轉交|联系|聯繫)?` + nameHan + `{1,3}(?:先生|女士|小姐|师傅|師傅|太太|阿姨|大爷|同学)` +
	`|(?:由|被|经|經|给|給|交给|交給|交由|转交|轉交|交付)(?:邻居|鄰居|家人|同事|朋友)?` + nameHan + `{2,4}(?:（|\(|，|,|$|代收|签收|簽收|代签|代簽|代领|代領|领取|領取|收取|已收)` +
	`|(?:` + surnames + `)[\p{Han}]{1,2}(?:已)?(?:签收|簽收|代收|代签)` +
	`|(?:邻居|鄰居|快递员|快遞員|派送员|配送员|派件员|业务员|收件员|司机)\s*[\p{Han}]{2,3}(?:[，,。（(\s\d]|$)` +
	`|[\p{Han}\p{Katakana}ー]{1,6}[\s　]?[\p{Han}\p{Katakana}\p{Hiragana}ー]{0,6}(?:様|さん|殿)(?:[^\p{Hiragana}]|$|に|へ|が|宅|の)` +
	`|\p{Hangul}{2,4}\s?(?:님|씨)(?:께|에게|이|가|의|은|는)?(?:[^\p{Hangul}]|$))`), private: isSomebody}

const (
	nameHan      = `[^\P{Han}由被给給交至到在往于於已经經您的]`
	easternRoles = `签收人|代收|代签|签收|簽收|签收者|簽收人|签名|簽名|代收人|收件人|寄件人|收货人|收貨人|发件人|發件人|联系人|聯絡人|快递员|快遞員|派送员|派件员|配送员|業務員|业务员|收件員|收件员|投递员|投遞員|司机|受取人|お受取人|お届け先|ご署名|署名|サイン|担当者|担当|宛名|수령인|수취인|인수자|받는\s?분|받는\s?사람|보내는\s?분|서명|배송기사|담당자`
	surnames     = `张|王|李|赵|刘|陈|杨|黄|周|吴|徐|孙|马|朱|胡|郭|何|林|高|罗|郑|梁|谢|宋|唐|许|邓|冯|韩|曹|曾|彭|萧|蔡|潘|田|董|袁|于|余|叶|蒋|杜|苏|魏|程|吕|丁|沈|任|姚|卢|傅|钟|姜|崔|谭|廖|范|汪|陆|金|石|戴|贾|韦|夏|邱|方|侯|邹|熊|孟|秦|白|江|阎|薛|尹|段|雷|黎|史|龙|陶|贺|顾|毛|郝|龚|邵|万|钱|严|武|莫|孔|向|汤|甄|張|劉|陳|楊|黃|吳|孫|馬|羅|鄭|謝|許|鄧|馮|韓|蕭|葉|蔣|蘇|呂|盧|鍾|譚|陸|賈|韋|鄒|閻|龍|賀|顧|龔|萬|錢|嚴|湯`
)

// nobodyEast stands in for people in texts that name none.
var nobodyEast = regexp.MustCompile(`(?:人|者|员|員|名)?\s*(?:是|为|為|:|：|\s)*(?:本人|他人|他人代收|门卫|門衛|前台|物业|物業|家人|家属|同事|朋友|邻居|鄰居|驿站|驛站|保安|收发室|收發室|门口|已签收|拒收|收件人|寄件人|发件人|客户|客戶|本人签收)(?:代?[签簽]?收|代签|代领)?$|柜|櫃|超市|驿站|代收点|代收點|自提|公司|网点|網點|营业|營業|服务|服務|中心|快递|快遞|邮局|郵局|邮政|郵政|海关|海關|航空|物流|便利店|商店|仓|倉|丰巢|菜鸟|门店|站|局|お客様|ご本人|고객|본인|경비실|문앞`)

var roleEast = regexp.MustCompile(`^[,，;；:：（(]?\s*(?:` + easternRoles + `|由|被|经|經)(?:姓名|名|人|氏名|이름)?\s*(?:是|为|為|は|:|：|\s)*`)

func isSomebody(_, found string) bool {
	found = roleEast.ReplaceAllString(found, "")
	return !nobodyEast.MatchString(strings.Trim(found, " ,，;；:：（）()。[]【】「」"))
}

// easternStreet takes streets with numbers, and what stands behind them. The
// preposition in front goes too.
var easternStreet = shape{digits: true, pattern: regexp.MustCompile(`^(?:(?:地址|住址|住所|주소)?\s*[:：]?[至到在往于於]?[^\P{Han}至到在往于於由已给給交]{1,12}(?:路|街|道|巷|弄|大道|胡同|里|村|新村|小区|小區|花园|花園|公寓|大厦|大廈|广场|苑)\s?\d{1,5}(?:[\p{Han}\d-]{0,14}(?:室|号|號|号楼|號樓|栋|棟|单元|單元|楼|樓|层|层楼))*` +
	`|\d{1,4}(?:栋|棟|号楼|單元|单元|幢)\d{0,5}(?:[\p{Han}\d-]{0,8}(?:室|号|楼))?|\d{2,5}室|[\p{Han}\p{Katakana}]{1,10}\d{1,4}(?:丁目|番地|番|号室)[\d-]*(?:番|号|番地|\d|-)*|[\p{Han}]{1,8}(?:町|丁目)\s?\d{1,4}(?:-\d{1,4})+` +
	`|\p{Hangul}{1,10}(?:로|길)\s?\d{1,5}(?:-\d+)?(?:\s?\d{1,4}동)?(?:\s?\d{1,5}호)?|\d{1,4}동\s?\d{1,5}호)`)}
