package recognise

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// others are things with digits that are no tracking numbers and can be told
// by their look.
var others = []struct {
	why   ReasonCode
	form  *regexp.Regexp
	holds func(string) bool
}{
	{IsEmail, regexp.MustCompile(`[\pL\pN._%+-]+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`), nil},
	{IsIBAN, regexp.MustCompile(`(?i)\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b`), isIBAN},
	{IsPhone, regexp.MustCompile(`(?:\+|\b00)[1-9]\d{0,2}[ ./-]?(?:\(0?\d{1,5}\)|\d{1,5})(?:[ ./-]?\d{2,8}){1,5}`), dialled},
	{IsPhone, regexp.MustCompile(`(?:\b1-)?\b\d{3}-\d{3}-\d{4}\b|\(\d{3,5}\)[ -]?\d{3,4}[ -]\d{3,4}\b`), nil},
	{IsDate, regexp.MustCompile(`\b(?:19|20)\d{2}([-/.])(?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])\b(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?`), nil},
	{IsDate, regexp.MustCompile(`\b(?:0?[1-9]|[12]\d|3[01])([-/.]) ?(?:0?[1-9]|[12]\d|3[01])[-/.] ?(?:(?:19|20)\d{2}|\d{2})\b`), nil},
	{IsDate, regexp.MustCompile(`(?i)\b(?:0?[1-9]|[12]\d|3[01])(?:\.|st|nd|rd|th)? ?(?:` + months + `)\pL{0,7}\.?(?:,? ?(?:19|20)\d{2})?\b`), nil},
	{IsDate, regexp.MustCompile(`(?i)\b(?:` + months + `)\pL{0,6}\.? (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?:,? (?:19|20)\d{2})?\b`), nil},
	{IsDate, regexp.MustCompile(`(?:19|20)\d{2}年(?:0?[1-9]|1[0-2])月(?:(?:0?[1-9]|[12]\d|3[01])[日号])?|(?:0?[1-9]|1[0-2])月(?:0?[1-9]|[12]\d|3[01])[日号]`), nil},
	{IsTime, regexp.MustCompile(`(?i)\b(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\b\.?)?`), nil},
	{IsPrice, regexp.MustCompile(`(?i)(?:[$€£¥₹₽₩₺₫฿]|\b(?:` + currencies + `)\b) ?\d[\d.,']*`), nil},
	{IsPrice, regexp.MustCompile(`(?i)\b\d[\d.,']* ?(?:[$€£¥₹₽₩₺₫฿元円원]|(?:` + currencies + `)\b)`), nil},
	{IsPrice, regexp.MustCompile(`\b\d{1,3}(?:[.,']\d{3})*[.,]\d{2}\b`), nil},
}

const (
	months     = `jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez`
	currencies = `usd|eur|gbp|cny|rmb|jpy|krw|chf|pln|czk|sek|nok|dkk|huf|ron|uah|rub|try|inr|aud|nzd|cad|brl|mxn|sgd|hkd|thb|myr|idr|vnd|php|zar|aed|sar|kč|zł|руб`
)

// A piece is a part of a text, and why it is no number.
type piece struct {
	start, end int
	why        ReasonCode
}

// otherPieces are the pieces of text that are something else than numbers, in
// order, none within another.
func otherPieces(text string) []piece {
	if !strings.ContainsAny(text, "0123456789@") {
		return nil
	}
	var all []piece
	for _, o := range others {
		for _, at := range o.form.FindAllStringIndex(text, -1) {
			if apart(text, at[0], at[1]) && (o.holds == nil || o.holds(text[at[0]:at[1]])) {
				all = append(all, piece{at[0], at[1], o.why})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b piece) int { return cmp.Compare(a.start, b.start) })
	end := 0
	return slices.DeleteFunc(all, func(p piece) bool {
		if p.start < end {
			return true
		}
		end = p.end
		return false
	})
}

// apart reports whether nothing continues the piece: no letter, digit, or
// separator with a letter or digit behind it.
func apart(text string, start, end int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:start])
	if before < utf8.RuneSelf && isSeparator(byte(before)) && before != ' ' {
		before, _ = utf8.DecodeLastRuneInString(text[:start-size])
	}
	after, size := utf8.DecodeRuneInString(text[end:])
	if after < utf8.RuneSelf && isSeparator(byte(after)) && after != ' ' {
		after, _ = utf8.DecodeRuneInString(text[end+size:])
	}
	return !isWordRune(before) && !isWordRune(after)
}

