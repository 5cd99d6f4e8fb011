package app

import (
	"testing"

	"waypost/internal/carrier"
)

// keys are the numeric keys of the compatible API, as its carrier list of
// December 2025 has them. A key is an identity: it stays, whatever the names do.
var keys = map[carrier.Code]int{
	"4-72": 3131, "4px": 190094, "a-tu-hora-express": 100688, "acs": 100070, "afghan-post": 1021, "aland-post": 91021,
	"algerie-poste": 1041, "aliexpress": 190625, "allegro-one": 0, "allied-express": 100623, "amazon": 100308,
	"amazon-shipping-uk": 100309, "an-post": 9051, "andreani": 100497, "anjun": 190047, "apc-postal-logistics": 100121,
	"aramex": 100006, "aramex-australia": 100044, "aramex-new-zealand": 100067, "aras-kargo": 100607, "asendia": 100029,
	"asendia-usa": 100016, "australia-post": 1151, "austrian-post": 1161, "azerpost": 1171, "bangladesh-post": 2031,
	"barbados-postal-service": 2041, "belize-postal-service": 2071, "belpost": 2051, "bermuda-post": 90041,
	"best": 190259, "bh-posta": 2121, "bhutan-post": 2101, "bjs-home-delivery": 101003, "blue-dart": 100055,
	"bosta": 100487, "botswanapost": 2131, "boxberry": 100157, "bpost": 2061, "bpost-international": 2063,
	"bring": 100423, "brt": 100026, "brunei-postal-services": 2161, "budbee": 100609, "bulgarian-posts": 2171,
	"cainiao": 190271, "cambodia-post": 3021, "campost": 3031, "canada-post": 3041, "canpar": 100146, "cargus": 100174,
	"cdek": 100030, "ceska-posta": 3221, "chilexpress": 100278, "china-post": 3011, "chit-chats": 100244,
	"chronopost": 100273, "chunghwa-post": 20011, "cirro": 191339, "cj-logistics": 100116, "cne": 190208,
	"colis-prive": 100027, "colissimo": 0, "collectplus": 100239, "correios": 2151, "correios-de-cabo-verde": 3061,
	"correios-de-mocambique": 13221, "correo-argentino": 1121, "correo-paraguayo": 16051, "correo-uruguayo": 21041,
	"correos": 19181, "correos-chile": 3101, "correos-de-costa-rica": 3181, "correos-de-cuba": 3201,
	"correos-de-el-salvador": 19031, "correos-de-guatemala": 7121, "correos-de-mexico": 13141,
	"correos-de-nicaragua": 14071, "correos-de-panama": 16031, "correos-ecuador": 5011, "correos-express": 100048,
	"courier-guy": 100184, "couriers-please": 100122, "ctt": 16101, "ctt-express": 100114, "cycloon": 100466,
	"cyprus-post": 3211, "dao": 100148, "delhivery": 100060, "deppon": 190174, "deutsche-post": 7044,
	"dhl-ecommerce": 7047, "dhl-ecommerce-asia": 7048, "dhl-express": 100001, "dhl-freight": 100245,
	"dhl-global-forwarding": 100766, "dhl-paket": 7041, "dhl-parcel-nl": 100047, "dhl-parcel-uk": 100152,
	"dhl-supply-chain-apac": 100842, "dpd": 101108, "dpd-belgium": 100321, "dpd-france": 100072, "dpd-germany": 100007,
	"dpd-ireland": 100142, "dpd-poland": 100111, "dpd-uk": 100010, "dsv": 100186, "dtdc": 100069, "dx": 100484,
	"ecms": 190168, "ecom-express": 100099, "econt": 100568, "egypt-post": 5021, "ekart": 100056, "elta": 7071,
	"emirates-post": 5031, "ems-china": 3013, "equick": 190136, "estafeta": 100139, "estes": 100221,
	"ethiopian-postal-service": 5051, "evri": 100331, "fan-courier": 100629, "fastway-ireland": 100068, "fedex": 100003,
	"flash-express": 100235, "flyt-express": 190002, "furdeco": 100881, "gati": 100717, "gdex": 0,
	"gebrueder-weiss": 100431, "geodis": 100356, "georgian-post": 7031, "ghana-post": 7051, "ghn": 100593,
	"gls": 100005, "gls-canada": 100208, "gls-croatia": 100207, "gls-czechia": 100281, "gls-france": 101272,
	"gls-germany": 101070, "gls-group": 101109, "gls-hungary": 100280, "gls-italy": 100024, "gls-netherlands": 100384,
	"gls-portugal": 100316, "gls-portugal-national": 100646, "gls-romania": 100284, "gls-slovakia": 100282,
	"gls-slovenia": 100283, "gls-spain": 100189, "gofo": 100996, "guyana-post": 7141, "hanjin": 100266, "haypost": 1131,
	"hct-logistics": 190466, "hermes-de": 100031, "honducor": 8041, "hongkong-post": 8011, "hp-mostar": 2123,
	"hrvatska-posta": 3191, "i-parcel": 100015, "iceland-post": 9011, "imile": 190438, "india-post": 9021,
	"inposdom": 4041, "inpost": 100043, "inpost-spain": 100594, "inpost-uk": 100462, "instabox": 100932,
	"intelcom": 100555, "iposita": 18041, "ipostel": 22031, "iran-post": 9041, "iraqi-post": 9081, "israel-post": 9061,
	"jadlog": 101052, "jamaica-post": 10011, "japan-post": 10021, "jcex": 190120, "jd-logistics": 191121,
	"jd-worldwide": 190302, "jersey-post": 90091, "jitsu": 100272, "jne": 100086, "jordan-post": 10031,
	"jt-express": 100229, "jt-express-cn": 190442, "jt-express-id": 100074, "jt-express-mx": 100388,
	"jt-express-my": 100079, "jt-express-ph": 100240, "jt-express-th": 100271, "jt-express-vn": 100456,
	"kazpost": 11011, "kerry-express": 100236, "kiribati-post": 11041, "korea-post": 11051, "kuwait-post": 11081,
	"kyrgyz-post": 11091, "la-poste": 6051, "la-poste-du-benin": 2081, "la-poste-du-mali": 13071,
	"la-poste-du-togo": 20051, "la-poste-senegal": 19081, "la-poste-tunisienne": 20101, "landmark": 100021,
	"lao-post": 12011, "lasership": 100052, "latvijas-pasts": 12021, "lazada-logistics": 0, "lbc": 100264,
	"lesotho-post": 12041, "libanpost": 12031, "libya-post": 12061, "lietuvos-pastas": 12081, "logen": 100618,
	"loggi": 100457, "loomis": 100205, "lotte": 100506, "lso": 100337, "luxembourg-post": 12101, "macau-post": 13011,
	"magyar-posta": 8051, "maldives-post": 13061, "malta-post": 13081, "matkahuolto": 100161, "mauritius-post": 13131,
	"meest": 100023, "mercado-envios": 0, "mng-kargo": 100608, "mondial-relay": 100304, "mongol-post": 13181,
	"mrw": 100175, "myanmar-post": 13231, "nacex": 100436, "nampost": 14011, "naqel": 100089, "nationex": 100579,
	"nepal-post": 14031, "nigerian-postal-service": 14101, "ninja-van": 100124, "ninja-van-my": 100127,
	"north-macedonia-post": 13021, "nova-poshta": 100035, "nz-post": 14061, "oca": 100199, "old-dominion": 100783,
	"oman-post": 15011, "omniparcel": 100187, "omniva": 5041, "ontrac": 100049, "opt-nc": 97021, "orlen-paczka": 100675,
	"osm-worldwide": 100247, "ozon": 101137, "paack": 100364, "packeta": 100132, "pakistan-post": 16011,
	"palestine-post": 16021, "pall-ex": 100394, "palletforce": 101010, "palletways": 100900, "paositra-malagasy": 13031,
	"paquetexpress": 100147, "parcelforce": 11033, "passport": 100767, "phlpost": 16071, "pitney-bowes": 100036,
	"poczta-polska": 16081, "pos-indonesia": 9031, "pos-malaysia": 13051, "post-aruba": 92031, "post-fiji": 6031,
	"post-png": 16041, "posta-crne-gore": 13191, "posta-e-kosoves": 11071, "posta-faroe": 96021, "posta-kenya": 11021,
	"posta-moldovei": 13161, "posta-romana": 18021, "posta-shqiptare": 1031, "posta-slovenije": 19151,
	"posta-srbije": 19091, "posta-tanzania": 20031, "posta-uganda": 21011, "poste-du-burundi": 2191,
	"poste-italiane": 9071, "poste-maroc": 13211, "poste-san-marino": 19051, "poste-srpske": 2122, "posten": 14081,
	"posti": 6041, "postnl": 14041, "postnl-international": 14044, "postnord": 19241, "postnord-danmark": 4011,
	"postnord-norge": 100573, "ppl": 100176, "professional-couriers": 100279, "ptt": 20111, "purolator": 100042,
	"qatar-post": 17011, "redpack": 100138, "relais-colis": 100461, "roadie": 0, "roadrunner-freight": 100253,
	"royal-gibraltar-post": 90061, "royal-mail": 11031, "russian-post": 18031, "ryder": 100522, "sagawa": 100040,
	"saia": 100242, "saint-lucia-post": 12091, "sameday": 100320, "samoa-post": 19281, "saudi-post": 19071,
	"sda": 100019, "sdh-express": 190744, "seino": 100171, "seko": 100332, "sendle": 100123, "serpost": 16061,
	"servientrega": 100495, "seur": 100438, "seychelles-post": 19111, "sf-express": 100012, "sf-express-cn": 190766,
	"sfc": 190113, "shadowfax": 100102, "sicepat": 100590, "singapore-post": 19131, "slovenska-posta": 19141,
	"smsa": 100034, "solomon-post": 19161, "sonapost": 2181, "south-african-post-office": 19171, "spee-dee": 100447,
	"speedaf": 100307, "speedx": 190844, "speedy": 100198, "spring-gds": 100213, "spx": 100410, "spx-id": 100409,
	"spx-my": 100408, "sri-lanka-post": 19191, "stallion-express": 100834, "starken": 100246, "startrack": 100335,
	"sto": 190324, "sudapost": 19201, "sunyou": 190072, "svg-post": 19021, "swiship": 100143, "swiss-post": 19251,
	"t-cat": 100215, "tforce-final-mile": 100061, "thailand-post": 20041, "tnt": 100004, "toll": 100009,
	"tonga-post": 20061, "transaher": 100959, "ttpost": 20071, "tuffnells": 100524, "tusass": 96031,
	"tuvalu-post": 20091, "ubi": 190112, "ukrposhta": 21021, "uniuni": 100134, "ups": 100002,
	"ups-mail-innovations": 100398, "usps": 21051, "uzpost": 21031, "vanuatu-post": 22021, "veho": 101068,
	"venipak": 100218, "viettel-post": 100611, "vnpost": 22041, "walkers-transport": 100580, "wanb-express": 190086,
	"whistl": 100159, "winit": 190284, "wishpost": 190165, "xdp": 100167, "xpo": 100254, "xpressbees": 100101,
	"yamato": 100062, "yanwen": 190012, "yemen-post": 25011, "yodel": 100017, "yto": 190157, "yunda": 191197,
	"yunexpress": 190008, "yurtici-kargo": 100348, "zampost": 26011, "zasilkovna": 100419, "zimpost": 26021,
	"zto": 190455, "zto-international": 190175,
}

func TestCarriersKeepTheirKeys(t *testing.T) {
	t.Parallel()
	k, err := loadKnowledge("")
	if err != nil {
		t.Fatal(err)
	}
	for code, key := range keys {
		if known, ok := k.catalogue.Carrier(code); !ok || known.Key != key {
			t.Errorf("%s: shipped is %v, its key is %d", code, ok, key)
		}
	}
	for _, known := range k.catalogue.Carriers() {
		if known.Key != keys[known.Code] {
			t.Errorf("%s has the key %d, which the table doesn't", known.Code, known.Key)
		}
	}
}
