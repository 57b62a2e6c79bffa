package logtest

import (
	"fmt"
	"testing"

	"github.com/peakday/peakday/events"
)

// entry makes an entry of a log partition. n spreads entries over the virtual
// partitions that lie in it.
func entry(partition, n int, data string) events.Entry {
	part := events.Part(partition + partitions*(n%(events.Parts/partitions)))
	return events.Entry{Part: part, Data: []byte(data)}
}

// numbered makes count entries of a partition, numbered from first.
func numbered(partition, first, count int) []events.Entry {
	entries := make([]events.Entry, count)
	for i := range entries {
		entries[i] = entry(partition, first+i, name(partition, first+i))
	}
	return entries
}

// name is the data of a numbered entry.
func name(partition, n int) string { return fmt.Sprintf("partition %d entry %d", partition, n) }

// append appends entries and fails the test if that fails.
func (s *subject) append(t *testing.T, entries ...events.Entry) {
	t.Helper()
	if err := s.log.Append(s.ctx, entries); err != nil {
		t.Fatalf("Append %d entries: %v", len(entries), err)
	}
}

// read reads count entries behind a position, however many Reads that takes,
// and sees to it that positions increase.
func (s *subject) read(t *testing.T, partition int, behind events.Position, count int) []events.Stored {
	t.Helper()
	var all []events.Stored
	for len(all) < count {
		got, err := s.log.Read(s.ctx, partition, behind, count-len(all))
		if err != nil {
			t.Fatalf("Read partition %d behind %d, after %d of %d entries: %v", partition, behind, len(all), count, err)
		}
		if len(got) == 0 || len(got) > count-len(all) {
			t.Fatalf("Read partition %d behind %d: %d entries, want 1 to %d", partition, behind, len(got), count-len(all))
		}
		for _, e := range got {
			if e.Position <= behind {
				t.Fatalf("Read partition %d behind %d: an entry of position %d", partition, behind, e.Position)
			}
			behind = e.Position
		}
		all = append(all, got...)
	}
	return all
}

// readNumbered reads count numbered entries of a partition and checks that
// they are the ones from first on.
func (s *subject) readNumbered(t *testing.T, partition int, behind events.Position, first, count int) []events.Stored {
	t.Helper()
	got := s.read(t, partition, behind, count)
	for i, e := range got {
		if want := name(partition, first+i); string(e.Data) != want {
			t.Fatalf("partition %d behind %d, entry %d: %q, want %q", partition, behind, i, e.Data, want)
		}
	}
	return got
}

// end is the end of a partition.
func (s *subject) end(t *testing.T, partition int) events.Position {
	t.Helper()
	end, err := s.log.End(s.ctx, partition)
	if err != nil {
		t.Fatalf("End of partition %d: %v", partition, err)
	}
	return end
}

// wantLag checks the lag behind a position.
func (s *subject) wantLag(t *testing.T, partition int, behind events.Position, want int64) {
	t.Helper()
	got, err := s.log.Lag(s.ctx, partition, behind)
	if err != nil {
		t.Fatalf("Lag of partition %d behind %d: %v", partition, behind, err)
	}
	if got != want {
		t.Errorf("Lag of partition %d behind %d: %d, want %d", partition, behind, got, want)
	}
}
