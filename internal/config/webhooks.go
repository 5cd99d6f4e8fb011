package config

import "time"

// Webhooks are how members' programs are told of what happens.
type Webhooks struct {
	// Allow are hosts, HOST or HOST:PORT, that may lie inside the operator's own
	// network and be called without encryption. Default none: endpoints are part of
	// the public internet.
	Allow []string `koanf:"allow"`
	// PlainHTTP lets members name any public address without encryption. Default no.
	PlainHTTP bool `koanf:"plain_http"`
	// Timeout is how long a receiver has to answer, 1s to 1m. Default 10s.
	Timeout time.Duration `koanf:"timeout"`
	// Concurrency is how many events are delivered to one endpoint at the same time,
	// 1 to 256. Default 16.
	Concurrency int `koanf:"concurrency"`
}

func (w Webhooks) check(wrong func(name, format string, args ...any)) {
	if w.Timeout < time.Second || w.Timeout > time.Minute {
		wrong("webhooks.timeout", "%v is not between 1s and 1m", w.Timeout)
	}
	if w.Concurrency < 1 || w.Concurrency > 256 {
		wrong("webhooks.concurrency", "%d is not between 1 and 256", w.Concurrency)
	}
}
