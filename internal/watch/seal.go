package watch

import (
	"encoding/json"
	"fmt"

	"waypost/internal/vault"
)

// The places of what is sealed. None is ever renamed.
const (
	fieldWords   vault.Field = "watch.watch.words"
	fieldBefore  vault.Field = "watch.watch_undo.before"
	fieldView    vault.Field = "watch.watch_view.detail"
	fieldContent vault.Field = "watch.watch_import.content"
	fieldPreview vault.Field = "watch.watch_import.preview"
)

// sealWords seals words; none are empty.
func sealWords(k *vault.Sealer, w Words) ([]byte, error) {
	if w.IsZero() {
		return []byte{}, nil
	}
	return sealJSON(k, fieldWords, w)
}

// sealJSON seals a value that goes through JSON.
func sealJSON(k *vault.Sealer, f vault.Field, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f, err)
	}
	return k.Seal(f, plain), nil
}

// openJSON opens what sealJSON sealed; nothing leaves v as it is.
func openJSON(k *vault.Sealer, f vault.Field, sealed []byte, v any) error {
	plain, err := k.Open(f, sealed)
	if err != nil || len(plain) == 0 {
		return err
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return nil
}
