package ui

import (
	"context"
	"time"
)

// Who is the member that a page is shown to.
type Who struct {
	Name       string
	Lang       string    // BCP 47, the language of their account
	Picture    bool      // whether there is one
	Restricted time.Time // since when their data is kept, shown to them, and used for nothing else; zero it isn't
	Away       bool      // there is a member, of whom nothing is known because their region can't be reached
}

type whoKey struct{}

// WithWho has the frame of pages show who is signed in.
func WithWho(ctx context.Context, w Who) context.Context { return context.WithValue(ctx, whoKey{}, w) }

// WhoOf returns who is signed in, the zero Who when nobody is.
func WhoOf(ctx context.Context) Who {
	w, _ := ctx.Value(whoKey{}).(Who)
	return w
}

// Initial is what stands for a member who has no picture.
func (w Who) Initial() string {
	for _, r := range w.Name {
		return string(r)
	}
	return ""
}
