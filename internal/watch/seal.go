package watch

import (
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
	return k.SealJSON(fieldWords, w)
}
