package logtest

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/peakday/peakday/events"
)

func newLogIsEmpty(t *testing.T, s *subject) {
	if s.log.Partitions() != partitions {
		t.Errorf("Partitions: %d, want %d", s.log.Partitions(), partitions)
	}
	for p := range partitions {
		if end := s.end(t, p); end != 0 {
			t.Errorf("End of partition %d: %d, want 0", p, end)
		}
		s.wantLag(t, p, 0, 0)
	}
}

func idStays(t *testing.T, s *subject) {
	id := s.log.ID()
	if id == "" {
		t.Error("ID is empty")
	}
	s.reopen(t)
	if s.log.ID() != id {
		t.Errorf("ID after reopen: %q, want %q", s.log.ID(), id)
	}
	other := s.fresh(t)(t)
	if other.ID() == id {
		t.Errorf("another log has the same ID %q", id)
	}
	if err := other.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func entriesInOrder(t *testing.T, s *subject) {
	const total = 100
	for first, size := 0, 1; first < total; first, size = first+size, size+1 {
		size = min(size, total-first)
		s.append(t, numbered(1, first, size)...)
	}
	all := s.readNumbered(t, 1, 0, 0, total)
	// From every position on come the entries behind it.
	for i, e := range all[:total-1] {
		s.readNumbered(t, 1, e.Position, i+1, 1)
	}
	s.readNumbered(t, 1, all[total/2].Position, total/2+1, total-total/2-1)
}

func partitionsDoNotMix(t *testing.T, s *subject) {
	var batch []events.Entry
	for i := range 40 {
		for p := range partitions {
			batch = append(batch, entry(p, i, name(p, i)))
		}
	}
	s.append(t, batch...)
	s.append(t, numbered(2, 40, 5)...)
	for p := range partitions {
		s.readNumbered(t, p, 0, 0, 40)
	}
	s.readNumbered(t, 2, 0, 0, 45)
}

func anyBytes(t *testing.T, s *subject) {
	random := rand.New(rand.NewPCG(1, 2))
	large := make([]byte, 300_000)
	for i := range large {
		large[i] = byte(random.Uint32())
	}
	want := [][]byte{{0}, []byte("\r\n\x00\xff\xfe"), bytes.Repeat([]byte{0}, 100), large, []byte("{}")}
	for i, data := range want {
		s.append(t, entry(0, i, string(data)))
	}
	for i, e := range s.read(t, 0, 0, len(want)) {
		if !bytes.Equal(e.Data, want[i]) {
			t.Errorf("entry %d: %d bytes came back, or others, of %d", i, len(e.Data), len(want[i]))
		}
	}
}

func appendTime(t *testing.T, s *subject) {
	before := s.clock.now().Truncate(time.Millisecond)
	s.append(t, entry(3, 0, "first"))
	between := s.clock.now().Truncate(time.Millisecond)
	s.append(t, entry(3, 0, "second"))
	after := s.clock.now()
	got := s.read(t, 3, 0, 2)
	if at := got[0].Appended; at.Before(before) || at.After(between) {
		t.Errorf("first entry: appended %v, want %v to %v", at, before, between)
	}
	if at := got[1].Appended; at.Before(between) || at.After(after) {
		t.Errorf("second entry: appended %v, want %v to %v", at, between, after)
	}
	s.reopen(t)
	for i, e := range s.read(t, 3, 0, 2) {
		if !e.Appended.Equal(got[i].Appended) {
			t.Errorf("entry %d after reopen: appended %v, want %v", i, e.Appended, got[i].Appended)
		}
	}
}

func atMostMax(t *testing.T, s *subject) {
	s.append(t, numbered(0, 0, 20)...)
	for _, max := range []int{1, 2, 7, 20, 1000} {
		got, err := s.log.Read(s.ctx, 0, 0, max)
		if err != nil {
			t.Fatalf("Read %d: %v", max, err)
		}
		if len(got) < 1 || len(got) > min(max, 20) {
			t.Errorf("Read %d: %d entries", max, len(got))
		}
	}
}

func nothingToAppend(t *testing.T, s *subject) {
	s.append(t)
	if end := s.end(t, 0); end != 0 {
		t.Errorf("End: %d, want 0", end)
	}
}

func noSuchPartition(t *testing.T, s *subject) {
	for _, p := range []int{-1, partitions} {
		if _, err := s.log.Read(s.ctx, p, 0, 1); err == nil {
			t.Errorf("Read partition %d: no error", p)
		}
		if _, err := s.log.End(s.ctx, p); err == nil {
			t.Errorf("End of partition %d: no error", p)
		}
		if _, err := s.log.Lag(s.ctx, p, 0); err == nil {
			t.Errorf("Lag of partition %d: no error", p)
		}
		if err := s.log.Trim(s.ctx, p, 1); err == nil {
			t.Errorf("Trim partition %d: no error", p)
		}
	}
}

func endAndLag(t *testing.T, s *subject) {
	s.append(t, numbered(1, 0, 10)...)
	s.append(t, numbered(2, 0, 3)...)
	all := s.readNumbered(t, 1, 0, 0, 10)
	if end := s.end(t, 1); end != all[9].Position {
		t.Errorf("End: %d, want the last entry's position %d", end, all[9].Position)
	}
	s.wantLag(t, 1, 0, 10)
	for i, e := range all {
		s.wantLag(t, 1, e.Position, int64(9-i))
	}
	s.wantLag(t, 2, 0, 3)
	s.wantLag(t, 3, 0, 0)
}
