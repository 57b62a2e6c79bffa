package segmentlog

import (
	"context"
	"fmt"

	"github.com/peakday/peakday/events"
)

// Append returns when every entry is durable. Entries larger than MaxEntry and
// ones of no virtual partition give an *events.Invalid, and none is stored.
// When ctx ends first, entries may become durable all the same.
func (l *Log) Append(ctx context.Context, entries []events.Entry) error {
	for i := range entries {
		if err := checkEntry(i, &entries[i]); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	appended := events.Micros(l.now())
	var last *group
	for len(entries) > 0 {
		n, g, room, err := l.queue.put(entries, appended)
		if err != nil {
			return err
		}
		if n > 0 {
			last, entries = g, entries[n:]
		}
		if len(entries) == 0 {
			break
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return await(ctx, last)
}

// await waits for the group. Groups are written in order and none after one
// that failed, so the last one speaks for those before it.
func await(ctx context.Context, g *group) error {
	if g == nil {
		return nil
	}
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
	}
	select {
	case <-g.done:
		return g.err
	default:
		return ctx.Err()
	}
}

func checkEntry(i int, e *events.Entry) error {
	var problem string
	switch {
	case len(e.Data) > MaxEntry:
		problem = fmt.Sprintf("has %d bytes, must be at most %d", len(e.Data), MaxEntry)
	case e.Part < 0 || e.Part >= events.Parts:
		problem = fmt.Sprintf("is of virtual partition %d, must be 0 to %d", e.Part, events.Parts-1)
	default:
		return nil
	}
	return &events.Invalid{Field: fmt.Sprintf("entries[%d]", i), Problem: problem}
}
