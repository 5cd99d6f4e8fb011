package place

import "strings"

// countryZones are the countries whose parcels keep one clock, by ISO 3166-1
// alpha-2. Second zones that no carrier's clock keeps (Büsingen, Ürümqi, the
// Chatham Islands) don't count; far-off islands (the Canaries, the Azores) do.
// Source: zone.tab of the IANA time zone database.
var countryZones = map[string]string{
	"AD": "Europe/Andorra", "AE": "Asia/Dubai", "AF": "Asia/Kabul", "AG": "America/Antigua",
	"AI": "America/Anguilla", "AL": "Europe/Tirane", "AM": "Asia/Yerevan", "AO": "Africa/Luanda",
	"AR": "America/Argentina/Buenos_Aires", "AS": "Pacific/Pago_Pago", "AT": "Europe/Vienna",
	"AW": "America/Aruba", "AX": "Europe/Mariehamn", "AZ": "Asia/Baku", "BA": "Europe/Sarajevo",
	"BB": "America/Barbados", "BD": "Asia/Dhaka", "BE": "Europe/Brussels", "BF": "Africa/Ouagadougou",
	"BG": "Europe/Sofia", "BH": "Asia/Bahrain", "BI": "Africa/Bujumbura", "BJ": "Africa/Porto-Novo",
	"BL": "America/St_Barthelemy", "BM": "Atlantic/Bermuda", "BN": "Asia/Brunei", "BO": "America/La_Paz",
	"BQ": "America/Kralendijk", "BS": "America/Nassau", "BT": "Asia/Thimphu", "BW": "Africa/Gaborone",
	"BY": "Europe/Minsk", "BZ": "America/Belize", "CC": "Indian/Cocos", "CF": "Africa/Bangui",
	"CG": "Africa/Brazzaville", "CH": "Europe/Zurich", "CI": "Africa/Abidjan", "CK": "Pacific/Rarotonga",
	"CM": "Africa/Douala", "CN": "Asia/Shanghai", "CO": "America/Bogota", "CR": "America/Costa_Rica",
	"CU": "America/Havana", "CV": "Atlantic/Cape_Verde", "CW": "America/Curacao", "CX": "Indian/Christmas",
	"CY": "Asia/Nicosia", "CZ": "Europe/Prague", "DE": "Europe/Berlin", "DJ": "Africa/Djibouti",
	"DK": "Europe/Copenhagen", "DM": "America/Dominica", "DO": "America/Santo_Domingo", "DZ": "Africa/Algiers",
	"EE": "Europe/Tallinn", "EG": "Africa/Cairo", "EH": "Africa/El_Aaiun", "ER": "Africa/Asmara",
	"ET": "Africa/Addis_Ababa", "FI": "Europe/Helsinki", "FJ": "Pacific/Fiji", "FK": "Atlantic/Stanley",
	"FO": "Atlantic/Faroe", "FR": "Europe/Paris", "GA": "Africa/Libreville", "GB": "Europe/London",
	"GD": "America/Grenada", "GE": "Asia/Tbilisi", "GF": "America/Cayenne", "GG": "Europe/Guernsey",
	"GH": "Africa/Accra", "GI": "Europe/Gibraltar", "GM": "Africa/Banjul", "GN": "Africa/Conakry",
	"GP": "America/Guadeloupe", "GQ": "Africa/Malabo", "GR": "Europe/Athens", "GS": "Atlantic/South_Georgia",
	"GT": "America/Guatemala", "GU": "Pacific/Guam", "GW": "Africa/Bissau", "GY": "America/Guyana",
	"HK": "Asia/Hong_Kong", "HN": "America/Tegucigalpa", "HR": "Europe/Zagreb", "HT": "America/Port-au-Prince",
	"HU": "Europe/Budapest", "IE": "Europe/Dublin", "IL": "Asia/Jerusalem", "IM": "Europe/Isle_of_Man",
	"IN": "Asia/Kolkata", "IO": "Indian/Chagos", "IQ": "Asia/Baghdad", "IR": "Asia/Tehran",
	"IS": "Atlantic/Reykjavik", "IT": "Europe/Rome", "JE": "Europe/Jersey", "JM": "America/Jamaica",
	"JO": "Asia/Amman", "JP": "Asia/Tokyo", "KE": "Africa/Nairobi", "KG": "Asia/Bishkek", "KH": "Asia/Phnom_Penh",
	"KM": "Indian/Comoro", "KN": "America/St_Kitts", "KP": "Asia/Pyongyang", "KR": "Asia/Seoul",
	"KW": "Asia/Kuwait", "KY": "America/Cayman", "LA": "Asia/Vientiane", "LB": "Asia/Beirut",
	"LC": "America/St_Lucia", "LI": "Europe/Vaduz", "LK": "Asia/Colombo", "LR": "Africa/Monrovia",
	"LS": "Africa/Maseru", "LT": "Europe/Vilnius", "LU": "Europe/Luxembourg", "LV": "Europe/Riga",
	"LY": "Africa/Tripoli", "MA": "Africa/Casablanca", "MC": "Europe/Monaco", "MD": "Europe/Chisinau",
	"ME": "Europe/Podgorica", "MF": "America/Marigot", "MG": "Indian/Antananarivo", "MK": "Europe/Skopje",
	"ML": "Africa/Bamako", "MM": "Asia/Yangon", "MO": "Asia/Macau", "MP": "Pacific/Saipan",
	"MQ": "America/Martinique", "MR": "Africa/Nouakchott", "MS": "America/Montserrat", "MT": "Europe/Malta",
	"MU": "Indian/Mauritius", "MV": "Indian/Maldives", "MW": "Africa/Blantyre", "MY": "Asia/Kuala_Lumpur",
	"MZ": "Africa/Maputo", "NA": "Africa/Windhoek", "NC": "Pacific/Noumea", "NE": "Africa/Niamey",
	"NF": "Pacific/Norfolk", "NG": "Africa/Lagos", "NI": "America/Managua", "NL": "Europe/Amsterdam",
	"NO": "Europe/Oslo", "NP": "Asia/Kathmandu", "NR": "Pacific/Nauru", "NU": "Pacific/Niue",
	"NZ": "Pacific/Auckland", "OM": "Asia/Muscat", "PA": "America/Panama", "PE": "America/Lima",
	"PH": "Asia/Manila", "PK": "Asia/Karachi", "PL": "Europe/Warsaw", "PM": "America/Miquelon",
	"PN": "Pacific/Pitcairn", "PR": "America/Puerto_Rico", "PS": "Asia/Gaza", "PW": "Pacific/Palau",
	"PY": "America/Asuncion", "QA": "Asia/Qatar", "RE": "Indian/Reunion", "RO": "Europe/Bucharest",
	"RS": "Europe/Belgrade", "RW": "Africa/Kigali", "SA": "Asia/Riyadh", "SB": "Pacific/Guadalcanal",
	"SC": "Indian/Mahe", "SD": "Africa/Khartoum", "SE": "Europe/Stockholm", "SG": "Asia/Singapore",
	"SH": "Atlantic/St_Helena", "SI": "Europe/Ljubljana", "SJ": "Arctic/Longyearbyen", "SK": "Europe/Bratislava",
	"SL": "Africa/Freetown", "SM": "Europe/San_Marino", "SN": "Africa/Dakar", "SO": "Africa/Mogadishu",
	"SR": "America/Paramaribo", "SS": "Africa/Juba", "ST": "Africa/Sao_Tome", "SV": "America/El_Salvador",
	"SX": "America/Lower_Princes", "SY": "Asia/Damascus", "SZ": "Africa/Mbabane", "TC": "America/Grand_Turk",
	"TD": "Africa/Ndjamena", "TF": "Indian/Kerguelen", "TG": "Africa/Lome", "TH": "Asia/Bangkok",
	"TJ": "Asia/Dushanbe", "TK": "Pacific/Fakaofo", "TL": "Asia/Dili", "TM": "Asia/Ashgabat", "TN": "Africa/Tunis",
	"TO": "Pacific/Tongatapu", "TR": "Europe/Istanbul", "TT": "America/Port_of_Spain", "TV": "Pacific/Funafuti",
	"TW": "Asia/Taipei", "TZ": "Africa/Dar_es_Salaam", "UA": "Europe/Kyiv", "UG": "Africa/Kampala",
	"UY": "America/Montevideo", "UZ": "Asia/Tashkent", "VA": "Europe/Vatican", "VC": "America/St_Vincent",
	"VE": "America/Caracas", "VG": "America/Tortola", "VI": "America/St_Thomas", "VN": "Asia/Ho_Chi_Minh",
	"VU": "Pacific/Efate", "WF": "Pacific/Wallis", "WS": "Pacific/Apia", "YE": "Asia/Aden", "YT": "Indian/Mayotte",
	"ZA": "Africa/Johannesburg", "ZM": "Africa/Lusaka", "ZW": "Africa/Harare",
}

