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

// A Closing is what every page announces of the business: that it ends or is handed
// over, on a day.
type Closing struct {
	Kind string // closure, transfer, closed; "" it goes on
	Ends time.Time
}

// ShowClosing has every page announce what closing says. It is called before pages
// are served; closing is asked for each page.
func (k *Kit) ShowClosing(closing func(context.Context) Closing) { k.closing = closing }

// ShowNotice has every page announce what notice says. It is called before pages
// are served; notice is asked for each page.
func (k *Kit) ShowNotice(notice func(context.Context) Notice) { k.notice = notice }
