package webhook

import (
	"encoding/json"
	"fmt"

	"waypost/internal/vault"
)

// The places of what is sealed. None is ever renamed.
const (
	fieldDetail   vault.Field = "webhook.webhook_event.detail"
	fieldHistory  vault.Field = "webhook.webhook_event.history"
	fieldStream   vault.Field = "webhook.webhook_event.stream"
	fieldSettings vault.Field = "webhook.webhook_endpoint.detail"
	fieldSecrets  vault.Field = "webhook.webhook_endpoint.secrets"
	fieldAnswer   vault.Field = "webhook.webhook_delivery.answer" // webhook_attempt.answer is moved there and back
)

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
