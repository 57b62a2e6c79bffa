package events

import (
	"context"
	"fmt"
	"time"
)

// Follower keeps online state (profiles, the catalogue) that is not part of
// the store's transaction. It is handed each partition's fresh records after
// they are committed, and remembers how far it got; from there it is caught up
// out of the log, live or after a restart.
type Follower interface {
	Name() string

	// Position is how far this follower has come in partition.
	Position(ctx context.Context, partition int) (Position, error)

	// Follow applies the fresh records in (from, to] of partition, where from
	// is the follower's Position. batch may be empty. An error leaves the
	// position where it was.
	Follow(ctx context.Context, partition int, from, to Position, batch []Delivery) error
}

// catchUpAgain is how often a follower that failed is tried again. Its failures
// may be slow ones, and must not hold up the folds.
const catchUpAgain = time.Second

// partitionFollowers are the followers of one partition.
type partitionFollowers[T Tx] struct {
	consumer  *Consumer[T]
	partition int
	at        []Position  // of each follower; unknownPosition if it must be asked
	again     []time.Time // when one that failed may be tried again
}

const unknownPosition Position = -1

func (c *Consumer[T]) followPartition(partition int) *partitionFollowers[T] {
	n := len(c.Followers)
	t := &partitionFollowers[T]{consumer: c, partition: partition, at: make([]Position, n), again: make([]time.Time, n)}
	for i := range t.at {
		t.at[i] = unknownPosition
	}
	return t
}

// caughtUp reports whether every follower has come to position. One may be ahead
// of it, when the store has lost its last transactions.
func (t *partitionFollowers[T]) caughtUp(position Position) bool {
	for _, at := range t.at {
		if at < position {
			return false
		}
	}
	return true
}

// catchUp brings the followers that fell behind up to the cursor. One that
// fails is left for the next time: it must not hold up the folds.
func (t *partitionFollowers[T]) catchUp(ctx context.Context, cursor Cursor) {
	for i, f := range t.consumer.Followers {
		if t.at[i] >= cursor.Position || time.Now().Before(t.again[i]) {
			continue
		}
		t.try(ctx, i, func() error { return t.catchUpOne(ctx, i, f, cursor) })
	}
}

// try runs a piece of a follower's work. When it fails or panics the follower
// is behind, wherever that may be.
func (t *partitionFollowers[T]) try(ctx context.Context, i int, work func() error) {
	err := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panicked: %v", p)
			}
		}()
		return work()
	}()
	if err == nil {
		return
	}
	t.at[i], t.again[i] = unknownPosition, time.Now().Add(catchUpAgain)
	if ctx.Err() == nil {
		t.consumer.Logger.Warn("online state is behind", "follower", t.consumer.Followers[i].Name(), "partition", t.partition, "error", err)
	}
}

func (t *partitionFollowers[T]) catchUpOne(ctx context.Context, i int, f Follower, cursor Cursor) error {
	at, err := f.Position(ctx, t.partition)
	if err != nil {
		return err
	}
	for at < cursor.Position {
		stored, err := t.consumer.Log.Read(ctx, t.partition, at, maxBatch)
		if err != nil {
			return fmt.Errorf("read behind %d: %w", at, err)
		}
		if stored = upTo(stored, cursor.Position); len(stored) == 0 {
			return fmt.Errorf("read behind %d: %w", at, ErrTrimmed)
		}
		fresh, err := t.consumer.replay(ctx, cursor, stored)
		if err != nil {
			return err
		}
		to := stored[len(stored)-1].Position
		if err := f.Follow(ctx, t.partition, at, to, fresh); err != nil {
			return err
		}
		at = to
	}
	t.at[i] = at
	return nil
}

// upTo cuts off the entries behind position.
func upTo(stored []Stored, position Position) []Stored {
	for i := range stored {
		if stored[i].Position > position {
			return stored[:i]
		}
	}
	return stored
}

// replay gives those of the stored records that won their place in the inbox:
// what was fresh when they were applied.
func (c *Consumer[T]) replay(ctx context.Context, cursor Cursor, stored []Stored) ([]Delivery, error) {
	b := c.open(cursor, stored)
	won, err := c.Store.Winners(ctx, b.arrivals)
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	b.settle(won)
	return b.fresh, nil
}

// hand gives the batch that was just committed to the followers that stand
// right before it; the others catch up out of the log.
func (t *partitionFollowers[T]) hand(ctx context.Context, from, to Position, batch []Delivery) {
	for i, f := range t.consumer.Followers {
		if t.at[i] != from {
			continue
		}
		t.try(ctx, i, func() error {
			if err := f.Follow(ctx, t.partition, from, to, batch); err != nil {
				return err
			}
			t.at[i] = to
			return nil
		})
	}
}
