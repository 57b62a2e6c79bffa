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

// catchUpAgain is how often a follower that fell behind is tried again.
const catchUpAgain = time.Second

// tails are the followers of one partition.
type tails[T Tx] struct {
	consumer  *Consumer[T]
	partition int
	at        []Position // of each follower; unknownPosition if it must be asked
}

const unknownPosition Position = -1

func (c *Consumer[T]) newTails(partition int) *tails[T] {
	t := &tails[T]{consumer: c, partition: partition, at: make([]Position, len(c.Followers))}
	for i := range t.at {
		t.at[i] = unknownPosition
	}
	return t
}

// level reports whether every follower stands at position.
func (t *tails[T]) level(position Position) bool {
	for _, at := range t.at {
		if at != position {
			return false
		}
	}
	return true
}

// catchUp brings the followers that fell behind up to the cursor. One that
// fails is left for the next time: it must not hold up the folds.
func (t *tails[T]) catchUp(ctx context.Context, cursor Cursor) {
	for i, f := range t.consumer.Followers {
		if t.at[i] == cursor.Position {
			continue
		}
		if err := t.catchUpOne(ctx, i, cursor); err != nil && ctx.Err() == nil {
			t.at[i] = unknownPosition
			t.consumer.Logger.Warn("online state is behind", "follower", f.Name(), "partition", t.partition, "error", err)
		}
	}
}

func (t *tails[T]) catchUpOne(ctx context.Context, i int, cursor Cursor) error {
	f := t.consumer.Followers[i]
	at, err := f.Position(ctx, t.partition)
	if err != nil {
		return err
	}
	for at < cursor.Position {
		stored, err := t.consumer.Log.Read(ctx, t.partition, at, maxBatch)
		if err != nil {
			return fmt.Errorf("read behind %d: %w", at, err)
		}
		stored = upTo(stored, cursor.Position)
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

// upTo cuts off the entries behind position; the first one is never behind.
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
func (t *tails[T]) hand(ctx context.Context, from, to Position, batch []Delivery) {
	for i, f := range t.consumer.Followers {
		if t.at[i] != from {
			continue
		}
		if err := f.Follow(ctx, t.partition, from, to, batch); err != nil {
			t.consumer.Logger.Warn("online state is behind", "follower", f.Name(), "partition", t.partition, "error", err)
			t.at[i] = unknownPosition
			continue
		}
		t.at[i] = to
	}
}
