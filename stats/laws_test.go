package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The laws hold over many simulated experiments: tests without a difference
// reject alpha of the time, intervals cover the truth 1 − alpha of the time, and
// what may be looked at all the time stays honest under it. The counts are small
// enough for every build; a benchmark repeats them with more runs.

// within fails unless hits of runs is the rate p up to three and a half
// standard errors, and slack.
func within(t *testing.T, what string, hits, runs int, p, slack float64) {
	t.Helper()
	got := float64(hits) / float64(runs)
	if math.Abs(got-p) > 3.5*math.Sqrt(p*(1-p)/float64(runs))+slack {
		t.Errorf("%s: %.2f %% of %d runs, want %.2f %%", what, 100*got, runs, 100*p)
	}
}

func TestLawOfFalsePositives(t *testing.T) {
	t.Parallel()
	const runs = 400
	for _, trial := range trials() {
		t.Run(trial.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(1, 1))
			two, one := 0, 0
			for range runs {
				control, treatment := trial.draw(r, trial.units[0], 0), trial.draw(r, trial.units[1], 0)
				e := must[Effect](t)(trial.compare(control, treatment, Options{}))
				if e.P <= 0.05 {
					two++
				}
				if e.P <= 0.1 && e.Estimate > 0 {
					one++
				}
			}
			within(t, "two-sided false positives", two, runs, 0.05, 0)
			within(t, "false positives on the upper side", one, runs, 0.05, 0.01) // skewness shows on one side
		})
	}
}

func TestLawOfCoverage(t *testing.T) {
	t.Parallel()
	const runs, lift = 400, 0.3
	for _, trial := range trials() {
		t.Run(trial.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(2, 2))
			covered := 0
			for range runs {
				control, treatment := trial.draw(r, trial.units[0], 0), trial.draw(r, trial.units[1], lift)
				e := must[Effect](t)(trial.compare(control, treatment, Options{}))
				if e.Relative.Interval.Contains(lift) {
					covered++
				}
			}
			within(t, "relative intervals that cover", covered, runs, 0.95, 0.005)
		})
	}
}

// peeked is an A/A test looked at on each of 30 days: whether the naive test
// ever rejected, and whether the always-valid one did.
func peeked(t *testing.T, r *rand.Rand, control, treatment int, s Sequence, day func(*rand.Rand, int) Sample, compare func(c, t Sample, o Options) (Effect, error)) (naive, always bool) {
	t.Helper()
	var c, x Sample
	for range 30 {
		c, x = c.Merge(day(r, control)), x.Merge(day(r, treatment))
		e, err := compare(c, x, Options{})
		if err != nil {
			continue // nothing to judge by yet
		}
		naive = naive || e.P <= 0.05
		if e, err = AlwaysValid(e, s); err == nil {
			always = always || e.P <= 0.05
			if e.P <= 0.05 == e.Interval.Contains(0) && math.Abs(e.P-0.05) > 1e-9 {
				t.Fatalf("p %v and interval %v disagree", e.P, e.Interval)
			}
		}
	}
	return naive, always
}

func TestLawOfPeeking(t *testing.T) {
	t.Parallel()
	const runs = 200
	conversion := func(r *rand.Rand, n int) Sample { return proportions(0.05)(r, n, 0).sample }
	spend := func(r *rand.Rand, n int) Sample { return means(revenue)(r, n, 0).sample }
	for _, c := range []struct {
		name               string
		control, treatment int // units a day
		day                func(*rand.Rand, int) Sample
		compare            func(c, t Sample, o Options) (Effect, error)
	}{
		{"proportion", 50, 50, conversion, TwoProportions},
		{"mean", 20, 20, spend, Welch},
		{"proportion, ramp", 90, 10, conversion, TwoProportions},
		{"mean, ramp", 90, 10, spend, Welch},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(3, 3))
			naive, always := 0, 0
			for range runs {
				n, a := peeked(t, r, c.control, c.treatment, Sequence{Tuning: 1000}, c.day, c.compare)
				if n {
					naive++
				}
				if a {
					always++
				}
			}
			if naive < runs*15/100 {
				t.Errorf("the naive test has %d false positives of %d; peeking should have cost more", naive, runs)
			}
			if always > runs*5/100 {
				t.Errorf("the always-valid test has %d false positives of %d", always, runs)
			}
		})
	}
}

