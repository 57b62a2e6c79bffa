package stats

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestAverageOfOne is that one.
func TestAverageOfOne(t *testing.T) {
	t.Parallel()
	c, tr := Sample{N: 40, Mean: 10, Variance: 4}, Sample{N: 60, Mean: 11, Variance: 9}
	want, err := Welch(c, tr, Options{Alpha: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Average([]Effect{want}, Options{Alpha: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range [][2]float64{{got.Estimate, want.Estimate}, {got.StdErr, want.StdErr}, {got.P, want.P}, {got.DF, want.DF},
		{got.Interval.Low, want.Interval.Low}, {got.Relative.Interval.High, want.Relative.Interval.High}} {
		if math.Abs(v[0]-v[1]) > 1e-12*math.Abs(v[1]) {
			t.Errorf("got %v, want %v", v[0], v[1])
		}
	}
}

// TestAverageUndoesAChangeOfMix: no effect in either part, but the second is a
// better week and gave the treatment more of the traffic. Pooled, the treatment
// would seem to win.
func TestAverageUndoesAChangeOfMix(t *testing.T) {
	t.Parallel()
	covered, runs := 0, 2000
	r := rand.New(rand.NewPCG(1, 2))
	draw := func(n int, mean float64) Sample {
		values := make([]float64, n)
		for i := range values {
			values[i] = mean + r.NormFloat64()
		}
		s, err := SampleOf(values)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for range runs {
		var parts []Effect
		for _, p := range []struct {
			control, treatment int
			mean               float64
		}{{100, 100, 1}, {40, 160, 3}} {
			e, err := Welch(draw(p.control, p.mean), draw(p.treatment, p.mean), Options{Alpha: 0.05})
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, e)
		}
		e, err := Average(parts, Options{Alpha: 0.05})
		if err != nil {
			t.Fatal(err)
		}
		if e.Interval.Contains(0) {
			covered++
		}
	}
	if share := float64(covered) / float64(runs); math.Abs(share-0.95) > 0.02 {
		t.Errorf("intervals cover the truth in %.3f of runs, want .95", share)
	}
}

func TestAverageRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Average(nil, Options{Alpha: 0.05}); err == nil {
		t.Error("nothing was averaged")
	}
	e, err := Welch(Sample{N: 40, Mean: 10, Variance: 4}, Sample{N: 60, Mean: 11, Variance: 9}, Options{Alpha: 0.05})
	if err != nil {
		t.Fatal(err)
	}
	if e, err = AlwaysValid(e, Sequence{}); err != nil {
		t.Fatal(err)
	}
	if _, err := Average([]Effect{e}, Options{Alpha: 0.05}); err == nil || !strings.Contains(err.Error(), "parts[0]") {
		t.Errorf("a confidence sequence was averaged: %v", err)
	}
}
