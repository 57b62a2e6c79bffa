package events

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// memoryLog is a Log that forgets everything with its process. Its positions
// are not dense.
type memoryLog struct {
	id    string
	clock func() time.Time
	fail  func([]Entry) error // asked before each append; nil: never fails

	mu      sync.Mutex
	stored  [][]Stored
	trimmed []Position
	grown   chan struct{}
}

func newMemoryLog(partitions int) *memoryLog {
	return &memoryLog{
		id: "log-1", clock: func() time.Time { return noon },
		stored: make([][]Stored, partitions), trimmed: make([]Position, partitions), grown: make(chan struct{}),
	}
}

// noon is when everything happens in tests that need no other time.
var noon = time.Date(2026, 11, 11, 4, 0, 0, 0, time.UTC)

func (l *memoryLog) ID() string      { return l.id }
func (l *memoryLog) Partitions() int { return len(l.stored) }
func (l *memoryLog) Close() error    { return nil }

func (l *memoryLog) Append(ctx context.Context, entries []Entry) error {
	if l.fail != nil {
		if err := l.fail(entries); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range entries {
		p := e.Part.In(len(l.stored))
		at := Position(3*len(l.stored[p]) + 3)
		l.stored[p] = append(l.stored[p], Stored{Position: at, Appended: l.clock(), Data: e.Data})
	}
	close(l.grown)
	l.grown = make(chan struct{})
	return ctx.Err()
}

func (l *memoryLog) Read(ctx context.Context, partition int, behind Position, max int) ([]Stored, error) {
	for {
		l.mu.Lock()
		grown, all, trimmed := l.grown, l.stored[partition], l.trimmed[partition]
		l.mu.Unlock()
		if behind < trimmed {
			return nil, ErrTrimmed
		}
		from, _ := slices.BinarySearchFunc(all, behind+1, func(s Stored, p Position) int { return cmp.Compare(s.Position, p) })
		if rest := all[from:]; len(rest) > 0 {
			return rest[:min(max, len(rest))], nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-grown:
		}
	}
}

func (l *memoryLog) End(_ context.Context, partition int) (Position, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.stored[partition]); n > 0 {
		return l.stored[partition][n-1].Position, nil
	}
	return 0, nil
}

func (l *memoryLog) Lag(_ context.Context, partition int, behind Position) (n int64, _ error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.stored[partition] {
		if s.Position > behind {
			n++
		}
	}
	return n, nil
}

func (l *memoryLog) Trim(_ context.Context, partition int, upTo Position) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trimmed[partition] = max(l.trimmed[partition], upTo)
	return nil
}

// memoryStore is a Store whose transactions work on a copy, which takes the
// state's place when they commit.
type memoryStore struct {
	mu    sync.Mutex
	state memoryState
	tries int // how often InTx ran a transaction

	// commit is asked when try number n is about to commit. It decides what
	// becomes of it; nil: all commit.
	commit func(n int) outcome
	taken  func() error // asked before each Take; nil: never fails
}

// outcome is what a database can do to a transaction.
type outcome int

const (
	commits outcome = iota
	retries         // rolled back and run again, as after a failed serialisation
	fails           // rolled back, with an error
	lost            // committed, but the answer was lost on its way
)

var errDatabase = errors.New("the database is away")

type memoryState struct {
	cursors map[int]Progress // by partition, of one log
	inbox   map[InboxID]Arrival
	dead    []DeadLetter
	applied []Delivery // what folds did, in their order
}

func newMemoryStore() *memoryStore {
	return &memoryStore{state: memoryState{cursors: map[int]Progress{}, inbox: map[InboxID]Arrival{}}}
}

func (s memoryState) clone() memoryState {
	return memoryState{maps.Clone(s.cursors), maps.Clone(s.inbox), slices.Clone(s.dead), slices.Clone(s.applied)}
}

func (s *memoryStore) Take(ctx context.Context, log string, partition int) (Cursor, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken != nil {
		if err := s.taken(); err != nil {
			return Cursor{}, err
		}
	}
	c := s.state.cursors[partition]
	c.Log, c.Partition, c.Epoch = log, partition, c.Epoch+1
	s.state.cursors[partition] = c
	return c.Cursor, ctx.Err()
}

func (s *memoryStore) InTx(ctx context.Context, fn func(*memoryTx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		tx := &memoryTx{s.state.clone()}
		if err := fn(tx); err != nil {
			return err
		}
		s.tries++
		end := commits
		if s.commit != nil {
			end = s.commit(s.tries)
		}
		switch end {
		case commits:
			s.state = tx.state
			return nil
		case fails:
			return errDatabase
		case lost:
			s.state = tx.state
			return errDatabase
		}
	}
}

func (s *memoryStore) Winners(_ context.Context, arrivals []Arrival) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	won := make([]bool, len(arrivals))
	for i, a := range arrivals {
		won[i] = s.state.inbox[a.InboxID] == a
	}
	return won, nil
}

func (s *memoryStore) Progress(context.Context, string) ([]Progress, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.state.cursors)), nil
}

// Applied implements Inbox.
func (s *memoryStore) Applied(_ context.Context, ids []InboxID) ([]bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]bool, len(ids))
	for i, id := range ids {
		_, out[i] = s.state.inbox[id]
	}
	return out, nil
}

// now gives the state as the last commit left it.
func (s *memoryStore) now() memoryState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state.clone()
}

// total adds up the counts of all cursors.
func (s memoryState) total() (sum Step) {
	for _, c := range s.cursors {
		sum.Applied += c.Applied
		sum.Duplicates += c.Duplicates
		sum.Dead += c.Dead
		sum.Unknown += c.Unknown
		sum.Newest = max(sum.Newest, Micros(c.Newest))
	}
	return sum
}

type memoryTx struct{ state memoryState }

func (tx *memoryTx) Advance(_ context.Context, step Step) error {
	c := tx.state.cursors[step.Partition]
	if c.Cursor != step.Cursor {
		return ErrFenced
	}
	c.Position = step.To
	c.Applied += step.Applied
	c.Duplicates += step.Duplicates
	c.Dead += step.Dead
	c.Unknown += step.Unknown
	if at := FromMicros(step.Newest); step.Newest > 0 && at.After(c.Newest) {
		c.Newest = at
	}
	tx.state.cursors[step.Partition] = c
	return nil
}

func (tx *memoryTx) Fresh(_ context.Context, arrivals []Arrival) ([]bool, error) {
	fresh := make([]bool, len(arrivals))
	for i, a := range arrivals {
		if _, known := tx.state.inbox[a.InboxID]; !known {
			tx.state.inbox[a.InboxID], fresh[i] = a, true
		}
	}
	return fresh, nil
}

func (tx *memoryTx) Bury(_ context.Context, letters []DeadLetter) error {
	tx.state.dead = append(tx.state.dead, letters...)
	return nil
}
