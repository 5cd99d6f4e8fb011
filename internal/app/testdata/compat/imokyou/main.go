// Drives imokyou/track17 (v2.4) through a registration's life, and has its
// webhook handler verify what Waypost sends.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/imokyou/track17"
)

func check(step string, ok bool, got any) {
	if !ok {
		fmt.Printf("%s: FAILED: %v\n", step, got)
		os.Exit(1)
	}
	fmt.Printf("%s: ok\n", step)
}

func main() {
	key, number := os.Getenv("WAYPOST_KEY"), os.Getenv("WAYPOST_NUMBER")
	events := make(chan track17.WebhookEvent, 100)
	listener, err := net.Listen("tcp", os.Getenv("WAYPOST_RECEIVE"))
	check("receiver", err == nil, err)
	go http.Serve(listener, track17.WebhookHandler(key, func(e track17.WebhookEvent) { events <- e }))

	ctx := context.Background()
	client, err := track17.New(key, track17.WithRateLimit(2))
	check("client", err == nil, err)
	made, err := client.Tracking.Register(ctx, []track17.RegisterRequest{
		{Number: number, Tag: "compat", Remark: "gift", OrderNo: "A-20017", AutoDetect: true}, {Number: "12"},
	})
	check("register", err == nil && len(made.Accepted) == 1 && len(made.Rejected) == 1, err)
	carrier := made.Accepted[0].Carrier
	check("register finds the carrier", carrier != 0, made)
	check("webhook after the first result", received(events, "TRACKING_UPDATED", number), "none came, or its signature was wrong")
	info, err := client.Query.GetTrackInfo(ctx, []track17.GetTrackInfoRequest{{Number: number, CarrierCode: carrier}})
	check("gettrackinfo", err == nil && len(info.Accepted) == 1 && info.Accepted[0].Tag == "compat", err)
	list, err := client.Query.GetTrackList(ctx, track17.GetTrackListRequest{PageNo: 1, Number: number})
	check("gettracklist", err == nil && len(list.Accepted) == 1 && list.Accepted[0].Number == number, err)
	tag := "other"
	changed, err := client.Tracking.ChangeInfo(ctx, []track17.ChangeInfoRequest{{Number: number, CarrierCode: carrier, Tag: &tag}})
	check("changeinfo without items is refused", err == nil && len(changed.Rejected) == 1, err)
	pushed, err := client.Push.Push(ctx, []track17.PushRequest{{Number: number, CarrierCode: carrier}})
	check("push", err == nil && len(pushed.Accepted) == 1, err)
	check("webhook after push", received(events, "TRACKING_UPDATED", number), "none came")
	stopped, err := client.Tracking.StopTrack(ctx, []track17.StopTrackRequest{{Number: number, CarrierCode: carrier}})
	check("stoptrack", err == nil && len(stopped.Accepted) == 1, err)
	check("webhook after stoptrack", received(events, "TRACKING_STOPPED", number), "none came")
	back, err := client.Tracking.ReTrack(ctx, []track17.ReTrackRequest{{Number: number, CarrierCode: carrier}})
	check("retrack", err == nil && len(back.Accepted) == 1, err)
	_, err = client.Query.GetQuota(ctx)
	check("getquota", err == nil, err)
	gone, err := client.Tracking.DeleteTrack(ctx, []track17.DeleteTrackRequest{{Number: number, CarrierCode: carrier}})
	check("deletetrack", err == nil && len(gone.Accepted) == 1, err)
}

func received(events <-chan track17.WebhookEvent, kind, number string) bool {
	deadline := time.After(30 * time.Second)
	for {
		select {
		case e := <-events:
			if e.Event == kind && e.Data != nil && e.Data.Number == number {
				return true
			}
		case <-deadline:
			return false
		}
	}
}