// Without the guard, early looks at a small arm of skewed values are dishonest.
func TestLawOfGuard(t *testing.T) {
	t.Parallel()
	const runs = 120
	rare := means(func(r *rand.Rand) float64 {
		if r.Float64() < 0.98 {
			return 0
		}
		return math.Exp(r.NormFloat64())
	})
	r := rand.New(rand.NewPCG(4, 4))
	alarms := map[bool]int{} // by unguarded
	for range runs {
		var c, x Sample
		ever := map[bool]bool{}
		for range 25 {
			c, x = c.Merge(rare(r, 180, 0).sample), x.Merge(rare(r, 20, 0).sample)
			e, err := Welch(c, x, Options{})
			if err != nil {
				continue // nobody has bought anything yet
			}
			for _, unguarded := range []bool{false, true} {
				always, err := AlwaysValid(e, Sequence{Tuning: 5000, Unguarded: unguarded})
				ever[unguarded] = ever[unguarded] || err == nil && always.P <= 0.05
			}
		}
		for unguarded, alarm := range ever {
			if alarm {
				alarms[unguarded]++
			}
		}
	}
	if alarms[false] > runs*5/100 {
		t.Errorf("guarded: %d false positives of %d", alarms[false], runs)
	}
	if alarms[true] < runs*10/100 {
		t.Errorf("unguarded: %d false positives of %d; the guard seems not to be needed", alarms[true], runs)
	}
}

// Exact proportions hold at every single unit from the first on.
func TestLawOfExactProportions(t *testing.T) {
	t.Parallel()
	const runs, looks = 100, 60
	for _, p := range []float64{0.02, 0.5} {
		t.Run(fmt.Sprint(p), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(5, 5))
			wrong := 0
			for range runs {
				var control, treatment [2]int64 // successes, units
				for range looks {
					for range 1 + r.IntN(8) {
						arm := &control
						if r.Float64() < 0.3 {
							arm = &treatment
						}
						arm[1]++
						if r.Float64() < p {
							arm[0]++
						}
					}
					if control[1] == 0 || treatment[1] == 0 {
						continue
					}
					c, x := must[Sample](t)(Bernoulli(control[0], control[1])), must[Sample](t)(Bernoulli(treatment[0], treatment[1]))
					e := must[Effect](t)(ExactProportions(c, x, Options{Alpha: 0.2}))
					if e.P <= 0.2 || !e.Interval.Contains(0) {
						wrong++
						break
					}
				}
			}
			if wrong > runs/5 {
				t.Errorf("%d of %d runs went wrong at alpha 0.2", wrong, runs)
			}
		})
	}
}

// CUPED's variance falls by the squared correlation.
func TestLawOfCUPED(t *testing.T) {
	t.Parallel()
	const rho, runs, n = 0.7, 1000, 100
	r := rand.New(rand.NewPCG(6, 6))
	draw := func() Moments {
		rows := make([][]float64, n)
		for i := range rows {
			x := r.NormFloat64()
			rows[i] = []float64{5 + rho*x + math.Sqrt(1-rho*rho)*r.NormFloat64(), 1, x}
		}
		return must[Moments](t)(MomentsOf(rows))
	}
	var plain, sharper []float64
	reduction := 0.0
	for range runs {
		c, x := draw(), draw()
		plain = append(plain, must[Effect](t)(Ratio(c, x, Options{})).Estimate)
		e := must[Effect](t)(CUPED(c, x, Options{}))
		sharper = append(sharper, e.Estimate)
		reduction += e.Reduction / runs
	}
	before, after := must[Sample](t)(SampleOf(plain)), must[Sample](t)(SampleOf(sharper))
	if got := after.Variance / before.Variance; math.Abs(got-(1-rho*rho)) > 0.08 {
		t.Errorf("the variance of the estimates fell to %.3f, want 1 − ρ² = %.3f", got, 1-rho*rho)
	}
	if math.Abs(reduction-rho*rho) > 0.01 {
		t.Errorf("the reduction reported is %.3f, want ρ² = %.3f", reduction, rho*rho)
	}
}

// A group-sequential test rejects alpha of the time over all its looks.
func TestLawOfBounds(t *testing.T) {
	t.Parallel()
	const runs = 20000
	times := []float64{0.2, 0.5, 0.6, 1}
	for name, bounds := range map[string][]Bound{
		"power":           must[[]Bound](t)(SpendingBounds(times, 0.05, PowerSpending(2), TwoSided)),
		"O'Brien–Fleming": must[[]Bound](t)(SpendingBounds(times, 0.05, OBrienFlemingSpending, TwoSided)),
		"Pocock":          must[[]Bound](t)(SpendingBounds(times, 0.05, PocockSpending, TwoSided)),
	} {
		r := rand.New(rand.NewPCG(7, 7))
		rejected := 0
		for range runs {
			walk, before := 0.0, 0.0
			for _, b := range bounds {
				walk += math.Sqrt(b.Time-before) * r.NormFloat64()
				before = b.Time
				if math.Abs(walk)/math.Sqrt(b.Time) >= b.Z {
					rejected++
					break
				}
			}
		}
		within(t, name, rejected, runs, 0.05, 0)
	}
}

