package ui

import "context"

// A Concern is what somebody is told of an incident that concerns their data, as
// pages show it.
type Concern struct {
	Lang, Dir string // of its words
	Level     string // of its heading, h2 or h3
	Title     string
	Parts     []ConcernPart
}

// A ConcernPart is one of its five parts.
type ConcernPart struct{ Heading, Text string }

// ShowConcern has every page lead a member to what they are told of an incident
// and haven't opened yet. It is called before pages are served; unseen is asked
// for each page of who is signed in.
func (k *Kit) ShowConcern(unseen func(context.Context) bool) { k.unseen = unseen }
