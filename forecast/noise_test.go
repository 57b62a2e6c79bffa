package forecast

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestNoiseTellsBatchesFromBadDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		want noise
	}{
		{"one piece each", noise{1, .1}},
		{"three pieces each", noise{3, .1}},
		{"three pieces each, all days alike", noise{3, .005}},
		{"days differ", noise{1, .4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(4, 2))
			var sums noiseSums
			for i := range 40_000 {
				mean := .2 * math.Pow(60, float64(i%100)/100) // 0.2 to 12 pieces a day
				day := distuv.Gamma{Alpha: 1 / c.want.day, Beta: 1 / c.want.day, Src: rng}.Rand()
				y := c.want.batch * distuv.Poisson{Lambda: mean / c.want.batch * day, Src: rng}.Rand()
				sums.add((y-mean)*(y-mean), mean, 1)
			}
			got := sums.solve(usualNoise(), 50)
			if math.Abs(got.batch/c.want.batch-1) > .1 || math.Abs(got.day-c.want.day) > .04 {
				t.Errorf("%+v, drawn with %+v", got, c.want)
			}
		})
	}
}

func TestNoiseOfNothingIsTheUsual(t *testing.T) {
	t.Parallel()
	var none, one noiseSums
	one.add(4, 2, 1)
	if got := none.solve(usualNoise(), 50); got != usualNoise() {
		t.Errorf("%+v", got)
	}
	if got := one.solve(usualNoise(), 50); math.Abs(got.batch-usualNoise().batch) > .3 || math.Abs(got.day-usualNoise().day) > .1 {
		t.Errorf("after one day %+v", got)
	}
}
