package engine

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A role is what a word of a carrier's text says of what stands beside it.
type role uint16

const (
	verb       role = 1 << iota // somebody did it, who stands behind a linking word: delivered to …
	particle                    // belongs to the verb: handed over, signed for
	link                        // to, by, with
	label                       // who it is stands behind it: neighbour …
	colonLabel                  // the same, behind a colon only: recipient: …
	title                       // Mr, Frau
	noPerson                    // nobody is called so: post office, customs
	plainWord                   // a name ends before it: at, was, Monday
	between                     // stands inside of names: van der
	codeWord                    // of a door
	streetWord                  // kind of a street
	flatWord                    // kind of a dwelling
	phoneWord                   // telephone
)

// roles are the words that the classifier knows, in the languages of the
// carriers shipped.
var roles = rolesOf(map[role]string{
	verb: `signed received accepted collected picked refused rejected taken delivered handed given released left
		entregue entregado entregada recibido recibida firmado firmada recebido recebida assinado assinada retirado retirada
		livré livrée livrés remis remise signé signée réceptionné réceptionnée distribué distribuée récupéré
		firmato firmata ritirato ritirata ricevuto ricevuta consegnato consegnata
		getekend ontvangen bezorgd afgegeven afgeleverd overhandigd opgehaald
		unterschrieben empfangen übergeben zugestellt abgegeben ausgehändigt abgeholt angenommen quittiert unterzeichnet
		kvittert kvitterad kvitteret mottatt mottagen modtaget utlevert utlämnad udleveret levert levererad leveret hentet hämtad hämtat afhentet
		podpisano podpisane odebrane odebrał odebrała odebrano wydano wydana wydane dostarczono doręczono
		převzal převzala převzato doručeno podepsal podepsala átvette aláírta kézbesítve teslim luovutettu vastaanottanut`,
	particle: `for over up out off back contre signature`,
	link: `by to with from via the his her their a al à au aux à la le par por pelo pela da dal do ao à de del di
		door bij aan de av af til till hos von an bei am beim durch dem den der einen einem przez od komu pro od`,
	label: `neighbour neighbours neighbor neighbors nachbar nachbarn nachbarin voisin voisine voisins vecino vecina vizinho vizinha vicino vicina
		buren buurman buurvrouw granne nabo sąsiad sąsiadka sąsiada naapuri attn signed c/o
		получено вручено отримано видано выдано сосед соседу сусід сусіду`,
	colonLabel: `consignee recipient receiver addressee customer signature signee signatory name contact person client sender shipper agent courier driver
		empfänger empfängerin unterschrift name kunde ansprechpartner absender destinataire destinatario destinatário signataire firmante assinante
		odbiorca podpis ontvanger handtekening mottaker mottagare modtager underskrift vastaanottaja příjemce átvevő
		individual получатель отримувач адресат получил отримав подпись підпис`,
	title: `mr mrs ms miss mx dr prof herr herrn hr frau fr familie monsieur madame mme mlle mademoiselle
		señor señora sr sra srta senhor senhora sig signor signora dhr mevr mevrouw pan pani pana panu`,
	between: `de da do dos das del della di la le van der den ten ter von zu zum al bin binti el und y e ibn`,
	noPerson: `us you your our him them it his her someone somebody nobody anybody anyone adult resident residents household family employee colleague
		manager management guard security concierge doorman caretaker porter housemate roommate staff team member person individual
		recipient receiver addressee consignee customer client sender shipper merchant seller neighbour neighbor neighbours signature name number
		reception front back side rear desk porch patio garage gate door doorstep step window shed garden letterbox mailbox mailroom mail box room
		post posta poste postal office hub depot carrier airline airlines air express parcel parcels packet package locker lockers packstation parcelshop
		agent courier driver logistics service services center centre centers facility facilities terminal airport port customs clearance shop store stores
		point points pickup pick safe place location address home house work business company building apartment unit delivery destination origin country
		partner branch warehouse sorting station access local final line flight vessel truck train broker third sub authority agency government
		usps ups dhl fedex gls dpd tnt hermes evri inpost postnord correos bpost postnl amazon aramex yodel chronopost colissimo mondial relay relais
		remetente unidade agência agencia expéditeur oficina bureau filiale postfiliale paketshop ablageort hausbewohner ersatzempfänger bevollmächtigten
		zusteller zustellung briefkasten absender garage nachbarn hauspost lagerort zoll flughafen
		punkt paczkomat paczkomatu oddział oddziału kurier kuriera sortownia nadawca nadawcy
		unable attempted`,
	plainWord: `not no at in on is was were has have been be will and or of for an as due after before until when
		january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday
		nicht ist wurde hat im zur zum und oder ne pas est sera`,
	codeWord: `code codes door gate entry entrance access safe key lock lockbox pin intercom buzzer alarm garage building digicode porte türcode tür kod portkod portcode
		deurcode dørkode código senha codice domofon код домофон`,
	streetWord: `street st road rd avenue ave lane ln drive dr court ct way boulevard blvd place pl terrace crescent close square sq highway hwy parkway row walk gardens
		rue allée chemin impasse via viale piazza calle avenida rua travessa ulica ul вул ул улица вулиця просп str`,
	flatWord:  `apt apartment flat suite unit ap lgh app appt apto кв оф`,
	phoneWord: `tel telephone phone mobile mob ph call cell telefon téléphone tél teléfono telefone fone handy тел телефон`,
})

// streetEndings are kinds of streets that end a word.
var streetEndings = strings.Fields("straße strasse str gasse weg allee platz damm ufer straat laan plein gracht gatan vägen gata veien vei vej gade katu utca")