// isIBAN reports whether text has the length of its country's account numbers
// and ISO 13616's check: with its first four characters moved to the end, and
// letters as 10 to 35, it is 1 modulo 97.
func isIBAN(text string) bool {
	number, _ := normal(text)
	if len(number) < 15 || ibanLengths[number[:2]] != len(number) {
		return false
	}
	rest := 0
	for _, c := range []byte(number[4:] + number[:4]) {
		if v := int(symbolOf[c]); v < 10 {
			rest = (rest*10 + v) % 97
		} else {
			rest = (rest*100 + v) % 97
		}
	}
	return rest == 1
}

// ibanLengths are the lengths in the IBAN registry, by country.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21,
	"CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27,
	"GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
	"IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MD": 24, "ME": 22,
	"MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24,
	"RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}

// dialled keeps 00… without any separator for the carriers
// whose numbers begin like that.
func dialled(text string) bool {
	return text[0] == '+' || strings.ContainsAny(text, "()/")
}

// labels looks at the words that introduce a number: whether they speak of
// parcels, and the one that says that it is something else. The last such word
// decides.
func labels(before string) (parcel bool, other string) {
	text := fold(lastWords(before, 6))
	good, goodEnd := "", -1
	for _, w := range parcelWords {
		at := lastWord(text, w)
		if len(w) > 4 {
			at = strings.LastIndex(text, w) // also at the end of a compound: Retourensendung
		}
		good, goodEnd = later(good, goodEnd, w, at)
	}
	bad, badEnd := "", -1
	for _, w := range otherWords {
		bad, badEnd = later(bad, badEnd, w, lastWord(text, w))
	}
	if badEnd > goodEnd || badEnd == goodEnd && len(bad) > len(good) {
		return false, bad
	}
	return goodEnd >= 0, ""
}

// later keeps the word that ends later; of two that end together the longer.
func later(best string, end int, word string, at int) (string, int) {
	if at < 0 || at+len(word) < end || at+len(word) == end && len(word) < len(best) {
		return best, end
	}
	return word, at + len(word)
}

// lastWord is where a word of text that begins with w begins, -1 if there is none.
func lastWord(text, w string) int {
	for end := len(text); ; {
		at := strings.LastIndex(text[:end], w)
		if at < 0 {
			return -1
		}
		first, _ := utf8.DecodeRuneInString(w)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if first >= 0x2E80 || !isWordRune(before) {
			return at
		}
		end = at
	}
}

var parcelWords = []string{
	"track", "parcel", "package", "shipment", "shipping", "consignment", "waybill", "airwaybill", "awb", "delivery", "barcode",
	"sendung", "paket", "päckchen", "lieferung", "frachtbrief", "colis", "suivi", "envoi", "livraison", "envío", "envio", "paquete",
	"seguimiento", "guía", "rastre", "encomenda", "spedizion", "tracciat", "pacco", "verzend", "pakket", "zending", "przesył", "paczk",
	"zásilk", "balík", "csomag", "colet", "expedier", "pratka", "trek", "трек", "посыл", "отправлен", "накладн", "відправл",
	"kargo", "takip", "resi", "vận đơn", "mã vận", "เลขพัสดุ", "ติดตาม",
	"运单", "運單", "快递", "快遞", "物流", "单号", "單號", "包裹", "追踪", "追蹤", "跟踪", "查询号", "追跡", "問い合わせ番号", "送り状", "伝票番号", "송장", "운송장",
}

var otherWords = []string{
	"order", "invoice", "receipt", "customer", "account", "reference", "ref", "case", "ticket", "policy", "vat", "tax", "sku", "item no",
	"tel", "phone", "mobile", "fax", "call", "hotline", "iban", "bic", "total", "amount", "price", "zip", "postcode", "po box", "isbn", "ean",
	"serial", "model", "version", "id card", "passport no", "transaction", "payment", "otp", "password",
	"bestell", "auftrag", "rechnung", "kunden", "konto", "vertrag", "telefon", "handy", "betrag", "summe", "artikel", "steuer", "ust-id", "hrb", "plz",
	"commande", "facture", "client", "compte", "téléphone", "montant", "pedido", "factura", "cliente", "teléfono", "importe", "fatura", "encomenda n",
	"ordine", "fattura", "telefono", "bestelling", "factuur", "klant", "zamówieni", "faktur", "objednávk", "rendelés", "comand", "заказ", "счет", "счёт", "тел", "замовлен", "sipariş",
	"订单", "订单号", "订单编号", "訂單", "訂單編號", "訂單號碼", "发票", "發票", "电话", "電話", "手机", "手機", "金额", "金額", "客户", "客服", "注文", "주문", "전화",
}
