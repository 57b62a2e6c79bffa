package boost_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/peakday/peakday/stats/boost"
)

// rowsOf are n rows of four features: continuous, few values, constant, and
// mostly zero.
func rowsOf(n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 1))
	var rows []float32
	for range n {
		rows = append(rows, random.Float32(), float32(random.IntN(5)), 1, float32(max(0, random.IntN(9)-6)))
	}
	return rows
}

// twoWorkers looks for splits at once, in no order.
func twoWorkers(n int, do func(worker, i int)) error {
	var both sync.WaitGroup
	for worker := range 2 {
		both.Go(func() {
			for i := worker; i < n; i += 2 {
				do(worker, i)
			}
		})
	}
	both.Wait()
	return nil
}

func TestGrowIsTheSameByAnyWorkersAndLeavesAreThoseOfTheSplits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, seed := rapid.IntRange(1, 400).Draw(t, "rows"), rapid.Uint64().Draw(t, "seed")
		depth := rapid.IntRange(1, 6).Draw(t, "depth")
		rows := rowsOf(n, seed)
		grow := func(workers int, each boost.Each) (boost.Splits, []uint8) {
			bins, err := boost.NewBins(rows, 4, 1000, each)
			if err != nil {
				t.Fatal(err)
			}
			g := boost.NewGrower[float32](bins, n, depth, 1, workers, each)
			random := rand.New(rand.NewPCG(seed, 2))
			for i := range g.Gradients {
				g.Gradients[i] = [2]float32{float32(random.NormFloat64()), 1}
			}
			s, err := g.Grow(0, n, func(int) bool { return true })
			if err != nil {
				t.Fatal(err)
			}
			return s, g.Leaf
		}
		splits, leaf := grow(1, boost.InTurn)
		if other, _ := grow(2, twoWorkers); cmp.Diff(splits, other) != "" {
			t.Fatalf("one worker finds %v, two find %v", splits, other)
		}
		if len(splits.Feature) > depth {
			t.Fatalf("%d levels of a tree of depth %d", len(splits.Feature), depth)
		}
		for i := range n {
			if got := splits.Leaf(rows[4*i : 4*i+4]); got != int(leaf[i]) {
				t.Fatalf("row %d was grown in leaf %d and is found in %d", i, leaf[i], got)
			}
		}
	})
}

func TestGrowAsksWhatItMay(t *testing.T) {
	t.Parallel()
	rows := rowsOf(500, 3)
	bins, _ := boost.NewBins(rows, 4, 1000, boost.InTurn)
	g := boost.NewGrower[float64](bins, 500, 1, 1, 1, boost.InTurn)
	for i := range g.Gradients {
		g.Gradients[i] = [2]float64{-1, 1}
		if rows[4*i] > .7 {
			g.Gradients[i][0] = 1
		}
	}
	s, err := g.Grow(0, 500, func(int) bool { return true })
	if err != nil || len(s.Feature) != 1 || s.Feature[0] != 0 || s.Cut[0] < .68 || s.Cut[0] > .71 {
		t.Errorf("found %v (%v), want feature 0 above .7", s, err)
	}
	if s, err := g.Grow(0, 500, func(f int) bool { return f == 2 }); err != nil || len(s.Feature) != 0 {
		t.Errorf("found %v (%v) in a constant", s, err)
	}
}

func TestGrowPassesOnWhyItStopped(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	bins, _ := boost.NewBins(rowsOf(10, 1), 4, 1000, boost.InTurn)
	g := boost.NewGrower[float32](bins, 10, 2, 1, 1, func(int, func(int, int)) error { return stopped })
	if _, err := g.Grow(0, 10, func(int) bool { return true }); !errors.Is(err, stopped) {
		t.Errorf("got %v", err)
	}
}
