package vault

import "waypost/internal/inventory"

// How long things are kept.
var (
	keysEnd  = inventory.Retention{Rule: inventory.UntilErased}
	proofEnd = inventory.Retention{Rule: inventory.ForGood}
)

// Fields declares the store's columns.
func (*Vault) Fields() []inventory.Field {
	var fields []inventory.Field
	key := inventory.Field{
		Table: "subject_key", Whose: inventory.Member, Kind: inventory.Keys, Purpose: inventory.ForErasure,
		Basis: inventory.Contract, Source: inventory.Own, Retention: keysEnd, Region: inventory.Home,
	}
	proof := key
	proof.Basis, proof.Retention, proof.Stays = inventory.Law, proofEnd, true
	for _, t := range []inventory.Table{
		{
			Field: inventory.Field{Table: "root_key", Whose: inventory.Nobody},
			Plain: [][2]string{
				{"one", "there is one"},
				{"regional", "the regional key that the store needs"},
				{"wrapped", "the secret of keyed hashes, wrapped"},
			},
		},
		{
			Field:  key,
			Codes:  [][2]string{{"regional", "the regional key that wraps the account's key"}},
			Sealed: [][2]string{{"wrapped", "the key that the account's data is encrypted with, wrapped"}},
		},
		{
			Field:  proof,
			Hashed: [][2]string{{"name", "finds an account's key, and proves later that it was destroyed, by a keyed hash that says nothing to anybody else"}},
			Plain:  [][2]string{{"destroyed_ms", "proves when the account's data was erased"}},
		},
	} {
		fields = append(fields, t.Fields()...)
	}
	return fields
}
