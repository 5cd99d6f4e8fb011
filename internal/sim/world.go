package sim

import (
	"cmp"
	"hash/fnv"
	"time"
	_ "time/tzdata" // the world's clocks are the same on a machine without them
)

// A Place is a city in the simulated world. The cities are real.
type Place struct {
	City     string `json:"city"`
	Region   string `json:"region,omitempty"` // state or province as carriers print it, "" where they don't
	Postcode string `json:"postcode,omitempty"`
	Country  string `json:"country"` // ISO 3166-1 alpha-2
	Zone     string `json:"zone"`    // IANA
}

// Location is the place's time zone, UTC when it has none.
func (p Place) Location() *time.Location {
	if loc, ok := zones[p.Zone]; ok {
		return loc
	}
	loc, err := time.LoadLocation(p.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// A Person is invented. Carriers' answers carry people, so the simulator's do;
// that nobody sees them in Waypost is what they are for.
type Person struct {
	Name   string `json:"name"`
	Street string `json:"street"`
	Phone  string `json:"phone"`
}

// People are all persons whom the simulator's answers may name: what a test
// looks for where no person may appear.
func People() []Person {
	var all []Person
	for _, country := range []string{"US", "CA", "GB", "DE", "FR", "SE", "PL", "UA", "CN", "AU", "BR", "AE"} {
		all = append(all, people[country]...)
	}
	return all
}

// people live in a country; the telephone numbers are of ranges kept for
// fiction, or have a digit too few.
var people = map[string][]Person{
	"US": {{"DOROTHEA QUILLFEATHER", "4711 Marmalade Ct", "+1 555-0147"}, {"M. BRAMBLEWICK", "92 Thistledown Ave", "+1 555-0192"}},
	"CA": {{"Osric Maplethorpe", "18 Wendigo Cres", "+1 613-555-0118"}, {"JEANNINE TROTTEMENU", "7 rue des Moufles", "+1 514-555-0170"}},
	"GB": {{"Peregrine Wobblethwaite", "3 Crumpet Mews", "07700 900461"}, {"A. SNODGRASS-PYE", "41 Puddle Row", "07700 900877"}},
	"DE": {{"Friedlinde Kuckuckswald", "Pfefferminzweg 12", "030 23125 99"}, {"Herr Zwirbelmoser", "Am Knödelberg 5", "089 99998 77"}},
	"FR": {{"Célestine Tournebroche", "9 impasse des Libellules", "01 99 00 12 34"}, {"M. Gaspard Pamplemousse", "22 rue du Hérisson", "06 39 98 12 34"}},
	"SE": {{"Torborg Filmjölk-Lind", "Lingonstigen 8", "070-1740605"}, {"Sixten Kanelbulle", "Myggvägen 31", "070-1740633"}},
	"PL": {{"Wisława Pierogowska", "ul. Ogórkowa 6", "22 559 00 1"}, {"Bożydar Kapuśniak", "ul. Kisielowa 14", "22 559 00 7"}},
	"UA": {{"Вареничко Мокрина Гнатівна", "вул. Пампушкова 3", "+38 050 000 00 1"}, {"Борщенко Явтух Кіндратович", "вул. Галушкова 17", "+38 050 000 00 7"}},
	"CN": {{"柴米油", "豆腐街18号", "138001380"}, {"盐酱醋", "饺子路7号", "139001390"}},
	"AU": {{"Clementine Wattlebark", "66 Galah Pde", "0491 570 156"}, {"B. BILLABONG", "2 Yabby Cl", "0491 570 157"}},
	"BR": {{"Zuleica Pão-de-Queijo", "Rua das Jabuticabas, 77", "(11) 5550-011"}, {"Epaminondas Brigadeiro", "Travessa do Caju, 4", "(21) 5550-022"}},
	"AE": {{"Farida Al Tamrani", "Villa 9, Date Palm Lane", "+971 55 000 00 1"}, {"MR. HALWANI", "Tower 3, Saffron Street", "+971 55 000 00 7"}},
}

// personOf is the person who takes number's parcel in at to.
func personOf(seed uint64, to Place) Person {
	locals := people[to.Country]
	if len(locals) == 0 {
		locals = people["GB"]
	}
	return locals[seed%uint64(len(locals))]
}

// cities are the places of each country; the first two are where its parcels
// leave for abroad and where they arrive from there.
var cities = map[string][]Place{
	"US": {
		{"Louisville", "KY", "40213", "US", "America/New_York"},
		{"New York", "NY", "10001", "US", "America/New_York"},
		{"Chicago", "IL", "60607", "US", "America/Chicago"},
		{"Dallas", "TX", "75201", "US", "America/Chicago"},
		{"Denver", "CO", "80202", "US", "America/Denver"},
		{"Phoenix", "AZ", "85004", "US", "America/Phoenix"},
		{"Los Angeles", "CA", "90012", "US", "America/Los_Angeles"},
		{"Seattle", "WA", "98101", "US", "America/Los_Angeles"},
		{"Atlanta", "GA", "30303", "US", "America/New_York"},
		{"Honolulu", "HI", "96813", "US", "Pacific/Honolulu"},
	},
	"CA": {
		{"Mississauga", "ON", "L4W1S9", "CA", "America/Toronto"},
		{"Vancouver", "BC", "V6B4N6", "CA", "America/Vancouver"},
		{"Montréal", "QC", "H3B1A7", "CA", "America/Toronto"},
		{"Winnipeg", "MB", "R3C0V8", "CA", "America/Winnipeg"},
		{"Calgary", "AB", "T2P1J9", "CA", "America/Edmonton"},
		{"Halifax", "NS", "B3J1S9", "CA", "America/Halifax"},
		{"St. John's", "NL", "A1C5S7", "CA", "America/St_Johns"},
	},
	"GB": {
		{"Langley", "", "SL3 8PL", "GB", "Europe/London"},
		{"London", "", "EC1A 1BB", "GB", "Europe/London"},
		{"Manchester", "", "M1 1AE", "GB", "Europe/London"},
		{"Leeds", "", "LS1 4DY", "GB", "Europe/London"},
		{"Bristol", "", "BS1 5TR", "GB", "Europe/London"},
		{"Glasgow", "", "G2 1DU", "GB", "Europe/London"},
		{"Belfast", "", "BT1 5GS", "GB", "Europe/London"},
	},
	"DE": {
		{"Leipzig", "", "04435", "DE", "Europe/Berlin"},
		{"Frankfurt", "", "60549", "DE", "Europe/Berlin"},
		{"Berlin", "", "10115", "DE", "Europe/Berlin"},
		{"Hamburg", "", "20095", "DE", "Europe/Berlin"},
		{"Köln", "", "50667", "DE", "Europe/Berlin"},
		{"München", "", "80331", "DE", "Europe/Berlin"},
		{"Dresden", "", "01067", "DE", "Europe/Berlin"},
	},
	"FR": {
		{"Roissy-en-France", "", "95700", "FR", "Europe/Paris"},
		{"Paris", "", "75001", "FR", "Europe/Paris"},
		{"Lyon", "", "69002", "FR", "Europe/Paris"},
		{"Nantes", "", "44000", "FR", "Europe/Paris"},
		{"Toulouse", "", "31000", "FR", "Europe/Paris"},
		{"Strasbourg", "", "67000", "FR", "Europe/Paris"},
	},
	"NL": {
		{"Amsterdam", "", "1012 JS", "NL", "Europe/Amsterdam"},
		{"Utrecht", "", "3511 CE", "NL", "Europe/Amsterdam"},
		{"Rotterdam", "", "3011 AA", "NL", "Europe/Amsterdam"},
	},
	"SE": {
		{"Stockholm", "", "111 20", "SE", "Europe/Stockholm"},
		{"Malmö", "", "211 18", "SE", "Europe/Stockholm"},
		{"Göteborg", "", "411 03", "SE", "Europe/Stockholm"},
		{"Umeå", "", "903 26", "SE", "Europe/Stockholm"},
	},
	"DK": {
		{"København", "", "1577", "DK", "Europe/Copenhagen"},
		{"Aarhus", "", "8000", "DK", "Europe/Copenhagen"},
		{"Odense", "", "5000", "DK", "Europe/Copenhagen"},
	},
	"PL": {
		{"Warszawa", "", "00-001", "PL", "Europe/Warsaw"},
		{"Łódź", "", "90-001", "PL", "Europe/Warsaw"},
		{"Kraków", "", "30-001", "PL", "Europe/Warsaw"},
		{"Gdańsk", "", "80-001", "PL", "Europe/Warsaw"},
		{"Wrocław", "", "50-001", "PL", "Europe/Warsaw"},
	},
	"UA": {
		{"Київ", "", "01001", "UA", "Europe/Kyiv"},
		{"Львів", "", "79000", "UA", "Europe/Kyiv"},
		{"Одеса", "", "65000", "UA", "Europe/Kyiv"},
		{"Дніпро", "", "49000", "UA", "Europe/Kyiv"},
	},
	"CN": {
		{"Shenzhen", "Guangdong", "518000", "CN", "Asia/Shanghai"},
		{"Shanghai", "Shanghai", "200000", "CN", "Asia/Shanghai"},
		{"Guangzhou", "Guangdong", "510000", "CN", "Asia/Shanghai"},
		{"Beijing", "Beijing", "100000", "CN", "Asia/Shanghai"},
		{"Chengdu", "Sichuan", "610000", "CN", "Asia/Shanghai"},
		{"Hangzhou", "Zhejiang", "310000", "CN", "Asia/Shanghai"},
	},
	"JP": {
		{"Narita", "Chiba", "286-0104", "JP", "Asia/Tokyo"},
		{"Tokyo", "Tokyo", "100-0001", "JP", "Asia/Tokyo"},
		{"Osaka", "Osaka", "530-0001", "JP", "Asia/Tokyo"},
	},
	"AU": {
		{"Sydney", "NSW", "2000", "AU", "Australia/Sydney"},
		{"Melbourne", "VIC", "3000", "AU", "Australia/Melbourne"},
		{"Brisbane", "QLD", "4000", "AU", "Australia/Brisbane"},
		{"Adelaide", "SA", "5000", "AU", "Australia/Adelaide"},
		{"Perth", "WA", "6000", "AU", "Australia/Perth"},
		{"Darwin", "NT", "0800", "AU", "Australia/Darwin"},
	},
	"BR": {
		{"Curitiba", "PR", "80010-000", "BR", "America/Sao_Paulo"},
		{"São Paulo", "SP", "01001-000", "BR", "America/Sao_Paulo"},
		{"Rio de Janeiro", "RJ", "20010-000", "BR", "America/Sao_Paulo"},
		{"Belo Horizonte", "MG", "30110-000", "BR", "America/Sao_Paulo"},
		{"Recife", "PE", "50010-000", "BR", "America/Sao_Paulo"},
		{"Porto Alegre", "RS", "90010-000", "BR", "America/Sao_Paulo"},
	},
	"AE": {
		{"Dubai", "", "", "AE", "Asia/Dubai"},
		{"Abu Dhabi", "", "", "AE", "Asia/Dubai"},
		{"Sharjah", "", "", "AE", "Asia/Dubai"},
	},
	"SA": {
		{"Riyadh", "", "11564", "SA", "Asia/Riyadh"},
		{"Jeddah", "", "21442", "SA", "Asia/Riyadh"},
	},
	"IN": {
		{"Mumbai", "MH", "400001", "IN", "Asia/Kolkata"},
		{"New Delhi", "DL", "110001", "IN", "Asia/Kolkata"},
		{"Bengaluru", "KA", "560001", "IN", "Asia/Kolkata"},
	},
}

// union are the countries with no customs between them: the world's part of the
// European Union.
var union = map[string]bool{"DE": true, "FR": true, "NL": true, "SE": true, "DK": true, "PL": true}

// countryNames are the names that answers spell out, in English.
var countryNames = map[string]string{
	"US": "United States", "CA": "Canada", "GB": "United Kingdom", "DE": "Germany", "FR": "France",
	"NL": "Netherlands", "SE": "Sweden", "DK": "Denmark", "PL": "Poland", "UA": "Ukraine", "CN": "China",
	"JP": "Japan", "AU": "Australia", "BR": "Brazil", "AE": "United Arab Emirates", "SA": "Saudi Arabia", "IN": "India",
}

// countryName is a country's name, its code where the world has no city in it.
func countryName(code string) string { return cmp.Or(countryNames[code], code) }

// alpha3 are the three-letter codes that answers use instead.
var alpha3 = map[string]string{
	"US": "USA", "CA": "CAN", "GB": "GBR", "DE": "DEU", "FR": "FRA", "NL": "NLD", "SE": "SWE", "DK": "DNK",
	"PL": "POL", "UA": "UKR", "CN": "CHN", "JP": "JPN", "AU": "AUS", "BR": "BRA", "AE": "ARE", "SA": "SAU", "IN": "IND",
}

// zones are the time zones of all cities, read once.
var zones = func() map[string]*time.Location {
	all := map[string]*time.Location{}
	for _, of := range cities {
		for _, p := range of {
			loc, err := time.LoadLocation(p.Zone)
			if err != nil {
				panic("sim: " + err.Error())
			}
			all[p.Zone] = loc
		}
	}
	return all
}()

// A dice makes all choices about one number, the same ones every time.
type dice struct{ state uint64 }

// roll starts the choices that words decide about.
func roll(words ...string) *dice {
	h := fnv.New64a()
	for _, word := range words {
		h.Write([]byte(word))
		h.Write([]byte{0})
	}
	return &dice{h.Sum64()}
}

// next is the next 64 bits (splitmix64, public domain, by Sebastiano Vigna).
func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below is a number from 0 to n−1.
func (d *dice) below(n int) int { return int(d.next() % uint64(n)) }

// chance is true percent times in a hundred.
func (d *dice) chance(percent int) bool { return d.below(100) < percent }

// between is a time between least and most, in whole seconds.
func (d *dice) between(least, most time.Duration) time.Duration {
	if most <= least {
		return least
	}
	return least + time.Duration(d.below(int((most-least)/time.Second)))*time.Second
}

// one is one of several.
func one[T any](d *dice, of []T) T { return of[d.below(len(of))] }
