package offline

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// randomSquare is positive definite: a Gram matrix of random sparse rows, and
// something on the diagonal.
func randomSquare(n int, seed uint64) *square {
	s := newSquare(n)
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 3 * n {
		i, j := rng.IntN(n), rng.IntN(n)
		s.row(i)[i]++
		s.row(j)[j]++
		if i != j {
			s.row(max(i, j))[min(i, j)]++
		}
	}
	for i := range n {
		s.row(i)[i] += 10
	}
	return s
}

func TestSweepInverts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 7, 240, 241, 500} {
		a, inverse := randomSquare(n, 5), randomSquare(n, 5)
		if ok, err := inverse.sweep(context.Background()); !ok || err != nil {
			t.Fatalf("%d: ok %t, error %v", n, ok, err)
		}
		at := func(s *square, i, j int) float64 { return float64(s.row(max(i, j))[min(i, j)]) }
		worst := 0.0
		for i := 0; i < n; i += 1 + n/40 {
			for j := range n {
				sum := 0.0
				for k := range n {
					sum -= at(a, i, k) * at(inverse, k, j)
				}
				want := 0.0
				if i == j {
					want = 1
				}
				worst = max(worst, math.Abs(sum-want))
			}
		}
		if worst > 1e-4 {
			t.Errorf("%d rows: A·A⁻¹ is off the unit matrix by %g", n, worst)
		}
	}
}

func TestSweepRefusesWhatIsNotPositiveDefinite(t *testing.T) {
	t.Parallel()
	s := newSquare(3)
	if ok, err := s.sweep(context.Background()); ok || err != nil {
		t.Errorf("ok %t, error %v of a zero matrix", ok, err)
	}
}

func TestTilesAgreeWithGo(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(n int) []float32 {
		out := make([]float32, n)
		for i := range out {
			out[i] = rng.Float32() - 0.5
		}
		return out
	}
	a, b, c := random(2*tileRows*sweepBlock), random(tileCols*sweepBlock), random(2*tileRows*100)
	want := append([]float32(nil), c...)
	subtractTileGo(a, b, want, 100)
	subtractTileGo(a[tileRows*sweepBlock:], b, want[tileRows*100:], 100)
	subtractTiles(a, b, c, 100)
	for i := range c {
		if d := math.Abs(float64(c[i] - want[i])); d > 1e-4 {
			t.Fatalf("cell %d: %g, in Go %g", i, c[i], want[i])
		}
	}
}

func BenchmarkSweep(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s := randomSquare(2000, 1)
		if ok, err := s.sweep(context.Background()); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
	b.ReportMetric(8e9*float64(b.N)/1e9/b.Elapsed().Seconds(), "GFLOP/s")
}