// noPersonStems are parts of words that no person is called by.
var noPersonStems = strings.Fields("paket packet parcel station zentrum filiale logisti terminal depot empfänger absender zusteller kasten flughafen airport post expedi serviço servicio")

func rolesOf(lists map[role]string) map[string]role {
	all := map[string]role{}
	for r, words := range lists {
		for _, w := range strings.Fields(words) {
			all[w] |= r
		}
	}
	return all
}

// maxNames bounds how many names one text is searched for.
const maxNames = 10

// cutNames cuts the names of people behind what leads to them, and the linking
// word before: "delivered to X" becomes "delivered".
func cutNames(text string) string {
	at := 0
	for range maxNames {
		from, to, ok := nextName(text, at)
		if !ok {
			return text
		}
		text = text[:from] + text[to:]
		at = from
	}
	return text
}

// nextName finds where the next cut begins and ends.
func nextName(text string, at int) (from, to int, ok bool) {
	for {
		w, found := nextWord(text, at)
		if !found {
			return 0, 0, false
		}
		at = w.end
		r := w.role()
		if r&verb != 0 {
			if behind, linked := pastLinks(text, w.end); linked {
				if n := personAt(text, behind.end); n > 0 {
					return behind.start, n, true
				}
			}
		}
		if r&(label|colonLabel) != 0 {
			behind, colon := pastColon(text, w.end)
			if n := personAt(text, behind); n > 0 && (colon || r&label != 0) {
				return w.end, n, true
			}
		}
		if r&title != 0 {
			if n := personAt(text, w.start); n > 0 {
				return w.start, n, true
			}
		}
	}
}

// pastLinks skips what belongs to a verb and the links behind it. It returns
// where the links begin and end.
func pastLinks(text string, at int) (span, bool) {
	links := span{at, at}
	linked := false
	for {
		behind, colon := pastColon(text, links.end)
		if colon {
			return span{links.start, behind}, true
		}
		w, found := nextWord(text, links.end)
		if !found || strings.Trim(text[links.end:w.start], " ,") != "" {
			return links, linked
		}
		switch r := w.role(); {
		case r&link != 0 && !w.capital():
			linked = true
			links.end = w.end
		case r&link != 0 && allCapitals(text) && r&between == 0:
			linked = true
			links.end = w.end
		case r&particle != 0 && !linked:
			links = span{w.end, w.end}
		default:
			return links, linked
		}
	}
}

// pastColon skips a colon or dash and the spaces around.
func pastColon(text string, at int) (int, bool) {
	rest := strings.TrimLeft(text[at:], " ")
	trimmed := strings.TrimLeft(rest, ":：=")
	if dash, found := strings.CutPrefix(rest, "- "); found {
		trimmed = dash
	}
	return len(text) - len(strings.TrimLeft(trimmed, " ")), len(trimmed) != len(rest)
}

// personAt returns where the person's name ends that begins at a place of a
// text, 0 if none does.
func personAt(text string, at int) int {
	titled, end, count := false, 0, 0
	for count < 6 {
		w, found := nextWord(text, at)
		if !found || !joined(text[at:w.start], count) {
			break
		}
		switch r := w.role(); {
		case r&title != 0 && count == 0:
			titled = true
			at = w.end
			if at < len(text) && text[at] == '.' {
				at++
			}
			continue
		case r&plainWord != 0 && (!w.capital() || count == 0 || allCapitals(text)):
			return end
		case !titled && w.nobody():
			return 0
		case w.capital() && r&(verb|label|colonLabel) == 0:
			end = w.end
			if end < len(text) && text[end] == '.' && utf8.RuneCountInString(w.text) == 1 {
				end++ // an initial
			}
		case r&between != 0 && (count > 0 || titled):
		default:
			return end
		}
		at = max(w.end, end)
		count++
	}
	if w, found := nextWord(text, at); end > 0 && !titled && found && text[at:w.start] == " " && w.nobody() && !w.capital() && w.role()&(link|particle|plainWord) == 0 && len(w.text) > 3 {
		return 0 // Oslo customs
	}
	return end
}

// joined reports whether what stands between two words keeps them in one name:
// a space, or the comma between a family's name and a first name.
func joined(gap string, count int) bool {
	return count == 0 && strings.Trim(gap, " .") == "" || gap == " " || gap == "" || count == 1 && gap == ", "
}

type span struct{ start, end int }

// A word is a run of letters in a text, with the hyphens and apostrophes inside.
type word struct {
	span
	text string
}

func nextWord(text string, at int) (word, bool) {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if unicode.IsLetter(r) {
			break
		}
		at += size
	}
	if at == len(text) {
		return word{}, false
	}
	end := at
	for end < len(text) {
		r, size := utf8.DecodeRuneInString(text[end:])
		inside := r == '-' || r == '\'' || r == '’'
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !inside {
			break
		}
		end += size
	}
	own := strings.TrimRight(text[at:end], "-'’")
	return word{span{at, at + len(own)}, own}, true
}

func (w word) role() role { return roles[strings.ToLower(w.text)] }

func (w word) capital() bool {
	r, _ := utf8.DecodeRuneInString(w.text)
	return unicode.IsUpper(r)
}

// nobody reports whether no person is called so.
func (w word) nobody() bool {
	lower := strings.ToLower(w.text)
	if roles[lower]&noPerson != 0 {
		return true
	}
	for _, stem := range noPersonStems {
		if strings.Contains(lower, stem) {
			return true
		}
	}
	return false
}

// allCapitals reports whether a text is written in capitals, where they say nothing.
func allCapitals(text string) bool {
	return strings.ToUpper(text) == text
}
