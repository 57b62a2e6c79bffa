package recommend

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inShards calls do for each range of size in [0, n), on all cores. Which
// worker takes which shard is left to chance: do must write only what belongs
// to its range, so that the result is the same on any machine.
func inShards(ctx context.Context, n, size int, do func(worker, from, to int)) error {
	var next atomic.Int64
	var running sync.WaitGroup
	for worker := range workers() {
		running.Go(func() {
			for ctx.Err() == nil {
				from := int(next.Add(int64(size))) - size
				if from >= n {
					return
				}
				do(worker, from, min(n, from+size))
			}
		})
	}
	running.Wait()
	return ctx.Err()
}

func workers() int { return runtime.GOMAXPROCS(0) }
