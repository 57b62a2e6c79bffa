package events

import (
	"context"
	"errors"
	"time"
)

// Position orders the entries of one log partition. It names the place just
// after an entry: reading from an entry's Position gives the one behind it.
// Positions need not be dense. 0 is before the first entry.
type Position int64

// Entry is bytes to append, with the virtual partition they belong to.
type Entry struct {
	Part Part
	Data []byte
}

// Stored is an entry that the log has taken.
type Stored struct {
	Position Position
	Appended time.Time // when the log took it
	Data     []byte
}

// ErrTrimmed says that the log no longer holds the entries asked for.
var ErrTrimmed = errors.New("the log no longer holds these entries")

// Log is a partitioned, durable, append-only log. Its methods may be called
// from any goroutine. Drivers stand in store/ and pass storetest/log.
type Log interface {
	// ID names this log for ever: cursors are keyed by it, so that a new log
	// is not read from an old one's position.
	ID() string

	// Partitions is the number of log partitions, fixed when the log is made.
	// An entry lies in partition Part.In(Partitions()).
	Partitions() int

	// Append returns when every entry is durable. Entries of one call keep
	// their order within a partition. After an error some may be stored and
	// others not; appending all of them again is safe because records have
	// ids.
	Append(ctx context.Context, entries []Entry) error

	// Read returns up to max entries of partition behind position, oldest
	// first. It waits until there is at least one, or until ctx is done, and
	// then returns ctx's error. Only durable entries are returned.
	// A position before the log's first kept entry gives ErrTrimmed.
	Read(ctx context.Context, partition int, behind Position, max int) ([]Stored, error)

	// End is the position of the last durable entry of partition, or 0.
	End(ctx context.Context, partition int) (Position, error)

	// Lag is the number of durable entries of partition behind position.
	Lag(ctx context.Context, partition int, behind Position) (int64, error)

	// Trim allows the log to drop the entries of partition up to and
	// including position. It may keep them longer.
	Trim(ctx context.Context, partition int, upTo Position) error

	// Close flushes what was accepted and releases the log.
	Close() error
}
