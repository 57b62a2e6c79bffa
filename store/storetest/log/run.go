package logtest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// Open opens the log of one place. It is called again after the log is closed
// and must give the same log then.
type Open func(t *testing.T) events.Log

// Fresh prepares a place for a new, empty log of so many partitions whose
// append times come from now. It cleans the place up with t.
type Fresh func(t *testing.T, partitions int, now func() time.Time) Open

// partitions is how many the suite asks for.
const partitions = 4

// timeout is how long the suite waits for what must happen.
const timeout = 30 * time.Second

// Run runs the suite; each test has a log of its own.
func Run(t *testing.T, fresh Fresh) {
	tests := []struct {
		name string
		test func(t *testing.T, s *subject)
	}{
		{"a new log is empty", newLogIsEmpty},
		{"the id is the log's own and stays", idStays},
		{"entries come back in order", entriesInOrder},
		{"partitions do not mix", partitionsDoNotMix},
		{"any bytes come back", anyBytes},
		{"the append time comes back", appendTime},
		{"read returns at most max", atMostMax},
		{"nothing to append is no error", nothingToAppend},
		{"a partition that is not there is an error", noSuchPartition},
		{"end and lag", endAndLag},
		{"read waits for an entry", readWaits},
		{"read waits for its own partition", readWaitsForItsOwn},
		{"read ends with its context", readEndsWithContext},
		{"append with a context that is done", appendWithDoneContext},
		{"what is read is durable", readIsDurable},
		{"reopen keeps everything", reopenKeeps},
		{"appenders and readers at once", appendersAndReaders},
		{"trim keeps what is behind it", trimKeeps},
		{"trim never makes a gap", trimMakesNoGap},
		{"a trimmed log is still in order after reopen", trimAndReopen},
		{"close ends appends and reads", closeEnds},
		{"close keeps what was accepted", closeKeeps},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &subject{clock: newClock()}
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			t.Cleanup(cancel)
			s.ctx = ctx
			s.fresh = func(t *testing.T) Open { return fresh(t, partitions, s.clock.now) }
			s.open = s.fresh(t)
			s.log = s.open(t)
			t.Cleanup(func() { _ = s.log.Close() }) // the test has closed and judged it, or failed
			tt.test(t, s)
		})
	}
}

// subject is the log under test.
type subject struct {
	ctx   context.Context // ends when the suite's time is over
	clock *clock
	fresh func(t *testing.T) Open
	open  Open
	log   events.Log
}

// reopen closes the log and opens it again.
func (s *subject) reopen(t *testing.T) {
	t.Helper()
	if err := s.log.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	s.log = s.open(t)
}

// clock moves on by a little more than a millisecond whenever it is read.
type clock struct{ micros atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.micros.Store(time.Date(2026, 11, 11, 0, 0, 0, 123_456_000, time.UTC).UnixMicro())
	return c
}

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Add(1001)).UTC() }
