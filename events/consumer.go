package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Consumer applies a log: each partition in order, each record once.
type Consumer[T Tx] struct {
	Log       Log
	Store     Store[T]
	Flows     []Flow[T]
	Followers []Follower
	Shop      Currency
	Logger    *slog.Logger

	progress appliedPositions
}

// maxBatch is how many records one transaction takes at most. Measured on
// SQLite and PostgreSQL: larger ones apply no faster.
const maxBatch = 4096

// Run applies all partitions until ctx is done. It returns nil then, or the
// first error that trying again cannot cure.
func (c *Consumer[T]) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		running sync.WaitGroup
		once    sync.Once
		failed  error
	)
	for p := range c.Log.Partitions() {
		running.Go(func() {
			if err := c.runPartition(ctx, p); err != nil {
				once.Do(func() { failed = fmt.Errorf("partition %d: %w", p, err) })
				stop()
			}
		})
	}
	running.Wait()
	return failed
}

// runPartition takes the partition over and applies it batch by batch.
func (c *Consumer[T]) runPartition(ctx context.Context, partition int) error {
	var wait backoff
	cursor, err := c.Store.Take(ctx, c.Log.ID(), partition)
	for err != nil && ctx.Err() == nil {
		c.pause(ctx, partition, &wait, fmt.Errorf("take the cursor: %w", err))
		cursor, err = c.Store.Take(ctx, c.Log.ID(), partition)
	}
	tails := c.followPartition(partition)
	for ctx.Err() == nil {
		err := c.turn(ctx, &cursor, tails)
		if errors.Is(err, ErrFenced) {
			err = c.look(ctx, &cursor, err)
		}
		switch {
		case errors.Is(err, ErrFenced) || errors.Is(err, ErrTrimmed):
			return err
		case err != nil:
			c.pause(ctx, partition, &wait, err)
		default:
			wait = backoff{}
		}
	}
	return nil
}

// turn applies the next entries and hands them on. If it fails half way, what
// was committed is not handed on: the followers find it in the log.
func (c *Consumer[T]) turn(ctx context.Context, cursor *Cursor, tails *partitionFollowers[T]) error {
	// What follows the state catches up before it is handed anything new.
	tails.catchUp(ctx, *cursor)
	if tails.caughtUp(cursor.Position) {
		c.progress.reached(cursor.Partition, cursor.Position)
	}
	stored, err := c.read(ctx, *cursor, tails)
	if err != nil || len(stored) == 0 {
		return err
	}
	before := cursor.Position
	batch, err := c.apply(ctx, cursor, stored)
	if err != nil {
		return err
	}
	tails.hand(ctx, before, cursor.Position, batch)
	return nil
}

// look finds out why the cursor is not where it was left. A transaction whose
// answer was lost may have been committed after all: then the cursor has moved
// under the same epoch, and what it applied lies behind us. Otherwise the fence
// stands.
func (c *Consumer[T]) look(ctx context.Context, cursor *Cursor, fenced error) error {
	all, err := c.Store.Progress(ctx, cursor.Log)
	if err != nil {
		return fmt.Errorf("look for the cursor: %w", err)
	}
	for _, s := range all {
		if s.Partition == cursor.Partition && s.Epoch == cursor.Epoch && s.Position > cursor.Position {
			cursor.Position = s.Position
			return nil
		}
	}
	return fenced
}

// read waits for the next entries, but not for long while a follower still
// has to catch up: then it returns none.
func (c *Consumer[T]) read(ctx context.Context, cursor Cursor, tails *partitionFollowers[T]) ([]Stored, error) {
	if tails.caughtUp(cursor.Position) {
		return c.Log.Read(ctx, cursor.Partition, cursor.Position, maxBatch)
	}
	short, cancel := context.WithTimeout(ctx, catchUpAgain)
	defer cancel()
	stored, err := c.Log.Read(short, cursor.Partition, cursor.Position, maxBatch)
	if err != nil && ctx.Err() == nil && short.Err() != nil {
		return nil, nil
	}
	return stored, err
}

// pause logs what went wrong and waits before the next try.
func (c *Consumer[T]) pause(ctx context.Context, partition int, wait *backoff, err error) {
	if ctx.Err() != nil {
		return
	}
	d := wait.next()
	c.Logger.Error("cannot apply events, trying again", "partition", partition, "in", d, "error", err)
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// apply commits stored as one transaction and returns what was fresh of it.
// If a record is poison, the halves are applied by themselves until it stands
// alone and can be set aside.
func (c *Consumer[T]) apply(ctx context.Context, cursor *Cursor, stored []Stored) ([]Delivery, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	b := c.open(*cursor, stored)
	err := c.commit(ctx, &b)
	var poison *Invalid
	switch {
	case err == nil:
		cursor.Position = b.step.To
		return b.fresh, nil
	case !errors.As(err, &poison):
		return nil, err
	case len(stored) == 1:
		b.bury(stored[0], poison.Error())
		if err := c.commit(ctx, &b); err != nil {
			return nil, err
		}
		cursor.Position = b.step.To
		return nil, nil
	}
	half := len(stored) / 2
	first, err := c.apply(ctx, cursor, stored[:half])
	if err != nil {
		return first, err
	}
	second, err := c.apply(ctx, cursor, stored[half:])
	return append(first, second...), err
}

// commit runs the whole batch in one transaction: fence and cursor, inbox,
// effects, dead letters.
func (c *Consumer[T]) commit(ctx context.Context, b *batch) error {
	return c.Store.InTx(ctx, func(tx T) error {
		fresh, err := tx.Fresh(ctx, b.arrivals)
		if err != nil {
			return fmt.Errorf("inbox: %w", err)
		}
		b.settle(fresh)
		if err := tx.Advance(ctx, b.step); err != nil {
			return fmt.Errorf("cursor: %w", err)
		}
		for _, flow := range c.Flows {
			if err := applyFlow(ctx, tx, flow, b.fresh); err != nil {
				return err
			}
		}
		if len(b.dead) > 0 {
			if err := tx.Bury(ctx, b.dead); err != nil {
				return fmt.Errorf("dead letters: %w", err)
			}
		}
		return nil
	})
}

// applyFlow gives the fold what it wants. A panic in a fold is taken for a
// poisonous record, so that one strange fact cannot stop a partition.
func applyFlow[T any](ctx context.Context, tx T, flow Flow[T], fresh []Delivery) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &Invalid{Problem: fmt.Sprintf("fold %s panicked: %v", flow.Fold.Name(), p)}
		}
	}()
	var wanted []Delivery
	for _, d := range fresh {
		if flow.Wants(d.Kind, d.Type) {
			wanted = append(wanted, d)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	if err := flow.Fold.Apply(ctx, tx, wanted); err != nil {
		return fmt.Errorf("fold %s: %w", flow.Fold.Name(), err)
	}
	return nil
}

// backoff doubles from 50 ms to 5 s.
type backoff struct{ last time.Duration }

func (b *backoff) next() time.Duration {
	b.last = min(max(2*b.last, 50*time.Millisecond), 5*time.Second)
	return b.last
}
