package recommend

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// InShards calls do for ranges of size in [0, n), as all learning here does:
// what do writes must belong to its range alone, and then the result is the
// same on any machine. worker is below Workers; no two calls at a time share one.
func InShards(ctx context.Context, n, size int, do func(worker, from, to int)) error {
	return inShards(ctx, n, size, do)
}

// Workers is how many goroutines InShards uses.
func Workers() int { return workers() }

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
