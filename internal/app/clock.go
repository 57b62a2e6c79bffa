package app

import (
	"sync/atomic"
	"time"
)

// simulated is a clock that the demo's play moves.
type simulated struct{ at atomic.Int64 }

func newSimulated(start time.Time) *simulated {
	c := &simulated{}
	c.at.Store(start.UnixMicro())
	return c
}

// Set moves the clock; it never runs backwards.
func (c *simulated) Set(now time.Time) {
	for {
		at := c.at.Load()
		if now.UnixMicro() <= at || c.at.CompareAndSwap(at, now.UnixMicro()) {
			return
		}
	}
}

func (c *simulated) now() time.Time { return time.UnixMicro(c.at.Load()).UTC() }
