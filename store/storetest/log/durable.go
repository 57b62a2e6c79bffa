package logtest

import (
	"fmt"
	"sync"
	"testing"

	"github.com/peakday/peakday/events"
)

func readIsDurable(t *testing.T, s *subject) {
	appended := make(chan error, 1)
	go func() {
		for i := range 50 {
			if err := s.log.Append(s.ctx, numbered(0, i, 1)); err != nil {
				appended <- err
				return
			}
		}
		appended <- nil
	}()
	var behind events.Position
	for i := range 50 {
		behind = s.readNumbered(t, 0, behind, i, 1)[0].Position
		if end := s.end(t, 0); end < behind {
			t.Fatalf("End is %d after position %d was read", end, behind)
		}
	}
	if err := <-appended; err != nil {
		t.Fatalf("Append: %v", err)
	}
}

func reopenKeeps(t *testing.T, s *subject) {
	const rounds, size = 4, 25
	kept := make([][]events.Stored, partitions)
	for round := range rounds {
		for p := range partitions {
			s.append(t, numbered(p, round*size, size)...)
		}
		for p := range partitions {
			now := s.readNumbered(t, p, 0, 0, (round+1)*size)
			for i, was := range kept[p] {
				if now[i].Position != was.Position || !now[i].Appended.Equal(was.Appended) {
					t.Fatalf("partition %d entry %d: position %d at %v, was %d at %v", p, i, now[i].Position, now[i].Appended, was.Position, was.Appended)
				}
			}
			kept[p] = now
		}
		s.reopen(t)
		for p := range partitions {
			if end, want := s.end(t, p), kept[p][len(kept[p])-1].Position; end != want {
				t.Fatalf("End of partition %d after reopen: %d, want %d", p, end, want)
			}
			s.wantLag(t, p, 0, int64(len(kept[p])))
		}
	}
}

// appendersAndReaders has several appenders write to all partitions while one
// reader a partition follows. Nothing is lost or doubled, and each appender's
// entries of a partition stay in order.
func appendersAndReaders(t *testing.T, s *subject) {
	const appenders, batches, size = 8, 10, 3 // size entries a partition
	var all sync.WaitGroup
	for a := range appenders {
		all.Go(func() {
			for b := range batches {
				var batch []events.Entry
				for i := range size {
					for p := range partitions {
						batch = append(batch, entry(p, a, fmt.Sprintf("%d %d", a, b*size+i)))
					}
				}
				if err := s.log.Append(s.ctx, batch); err != nil {
					t.Errorf("appender %d: %v", a, err)
					return
				}
			}
		})
	}
	for p := range partitions {
		all.Go(func() { s.follow(t, p, appenders, batches*size) })
	}
	all.Wait()
}

// follow reads what appenders wrote to a partition, each of them so many.
func (s *subject) follow(t *testing.T, partition, appenders, each int) {
	next := make([]int, appenders)
	var behind events.Position
	for read := 0; read < appenders*each; {
		got, err := s.log.Read(s.ctx, partition, behind, 50)
		if err != nil {
			t.Errorf("Read partition %d behind %d: %v", partition, behind, err)
			return
		}
		for _, e := range got {
			var a, n int
			if _, err := fmt.Sscanf(string(e.Data), "%d %d", &a, &n); err != nil {
				t.Errorf("partition %d position %d holds %q", partition, e.Position, e.Data)
				return
			}
			if n != next[a] || e.Position <= behind {
				t.Errorf("partition %d behind %d: entry %d of appender %d at %d, want entry %d", partition, behind, n, a, e.Position, next[a])
				return
			}
			next[a]++
			behind = e.Position
		}
		read += len(got)
	}
	s.wantLag(t, partition, behind, 0)
}

func closeKeeps(t *testing.T, s *subject) {
	var mu sync.Mutex
	accepted := map[string]bool{}
	log := s.log
	var first, all sync.WaitGroup
	for a := range 8 {
		first.Add(1)
		all.Go(func() {
			for i := range 10_000 {
				data := fmt.Sprintf("%d %d", a, i)
				err := log.Append(s.ctx, []events.Entry{entry(0, a, data)})
				if i == 0 {
					first.Done()
				}
				if err != nil {
					return // closed meanwhile
				}
				mu.Lock()
				accepted[data] = true
				mu.Unlock()
			}
		})
	}
	first.Wait()
	s.reopen(t)
	all.Wait()
	lag, err := s.log.Lag(s.ctx, 0, 0)
	if err != nil {
		t.Fatalf("Lag: %v", err)
	}
	for _, e := range s.read(t, 0, 0, int(lag)) {
		delete(accepted, string(e.Data))
	}
	for data := range accepted {
		t.Errorf("entry %q was accepted but is not there after Close", data)
	}
}
