package engine

import (
	"strings"
	"testing"
)

// private are texts as couriers type them, about people who don't exist. What
// stands in braces is about them and must go; of the rest, what a reader needs
// must stay.
var privateTexts = []string{
	// English
	"Delivered to {Ottilie Brackenmoor}, {14 Fennel Row}, phone {0151 496 0122}, door code {4471}",
	"Parcel left with neighbour {Ottilie Brackenmoor} at no. {12}",
	"Left with {Mr O. Brackenmoor} at number {12}",
	"Left with neighbour at {12 Fennel Row}",
	"Delivered to neighbour ({Brackenmoor}, {No. 12})",
	"Signed by {Brackenmoor}",
	"Signed by {O Brackenmoor}",
	"Signed by {O. BRACKENMOOR}",
	"SIGNED BY {O BRACKENMOOR}",
	"signed by {ottilie brackenmoor}",
	"Signed By {Ottilie Brackenmoor}",
	"Signed for by {Ottilie}",
	"signed for by {Ottilie Van Brackenmoor-Smythe}",
	"Signatory: {X. Brackenmoor}",
	"Signatory: {brackenmoor}",
	"Signatory name {Brackenmoor}",
	"Signature: {O BRACKENMOOR}",
	"Signature - {O BRACKENMOOR}",
	"Signee = {O.Brackenmoor}",
	"POD: {Brackenmoor O}",
	"Delivered. Signed: {BRACKENMOOR}",
	"Delivered, {O. Brackenmoor}",
	"Delivered to {Ottilie O'Brackenmoor}",
	"Delivered to {Zoë d'Inventée}",
	"Delivered to {Dr. Ottilie Brackenmoor}",
	"Delivered to {Brackenmoor, Ottilie}",
	"DELIVERED TO {BRACKENMOOR, OTTILIE} FRONT DOOR",
	"DELIVERED TO {OTTILIE BRACKENMOOR} AT FRONT DOOR",
	"DELIVERED - {O BRACKENMOOR}",
	"Delivered {Ottilie Brackenmoor}",
	"Handed to {Ottilie Brackenmoor}, {221b Fennel Street}, gate code {9982}",
	"Handed parcel to {Ottilie Brackenmoor}",
	"Handed directly to {Ottilie Brackenmoor}",
	"Parcel was handed over to the receptionist {Ottilie Brackenmoor}",
	"{Ottilie Brackenmoor} signed for the parcel",
	"{Ottilie Brackenmoor} has signed for the parcel",
	"{Ottilie Brackenmoor} refused the parcel",
	"{OTTILIE BRACKENMOOR} SIGNED FOR THE PARCEL",
	"Your parcel was collected by {Ottilie Brackenmoor}",
	"Collected at the shop by {Ottilie Brackenmoor}",
	"Delivered at front desk, received by {Ottilie Brackenmoor}",
	"Received by: {Ottilie Brackenmoor} (wife)",
	"Received by husband {Bertram Brackenmoor}",
	"Accepted by {ottilie brackenmoor}",
	"Recipient {Ottilie Brackenmoor} not at home",
	"Recipient: {Ottilie Brackenmoor}, {14 Fennel Row}, {Little Inventing}",
	"Consignee: {BRACKENMOOR OTTILIE}",
	"Customer {Ottilie Brackenmoor} asked for another day",
	"Contact: {Ottilie}, {+44 151 496 0122}",
	"Courier {Bertram Inventor} ({+44 7700 900123}) is on the way",
	"Your driver is {Bertram}",
	"Driver: {Bertram Inventor}",
	"{Mrs Brackenmoor} was not at home",
	"Attempted delivery: {Mrs. Ottilie Brackenmoor} was out, call {(608) 555-0142}",
	"c/o {Brackenmoor}",
	"Attn: {Ottilie Brackenmoor}",
	"Access code {#45B}",
	"Delivered to safe place, access code {#45B}",
	"Left in lock box, code {1234}",
	"Left in porch, key safe code is {C1234X}",
	"Please use buzzer {12}",
	"Buzzer {1204}, then {3B}",
	"Door code: {A-47-19}",
	"Door code {47 19}",
	"door code {1234#}",
	"Gate code is {*1234#}",
	"Intercom {34}",
	"Ring bell no. {7}",
	"PIN {4711}",
	"Collection PIN: {482913}",
	"Pick-up code: {482913}",
	"Entry code = {0042}",
	"Code for the door is {4711}",
	"The code of the gate: {4711}",
	"Phone {020 7946 0142}",
	"Phone: {(312) 555-0142}",
	"Tel. {03 5550 0142}",
	"Call {555-0142} before delivery",
	"Call {312.555.0142}",
	"Customer called from {312-555-0142}",
	"Mobile {07700900123}",
	"Tel {+1 (312) 555-0142}",
	"Tel {0049 151 00000000}",
	"Tel:{+491510000000}",
	"Sent SMS to {+31 6 00000000}",
	"Mail sent to {ottilie.brackenmoor+parcels@inventing.example}",
	"Contact {ottilie@inventing.example} for delivery",
	"Delivered to {14 Fennel Street}",
	"Delivered to {14A Fennel St.}",
	"DELIVERED TO {14 FENNEL STREET APT 3B}",
	"Delivered at {4120 N Elmbrook Ave}, {Apt 12}",
	"Delivered at {4120 Elmbrook Lane #12}",
	"Left at {Flat 3, 14 Fennel Row}",
	"Left at {Fennel Street 14}",
	"Address: {7 Upper Fennel Mews}, left with {Ottilie}",
	"Left with {Ottilie B.} in {Fennel Cottage}",
	"Package handed to {Thaddeus Wrenfield} of {82 Marrow Hill}, side gate code {3391}, mobile {07911 123456}",
	"Delivered, in the presence of {Thaddeus Wrenfield}; keypad {3391*}, ring {+1-202-555-0173}",
	"{WRENFIELD T}, {82 MARROW HILL} - LEFT IN PORCH. CODE {3391}",
	"Proof of delivery: {T. Wrenfield} / {82 Marrow Hill} / {07911123456}",
	// German
	"Paket bei Nachbar {Gundolf Scheinhuber}, {Phantasiegasse 44}, hinterlegt (Torcode {9021}, {0664 1234567})",
	"Zugestellt an {Kunigunde Erfunden}, {Nirgendwostraße 17}, Türcode {4711}, Tel. {0151 00000000}",
	"Die Sendung wurde an {Kunigunde Erfunden} übergeben.",
	"Die Sendung wurde an {Kunigunde Erfunden}, {Am Nirgendweg 3 b}, zugestellt.",
	"Die Sendung wurde von {Kunigunde Erfunden} angenommen.",
	"Die Sendung wurde dem Nachbarn {Erfunden} zugestellt.",
	"Die Sendung wurde bei der Nachbarin {Kunigunde Erfunden} ({Hausnummer 12}) abgegeben.",
	"Empfänger: {Erfunden, Kunigunde}",
	"Empfangsbestätigung durch {Kunigunde Erfunden}, abgeholt",
	"Unterschrift: {K. Erfunden}",
	"Abgeholt durch {Herrn Balduin Erfunden}",
	"Abgegeben bei {Fam. Erfunden}, Klingel {12}",
	"UNTERSCHRIEBEN VON {KUNIGUNDE ERFUNDEN}",
	"{Frau Erfunden} hat die Annahme verweigert",
	"{Kunigunde Erfunden} hat unterschrieben",
	"Zugestellt, Zugangscode: {12B4}",
	"Abgestellt {Musterallee 5a}, Schlüsseltresor Code {8814}",
	"Zustellung {An der Alten Mühle 12}, {Kunigunde Erfunden}",
	// French
	"Remis à {Philomène Imaginaire}, {14 rue des Inventions}, digicode {47B12}, tél. {06 00 00 00 00}",
	"Remis au voisin {M. Imaginaire}, {8 bis, avenue de la Fable}",
	"Colis remis à {Mme Imaginaire}",
	"Signé par {P. IMAGINAIRE}",
	"Signataire : {IMAGINAIRE}",
	"Reçu par {Philomène Imaginaire}",
	"Destinataire : {Philomène Imaginaire}",
	"Livré chez {Philomène Imaginaire}",
	"LIVRE A {PHILOMENE IMAGINAIRE}, CODE PORTE {4711}",
	"Votre colis a été remis au gardien {Aristide Inventé}, code d'accès {B4711}",
	"Code portail : {4711A}",
	"Interphone {IMAGINAIRE}, {3e étage}",
	"{Philomène Imaginaire} a signé",
	"Livraison effectuée à {Mme Hortense Fictivert}, {27 impasse des Chimères}, code immeuble {83A12}, {06.12.34.56.78}",
	// Spanish
	"Envío entregado a {Dña. Remedios Quimera} en {Avenida de los Sueños 98}, portal {3}, código {7788B}, {612345678}",
	"Entregado a {Inés Inventada de la Nada}, {Calle Falsa 123, 2º B}, tel. {600 000 000}, código de la puerta {4711}",
	"Entregado al vecino {Inventado}",
	"Firmado por: {INÉS INVENTADA}",
	"Recibido por {Inés Inventada} DNI {00000000T}",
	"Entregado en {C/ Falsa, 12}",
	"Recibió {Inés Inventada}",
	"Destinatario: {Inés Inventada}",
	"Código portal {4711}",
	"Entregado a {D. Inocencio Inventado}, {Avda. de la Fábula, nº 7}",
	// Portuguese
	"Objeto entregue a {Crispiniana Inventada}, {Rua Inexistente, 45}, {ap. 12}, senha do portão {4567#}, tel. {(11) 90000-0000}",
	"Entregue ao vizinho {João Inventado}",
	"Recebido por: {CRISPINIANA INVENTADA}",
	"Assinado por {Crispiniana da Silva Inventada}",
	"Recebedor: {Crispiniana Inventada}",
	"Entregue ao porteiro {João}",
	"Entregue na {Av. dos Contos, 1200}",
	// Italian
	"Consegnato a {Fiammetta Inventata}, {Via Immaginaria 12}, codice cancello {4711}, cell. {333 0000000}",
	"Consegnato al vicino {Inventato}",
	"Ritirato da {Fiammetta Inventata}",
	"Firmato da {F. Inventata}",
	"Consegnato alla {Sig.ra Inventata}",
	"Firmato: {INVENTATA FIAMMETTA}",
	"Citofono {12}, {Piazza Finta, 3}",
	"Consegnato al portiere {Sempronio}",
	// Dutch
	"Afgeleverd bij {Sanne Verzonnen}, {Bedachtestraat 12}, deurcode {4711}, tel. {06-00000000}",
	"Bezorgd bij de buren: {Verzonnen}, {huisnummer 12}",
	"Getekend door {S. Verzonnen}",
	"Ontvangen door {van der Verzonnen}",
	"Pakket afgegeven aan {Sanne de Verzonnen}",
	"Overhandigd aan {mevrouw Verzonnen}",
	"Bezorgd bij buurman {Verzonnen} op nummer {14}",
	"Pakket afgeleverd aan {Wouter Schijnmans}, {Droomlaan 3}, poortcode {6677}, {0612345678}",
	// Polish
	"Przesyłka doręczona: {Bonifacy Urojony}, {ul. Fikcyjna 9/12}, kod do klatki {3456}, tel. {601234567}",
	"Doręczono: {Zenobia Nieistniejąca}, {ul. Wymyślona 27/4}, domofon {4711#}, tel. {+48 500 000 000}",
	"Odebrał {Jan Zmyślony}",
	"Odmówiła {Zenobia Nieistniejąca}",
	"Odebrane przez {Zenobię Nieistniejącą}",
	"Przesyłkę odebrała sąsiadka {Zmyślona}",
	"Wydano sąsiadowi {Zmyślonemu}, kod do bramy {1234}",
	"Podpis: {Z. NIEISTNIEJĄCA}",
	"Odbiorca: {Zenobia Nieistniejąca}, {al. Bajkowa 5 m. 7}",
	"Doręczono {Pani Zenobii Nieistniejącej}",
	// Nordic
	"Levert til {Kari Nordmannsen}, {Oppdiktet gate 14}, dørkode {1928}, tlf. {912 00 000}",
	"Utlämnad till {Ingegerd Påhittad}, {Låtsasgatan 9 lgh 1203}, portkod {1928}",
	"Utleveret til {Søren Opfundsen}, {Fantasivej 12, 2. th}",
	"Kvittert av {K. Nordmannsen}",
	"Mottatt av nabo {Nordmannsen}",
	"Overlevert til {Kari Nordmannsen}",
	"Levererad till granne {Påhittad}",
	"Luovutettu: {Aino Keksitty}, {Satukatu 12 A 3}, ovikoodi {4711}, puh. {040 0000000}",
	"Försändelsen är utlämnad till {Ingegerd Påhittad}",
	"Mottagare: {Ingegerd Påhittad}",
	// Russian, Ukrainian
	"Вручено адресату {Иванов-Вымышленный Пантелей Иванович}, {ул. Несуществующая, д. 14, кв. 7}, домофон {25К8800}",
	"Вручено: {Вымышленная М.И.}",
	"Получено {Вымышленной Марфой}",
	"Передано соседу {Вымышленному}, тел. {8 (900) 000-00-00}",
	"Подпись получателя: {Вымышленная}",
	"Отримувач: {Вигаданий Пантелеймон Іванович}",
	"Відправлення отримав {Вигаданий П.І.}, {вул. Неіснуюча, 14}, код домофона {25К8800}, тел. {+380500000000}",
	"Невдала спроба доставки: {Пантелеймон Вигаданий}, {вул. Неіснуюча, 14, кв. 7} не відповідає",
	"Невдала спроба доставки: {Пантелеймон Вигаданий}",
	"Видано сусідці {Вигаданій}, {буд. 12}",
	"ВРУЧЕНО {ВЫМЫШЛЕННОЙ МАРФЕ}",
	"Посылка вручена {Вымыслову Геннадию}, {пр-т Мечты 17}, код подъезда {45К12}, {+7 916 123-45-67}",
	// Chinese, Japanese, Korean
	"快件已签收，签收人：{甄无人}，电话{13800000000}",
	"已签收,签收人是{贾无名}",
	"您的快递已由{甄无人}代收",
	"快件交给{甄无人}（联系电话：{13900000000}）,正在派送途中",
	"已签收,签收人：{贾无名},地址：{虚构路99号3单元502室},门禁码{2580#},电话{13800000000}",
	"快递员{甄无人}（{138 0000 0000}）正在派送",
	"【杭州市】快递员：{甄无人} 电话：{13800000000} 正在为您派件",
	"已签收,他人代收：{贾无名}",
	"由邻居{贾无名}代收",
	"{王先生}已签收",
	"派送至{虚构小区3号楼2单元501室}",
	"取件码：{12-3-4567}",
	"簽收人：{甄無人}",
	"受取人：{架空太郎}",
	"{架空太郎様}にお届け済み、{架空町1-2-3}",
	"署名：{架空}",
	"配達完了 {架空花子}様 電話番号 {090-0000-0000}",
	"수령인: {홍가공}",
	"{홍가공님}께 배송 완료, {가상로 12 101동 502호}, 연락처 {010-0000-0000}",
	"배송완료 (인수자: {홍가공})",
}

