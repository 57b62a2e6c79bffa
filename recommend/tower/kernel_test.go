package tower

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func randoms(rng *rand.Rand, n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(rng.NormFloat64())
	}
	return out
}

func TestEveryKernelGivesTheSameBits(t *testing.T) {
	t.Parallel()
	for _, k := range kernels()[1:] {
		t.Run(fmt.Sprintf("%T", k), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(1, 2))
			for _, n := range []int{32, 64, 96, 256, 1024} {
				x, y := randoms(rng, n), randoms(rng, n)
				if got, want := k.dot(x, y), (portable{}).dot(x, y); got != want {
					t.Errorf("dot of %d: %v, want %v", n, got, want)
				}
				a, b := slices.Clone(y), slices.Clone(y)
				k.axpy(0.3, x, a)
				portable{}.axpy(0.3, x, b)
				if !slices.Equal(a, b) {
					t.Errorf("axpy of %d differs", n)
				}
				a, b = slices.Clone(x), slices.Clone(x)
				a[0], b[0] = 1e9, 1e9
				a[1], b[1] = -1e9, -1e9
				got, want := k.exps(a, y, 17), portable{}.exps(b, y, 17)
				if got != want || !slices.Equal(a, b) {
					t.Errorf("exps of %d: sum %v, want %v", n, got, want)
				}
				p, q := make([]float32, 8*n), make([]float32, 8*n)
				l, r := randoms(rng, 8*40), randoms(rng, 40*n)
				multiply(k, p, n, l, 40, 1, r, n, 8, n, 40)
				multiply(portable{}, q, n, l, 40, 1, r, n, 8, n, 40)
				if !slices.Equal(p, q) {
					t.Errorf("multiply %d differs", n)
				}
				multiply(k, p, n, l, 1, 8, r, n, 8, n, 40)
				multiply(portable{}, q, n, l, 1, 8, r, n, 8, n, 40)
				if !slices.Equal(p, q) {
					t.Errorf("multiply %d by a transposed matrix differs", n)
				}
			}
		})
	}
}

func TestExpIsExact(t *testing.T) {
	t.Parallel()
	for x := -80.0; x <= 80; x += 0.01 {
		want := math.Exp(float64(float32(x)))
		if got := float64(exp(float32(x))); math.Abs(got/want-1) > 3e-7 {
			t.Fatalf("exp(%v) = %v, want %v", x, got, want)
		}
	}
}

func BenchmarkKernel(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	const m, n, d = 64, 1024, 64
	users, items, scores := randoms(rng, m*d), randoms(rng, n*d), make([]float32, m*n)
	for _, k := range kernels() {
		b.Run(fmt.Sprintf("%T/multiply", k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				multiply(k, users, d, scores, n, 1, items, d, m, d, n)
			}
			b.ReportMetric(2*m*n*d*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
		b.Run(fmt.Sprintf("%T/exps", k), func(b *testing.B) {
			b.ReportAllocs()
			bias := make([]float32, n)
			for b.Loop() {
				k.exps(items[:n], bias, -1e-3)
			}
		})
		b.Run(fmt.Sprintf("%T/dot", k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				k.dot(items[:d], users[:d])
			}
		})
	}
}
