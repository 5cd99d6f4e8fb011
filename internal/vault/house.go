package vault

import (
	"context"
	"errors"

	"waypost/internal/inventory"
)

// house stands for the installation where a value is nobody's and must not be
// read all the same. No account's id looks like it.
const house inventory.Subject = "house"

// House returns what seals and opens what belongs to nobody, with a key of the
// installation's own. It lies in the key store as every subject's does, so it
// is in no backup of the data, and goes through a change of the regional key.
// It is made when it is first asked for.
func (v *Vault) House(ctx context.Context) (*Sealer, error) {
	k, err := v.Key(ctx, house)
	if !errors.Is(err, ErrNoKey) {
		return k, err
	}
	if err := v.Create(ctx, house); err != nil {
		return nil, err
	}
	return v.Key(ctx, house)
}

// HasHouse reports whether this store has the installation's key.
func (v *Vault) HasHouse(ctx context.Context) (bool, error) {
	_, err := v.Key(ctx, house)
	if errors.Is(err, ErrNoKey) {
		return false, nil
	}
	return err == nil, err
}