// stateZones are the zones of states and provinces that have one, by ISO
// 3166-2 without the country. Source: the IANA time zone database, and each
// country's law on its zones.
var stateZones = map[string]map[string]string{
	"US": byState(map[string]string{
		"America/New_York":    "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
		"America/Chicago":     "AL AR IA IL LA MN MO MS OK WI",
		"America/Denver":      "CO MT NM UT WY",
		"America/Phoenix":     "AZ",
		"America/Los_Angeles": "CA NV WA",
		"America/Puerto_Rico": "PR VI",
		"Pacific/Honolulu":    "HI",
		"Pacific/Guam":        "GU MP",
		"Pacific/Pago_Pago":   "AS",
	}),
	"CA": byState(map[string]string{
		"America/Halifax":    "NB NS PE",
		"America/Toronto":    "QC",
		"America/Winnipeg":   "MB",
		"America/Regina":     "SK",
		"America/Edmonton":   "AB NT",
		"America/Whitehorse": "YT",
	}),
	"AU": byState(map[string]string{
		"Australia/Sydney":    "ACT NSW",
		"Australia/Melbourne": "VIC",
		"Australia/Brisbane":  "QLD",
		"Australia/Adelaide":  "SA",
		"Australia/Hobart":    "TAS",
		"Australia/Darwin":    "NT",
		"Australia/Perth":     "WA",
	}),
	"BR": byState(map[string]string{
		"America/Sao_Paulo":   "DF ES GO MG PR RJ RS SC SP",
		"America/Fortaleza":   "AL AP BA CE MA PA PB PE PI RN SE TO",
		"America/Cuiaba":      "MT MS",
		"America/Porto_Velho": "RO RR",
		"America/Rio_Branco":  "AC",
	}),
	"MX": byState(map[string]string{
		"America/Mexico_City": "AGU CAM CHP CMX COL DUR GRO GUA HID JAL MEX MIC MOR OAX PUE QUE SLP TAB TLA VER YUC ZAC",
		"America/Cancun":      "ROO",
		"America/Mazatlan":    "BCS SIN",
		"America/Hermosillo":  "SON",
		"America/Tijuana":     "BCN",
	}),
	"RU": byState(map[string]string{
		"Europe/Kaliningrad": "KGD",
		"Europe/Moscow": "AD ARK BEL BRY CE CU DA IN IVA KB KC KDA KIR KL KLU KO KOS KR KRS LEN LIP ME MO MOS MOW MUR " +
			"NEN NGR NIZ ORL PNZ PSK RYA ROS SE SMO SPE STA TA TAM TUL TVE VLA VLG VOR YAR",
		"Europe/Samara":      "SAM UD",
		"Europe/Saratov":     "AST SAR ULY",
		"Europe/Volgograd":   "VGG",
		"Asia/Yekaterinburg": "BA CHE KGN KHM ORE PER SVE TYU YAN",
		"Asia/Omsk":          "OMS",
		"Asia/Krasnoyarsk":   "AL ALT KEM KK KYA NVS TOM TY",
		"Asia/Irkutsk":       "BU IRK",
		"Asia/Chita":         "AMU ZAB",
		"Asia/Vladivostok":   "KHA PRI YEV",
		"Asia/Magadan":       "MAG",
		"Asia/Kamchatka":     "CHU KAM",
	}),
}

