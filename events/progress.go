package events

import (
	"context"
	"fmt"
	"sync"
)

// appliedPositions lets others wait until partitions are applied up to a position.
type appliedPositions struct {
	mu      sync.Mutex
	at      map[int]Position
	changed chan struct{} // closed and replaced at each change
}

func (p *appliedPositions) reached(partition int, position Position) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at == nil {
		p.at = map[int]Position{}
	}
	if at, known := p.at[partition]; known && at == position {
		return
	}
	p.at[partition] = position
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// look returns where a partition stands and a channel that closes when any
// partition moves.
func (p *appliedPositions) look(partition int) (at Position, known bool, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed == nil {
		p.changed = make(chan struct{})
	}
	at, known = p.at[partition]
	return at, known, p.changed
}

// CaughtUp waits until all that the log held when it was called is applied,
// by the folds and by every follower. Run must be running.
func (c *Consumer[T]) CaughtUp(ctx context.Context) error {
	for partition := range c.Log.Partitions() {
		end, err := c.Log.End(ctx, partition)
		if err != nil {
			return fmt.Errorf("end of partition %d: %w", partition, err)
		}
		for {
			at, known, changed := c.progress.look(partition)
			if known && at >= end {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-changed:
			}
		}
	}
	return nil
}
