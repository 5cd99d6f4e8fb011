package provider

import (
	"bytes"
	"io"
	"net/http"

	"waypost/internal/outbound"
)

// transport lets the OpenID Connect library call through our client, with its
// limits and its guard. A refused GET comes without its body, which the library
// would put into the text of an error.
type transport struct{ client *outbound.Client }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := t.client.Do(r.Context(), r.Clone(r.Context()))
	if err != nil {
		return nil, err
	}
	if r.Method == http.MethodGet && answer.Status != http.StatusOK {
		answer.Body = nil
	}
	return &http.Response{
		Status:        http.StatusText(answer.Status),
		StatusCode:    answer.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        answer.Header,
		Body:          io.NopCloser(bytes.NewReader(answer.Body)),
		ContentLength: int64(len(answer.Body)),
		Request:       r,
	}, nil
}