// byState turns "zone: states" round into "state: zone".
func byState(zones map[string]string) map[string]string {
	states := map[string]string{}
	for zone, list := range zones {
		for _, s := range strings.Fields(list) {
			states[s] = zone
		}
	}
	return states
}

// stateNames are the states as carriers write them out, in upper case.
var stateNames = map[string]map[string]string{
	"US": {
		"ALABAMA": "AL", "ARKANSAS": "AR", "ARIZONA": "AZ", "CALIFORNIA": "CA", "COLORADO": "CO", "CONNECTICUT": "CT",
		"DISTRICT OF COLUMBIA": "DC", "DELAWARE": "DE", "GEORGIA": "GA", "HAWAII": "HI", "IOWA": "IA", "ILLINOIS": "IL",
		"LOUISIANA": "LA", "MASSACHUSETTS": "MA", "MARYLAND": "MD", "MAINE": "ME", "MINNESOTA": "MN", "MISSOURI": "MO",
		"MISSISSIPPI": "MS", "MONTANA": "MT", "NORTH CAROLINA": "NC", "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ",
		"NEW MEXICO": "NM", "NEVADA": "NV", "NEW YORK": "NY", "OHIO": "OH", "OKLAHOMA": "OK", "PENNSYLVANIA": "PA",
		"PUERTO RICO": "PR", "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC", "UTAH": "UT", "VIRGINIA": "VA", "VERMONT": "VT",
		"WASHINGTON": "WA", "WISCONSIN": "WI", "WEST VIRGINIA": "WV", "WYOMING": "WY",
		"ALASKA": "AK", "FLORIDA": "FL", "IDAHO": "ID", "INDIANA": "IN", "KANSAS": "KS", "KENTUCKY": "KY", "MICHIGAN": "MI",
		"NORTH DAKOTA": "ND", "NEBRASKA": "NE", "OREGON": "OR", "SOUTH DAKOTA": "SD", "TENNESSEE": "TN", "TEXAS": "TX",
	},
	"CA": {
		"ALBERTA": "AB", "MANITOBA": "MB", "NEW BRUNSWICK": "NB", "NOVA SCOTIA": "NS", "NORTHWEST TERRITORIES": "NT",
		"PRINCE EDWARD ISLAND": "PE", "QUEBEC": "QC", "QUÉBEC": "QC", "SASKATCHEWAN": "SK", "YUKON": "YT",
		"BRITISH COLUMBIA": "BC", "NEWFOUNDLAND AND LABRADOR": "NL", "NUNAVUT": "NU", "ONTARIO": "ON",
	},
	"AU": {
		"AUSTRALIAN CAPITAL TERRITORY": "ACT", "NEW SOUTH WALES": "NSW", "VICTORIA": "VIC", "QUEENSLAND": "QLD",
		"SOUTH AUSTRALIA": "SA", "TASMANIA": "TAS", "NORTHERN TERRITORY": "NT", "WESTERN AUSTRALIA": "WA",
	},
}
