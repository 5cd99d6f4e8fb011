package site

import (
	"net/http"

	"waypost/internal/recognise"
)

// knowFor is what is known of carriers, for somebody to whom those of their own
// country or region are likelier.
func (s *Site) knowFor(r *http.Request) Knowledge {
	k := s.know()
	if s.country == nil {
		return k
	}
	if country := s.country(r); country != "" {
		k.Index = homely{k.Index, country}
	}
	return k
}

// A homely index takes numbers for those of a country's people.
type homely struct {
	Index
	country string
}

func (x homely) Text(text string, h recognise.Hints) recognise.Found {
	h.Country = x.country
	return x.Index.Text(text, h)
}

func (x homely) Number(text string, h recognise.Hints) recognise.Number {
	h.Country = x.country
	return x.Index.Number(text, h)
}
