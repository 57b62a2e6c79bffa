package boost_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/stats/boost"
)

func params(p float64) boost.Params {
	return boost.Params{Quantile: p, Trees: 50, Depth: 3, Rate: .1, Lambda: 5}
}

// noisy rows: the target is exponential with a mean that jumps with the first
// feature and falls with the second; the third says nothing.
func noisy(n int) (l boost.Examples) {
	random := rand.New(rand.NewPCG(1, 2))
	for range n {
		row := []float32{random.Float32(), random.Float32(), random.Float32()}
		l.Add(row, meanOf(row)*random.ExpFloat64(), 1)
	}
	return l
}

func meanOf(row []float32) float64 {
	mean := 4 - 2*float64(row[1])
	if row[0] > .6 {
		mean *= 3
	}
	return mean
}

func TestValueIsTheQuantile(t *testing.T) {
	t.Parallel()
	examples := noisy(5000)
	for _, p := range []float64{.1, .5, .9} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			t.Parallel()
			m := boost.FitQuantile(examples, params(p))
			miss, n := 0., 0.
			for a := float32(.05); a < 1; a += .1 {
				for b := float32(.05); b < 1; b += .1 {
					row := []float32{a, b, .5}
					want := -meanOf(row) * math.Log(1-p) // of an exponential
					miss += math.Abs(m.Value(row)-want) / want
					n++
				}
			}
			if miss/n > .2 {
				t.Errorf("strays from the true quantile by %.0f %%, want up to 20 %%", 100*miss/n)
			}
		})
	}
}

func TestWeightsDecide(t *testing.T) {
	t.Parallel()
	var l boost.Examples
	for i := range 400 {
		l.Add([]float32{0}, float64(i%2)*10, 1+float64(i%2)*2) // three quarters of the weight say 10
	}
	if got := boost.FitQuantile(l, params(.5)).Value([]float32{0}); got != 10 {
		t.Errorf("the weighted median is %g, want 10", got)
	}
}

func TestOddExamples(t *testing.T) {
	t.Parallel()
	constant, single := boost.Examples{}, boost.Examples{}
	for i := range 50 {
		constant.Add([]float32{float32(i), 1}, 7, 1)
	}
	single.Add([]float32{1, 2}, 3, .5)
	for _, c := range []struct {
		name     string
		examples boost.Examples
		want     float64
	}{{"none", boost.Examples{}, 0}, {"one", single, 3}, {"all the same", constant, 7}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := boost.FitQuantile(c.examples, params(.5)).Value([]float32{5, 5}); got != c.want {
				t.Errorf("got %g, want %g", got, c.want)
			}
		})
	}
}

func TestSameExamplesSameModel(t *testing.T) {
	t.Parallel()
	examples := noisy(500)
	a, b := boost.FitQuantile(examples, params(.5)), boost.FitQuantile(examples, params(.5))
	if diff := cmp.Diff(a, b, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
		t.Errorf("two models of the same examples differ (-one +other):\n%s", diff)
	}
}

func ExampleFitQuantile() {
	var examples boost.Examples
	for i := range 1000 {
		discounted := float32(i % 2)
		examples.Add([]float32{discounted}, 10+20*float64(discounted), 1)
	}
	model := boost.FitQuantile(examples, boost.Params{Quantile: .5, Trees: 60, Depth: 1, Rate: .1})
	fmt.Printf("%.0f at the full price, %.0f with a discount\n", model.Value([]float32{0}), model.Value([]float32{1}))
	// Output: 10 at the full price, 30 with a discount
}

func BenchmarkFitQuantile(b *testing.B) {
	examples := noisy(20_000)
	b.ReportAllocs()
	for b.Loop() {
		boost.FitQuantile(examples, params(.5))
	}
}
