package watch

import (
	"log/slog"

	"waypost/internal/inventory"
)

// LogValue keeps slog from showing it.
func (Words) LogValue() slog.Value { return inventory.Hidden }

// LogValue keeps slog from showing it.
func (Watch) LogValue() slog.Value { return inventory.Hidden }
