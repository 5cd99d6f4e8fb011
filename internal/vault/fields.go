package vault

import "waypost/internal/inventory"

// Fields declares the store's columns.
func (*Vault) Fields() []inventory.Field {
	const erased = "until the account's data is erased"
	return []inventory.Field{
		{Table: "root_key", Column: "one", Whose: inventory.Nobody, Purpose: "there is one"},
		{Table: "root_key", Column: "regional", Whose: inventory.Nobody, Purpose: "the regional key that the store needs"},
		{Table: "root_key", Column: "wrapped", Whose: inventory.Nobody, Purpose: "the secret of keyed hashes, wrapped"},
		{Table: "subject_key", Column: "name", Whose: inventory.Member, Basis: inventory.Law,
			Purpose:   "finds an account's key, and proves later that it was destroyed, by a keyed hash that says nothing to anybody else",
			Retention: "for good: after the erasure it is the proof of it"},
		{Table: "subject_key", Column: "regional", Whose: inventory.Member, Basis: inventory.Contract,
			Purpose: "the regional key that wraps the account's key", Retention: erased},
		{Table: "subject_key", Column: "wrapped", Whose: inventory.Member, Basis: inventory.Contract,
			Purpose: "the key that the account's data is encrypted with, wrapped", Retention: erased},
		{Table: "subject_key", Column: "destroyed_ms", Whose: inventory.Member, Basis: inventory.Law,
			Purpose: "proves when the account's data was erased", Retention: "for good: it is the proof of the erasure"},
	}
}
