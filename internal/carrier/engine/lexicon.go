package engine

import "strings"

// A role is what a word of a carrier's text says of what stands beside it.
type role uint32

const (
	verb       role = 1 << iota // somebody did it, who stands behind a linking word: delivered to …
	signing                     // only people do it: signed
	particle                    // belongs to the verb: handed over, signed for
	link                        // to, by, with
	agent                       // a link that names who did it or has it: by, with
	article                     // the, dem: behind it stands a noun
	object                      // what was delivered: handed the parcel to
	label                       // who it is stands behind it: neighbour …
	colonLabel                  // the same, behind a colon only: recipient: …
	title                       // Mr, Frau
	noPerson                    // nobody is called so: reception, customer
	facility                    // nobody is called so, and it ends names that aren't people's: Oslo customs
	plainWord                   // a name ends before it: at, was, Monday
	between                     // stands inside of names: van der
	codeWord                    // of a door
	streetWord                  // kind of a street
	flatWord                    // kind of a dwelling
	phoneWord                   // telephone
	idWord                      // passport
)

// vocabulary are the roles that make a word known: no name by itself.
const vocabulary = verb | signing | particle | link | object | label | colonLabel | title | noPerson | facility | plainWord

// roles are the words that the classifier knows, in the languages of the
// carriers shipped.
var roles = rolesOf(map[role]string{
	verb: `übergabe aushändigung abgabe received accepted collected picked refused rejected taken delivered handed given released left passed entrusted dropped deposited attempted
		entregue entregado entregada entregados recibido recibida recebido recebida retirado retirada recogido recogida aceptado dejado dejada deixado deixada recolhido
		livré livrée livrés remis remise réceptionné réceptionnée distribué distribuée récupéré récupérée reçu reçue déposé déposée confié confiée retiré accepté
		ritirato ritirata ricevuto ricevuta consegnato consegnata lasciato lasciata accettato
		ontvangen bezorgd afgegeven afgeleverd overhandigd opgehaald aangenomen geleverd achtergelaten
		empfangen übergeben zugestellt abgegeben ausgehändigt abgeholt angenommen entgegengenommen hinterlegt geliefert ausgeliefert gegeben
		mottatt mottagen modtaget utlevert utlämnad utlämnat utleveret udleveret levert levererad leveret hentet hämtad hämtat afhentet overlevert överlämnad overdraget afleveret lämnad lämnats
		odebrane odebrano odebrana wydano wydana wydane dostarczono dostarczona doręczono doręczona przekazano przekazana zostawiono pozostawiono
		převzato doručeno předáno átvette kézbesítve luovutettu toimitettu jätetty
		доставлено доставлена доставлен доставлений`,
	verb | signing: `signed firmado firmada firmato firmata assinado assinada signé signée getekend ondertekend unterschrieben quittiert unterzeichnet
		kvittert kvitterad kvitterat kvitteret kvitterades podpisano podpisane undertecknad underskrevet allekirjoittanut`,
	particle: `for over up out off back contre signature and directly personally safely successfully instead also direkt persönlich erfolgreich sicher directement en mains propres personalmente directamente pessoalmente persoonlijk osobiście личо`,
	link: `to from via al à au aux a å an am beim do ao pro komu dal da de af från fra della alla allo ad aan
		unter het`,
	link | agent:   `by with par por pelo pela door bij av till til hos von bei durch przez od u con com chez mit`,
	link | article: `the die das his her their la le lo gli i un una uno une der dem den einem einer el los las o os as en ett et een una`,
	object: `parcel parcels package packages item items shipment consignment letter article goods envelope it them order box
		colis paquet courrier pli lettre paket päckchen sendung lieferung brief pacco spedizione paquete envío pedido pakket zending pakke pakken paketet försändelsen forsendelsen sendingen
		paczka paczkę przesyłka przesyłkę przesyłki encomenda objeto balík zásilka посылка посылку відправлення посилка посилку посилку отправление`,
	label | noPerson: `neighbour neighbours neighbor neighbors nachbar nachbarn nachbarin voisin voisine voisins vecino vecina vecinos vizinho vizinha vizinhos vicino vicina
		buren buurman buurvrouw buur granne grannen nabo naboen nabolaget sąsiad sąsiadka sąsiada sąsiadowi sąsiadce naapuri naapurille soused sousedovi
		сосед соседу соседке соседка сусід сусіду сусідці сусідка
		receptionist concierge doorman porter janitor caretaker housekeeper housemate flatmate roommate colleague secretary wife husband son daughter mother father brother sister landlord
		hausmeister hausmeisterin pförtner mitbewohner mitbewohnerin kollege kollegin kollegen ehefrau ehemann ehegatten sekretärin vermieter
		gardien gardienne collègue époux épouse fils fille mère père portero conserje hijo hija esposa esposo marido porteiro porteira zelador zeladora
		portiere portinaio portinaia moglie marito figlio figlia collega huisgenoot huismeester conciërge portier ochroniarz dozorca
		консьерж консьержу консьержке консьержці охранник охраннику вахтеру охоронцю
		herr frau attn attention c/o zhd`,
	label: `получено вручено вручена вручен отримано выдано видано передано отримав отримала получил получила принял принял приняла прийняв прийняла забрал забрала забрав забрала
		подписал подписала підписав підписала відмовився відмовилась отказался отказалась
		odebrał odebrała odmówił odmówiła podpisał podpisała przyjął przyjęła odbiera odebrali převzal převzala podepsal podepsala
		firmó recibió recibe firma retiró recogió assinou recebeu recebedor retirou ricevette firmò
		mottok kvitterte tog kvitterede kvitterade underskrev mottog unterschrieb quittierte aláírta átvevő teslim vastaanotti`,
	colonLabel | noPerson: `consignee recipient receiver addressee customer client sender shipper person individual courier driver agent carrier
		empfänger empfängerin kunde absender ansprechpartner destinataire destinatario destinatário expéditeur remetente remitente mittente
		odbiorca nadawca ontvanger afzender mottaker mottagare modtager avsändare avsender afsender vastaanottaja lähettäjä příjemce
		получатель получателя отправитель отримувач отримувача одержувач одержувача відправник адресат адресату`,
	colonLabel: `signature signee signatory signer signs name names contact pod consignee's recipient's signatures initials attention
		unterschrift name zusteller fahrer signataire nom firmante nombre assinante assinatura nome firma ricevente podpis imię nazwisko handtekening naam
		underskrift namn navn signatur nimi kuittaus allekirjoitus jméno подпись подпис імя ім'я имя фио піб`,
	title: `mr mrs ms miss mx dr prof herr herrn hr frau fr fräulein familie monsieur madame mme mlle mademoiselle messrs sir lady lord madam rev
		señor señora señorita sr sra srta don doña senhor senhora dona sig signor signora signorina sig.ra dott dott.ssa dhr mevr mevrouw meneer heer mw dhr.
		pan pani pana panu panią panem fru frøken fröken herra rouva paní г-н г-жа гр гражданин пан пані пану господин госпожа`,
	between: `de da do dos das del della di du la le van der den ten ter von zu zum zur al el bin ibn binti und y e i und af av op het mac mc st`,
	noPerson: `us you your our him someone somebody nobody anybody anyone adult resident residents household family employee authorised authorized personally
		manager management guard security roommate staff team member tenant occupant
		original merchant seller supplier partner local own same other another different designated requested alternative alternate specified secure reception front back side rear desk porch patio garage gate door doors doorstep step window
		shed garden letterbox mailbox mailroom hand hands room bin greenhouse balcony hallway lobby stairs roof carport barn
		safe place location address home house work business company apartment basement delivery collection destination origin country proof note card notice notification photo picture image
		unit unable available unavailable absent closed moved unknown required stored captured recorded returned returning damaged lost missing incomplete incorrect wrong yes no none
		last mile transit way today tomorrow soon next first second attempt failed successful successfully held hold ready scan scanned status update information data details payment duties taxes import export released clearance processed processing
		exception delay delayed weather international domestic regional national electronic electronically shipping label created expected awaiting pending transferred forwarded loaded arrived departed
		confirmation premises option proof pad obtained contacted scheduled rescheduled confirmed authorization authorisation
		ersatzempfänger bevollmächtigten bevollmächtigte bevollmächtigter hausbewohner mitarbeiter mitarbeiterin personal ablageort wunschort briefkasten haustür garage garten terrasse abholer hauspost persönlich ort
		zusteller destinatari famille gardiennage accueil porte boîte lettres domicile tiers personne lieu
		casa domicilio buzón puerta recepción portería familiar titular interesado portão portaria caixa próprio pessoa morador residente titular
		portineria cassetta porta destinatari vicini delegato brievenbus voordeur tuin receptie werknemer
		drzwi domu skrzynki recepcja adresata odbiorcy adresatowi nadawcy nadawcę klienta klientowi klient kuriera kurier kurierowi osobie osoba osobę upoważnionej
		hemma ytterdörr dörr brevlåda postlåda dør postkasse mottakeren mottakar mottagaren modtageren avsändaren avsenderen afsenderen ombud ombudet
		адресатові одержувачу одержувачем отримувачу отримувачем получателю получателем отправителю відправнику особисто лично кур'єру курьеру кур'єром курьером клиенту клієнту представителю представнику родственнику`,
	facility: `post posta poste postal poczta office offices hub hubs depot depots airline airlines air airport airways express locker lockers packstation parcelshop parcelshops paketshop postshop
		logistics logistic service services center centre centers centres facility facilities terminal port harbour customs border borders shop store stores supermarket pharmacy
		point points pickup building branch warehouse sorting station stations access final line flight vessel truck train vehicle broker third sub authority agency government ltd limited inc llc gmbh ag kg corp corporation plc company co bv ab as oy spa srl sarl sas
		usps ups dhl fedex gls dpd tnt hermes evri inpost postnord correos correios bpost postnl amazon aramex yodel chronopost colissimo mondial relay relais ctt seur mrw nacex dachser dsv gel cainiao yanwen yunexpress sf ems zto yto sto yunda
		purolator canpar ontrac lasership lso parcelforce royal canada australia deutsche deutschen deutscher österreichische schweizer swiss poczta polska poste italiane china japan korea posten posti bring matkahuolto itella omniva venipak
		nova ukrposhta meest cdek boxberry ninja blue dart delhivery nexive brt sda packeta zásilkovna zasilkovna
		mail mailbag unidade agência agencia agências oficina bureau filiale postfiliale filialen zoll flughafen lager zentrum verteilzentrum zustellbasis zustellzentrum frachtzentrum
		aduana alfândega dogana douane douanes tull toll tolli cło urząd celny
		punkt punktu punkcie paczkomat paczkomatu paczkomacie oddział oddziału sortownia sortowni magazyn
		terminalen terminalet postombud servicepoint serviceställe hentested utleveringssted
		відділення відділенні поштомат поштомату отделение отделения отделении почтомат почта пошта пошти склад склада митниця таможня таможни аэропорт аеропорт`,
	plainWord: `not no at in on is was were has have had been be will and or of for an as due after before until when not near next since because but could can't cannot
		january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday sunday am pm
		nicht ist wurde wurden hat im zum zur und oder ne pas est a été sera sur dans devant le en ha sido fue no foi não na em nel alla presso davanti si
		is werd niet in op bij het i er på ikke inte blev har är w na nie jest był została zostało dnia
		в на не по за и і й у до был была був була из с з від от`,
	codeWord: `code codes door gate entry entrance access safe key lock lockbox keypad keybox pin intercom buzzer bell doorbell alarm garage building security digicode porte türcode tür tor kod koden kode koodi portkod portcode
		deurcode dørkode código codigo senha codice clave domofon domofonu dzwonek interphone interfon interfone interfono citofono telefonillo timbre klingel bel combination passcode password passwort kennwort hasło
		portail portal portão portone cancello brama furtka port dør dörr poort deur calling
		код кода коду домофон домофона пароль шифр звонок дзвінок подъезд парадная`,
	streetWord: `street st str road rd avenue ave av lane ln drive dr court ct way boulevard blvd place pl terrace crescent cres close square sq highway hwy parkway row walk gardens mews grove hill view rise mead green yard
		wharf quay loop trail circle cir path alley bend cove ridge run crossing turnpike broadway passage parade esplanade embankment croft vale heights hollow glen meadow meadows woods plaza pike mill bank fold gate
		rue allée allee bd impasse chemin quai cours route via viale piazza piazzale corso vicolo largo strada calle avda c avenida paseo ronda carrer camino carretera ctra rua r travessa praça alameda estrada rodovia
		ulica ul aleja aleje al osiedle os plac вул вулиця вулиці ул улица просп проспект пер переулок пров провулок бул бульвар шоссе шосе площадь площа пл наб мкр дом д будинок буд am an im in zum zur auf unter hinter vor alte alter neue lange`,
	flatWord: `apt apartment apartament appartement flat suite unit room ap lgh leil lejl app appt apto apartamento piso porta puerta bât bâtiment étage esc escalera bloco bl wohnung whg etage stock og interno scala int mieszkanie m lok
		no nr number house haus hausnummer hausnr huisnummer nummer numéro numero número neighbour neighbours neighbor neighbors nachbar nachbarn floor andar piano verdieping casa maison dom huis next
		кв квартира оф офис офіс этаж поверх`,
	phoneWord: `tel telephone telephon telefono telf tlf telnr phone mobile mob mobil mobilnr mobiltelefon ph fon cell cellulare cel celular call called ring rang whatsapp sms gsm handy rufnummer telefon téléphone tél teléfono móvil telemóvel
		telefoon puh puhelin komórka kom kontakt contact fone nummer телефон телефону тел моб мобильный мобільний сот`,
	idWord: `id identity passport passnummer ausweis ausweisnummer personalausweis dni nif nie cpf rg bsn pesel cnp паспорт инн`,
})

