package tower

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// forEachShard calls do for every shard once, on as many goroutines as there are
// cores. What belongs to which shard never depends on the cores, and shards
// write to different places, so the result does not depend on them either.
func forEachShard(shards int, do func(shard int)) {
	workers := min(runtime.GOMAXPROCS(0), shards)
	if workers <= 1 {
		for s := range shards {
			do(s)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for s := int(next.Add(1)) - 1; s < shards; s = int(next.Add(1)) - 1 {
				do(s)
			}
		})
	}
	wait.Wait()
}
