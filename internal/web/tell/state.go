package tell

import (
	"waypost/internal/carrier"
	"waypost/internal/parcel"
	"waypost/internal/status"
)

// A State is a parcel at a glance.
type State struct {
	Group   string      // a main status, Checking or Stuck
	Look                // of the group, but where something is wrong
	Label   string      // a word or two
	Truth   string      // one sentence
	Needs   *parcel.Ask // whose carrier wants to know more than the number, or something else than it was told
	Unknown bool        // those that were asked don't know the number, yet
}

// State tells how a parcel is.
func (t Teller) State(p parcel.Parcel) State {
	s := t.state(p)
	if s.Icon == "" {
		s.Look = LookOf(s.Group)
	}
	return s
}

func (t Teller) state(p parcel.Parcel) State {
	if len(p.History.Legs) > 0 {
		s := p.Standing(t.Now)
		return State{Group: string(s.Status.Main()), Label: t.Say("status." + string(s.Status)), Truth: t.Truth(s)}
	}
	asked, queued, missing := t.sorted(p.Asks)
	need := Needy(p.Asks)
	switch {
	case p.Lacks:
		return State{Group: Stuck, Label: t.Say("label.stuck_needs"), Truth: t.Say("truth.lacks")}
	case len(p.Asks) == 0:
		return State{Group: Stuck, Label: t.Say("label.stuck_unconnected"), Truth: t.Say("truth.unasked")}
	case onlyTold(p.Asks) != nil:
		return State{Group: Checking, Label: t.Say("label.checking"), Truth: t.Say("truth.told", "carriers", t.Names(onlyTold(p.Asks)))}
	case queued != "" && asked == "":
		return State{Group: Checking, Label: t.Say("label.checking"), Truth: t.Say("truth.checking", "carriers", queued)}
	case queued != "":
		return State{Group: Checking, Label: t.Say("label.checking"), Truth: t.Say("truth.queued", "carriers", queued)}
	case need != nil && need.Problem == carrier.WrongValue:
		return State{Group: Stuck, Label: t.Say("label.stuck_wrong"), Truth: t.Say("truth.wrong_value", "carrier", t.Name(need.Carrier)), Needs: need}
	case need != nil:
		return State{Group: Stuck, Label: t.Say("label.stuck_needs"), Truth: t.Say("truth.needs", "carrier", t.Name(need.Carrier)), Needs: need}
	case missing != "" && p.Standing(t.Now).Status.Main() == status.Expired:
		return State{Group: string(status.Expired), Label: t.Say("status.Expired_Other"), Truth: t.Say("truth.expired_bare")}
	case missing != "":
		key := "truth.missing"
		if len(knowNothing(p.Asks)) > 1 {
			key = "truth.missing_many"
		}
		return State{Group: string(status.NotFound), Label: t.Say("status.NotFound_Other"), Truth: t.Say(key, "carriers", missing), Unknown: true}
	}
	return State{Group: Checking, Look: Look{"st-stuck", "warn"}, Label: t.Say("label.trouble"), Truth: t.Say("truth.trouble")}
}

// Needing is the state of a parcel about which nobody was asked, because its
// carrier wants to know more than the number.
func (t Teller) Needing(by carrier.Code) State {
	return State{Group: Stuck, Look: LookOf(Stuck), Label: t.Say("label.stuck_needs"), Truth: t.Say("truth.needs", "carrier", t.Name(by))}
}

// sorted names the carriers by how far asking them has come.
func (t Teller) sorted(asks []parcel.Ask) (asked, queued, missing string) {
	var a, q []carrier.Code
	for _, ask := range asks {
		switch {
		case ask.State == parcel.Waiting && ask.Asked.IsZero():
			q = append(q, ask.Carrier)
		case !ask.Asked.IsZero():
			a = append(a, ask.Carrier)
		}
	}
	return t.Names(a), t.Names(q), t.Names(knowNothing(asks))
}

// onlyTold are the carriers whose sources tell by themselves, where nobody can be
// asked; nil where somebody can.
func onlyTold(asks []parcel.Ask) []carrier.Code {
	var all []carrier.Code
	for _, a := range asks {
		if a.State != parcel.Told {
			return nil
		}
		all = append(all, a.Carrier)
	}
	return all
}

// knowNothing are the carriers that answered and don't know the number.
func knowNothing(asks []parcel.Ask) []carrier.Code {
	var all []carrier.Code
	for _, a := range asks {
		if a.Problem == carrier.Missing || a.Problem == carrier.BadNumber {
			all = append(all, a.Carrier)
		}
	}
	return all
}

// Needy is the ask whose carrier wants to know more than the number, or something
// else than it was told; nil when none does.
func Needy(asks []parcel.Ask) *parcel.Ask {
	for i := range asks {
		if asks[i].Problem == carrier.NeedsPhone || asks[i].Problem == carrier.NeedsPostcode || asks[i].Problem == carrier.WrongValue {
			return &asks[i]
		}
	}
	return nil
}
