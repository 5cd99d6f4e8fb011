package sms

import (
	"log/slog"

	"waypost/internal/inventory"
)

// LogValue keeps slog from showing it.
func (Message) LogValue() slog.Value { return inventory.Hidden }
