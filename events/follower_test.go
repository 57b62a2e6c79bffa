package events

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shadow is a follower that remembers what it was given and checks that there
// is no gap between one hand-over and the next.
type shadow struct {
	mu     sync.Mutex
	err    error // what Follow returns, if anything
	panics bool  // instead of returning err
	at     map[int]Position
	given  []Delivery
	tried  []time.Time
	faults []string
}

var errGap = errors.New("records are missing in between")

func (*shadow) Name() string { return "shadow" }

func (s *shadow) Position(_ context.Context, partition int) (Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at[partition], nil
}

func (s *shadow) Follow(_ context.Context, partition int, from, to Position, batch []Delivery) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tried = append(s.tried, time.Now())
	if s.panics {
		panic("index out of range")
	}
	if s.err != nil {
		return s.err
	}
	if at := s.at[partition]; at != from || to <= from {
		if at < from || to <= from { // else a consumer that was taken over is late
			s.faults = append(s.faults, fmt.Sprintf("stands at %d, was handed (%d, %d]", at, from, to))
		}
		return errGap
	}
	for _, d := range batch {
		if d.Partition != partition || d.Position <= from || d.Position > to {
			s.faults = append(s.faults, fmt.Sprintf("%s at %d is outside of (%d, %d]", d.ID, d.Position, from, to))
		}
	}
	if s.at == nil {
		s.at = map[int]Position{}
	}
	s.at[partition] = to
	s.given = append(s.given, batch...)
	return nil
}

// mend sets what Follow returns.
func (s *shadow) mend(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.panics = err, false
}

// copy is a snapshot, as a process would find it after a restart.
func (s *shadow) copy() *shadow {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &shadow{at: maps.Clone(s.at), given: slices.Clone(s.given)}
}

// wantSame wants the follower to hold exactly what the folds have applied, in
// the order of each partition.
func (s *shadow) wantSame(t *testing.T, applied []Delivery) {
	t.Helper()
	if len(s.faults) > 0 {
		t.Error(s.faults)
	}
	want, got := byPartition(applied), byPartition(s.given)
	if !maps.EqualFunc(want, got, slices.Equal) {
		t.Errorf("folds and follower differ: %s", cmp.Diff(want, got))
	}
}

func byPartition(ds []Delivery) map[int][]string {
	out := map[int][]string{}
	for _, d := range ds {
		out[d.Partition] = append(out[d.Partition], fmt.Sprint(d.Position, " ", d.ID))
	}
	return out
}

func TestFollowerIsHandedWhatWasApplied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &shadow{}
		p := newPlant(2, f)
		stop := start(t, p.Consumer)
		for i := range 20 {
			p.append(t, entry(fmt.Sprint(i), fmt.Sprint("u", i)), entry(fmt.Sprint(i/2), fmt.Sprint("u", i/2)))
			synctest.Wait()
			f.wantSame(t, p.store.now().applied) // at once, not later
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		wantTotal(t, p.store.now(), 20, 20, 0)
	})
}

// After a restart a follower goes on where its snapshot stood. Of the records
// that it missed it gets those that counted, and no duplicates.
func TestFollowerCatchesUpAfterARestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &shadow{}
		p := newPlant(2, f)
		stop := start(t, p.Consumer)
		p.append(t, entry("a", "u1"), entry("b", "u2"))
		synctest.Wait()
		snapshot := f.copy()
		var many []Entry
		for i := range 10_000 { // more than one batch in each partition
			many = append(many, entry(fmt.Sprint(i%6000), fmt.Sprint("u", i%6000)))
		}
		p.append(t, many...)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		fromZero := &shadow{}
		p.append(t, entry("c", "u1"))
		play(t, p.consumer(snapshot, fromZero))
		wantTotal(t, p.store.now(), 6003, 4000, 0)
		snapshot.wantSame(t, p.store.now().applied)
		fromZero.wantSame(t, p.store.now().applied)
	})
}

// A follower that fails, whether by an error or a panic, holds up neither the
// folds nor the other followers, is tried once a second, and catches up.
func TestFollowerThatFailsCatchesUpLater(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]*shadow{
		"error": {err: errors.New("cache is away")},
		"panic": {panics: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				healthy := &shadow{}
				p := newPlant(1, broken, healthy)
				stop := start(t, p.Consumer)
				const seconds = 10
				for i := range 100 * seconds {
					p.append(t, entry(fmt.Sprint(i), "u1"))
					pass(10 * time.Millisecond)
					if n := len(p.store.now().applied); n != i+1 {
						t.Fatalf("%d of %d applied", n, i+1)
					}
				}
				healthy.wantSame(t, p.store.now().applied)
				if n := len(broken.tried); n < seconds-1 || n > seconds+1 {
					t.Errorf("tried %d times in %d s", n, seconds)
				}
				broken.mend(nil)
				pass(catchUpAgain + 10*time.Millisecond) // without any new event
				broken.wantSame(t, p.store.now().applied)
				p.append(t, entry("last", "u1"))
				synctest.Wait()
				broken.wantSame(t, p.store.now().applied)
				if err := stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A store that lost its last transactions, and with them its cursor's last
// steps, applies them again. A follower that is ahead waits for it.
func TestFollowerAheadOfTheCursor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &shadow{}
		p := newPlant(1, f)
		p.append(t, entry("a", "u1"))
		play(t, p.Consumer)
		backup := p.store.now()
		p.append(t, entry("b", "u1"), entry("a", "u1"), entry("c", "u1"))
		play(t, p.Consumer)

		p.store.state = backup
		again := p.consumer(f)
		stop := start(t, again)
		synctest.Wait()
		f.wantSame(t, p.store.now().applied)
		p.append(t, entry("d", "u1"))
		if err := again.CaughtUp(t.Context()); err != nil {
			t.Error(err)
		}
		wantIDs(t, f.given, "a", "b", "c", "d")
		f.wantSame(t, p.store.now().applied)
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// A follower that is still ahead does not keep others from being caught up.
func TestCaughtUpWithAFollowerAhead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &shadow{at: map[int]Position{0: 100}}
		p := newPlant(1, f)
		p.append(t, entry("a", "u1"))
		stop := start(t, p.Consumer)
		if err := p.CaughtUp(t.Context()); err != nil {
			t.Error(err)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		if len(f.tried) != 0 {
			t.Error("was handed what it knew")
		}
	})
}

// The log may have dropped what a follower still needs: it stays behind, and
// the folds go on.
func TestFollowerWhoseRecordsAreGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPlant(1)
		p.append(t, entry("a", "u1"), entry("b", "u1"))
		play(t, p.Consumer)
		if err := p.log.Trim(t.Context(), 0, 3); err != nil {
			t.Fatal(err)
		}
		f := &shadow{}
		stop := start(t, p.consumer(f))
		p.append(t, entry("c", "u1"))
		pass(10 * time.Second)
		wantIDs(t, p.store.now().applied, "a", "b", "c")
		if len(f.given) != 0 {
			t.Errorf("was given %v across a gap", ids(f.given))
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}
