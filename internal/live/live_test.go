package live_test

import (
	"fmt"
	"sync"
	"testing"

	"waypost/internal/live"
)

func TestTopicsReachThoseWhoSubscribed(t *testing.T) {
	b := live.New()
	one, both := b.Subscribe("parcel:1"), b.Subscribe("parcel:1", "parcel:2")
	defer both.Close()

	b.Publish("parcel:2")
	b.Publish("parcel:1")
	b.Publish("parcel:3")

	if got := waiting(one); fmt.Sprint(got) != "[parcel:1]" {
		t.Errorf("subscribed to parcel:1, got %q", got)
	}
	if got := waiting(both); fmt.Sprint(got) != "[parcel:2 parcel:1]" {
		t.Errorf("subscribed to both, got %q, want them in the order published", got)
	}
	one.Close()
	one.Close()
	b.Publish("parcel:1")
	if topic, open := <-one.C; open {
		t.Errorf("a closed subscription got %q", topic)
	}
}

func TestASlowReaderIsToldToReadAgain(t *testing.T) {
	b := live.New()
	slow := b.Subscribe("parcel:1")
	defer slow.Close()
	for range 1000 {
		b.Publish("parcel:1")
	}
	got := waiting(slow)
	if len(got) == 0 || len(got) > 100 || got[0] != live.Resync {
		t.Errorf("after 1000 topics nobody read, got %d starting with %q, want a few that start with a resync", len(got), got)
	}
}

func TestAResyncReachesEverybody(t *testing.T) {
	b := live.New()
	a, c := b.Subscribe("parcel:1"), b.Subscribe()
	defer a.Close()
	defer c.Close()
	b.Publish(live.Resync)
	for _, s := range []*live.Subscription{a, c} {
		if got := waiting(s); len(got) != 1 || got[0] != live.Resync {
			t.Errorf("got %q, want one resync", got)
		}
	}
}

func TestPublishingWhileOthersComeAndGo(t *testing.T) {
	b := live.New()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 500 {
				s := b.Subscribe("parcel:1")
				b.Publish("parcel:1")
				<-s.C
				s.Close()
			}
		})
	}
	group.Wait()
}

func BenchmarkPublish(bench *testing.B) {
	b := live.New()
	for range 10 {
		s := b.Subscribe("parcel:1")
		defer s.Close()
		go func() {
			for range s.C {
			}
		}()
	}
	for bench.Loop() {
		b.Publish("parcel:1")
	}
}

// waiting returns what s holds without waiting for more.
func waiting(s *live.Subscription) []string {
	var got []string
	for len(s.C) > 0 {
		got = append(got, <-s.C)
	}
	return got
}
