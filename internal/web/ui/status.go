package ui

import (
	"errors"
	"net/http"

	"waypost/internal/fault"
)

// Status is the HTTP status that a page answers an error with.
func Status(err error) int {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Invalid, fault.Conflict, fault.Denied:
		return http.StatusBadRequest
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
