package segmentlog

import (
	"sync"

	"github.com/peakday/peakday/events"
)

// place is a known spot in a segment: the frames of a partition behind
// position lie at or after offset.
type place struct {
	segment  uint64
	position events.Position
	offset   int64
}

// closest gives the better start for reading behind a position in a's segment.
func closest(a, b place, behind events.Position) place {
	if b.segment == a.segment && b.position <= behind && b.offset > a.offset {
		return b
	}
	return a
}

// trail remembers where the readers of one partition stopped, so that each
// goes on there and none walks its segment from the start again. Some readers
// are remembered at a time: the folds, and followers that catch up.
type trail struct {
	mu     sync.Mutex
	places [8]place // the latest first; those of segment 0 are empty
}

// from gives the best start for reading behind a position.
func (t *trail) from(start place, behind events.Position) place {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.places {
		start = closest(start, p, behind)
	}
	return start
}

// add remembers that the reader who stood behind a position stopped at p now.
// A reader that is not known yet takes the place of the one longest not seen.
func (t *trail) add(behind events.Position, p place) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := 0
	for i < len(t.places)-1 && t.places[i].position != behind {
		i++
	}
	copy(t.places[1:], t.places[:i])
	t.places[0] = p
}
