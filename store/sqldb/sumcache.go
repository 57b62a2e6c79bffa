package sqldb

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/peakday/peakday/experiments"
)

// SumCache keeps the moments of the experiments whose reports were asked for
// last. Most of a report's time goes into reading and adding up rows of days
// that are over; with it a report reads the days that have changed:
//
//	marks ── which days changed since? ──► rows of these ──► marks again:
//	                  ▲                                      no other day changed: done
//	                  └────────── some other day did ────────┘
//
// A transaction that moves a unit from one day to another changes both marks,
// so the rows that were read and those that were kept are of one moment in each
// shard, as they are when all are read together.
type SumCache struct {
	mu    sync.Mutex
	kept  map[string]*keptSums
	cells int   // of all that is kept
	turn  int64 // counts uses
}

// keptSums must not be changed once others can see it.
type keptSums struct {
	marks momentMarks
	cells experiments.Cells
	used  int64
}

// maxKeptCells bounds the memory of the cache: about 100 MB.
const maxKeptCells = 200_000

// NewSumCache returns an empty cache.
func NewSumCache() *SumCache { return &SumCache{kept: map[string]*keptSums{}} }

func (s *SumCache) moments(ctx context.Context, db Experiments, experiment string) (experiments.Cells, error) {
	had := s.get(experiment)
	marks, err := db.momentMarks(ctx, experiment)
	if err != nil {
		return nil, err
	}
	again := marks.changedSince(had.marks)
	for len(again) > 0 {
		fresh, err := db.readMoments(ctx, experiment, onDays(again, marks))
		if err != nil {
			return nil, err
		}
		now, err := db.momentMarks(ctx, experiment)
		if err != nil {
			return nil, err
		}
		before := len(again)
		maps.Copy(again, now.changedSince(marks))
		if len(again) == before {
			had = keptSums{marks: marks, cells: replaceDays(had.cells, again, fresh)}
			s.put(experiment, had)
			break
		}
		marks = now
	}
	return had.cells, nil
}

// changedSince lists the days of which some shard has another mark.
func (m momentMarks) changedSince(before momentMarks) map[experiments.Day]bool {
	days := map[experiments.Day]bool{}
	for p, n := range m {
		if before[p] != n {
			days[p.day] = true
		}
	}
	return days
}

// maxNamedDays is how many days a statement names; for more, all are read.
const maxNamedDays = 40

// onDays is the condition that picks the rows of some days; empty if these are
// most of those that there are.
func onDays(days map[experiments.Day]bool, there momentMarks) string {
	all := map[experiments.Day]bool{}
	for p := range there {
		all[p.day] = true
	}
	if len(days) > maxNamedDays || 2*len(days) > len(all) {
		return ""
	}
	var b strings.Builder
	for i, day := range sortedKeys(days) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprint(&b, int(day))
	}
	return "AND t.day IN (" + b.String() + ")"
}

// replaceDays gives the cells of fresh on the given days, and those of old on
// the others.
func replaceDays(old experiments.Cells, days map[experiments.Day]bool, fresh experiments.Cells) experiments.Cells {
	out := make(experiments.Cells, max(len(old), len(fresh)))
	for c, sum := range old {
		if !days[c.Day] {
			out[c] = sum
		}
	}
	for c, sum := range fresh {
		if days[c.Day] {
			out[c] = sum
		}
	}
	return out
}

// get gives what is kept of an experiment; it is empty when nothing is.
func (s *SumCache) get(experiment string) keptSums {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[experiment]
	if k == nil {
		return keptSums{cells: experiments.Cells{}}
	}
	s.turn++
	k.used = s.turn
	return *k
}

// put keeps the sums of an experiment, and drops those that were not asked for
// the longest if it is too much together.
func (s *SumCache) put(experiment string, k keptSums) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.kept[experiment]; old != nil {
		s.cells -= len(old.cells)
	}
	s.turn++
	k.used = s.turn
	s.kept[experiment] = &k
	s.cells += len(k.cells)
	for s.cells > maxKeptCells && len(s.kept) > 1 {
		oldest := slices.MinFunc(slices.Collect(maps.Keys(s.kept)), func(a, b string) int { return cmp.Compare(s.kept[a].used, s.kept[b].used) })
		s.cells -= len(s.kept[oldest].cells)
		delete(s.kept, oldest)
	}
}
