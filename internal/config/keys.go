package config

import (
	"encoding/base64"
	"path/filepath"
	"strings"
)

// keyLength is that of a regional key, in bytes.
const keyLength = 32

// House is the name in Keys of the store that holds the installation's own keys.
const House = "house"

// completeKeys gives every region of people its key store, and the installation its
// own where one is named.
func (c *Config) completeKeys(wrong func(name, format string, args ...any)) {
	if _, ok := c.Database.People[House]; ok {
		wrong("database.people."+House, "is the name of the installation's own keys; give the region another one")
	}
	for region := range c.Keys {
		if region == House {
			continue
		}
		if _, ok := c.Database.People[region]; !ok {
			wrong("keys."+region, "database.people has no region of that name")
		}
	}
	all := map[string]Keys{}
	for region, data := range c.Database.People {
		all[region] = c.Keys[region].complete("keys."+region, region, c.Data, data, wrong)
	}
	if house, ok := c.Keys[House]; ok {
		all[House] = house.complete("keys."+House, House, c.Data, c.Database.Parcels, wrong)
	}
	c.Keys = all
	for region, k := range c.Keys {
		if c.holdsData(k.Store) {
			wrong("keys."+region+".store", "names a database that holds data; keys lie in one of their own, so that no backup holds both")
		}
	}
}

func (k Keys) complete(at, region, folder string, data Secret, wrong func(name, format string, args ...any)) Keys {
	switch {
	case k.Store != "":
		checkDatabase(wrong, at+".store", k.Store)
	case strings.HasPrefix(string(data), "postgres"):
		wrong(at+".store", "must be named where the region's data is in PostgreSQL: another database of it, which all replicas share")
	default:
		k.Store = Secret("sqlite:" + filepath.Join(folder, "keys", region+".db"))
	}
	switch {
	case k.File != "" && len(k.Key) > 0:
		wrong(at, "either file or key, not both")
	case len(k.Key) == 0 && k.File == "":
		k.File = filepath.Join(folder, "keys", region+".key")
	}
	for _, text := range k.Key {
		if key, err := base64.StdEncoding.DecodeString(string(text)); err != nil || len(key) != keyLength {
			wrong(at+".key", "is not 32 bytes in base64, as `openssl rand -base64 32` prints them")
		}
	}
	return k
}

// holdsData reports whether the address is that of a database of data.
func (c *Config) holdsData(store Secret) bool {
	if store == "" {
		return false
	}
	for _, data := range c.Database.People {
		if sameDatabase(data, store) {
			return true
		}
	}
	return sameDatabase(c.Database.Parcels, store)
}

func sameDatabase(a, b Secret) bool {
	fileA, sqliteA := strings.CutPrefix(string(a), "sqlite:")
	fileB, sqliteB := strings.CutPrefix(string(b), "sqlite:")
	if sqliteA && sqliteB {
		return filepath.Clean(fileA) == filepath.Clean(fileB)
	}
	return a == b
}

// Folder is where the key store's file lies, "" when it is in PostgreSQL.
func (k Keys) Folder() string {
	file, ok := strings.CutPrefix(string(k.Store), "sqlite:")
	if !ok {
		return ""
	}
	return filepath.Dir(file)
}
