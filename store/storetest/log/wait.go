package logtest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

// reading is a Read that runs in the background.
type reading struct {
	stored []events.Stored
	err    error
}

// readLater starts a Read of at most 10 entries and returns where its result
// will come.
func (s *subject) readLater(ctx context.Context, partition int, behind events.Position) <-chan reading {
	result := make(chan reading, 1)
	go func() {
		stored, err := s.log.Read(ctx, partition, behind, 10)
		result <- reading{stored, err}
	}()
	return result
}

// await gives the result of a Read that must end.
func (s *subject) await(t *testing.T, result <-chan reading) reading {
	t.Helper()
	select {
	case r := <-result:
		return r
	case <-time.After(timeout):
		t.Fatal("Read did not end")
		return reading{}
	}
}

func readWaits(t *testing.T, s *subject) {
	var behind events.Position
	for i := range 20 {
		result := s.readLater(s.ctx, 0, behind)
		s.append(t, numbered(0, i, 1)...)
		r := s.await(t, result)
		if r.err != nil || len(r.stored) != 1 || string(r.stored[0].Data) != name(0, i) {
			t.Fatalf("Read %d: %v, %v; want the one entry appended meanwhile", i, r.stored, r.err)
		}
		behind = r.stored[0].Position
	}
}

func readWaitsForItsOwn(t *testing.T, s *subject) {
	result := s.readLater(s.ctx, 0, 0)
	s.append(t, numbered(1, 0, 3)...)
	s.append(t, numbered(2, 0, 3)...)
	s.readNumbered(t, 1, 0, 0, 3)
	select {
	case r := <-result:
		t.Fatalf("Read of partition 0 returned %v, %v; nothing was appended there", r.stored, r.err)
	default:
	}
	s.append(t, numbered(0, 0, 1)...)
	if r := s.await(t, result); r.err != nil || len(r.stored) != 1 {
		t.Errorf("Read: %v, %v; want one entry", r.stored, r.err)
	}
}

func readEndsWithContext(t *testing.T, s *subject) {
	s.append(t, numbered(0, 0, 1)...)
	behind := s.end(t, 0)

	cancelled, cancel := context.WithCancel(s.ctx)
	result := s.readLater(cancelled, 0, behind)
	cancel()
	if r := s.await(t, result); !errors.Is(r.err, context.Canceled) || len(r.stored) > 0 {
		t.Errorf("cancelled: %v, %v; want %v", r.stored, r.err, context.Canceled)
	}

	short, cancel := context.WithTimeout(s.ctx, 20*time.Millisecond)
	defer cancel()
	if r := s.await(t, s.readLater(short, 0, behind)); !errors.Is(r.err, context.DeadlineExceeded) {
		t.Errorf("timed out: %v, %v; want %v", r.stored, r.err, context.DeadlineExceeded)
	}
	// The next reader is not harmed.
	s.append(t, numbered(0, 1, 1)...)
	s.readNumbered(t, 0, behind, 1, 1)
}

func appendWithDoneContext(t *testing.T, s *subject) {
	done, cancel := context.WithCancel(s.ctx)
	cancel()
	if err := s.log.Append(done, numbered(0, 0, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Append: %v, want %v", err, context.Canceled)
	}
	s.append(t, numbered(1, 0, 2)...)
	s.readNumbered(t, 1, 0, 0, 2)
}

func closeEnds(t *testing.T, s *subject) {
	s.append(t, numbered(0, 0, 1)...)
	result := s.readLater(s.ctx, 1, 0)
	if err := s.log.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if r := s.await(t, result); r.err == nil {
		t.Errorf("a Read that waited when the log was closed: %v, no error", r.stored)
	}
	if err := s.log.Append(s.ctx, numbered(0, 1, 1)); err == nil {
		t.Error("Append after Close: no error")
	}
	if _, err := s.log.Read(s.ctx, 0, 0, 1); err == nil {
		t.Error("Read after Close: no error")
	}
}
