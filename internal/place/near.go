package place

import "time"

// Near returns a clock that is at most some hours from the place's: its own,
// else that of most people in its state or country. It tells what came before
// what, and nothing else: no time is shown by it.
func Near(p Place) (*time.Location, bool) {
	if zone, ok := Zone(p); ok {
		return zone, true
	}
	name, ok := mostly[p.Country][stateCode(p.Country, p.Region)]
	if !ok {
		name, ok = mostly[p.Country][""]
	}
	if !ok {
		return nil, false
	}
	return load(name)
}

// mostly are the clocks that most people of a country with several zones keep,
// as "", and those of its states that lie in two, by ISO 3166-2. Source: the
// IANA time zone database.
var mostly = map[string]map[string]string{
	"US": {
		"": "America/Chicago", "AK": "America/Anchorage", "FL": "America/New_York", "ID": "America/Boise",
		"IN": "America/Indiana/Indianapolis", "KS": "America/Chicago", "KY": "America/New_York", "MI": "America/Detroit",
		"ND": "America/Chicago", "NE": "America/Chicago", "OR": "America/Los_Angeles", "SD": "America/Chicago",
		"TN": "America/Chicago", "TX": "America/Chicago",
	},
	"CA": {"": "America/Winnipeg", "BC": "America/Vancouver", "NL": "America/St_Johns", "NU": "America/Iqaluit", "ON": "America/Toronto"},
	"AU": {"": "Australia/Adelaide"},
	"BR": {"": "America/Sao_Paulo", "AM": "America/Manaus"},
	"MX": {"": "America/Mexico_City", "CHH": "America/Chihuahua", "COA": "America/Monterrey", "NAY": "America/Mazatlan", "NLE": "America/Monterrey", "TAM": "America/Monterrey"},
	"RU": {"": "Europe/Moscow", "SA": "Asia/Yakutsk", "SAK": "Asia/Sakhalin"},
	"ES": {"": "Europe/Madrid"}, "PT": {"": "Europe/Lisbon"}, "CL": {"": "America/Santiago"}, "EC": {"": "America/Guayaquil"},
	"ID": {"": "Asia/Jakarta"}, "KZ": {"": "Asia/Almaty"}, "MN": {"": "Asia/Ulaanbaatar"}, "CD": {"": "Africa/Kinshasa"},
	"GL": {"": "America/Nuuk"}, "PG": {"": "Pacific/Port_Moresby"}, "PF": {"": "Pacific/Tahiti"}, "FM": {"": "Pacific/Pohnpei"},
	"KI": {"": "Pacific/Tarawa"}, "MH": {"": "Pacific/Majuro"},
}
