package experiments

import (
	"math/rand/v2"
	"testing"

	"github.com/peakday/peakday/stats"
)

// simulated makes an arm of n units around a mean, with nothing else known.
func simulated(r *rand.Rand, n int, mean float64) arm {
	values := make([][]float64, n)
	for i := range values {
		values[i] = []float64{mean + r.NormFloat64(), 1}
	}
	m, err := stats.MomentsOf(values)
	if err != nil {
		m = stats.Moments{N: int64(n), Mean: []float64{0, 0}, Cov: [][]float64{{0, 0}, {0, 0}}}
	}
	return arm{ArmReport: ArmReport{Units: int64(n), Mean: m.Mean[0]}, moments: m}
}

// TestPhasesAreStrata: nothing differs, but each phase has another level and
// gives the variant another share. Compared within phases, few A/A runs differ;
// pooled, nearly all would. Small phases and a bandit are weighted instead.
func TestPhasesAreStrata(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		scale  int
		bandit bool
	}{{"large phases", 400, false}, {"small phases", 60, false}, {"a bandit", 400, true}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := draft(t, "checkout", twoVariants)
			if c.bandit {
				e.Allocation = Thompson
			}
			m := metric(t, "latency", `{"kind":"mean","event":"metric.observed","pre_period":"0h"}`)
			r := rand.New(rand.NewPCG(3, 4))
			const runs = 600
			differ, pooled := 0, 0
			for range runs {
				var phases []phaseArms
				var all [2]stats.Sample
				for k, share := range []float64{0.5, 0.8, 0.3} {
					level := float64(k)
					n := 0
					for range c.scale {
						if r.Float64() < share {
							n++
						}
					}
					arms := []arm{simulated(r, c.scale-n, level), simulated(r, n, level)}
					phases = append(phases, phaseArms{[]float64{1 - share, share}, arms})
					for i := range all {
						all[i] = all[i].Merge(plain(arms[i]))
					}
				}
				effect, err := e.compareOver(m, phases, 0, 1, stats.Options{Alpha: 0.05})
				mustDo(t, err)
				if effect.P < 0.05 {
					differ++
				}
				if naive, err := stats.Welch(all[0], all[1], stats.Options{Alpha: 0.05}); err == nil && naive.P < 0.05 {
					pooled++
				}
			}
			if differ < runs*3/100 || differ > runs*75/1000 { // 5 % ± 3.6 standard deviations
				t.Errorf("%d of %d A/A runs differ", differ, runs)
			}
			if c.scale > 100 && pooled < 2*differ {
				t.Errorf("pooled, only %d of %d differ: the simulation shows nothing", pooled, runs)
			}
		})
	}
}

// TestPhaseWithoutAVariant compares nothing, and does not spoil the rest.
func TestPhaseWithoutAVariant(t *testing.T) {
	t.Parallel()
	e := draft(t, "checkout", twoVariants)
	m := metric(t, "latency", `{"kind":"mean","event":"metric.observed","pre_period":"0h"}`)
	r := rand.New(rand.NewPCG(5, 6))
	on := phaseArms{[]float64{0.5, 0.5}, []arm{simulated(r, 200, 1), simulated(r, 200, 1)}}
	off := phaseArms{[]float64{1, 0}, []arm{simulated(r, 500, 9), simulated(r, 0, 0)}}
	got, err := e.compareOver(m, []phaseArms{on, off}, 0, 1, stats.Options{Alpha: 0.05})
	mustDo(t, err)
	if got.Estimate < -1 || got.Estimate > 1 || got.Control.N != 200 {
		t.Errorf("the effect is %v over %d units of the control", got.Estimate, got.Control.N)
	}
	if _, err := e.compareOver(m, []phaseArms{off}, 0, 1, stats.Options{Alpha: 0.05}); err == nil {
		t.Error("nothing was compared")
	}
}
