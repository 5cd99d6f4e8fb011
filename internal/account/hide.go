package account

import (
	"log/slog"

	"waypost/internal/inventory"
)

// LogValue keeps slog from showing it.
func (Contact) LogValue() slog.Value { return inventory.Hidden }

// LogValue keeps slog from showing it.
func (Profile) LogValue() slog.Value { return inventory.Hidden }

// LogValue keeps slog from showing it.
func (Application) LogValue() slog.Value { return inventory.Hidden }
