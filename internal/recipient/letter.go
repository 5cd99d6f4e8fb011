package recipient

import (
	"context"
	"net/url"
	"strings"

	"waypost/internal/locale"
	"waypost/internal/mail"
)

const mailKind = mail.Notice

// letter is what a service is written.
func (r *Recipients) letter(id string, to To, c content) mail.Letter {
	w := locale.Choose(r.words, r.o.Lang)
	site := r.o.URL
	if u, err := url.Parse(r.o.URL); err == nil && u.Host != "" {
		site = u.Host
	}
	return mail.Letter{
		Lang: w.Lang, Dir: w.Dir, Title: w.Say("erased.title", "site", site),
		Paragraphs: []string{
			w.Say("erased.lead", "site", site, "who", r.Called(to, w.Lang)),
			w.Say("erased.known."+string(to.Party), "site", site),
			strings.Join(c.Names, ", "),
			w.Say("erased.please"),
		},
		Button: mail.Button{Text: w.Say("erased.confirm"), URL: r.o.URL + "/told/" + id + "/" + c.Secret},
		Small:  []string{w.Say("erased.number", "id", id), w.Say("erased.law")},
	}
}

// Letter is the letter of an open notice, for the staff to send it by another way;
// ErrOver when there is none.
func (s *Store) Letter(ctx context.Context, id string) (mail.Letter, error) {
	c, to, _, err := s.read(ctx, id)
	if err != nil {
		return mail.Letter{}, err
	}
	return s.all.letter(id, to, c), nil
}