// A sequential sample-ratio check that is looked at all the time does not cry
// wolf, and finds a true mismatch.
func TestLawOfSampleRatio(t *testing.T) {
	t.Parallel()
	const runs, alpha = 500, 0.05
	alarms := func(share float64) int {
		r := rand.New(rand.NewPCG(8, 8))
		count := 0
		for range runs {
			units := []int64{0, 0}
			for look := 1; look <= 400; look++ {
				for range 10 {
					if r.Float64() < share {
						units[0]++
					} else {
						units[1]++
					}
				}
				if must[SequentialRatioCheck](t)(SequentialSampleRatio(units, []float64{1, 2})).P <= alpha {
					count++
					break
				}
			}
		}
		return count
	}
	if got := alarms(1.0 / 3); got > runs*alpha {
		t.Errorf("%d false alarms of %d", got, runs)
	}
	if got := alarms(0.38); got < runs*9/10 {
		t.Errorf("a mismatch of 38 to 33 %% was found in %d of %d runs only", got, runs)
	}
}

// Thompson sampling biases plain means; Adaptive takes it into account.
func TestLawOfAdaptive(t *testing.T) {
	t.Parallel()
	const runs, lift = 1500, 0.0
	r := rand.New(rand.NewPCG(9, 9))
	covered, plainBias, bias := 0, 0.0, 0.0
	for range runs {
		shares := []float64{0.5, 0.5}
		var periods []Period
		var total [2]Sample
		for range 6 {
			var values [2][]float64
			for range 60 {
				arm := 0
				if r.Float64() < shares[1] {
					arm = 1
				}
				values[arm] = append(values[arm], 3+r.NormFloat64())
			}
			p := Period{Shares: shares, Arms: make([]Sample, 2)}
			for arm := range values {
				p.Arms[arm] = sampleOfAny(values[arm])
				total[arm] = total[arm].Merge(p.Arms[arm])
			}
			periods = append(periods, p)
			// The chance to be best of two normal means.
			second := normalTail((total[0].Mean - total[1].Mean) / math.Hypot(total[0].StdErr(), total[1].StdErr()))
			shares = must[[]float64](t)(AtLeast([]float64{1 - second, second}, 0.1))
		}
		e := must[Effect](t)(Adaptive(periods, 0, 1, Options{}))
		if e.Interval.Contains(lift) {
			covered++
		}
		bias += e.Treatment.Mean - 3
		plainBias += total[1].Mean - 3
	}
	within(t, "intervals that cover", covered, runs, 0.95, 0.01)
	if plain := plainBias / runs; plain > -0.005 {
		t.Errorf("the plain mean is off by %.4f; the bandit should have biased it downwards", plain)
	}
	if off := bias / runs; math.Abs(off) > 0.012 {
		t.Errorf("the adaptive mean is off by %.4f", off)
	}
}

// sampleOfAny is a sample of any number of values.
func sampleOfAny(values []float64) Sample {
	if len(values) == 1 {
		return Sample{N: 1, Mean: values[0]}
	}
	s, _ := SampleOf(values)
	return s
}

// Strata that explain the outcome sharpen the estimate, and the intervals cover.
func TestLawOfStrata(t *testing.T) {
	t.Parallel()
	const runs, effect = 1000, 0.5
	r := rand.New(rand.NewPCG(10, 10))
	covered, narrower := 0, 0
	for range runs {
		var values [3][2][]float64
		for range 600 {
			stratum, arm := 0, r.IntN(2)
			switch u := r.Float64(); {
			case u < 0.2:
				stratum = 2
			case u < 0.5:
				stratum = 1
			}
			// The effect itself differs by stratum, with the mean 0.5.
			own := []float64{0.2, 0.5, 1.25}[stratum]
			values[stratum][arm] = append(values[stratum][arm], 3*float64(stratum)+own*float64(arm)+r.NormFloat64())
		}
		var strata []Stratum
		var control, treatment Sample
		for _, v := range values {
			s := Stratum{sampleOfAny(v[0]), sampleOfAny(v[1])}
			strata = append(strata, s)
			control, treatment = control.Merge(s.Control), treatment.Merge(s.Treatment)
		}
		e := must[Effect](t)(PostStratify(strata, Options{}))
		plain := must[Effect](t)(Welch(control, treatment, Options{}))
		if e.Interval.Contains(effect) {
			covered++
		}
		if e.StdErr < plain.StdErr/2 && e.Reduction > 0.75 {
			narrower++
		}
	}
	within(t, "intervals that cover", covered, runs, 0.95, 0)
	if narrower < runs*95/100 {
		t.Errorf("post-stratification halved the error in %d of %d runs only", narrower, runs)
	}
}
