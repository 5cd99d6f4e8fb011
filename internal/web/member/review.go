package member

import (
	"context"
	"net/http"

	"waypost/internal/account"
	"waypost/internal/web/visit"
)

// Reviews is what the pages need of other rooms before somebody goes.
type Reviews interface {
	// Review says what the going of a session's owner touches.
	Review(ctx context.Context, who account.Session) (Review, error)
}

// A Review is what of a member's is under way and is touched when they go.
type Review struct {
	Passes        []string // business accounts that only they own, and that an admin gets
	Closes        []string // those without an admin
	Keys          int      // of programs, that aren't revoked
	Hooks         int      // endpoints that are on
	Waiting       int      // events that are still to be told
	Registrations int      // that aren't stopped
	Parcels       int      // saved
}

// reviewed says what a member's going touches; whole says that everything goes,
// and not only rests.
func (p *Pages) reviewed(r *http.Request, f *form, v visit.Visit, whole bool) (part, error) {
	touches := part{Title: f.say("review.title")}
	if p.reviews == nil {
		return part{}, nil
	}
	seen, err := p.reviews.Review(r.Context(), v.Session)
	if err != nil {
		return part{}, err
	}
	add := func(key string, n int) {
		if n > 0 {
			touches.Points = append(touches.Points, f.say(key, "n", n))
		}
	}
	if whole {
		for _, name := range seen.Passes {
			touches.Points = append(touches.Points, f.say("review.passes", "name", name))
		}
		for _, name := range seen.Closes {
			touches.Points = append(touches.Points, f.say("review.closes", "name", name))
		}
	}
	add("review.keys", seen.Keys)
	if whole {
		add("review.hooks", seen.Hooks)
		add("review.waiting", seen.Waiting)
		add("review.registrations", seen.Registrations)
		add("review.parcels", seen.Parcels)
	}
	if len(touches.Points) == 0 {
		touches.Points = []string{f.say("review.none")}
	}
	return touches, nil
}

// stays says what is left of a member's data once it was erased.
func (p *Pages) stays(f *form) part {
	if p.rights == nil {
		return part{}
	}
	left := part{Title: f.say("stays.title"), Text: f.say("stays.lead"), Points: p.rights.Stays(f.reader.Lang)}
	left.Lang, left.Dir = f.declaredIn()
	return left
}
