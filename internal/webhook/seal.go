package webhook

import (
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
