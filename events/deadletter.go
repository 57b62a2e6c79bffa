package events

import (
	"context"
	"fmt"
	"time"
)

// DeadLetters keeps the records that could not be applied.
type DeadLetters interface {
	// DeadLetters lists up to limit dead letters that were not replayed, in
	// the order of log, partition and position, behind the given one (the zero
	// value begins).
	DeadLetters(ctx context.Context, behind DeadLetter, limit int) ([]DeadLetter, error)

	// MarkReplayed notes that dead letters were sent again, so that they are
	// not listed any more.
	MarkReplayed(ctx context.Context, letters []DeadLetter, now time.Time) error
}

// Replayed says what became of the dead letters.
type Replayed struct {
	Replayed   int // appended to the log again
	Unreadable int // that are no records at all: they stay
}

// Replay appends the dead letters that stand now to log again, after their
// cause was mended. A record that was applied meanwhile is a duplicate then;
// one that dies again is a dead letter again, for another replay. A crash in
// between is harmless: what was sent but not marked is sent twice.
func Replay(ctx context.Context, log Log, store DeadLetters, now time.Time) (Replayed, error) {
	const atOnce = 1000
	var done Replayed
	ends, err := endsOf(ctx, log)
	if err != nil {
		return done, err
	}
	for behind := (DeadLetter{}); ; {
		letters, err := store.DeadLetters(ctx, behind, atOnce)
		if err != nil {
			return done, fmt.Errorf("read the dead letters: %w", err)
		}
		if len(letters) == 0 {
			return done, nil
		}
		behind = letters[len(letters)-1]
		again, entries, unreadable := replayable(letters, log.ID(), ends)
		done.Unreadable += unreadable
		if len(again) == 0 {
			continue
		}
		if err := log.Append(ctx, entries); err != nil {
			return done, fmt.Errorf("append to the log: %w", err)
		}
		if err := store.MarkReplayed(ctx, again, now); err != nil {
			return done, fmt.Errorf("mark what was sent again: %w", err)
		}
		done.Replayed += len(again)
	}
}

// endsOf gives the end of each partition.
func endsOf(ctx context.Context, log Log) ([]Position, error) {
	ends := make([]Position, log.Partitions())
	for p := range ends {
		end, err := log.End(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("end of partition %d: %w", p, err)
		}
		ends[p] = end
	}
	return ends, nil
}

// replayable picks the letters that are records and stood before the replay
// began: one that died again meanwhile would keep it busy for ever.
func replayable(letters []DeadLetter, log string, ends []Position) (again []DeadLetter, entries []Entry, unreadable int) {
	for _, l := range letters {
		if l.Log == log && l.Partition < len(ends) && l.Position > ends[l.Partition] {
			continue
		}
		r, err := DecodeRecord(l.Data)
		if err != nil {
			unreadable++
			continue
		}
		again = append(again, l)
		entries = append(entries, Entry{r.Part(), l.Data})
	}
	return again, entries, unreadable
}
