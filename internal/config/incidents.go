package config

// Incidents is what is done when something happens to people's data.
type Incidents struct {
	// Authorities are those that are to be told, by the regions of Database.People.
	// Default for each: one by the law gdpr, without a name.
	Authorities map[string][]Authority `koanf:"authorities"`
}

// An Authority is one that is to be told of incidents.
type Authority struct {
	// Law is why: gdpr, uk_gdpr, pipl, cert_in, lgpd, pdpa_sg, or other.
	Law     string `koanf:"law"`
	Name    string `koanf:"name"`
	Contact string `koanf:"contact"` // where it is told: an address of any kind
	// Hours is how soon after an incident was noticed, at most 2160. Default what
	// the law says; of another law 0, at once.
	Hours int `koanf:"hours"`
	// Source is where the law says so; needed of another law.
	Source string `koanf:"source"`
}
