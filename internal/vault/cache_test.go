package vault

import (
	"fmt"
	"testing"
	"time"
)

func TestTheCacheIsBoundedAndKeepsTheNewest(t *testing.T) {
	var c cache
	now := time.UnixMilli(1_750_000_000_000)
	for i := range cacheMost * 2 {
		name := fmt.Sprint("name ", i)
		c.put(name, &Sealer{}, now, 0)
		if n := len(c.young) + len(c.old); n > cacheMost {
			t.Fatalf("%d keys are remembered, want %d at most", n, cacheMost)
		}
		if found, _ := c.get(name, now); found == nil {
			t.Fatalf("key %d was forgotten at once", i)
		}
	}
	if found, _ := c.get("name 0", now); found != nil {
		t.Error("the oldest key is still remembered")
	}
}

func TestAKeyReadBeforeADropIsNotRememberedAfterIt(t *testing.T) {
	var c cache
	now := time.UnixMilli(1_750_000_000_000)
	_, before := c.get("ada", now) // somebody begins to read the key …
	c.drop("ada")                  // … which is destroyed meanwhile
	c.put("ada", &Sealer{}, now, before)
	if found, _ := c.get("ada", now); found != nil {
		t.Error("a destroyed key is remembered")
	}
}
