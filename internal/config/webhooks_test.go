package config

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestWebhooks(t *testing.T) {
	c, err := Load("", []string{"WAYPOST_WEBHOOKS__ALLOW=hooks.internal,10.0.0.7:8080"}, map[string]any{"webhooks.plain_http": true})
	want := Webhooks{Allow: []string{"hooks.internal", "10.0.0.7:8080"}, PlainHTTP: true, Timeout: 10 * time.Second, Concurrency: 16}
	if err != nil || !reflect.DeepEqual(c.Webhooks, want) {
		t.Errorf("got %+v, %v, want %+v", c.Webhooks, err, want)
	}
	for name, value := range map[string]any{"webhooks.timeout": "2m", "webhooks.concurrency": 0} {
		if _, err := Load("", nil, map[string]any{name: value}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s = %v: got error %v", name, value, err)
		}
	}
}
