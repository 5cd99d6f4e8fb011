package ui

import (
	"context"
	"time"
)

// A Notice is what every page announces: that the privacy policy will change.
type Notice struct {
	Applies time.Time // UTC; zero: there is nothing to announce
	Href    string    // what changes
}

// ShowNotice has every page announce what notice says. It is called before pages
// are served; notice is asked for each page.
func (k *Kit) ShowNotice(notice func(context.Context) Notice) { k.notice = notice }
