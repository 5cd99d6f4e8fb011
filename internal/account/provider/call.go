package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"waypost/internal/outbound"
)

// A caller asks one provider, whose name is for the words of faults.
type caller struct {
	name   string
	client *outbound.Client
}

func (c caller) get(ctx context.Context, address string, query url.Values) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"?"+query.Encode(), nil)
	if err != nil {
		return nil, errSetup.With(c.name).Because(err)
	}
	return c.do(ctx, r)
}

func (c caller) post(ctx context.Context, address string, form url.Values) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, errSetup.With(c.name).Because(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")
	return c.do(ctx, r)
}

// do returns the body of an answer. A status of 4xx is no error: what is
// wrong stands in the body, in each provider's own way.
func (c caller) do(ctx context.Context, r *http.Request) ([]byte, error) {
	r.Header.Set("Accept", "application/json")
	answer, err := c.client.Do(ctx, r)
	if err != nil {
		return nil, errUnavailable.With(c.name).Because(err)
	}
	if answer.Status >= 500 || answer.Status == http.StatusTooManyRequests {
		return nil, errUnavailable.With(c.name).Because(fmt.Errorf("status %d", answer.Status))
	}
	return answer.Body, nil
}

// decode reads a JSON answer, whatever type it is labelled with.
func (c caller) decode(body []byte, into any) error {
	if err := json.Unmarshal(body, into); err != nil {
		return errUnavailable.With(c.name).Because(fmt.Errorf("answer is not the JSON that was expected, %d bytes", len(body)))
	}
	return nil
}

// text is a JSON value that providers write as a string, a number or a truth
// value; null and what is absent are "".
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	switch {
	case string(raw) == "null":
		*t = ""
	case raw[0] == '"':
		return json.Unmarshal(raw, (*string)(t))
	case raw[0] == '{' || raw[0] == '[':
		return fmt.Errorf("want a plain value, got %c", raw[0])
	default:
		*t = text(raw)
	}
	return nil
}
