package logtest

import (
	"errors"
	"testing"

	"github.com/peakday/peakday/events"
)

// trimAll lets every partition drop all up to its entry with index last.
func (s *subject) trimAll(t *testing.T, kept [][]events.Stored, last int) {
	t.Helper()
	for p := range partitions {
		if err := s.log.Trim(s.ctx, p, kept[p][last].Position); err != nil {
			t.Fatalf("Trim partition %d: %v", p, err)
		}
	}
}

// fill appends so many numbered entries to every partition, in small batches,
// and returns them.
func (s *subject) fill(t *testing.T, count int) [][]events.Stored {
	t.Helper()
	for first := 0; first < count; first += 5 {
		for p := range partitions {
			s.append(t, numbered(p, first, 5)...)
		}
	}
	all := make([][]events.Stored, partitions)
	for p := range partitions {
		all[p] = s.readNumbered(t, p, 0, 0, count)
	}
	return all
}

func trimKeeps(t *testing.T, s *subject) {
	all := s.fill(t, 100)
	s.trimAll(t, all, 59)
	for p := range partitions {
		s.readNumbered(t, p, all[p][59].Position, 60, 40)
		s.readNumbered(t, p, all[p][80].Position, 81, 19)
		s.wantLag(t, p, all[p][59].Position, 40)
		if end := s.end(t, p); end != all[p][99].Position {
			t.Errorf("End of partition %d: %d, want %d", p, end, all[p][99].Position)
		}
	}
	// To trim less than before, or again, changes nothing.
	s.trimAll(t, all, 10)
	s.trimAll(t, all, 59)
	for p := range partitions {
		s.append(t, numbered(p, 100, 1)...)
		s.readNumbered(t, p, all[p][59].Position, 60, 41)
	}
}

// trimMakesNoGap reads from before what was trimmed: the entries are still
// there, or the reader is told that they are not. It never gets later ones.
func trimMakesNoGap(t *testing.T, s *subject) {
	all := s.fill(t, 100)
	if err := s.log.Trim(s.ctx, 0, all[0][98].Position); err != nil {
		t.Fatalf("Trim: %v", err)
	}
	s.wantNoGap(t, 0, all[0])
	s.readNumbered(t, 1, 0, 0, 100) // allowed nothing: keeps everything
	s.trimAll(t, all, 98)
	for p := range partitions {
		s.wantNoGap(t, p, all[p])
		s.readNumbered(t, p, all[p][98].Position, 99, 1)
	}
}

// wantNoGap reads one entry behind each of all's positions.
func (s *subject) wantNoGap(t *testing.T, partition int, all []events.Stored) {
	t.Helper()
	var behind events.Position
	for i, want := range all {
		got, err := s.log.Read(s.ctx, partition, behind, 1)
		switch {
		case errors.Is(err, events.ErrTrimmed):
		case err != nil:
			t.Fatalf("Read partition %d behind %d: %v", partition, behind, err)
		case len(got) != 1 || got[0].Position != want.Position:
			t.Fatalf("Read partition %d behind %d: %v, want entry %d at position %d or %v", partition, behind, got, i, want.Position, events.ErrTrimmed)
		}
		behind = want.Position
	}
}

func trimAndReopen(t *testing.T, s *subject) {
	all := s.fill(t, 60)
	s.trimAll(t, all, 59) // everything there is
	s.reopen(t)
	for p := range partitions {
		last := all[p][59].Position
		if end := s.end(t, p); end != last {
			t.Errorf("End of partition %d: %d, want %d", p, end, last)
		}
		s.wantLag(t, p, last, 0)
		s.append(t, numbered(p, 60, 5)...)
		s.readNumbered(t, p, last, 60, 5)
	}
}
