package sms

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"waypost/internal/fault"
	"waypost/internal/outbound"
)

// A call is what a provider was asked.
type call struct {
	*http.Request
	body string
}

// fake runs a provider that answers always the same, and the client that may call it.
func fake(t *testing.T, status int, answer string) (base string, client *outbound.Client, calls *[]call) {
	t.Helper()
	calls = new([]call)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*calls = append(*calls, call{r, string(body)})
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	client = outbound.New(outbound.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
	return server.URL, client, calls
}

var hello = Message{To: "+41790000001", Text: "482913 is your \"code\" & more: 您好\n+1", Kind: Code, Params: map[string]string{"code": "482913"}}

// tells reports a fault that gives the message away.
func tells(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{"790000001", "482913"} {
		if strings.Contains(err.Error(), secret) || strings.Contains(fault.Text(err), secret) {
			t.Errorf("the error tells %q: %v", secret, err)
		}
	}
}

func TestAMessageIsCheckedFirst(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Message)
	}{
		{"a national number", func(m *Message) { m.To = "0790000001" }},
		{"no country begins with 0", func(m *Message) { m.To = "+0790000001" }},
		{"spaces in a number", func(m *Message) { m.To = "+41 79 000 00 01" }},
		{"two numbers", func(m *Message) { m.To = "+41790000001,+41790000002" }},
		{"a line break after a number", func(m *Message) { m.To = "+41790000001\n" }},
		{"too many digits", func(m *Message) { m.To = "+4179000000100000" }},
		{"no text", func(m *Message) { m.Text = " \x00\n" }},
		{"a long text", func(m *Message) { m.Text = strings.Repeat("您", maxText+1) }},
		{"broken UTF-8", func(m *Message) { m.Text = "a\xff" }},
		{"an unknown kind", func(m *Message) { m.Kind = "+41790000001" }},
	} {
		m := hello
		tc.change(&m)
		if _, err := m.Checked(); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: got %v", tc.name, err)
		}
	}
	m := hello
	m.Text = "a\x00b\r\nc"
	if got, err := m.Checked(); err != nil || got.Text != "a b \nc" {
		t.Errorf("control characters: %q, %v", got.Text, err)
	}
}

func TestAProviderThatHangsHoldsNobodyUp(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	client := outbound.New(outbound.Options{Allow: []string{strings.TrimPrefix(server.URL, "http://")}})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := NewTwilio(Twilio{Account: "AC1", Secret: "s", From: "Waypost", Base: server.URL}, client, nil).Send(ctx, hello)
	if !errors.Is(err, errUnreachable) || !errors.Is(err, ErrUnsure) {
		t.Errorf("got %v, want that nobody knows whether it left", err)
	}
	tells(t, err)
	client = outbound.New(outbound.Options{Allow: []string{"127.0.0.1"}})
	err = NewTwilio(Twilio{Account: "AC1", Secret: "s", From: "Waypost", Base: closed(t)}, client, nil).Send(t.Context(), hello)
	if !errors.Is(err, errUnreachable) || errors.Is(err, ErrUnsure) {
		t.Errorf("got %v, want that it didn't leave", err)
	}
}

// closed is an address at which nobody listens.
func closed(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	return server.URL
}

func TestAPrivateAddressNeedsTheOperatorsWord(t *testing.T) {
	base, _, calls := fake(t, 200, "")
	err := NewTwilio(Twilio{Account: "AC1", Secret: "s", From: "Waypost", Base: base}, outbound.New(outbound.Options{}), nil).Send(t.Context(), hello)
	if !errors.Is(err, outbound.ErrPrivate) || len(*calls) != 0 {
		t.Errorf("got %v after %d calls", err, len(*calls))
	}
}
