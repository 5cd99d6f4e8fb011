// Drives wksw/17track-golang-sdk through a registration's life: v1, then v2.
package main

import (
	"fmt"
	"os"
	"time"

	v1 "github.com/wksw/17track-golang-sdk"
	models "github.com/wksw/17track-golang-sdk/models/v2"
	pb "github.com/wksw/17track-golang-sdk/proto"
	v2 "github.com/wksw/17track-golang-sdk/v2"
)

// The language of this file is what the client's go.mod asks for. The client
// doesn't pace itself: a step waits until the key may call again.
func check(step string, ok bool, got interface{}) {
	if !ok {
		fmt.Printf("%s: FAILED: %v\n", step, got)
		os.Exit(1)
	}
	fmt.Printf("%s: ok\n", step)
	time.Sleep(400 * time.Millisecond)
}

func main() {
	key, number := os.Getenv("WAYPOST_KEY"), os.Getenv("WAYPOST_NUMBER")
	old, err := v1.NewClient(key)
	check("v1 client", err == nil, err)
	one := []*pb.TrackReq{{Number: number, Tag: "compat"}}
	resp, e := old.Registe(one)
	check("v1 register", e == nil && len(resp.Data.Accepted) == 1, resp)
	carrier := resp.Data.Accepted[0].Carrier
	check("v1 register finds the carrier", carrier != 0, resp)
	again, e := old.Registe(one)
	check("v1 register again is refused", e == nil && len(again.Data.Rejected) == 1 && again.Data.Rejected[0].Error.Code == -18019901, again)
	check("v1 gettrackinfo", until(func() bool {
		info, e := old.GetTrackInfo([]*pb.TrackReq{{Number: number}})
		return e == nil && len(info.Data.Accepted) == 1 && info.Data.Accepted[0].Track.Z0 != nil && info.Data.Accepted[0].Track.W1 == carrier
	}), "no event came")
	stopped, e := old.StopTrack(one)
	check("v1 stoptrack", e == nil && len(stopped.Data.Accepted) == 1, stopped)
	again, e = old.ReTrack(one)
	check("v1 retrack", e == nil && len(again.Data.Accepted) == 1, again)
	again, e = old.ReTrack(one)
	check("v1 retrack again is refused", e == nil && len(again.Data.Rejected) == 1 && again.Data.Rejected[0].Error.Code == -18019904, again)
	gone, e := old.Delete(one)
	check("v1 deleteTrack", e == nil && len(gone.Data.Accepted) == 1, gone)

	client, err := v2.NewClient(key)
	check("v2 client", err == nil, err)
	two := []*models.TrackReq{{Number: number, Tag: "compat"}}
	made, e := client.Registe(two)
	check("v2 register", e == nil && len(made.Data.Accepted) == 1 && made.Data.Accepted[0].Carrier == carrier, made)
	check("v2 gettrackinfo", until(func() bool {
		info, e := client.GetInfo(two)
		if e != nil || len(info.Data.Accepted) != 1 || info.Data.Accepted[0].TrackInfo == nil {
			return false
		}
		found := info.Data.Accepted[0].TrackInfo
		return found.LatestEvent != nil && len(found.Tracking.Providers) > 0 && len(found.Milestone) == 9
	}), "no event came")
	stop, e := client.Stop(two)
	check("v2 stoptrack", e == nil && len(stop.Data.Accepted) == 1, stop)
	back, e := client.Retrack(two)
	check("v2 retrack", e == nil && len(back.Data.Accepted) == 1, back)
	left, e := client.Delete(two)
	check("v2 deletetrack", e == nil && len(left.Data.Accepted) == 1, left)
	left, e = client.Delete(two)
	check("v2 deletetrack again is refused", e == nil && len(left.Data.Rejected) == 1 && left.Data.Rejected[0].Error.Code == -18019902, left)
}

func until(ok func() bool) bool {
	for i := 0; i < 60; i++ {
		if ok() {
			return true
		}
		time.Sleep(500 * time.Millisecond)
	}
	return false
}
