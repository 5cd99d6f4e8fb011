package app

import (
	"testing"

	"waypost/internal/carrier"
)

// keys are the numeric keys of the compatible API, as its carrier list of
// December 2025 has them. A key is an identity: it stays, whatever the names do.
var keys = map[carrier.Code]int{
	"4-72": 3131, "4px": 190094, "acs": 100070, "amazon": 100308, "an-post": 9051, "anjun": 190047, "aramex": 100006,
	"australia-post": 1151, "austrian-post": 1161, "azerpost": 1171, "bangladesh-post": 2031, "belpost": 2051,
	"best": 190259, "blue-dart": 100055, "boxberry": 100157, "bpost": 2061, "bring": 100423, "brt": 100026,
	"bulgarian-posts": 2171, "cainiao": 190271, "cambodia-post": 3021, "canada-post": 3041, "canpar": 100146,
	"cdek": 100030, "ceska-posta": 3221, "chilexpress": 100278, "china-post": 3011, "chronopost": 100273,
	"chunghwa-post": 20011, "cj-logistics": 100116, "cne": 190208, "colis-prive": 100027, "correios": 2151,
	"correo-argentino": 1121, "correo-uruguayo": 21041, "correos": 19181, "correos-chile": 3101,
	"correos-de-costa-rica": 3181, "correos-de-mexico": 13141, "correos-ecuador": 5011, "correos-express": 100048,
	"ctt": 16101, "cyprus-post": 3211, "delhivery": 100060, "deppon": 190174, "deutsche-post": 7044,
	"dhl-ecommerce": 7047, "dhl-express": 100001, "dhl-freight": 100245, "dhl-global-forwarding": 100766,
	"dhl-paket": 7041, "dhl-parcel-nl": 100047, "dpd": 101108, "dpd-uk": 100010, "dtdc": 100069, "dx": 100484,
	"ecom-express": 100099, "econt": 100568, "egypt-post": 5021, "ekart": 100056, "elta": 7071, "emirates-post": 5031,
	"ems-china": 3013, "equick": 190136, "estafeta": 100139, "evri": 100331, "fan-courier": 100629, "fedex": 100003,
	"flash-express": 100235, "flyt-express": 190002, "georgian-post": 7031, "gls": 100005, "gofo": 100996,
	"hanjin": 100266, "haypost": 1131, "hermes-de": 100031, "hongkong-post": 8011, "hrvatska-posta": 3191,
	"iceland-post": 9011, "imile": 190438, "india-post": 9021, "inpost": 100043, "israel-post": 9061, "jadlog": 101052,
	"japan-post": 10021, "jcex": 190120, "jd-logistics": 191121, "jne": 100086, "jt-express": 100229,
	"jt-express-cn": 190442, "jt-express-id": 100074, "jt-express-my": 100079, "jt-express-vn": 100456, "kazpost": 11011,
	"kerry-express": 100236, "korea-post": 11051, "la-poste": 6051, "landmark": 100021, "lasership": 100052,
	"latvijas-pasts": 12021, "lbc": 100264, "lietuvos-pastas": 12081, "loomis": 100205, "lotte": 100506,
	"luxembourg-post": 12101, "macau-post": 13011, "magyar-posta": 8051, "malta-post": 13081, "matkahuolto": 100161,
	"meest": 100023, "mondial-relay": 100304, "mrw": 100175, "naqel": 100089, "nigerian-postal-service": 14101,
	"ninja-van": 100124, "nova-poshta": 100035, "nz-post": 14061, "oca": 100199, "old-dominion": 100783, "omniva": 5041,
	"ontrac": 100049, "osm-worldwide": 100247, "packeta": 100132, "pakistan-post": 16011, "parcelforce": 11033,
	"passport": 100767, "phlpost": 16071, "poczta-polska": 16081, "pos-indonesia": 9031, "pos-malaysia": 13051,
	"posta-kenya": 11021, "posta-moldovei": 13161, "posta-romana": 18021, "posta-slovenije": 19151, "posta-srbije": 19091,
	"poste-italiane": 9071, "poste-maroc": 13211, "posten": 14081, "posti": 6041, "postnl": 14041, "postnord": 19241,
	"ppl": 100176, "ptt": 20111, "purolator": 100042, "qatar-post": 17011, "royal-mail": 11031, "russian-post": 18031,
	"sagawa": 100040, "sameday": 100320, "saudi-post": 19071, "sda": 100019, "seino": 100171, "sendle": 100123,
	"serpost": 16061, "seur": 100438, "sf-express": 100012, "sfc": 190113, "shadowfax": 100102, "singapore-post": 19131,
	"slovenska-posta": 19141, "smsa": 100034, "south-african-post-office": 19171, "speedy": 100198, "spx": 100410,
	"sri-lanka-post": 19191, "starken": 100246, "startrack": 100335, "sto": 190324, "sunyou": 190072, "swiss-post": 19251,
	"thailand-post": 20041, "tnt": 100004, "ubi": 190112, "ukrposhta": 21021, "uniuni": 100134, "ups": 100002,
	"usps": 21051, "uzpost": 21031, "venipak": 100218, "vnpost": 22041, "wishpost": 190165, "xpressbees": 100101,
	"yamato": 100062, "yanwen": 190012, "yodel": 100017, "yto": 190157, "yunda": 191197, "yunexpress": 190008,
	"zto": 190455,
}

func TestCarriersKeepTheirKeys(t *testing.T) {
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