func TestNothingAboutPeopleSurvives(t *testing.T) {
	for _, marked := range privateTexts {
		for _, variant := range variants(marked) {
			text := strings.NewReplacer("{", "", "}", "").Replace(variant)
			got := new(Program).scrub(text)
			for _, secret := range secrets(variant) {
				for _, part := range parts(secret) {
					if strings.Contains(got, part) {
						t.Errorf("%q of %q survives in %q", part, text, got)
					}
				}
			}
		}
	}
}

// variants are a text in the places where a carrier may put it.
func variants(text string) []string {
	return []string{text, text + ".", "Status update: " + text, text + ", 14:05"}
}

// secrets are what stands in braces.
func secrets(marked string) []string {
	var all []string
	for {
		_, rest, found := strings.Cut(marked, "{")
		if !found {
			return all
		}
		secret, behind, _ := strings.Cut(rest, "}")
		all, marked = append(all, secret), behind
	}
}

// parts are a secret's words that tell something: names, and numbers of two
// digits or more.
func parts(secret string) []string {
	if strings.ContainsFunc(secret, isEastern) {
		return []string{secret}
	}
	var all []string
	for _, w := range strings.FieldsFunc(secret, func(r rune) bool { return strings.ContainsRune(" ,.()-/#:&'*’", r) }) {
		if _, word := roles[strings.ToLower(w)]; len(w) > 2 && !word || strings.ContainsAny(w, "0123456789") {
			all = append(all, w)
		}
	}
	return all
}