// streetEndings are kinds of streets that end a word.
var streetEndings = strings.Fields(`straße strasse str str. gasse weg allee platz damm ufer ring steig chaussee promenade markt stieg
	straat laan plein gracht kade singel dijk dreef
	gatan gata vägen väg gränd stigen torget allén vei veien veg vegen gate gaten gade vej vænget stræde allé
	katu tie polku kuja utca út`)

var codeEndings = strings.Fields("code kod kode koodi klingel pin")

// noPersonStems are parts of words that no person is called by.
var noPersonStems = strings.Fields(`paket packet parcel station zentrum zentrale filiale logisti terminal depot empfänger absender zusteller kasten flughafen airport
	post expedi serviço servicio servizio spedit fracht transport partner dienst zoll lager firma kunde nachbar annahme stelle ombud package carrier courier shipping shipment
	sorting custom deliver facilit destinat recipient express cargo freight почт пошт отделен відділен склад`)

// unaccented writes words as machines do that know no accents.
var unaccented = strings.NewReplacer("á", "a", "à", "a", "â", "a", "ä", "a", "ã", "a", "å", "a", "é", "e", "è", "e", "ê", "e", "ë", "e", "í", "i", "ì", "i",
	"ó", "o", "ò", "o", "ô", "o", "ö", "o", "õ", "o", "ø", "o", "ú", "u", "ù", "u", "ü", "u", "ç", "c", "ñ", "n", "ą", "a", "ć", "c", "ę", "e", "ł", "l", "ń", "n", "ś", "s", "ź", "z", "ż", "z")

func rolesOf(lists map[role]string) map[string]role {
	all := map[string]role{}
	for r, words := range lists {
		for _, w := range strings.Fields(words) {
			all[w] |= r
			if plain := unaccented.Replace(w); len(plain) > 3 {
				all[plain] |= r
			}
		}
	}
	return all
}

// stemmed reports whether a word in lower case holds a stem that no person is
// called by.
func stemmed(lower string) bool {
	for _, stem := range noPersonStems {
		if strings.Contains(lower, stem) {
			return true
		}
	}
	return false
}
