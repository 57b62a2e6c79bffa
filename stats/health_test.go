package stats

import (
	"math"
	"testing"
)

func TestSampleRatioStatus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		observed []int64
		weights  []float64
		status   Status
		small    bool
	}{
		{"as planned", []int64{5010, 4990}, []float64{1, 1}, OK, false},
		{"cookie cats", []int64{44700, 45489}, []float64{0.5, 0.5}, Warning, false},
		{"broken", []int64{44000, 46189}, []float64{0.5, 0.5}, Failed, false},
		{"three arms, one without weight", []int64{100, 100, 0}, []float64{1, 1, 0}, OK, false},
		{"too few to say", []int64{0, 9}, []float64{1, 1}, OK, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := must[SampleRatioCheck](t)(SampleRatio(c.observed, c.weights))
			if got.Status != c.status || got.Small != c.small {
				t.Errorf("status %s, small %v: %+v", got.Status, got.Small, got)
			}
		})
	}
}

func TestSampleRatioRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		observed []int64
		weights  []float64
		reason   Reason
	}{
		"weights that sum to nothing": {[]int64{1, 2}, []float64{0, 0}, Mismatch},
		"no units":                    {[]int64{0, 0}, []float64{1, 1}, TooFew},
		"one arm":                     {[]int64{4}, []float64{1}, TooFew},
		"sizes that differ":           {[]int64{4, 5}, []float64{1}, Mismatch},
		"negative units":              {[]int64{-4, 5}, []float64{1, 1}, OutOfRange},
		"a weight that is no number":  {[]int64{4, 5}, []float64{math.NaN(), 1}, OutOfRange},
	} {
		_, err := SampleRatio(c.observed, c.weights)
		hasReason(t, name, err, c.reason)
		_, err = SequentialSampleRatio(c.observed, c.weights)
		hasReason(t, name+", sequentially", err, c.reason)
	}
}

// hasReason fails unless err is an *Error with the reason.
func hasReason(t *testing.T, name string, err error, want Reason) {
	t.Helper()
	problem, ok := err.(*Error)
	if !ok || problem.Reason != want || problem.Problem == "" {
		t.Errorf("%s: error %v, want one for %q", name, err, want)
	}
}

// The evidence against a sample ratio has the mean 1 while the plan holds, by
// adding up all outcomes; its value by scipy 1.17.1.
func TestSequentialSampleRatioEvidence(t *testing.T) {
	t.Parallel()
	got := must[SequentialRatioCheck](t)(SequentialSampleRatio([]int64{480, 530}, []float64{1, 1}))
	same(t, "evidence", got.LogEvidence, -0.002295318320698877, 0, 1e-11)
	const n = 60
	mean := 0.0
	for k := int64(0); k <= n; k++ {
		c := must[SequentialRatioCheck](t)(SequentialSampleRatio([]int64{k, n - k}, []float64{1, 3}))
		mean += math.Exp(c.LogEvidence + logChoose(n, k) + float64(k)*math.Log(0.25) + float64(n-k)*math.Log(0.75))
	}
	same(t, "mean of the evidence", mean, 1, 1e-9, 0)
}

func TestPreExposureBias(t *testing.T) {
	t.Parallel()
	control, treatment := Sample{N: 5000, Mean: 10, Variance: 25}, Sample{N: 5000, Mean: 10.35, Variance: 25}
	one := must[PreExposureCheck](t)(PreExposureBias(control, treatment, 1))
	many := must[PreExposureCheck](t)(PreExposureBias(control, treatment, 12))
	if one.Status != Failed || many.Status != Warning {
		t.Errorf("alone %s, among twelve %s", one.Status, many.Status)
	}
	same(t, "adjusted p", many.AdjustedP, number(12*one.P), 1e-12, 0)
	_, err := PreExposureBias(control, treatment, 0)
	hasReason(t, "no metrics", err, OutOfRange)
}

// Weighted least squares by numpy 2.4.6.
func TestEffectTrend(t *testing.T) {
	t.Parallel()
	var days []DayEffect
	for i, day := range []float64{0, 1, 2, 3, 5, 8} {
		days = append(days, DayEffect{Day: day, Estimate: []float64{.10, .08, .07, .04, .03, .02}[i], StdErr: []float64{.01, .012, .015, .02, .02, .03}[i]})
	}
	got := must[Trend](t)(EffectTrend(days))
	same(t, "slope", got.Slope, -0.01226484634551495, 1e-11, 0)
	same(t, "error", got.StdErr, 0.0030414495363875475, 1e-11, 0)
	same(t, "p", got.P, 5.517108582710657e-05, 1e-10, 0)
	same(t, "first", got.First, 0.09499636627906977, 1e-11, 0)
	same(t, "last", got.Last, -0.003122404485049829, 1e-9, 0)
	_, err := EffectTrend(days[:2])
	hasReason(t, "two days", err, TooFew)
	_, err = EffectTrend([]DayEffect{days[1], days[1], days[1]})
	hasReason(t, "one day thrice", err, NoVariation)
}

// Cochran's Q and the deviation of a segment by numpy 2.4.6 and scipy 1.17.1.
func TestCompareSegments(t *testing.T) {
	t.Parallel()
	h := must[Heterogeneity](t)(CompareSegments([]SegmentEffect{{.1, .05}, {.3, .08}, {-.05, .06}, {.2, .1}}))
	same(t, "Q", h.Q, 13.499814126394053, 1e-11, 0)
	same(t, "p", h.P, 0.003671450822809838, 1e-10, 0)
	same(t, "pooled", h.Pooled, 0.0995539033457249, 1e-11, 0)
	same(t, "share", h.Share, 0.7777747180878162, 1e-11, 0)
	d := h.Deviations[1]
	same(t, "deviation", d.Estimate, 0.2407142857142857, 1e-11, 0)
	same(t, "its error", d.StdErr, 0.08766820567180719, 1e-11, 0)
	same(t, "its p", d.P, 0.0060374198040768, 1e-10, 0)
	if d.AdjustedP < d.P {
		t.Errorf("adjusted p %v below p %v", d.AdjustedP, d.P)
	}
	two := must[Heterogeneity](t)(CompareSegments([]SegmentEffect{{.1, .03}, {.3, .04}}))
	same(t, "Q of two", two.Q, number(16), 1e-11, 0) // 0.2²/(0.03² + 0.04²)
	same(t, "deviation of two", two.Deviations[0].P, number(two.P), 1e-9, 0)
	_, err := CompareSegments([]SegmentEffect{{1, 1}})
	hasReason(t, "one segment", err, TooFew)
	_, err = CompareSegments([]SegmentEffect{{1, 1}, {1, 0}})
	hasReason(t, "a segment without error", err, OutOfRange)
}

// Weighted least squares of the additive model by numpy 2.4.6, p by scipy.
func TestInteract(t *testing.T) {
	t.Parallel()
	cell := func(mean, stdErr float64) Sample { return Sample{N: 100, Mean: mean, Variance: stdErr * stdErr * 100} }
	x := must[Interaction](t)(Interact([][]Sample{
		{cell(10, .1), cell(10.2, .15)},
		{cell(11, .12), cell(11.1, .1)},
		{cell(12.5, .2), cell(12.9, .18)},
	}))
	same(t, "statistic", x.Statistic, 0.9414643281710593, 1e-9, 0)
	same(t, "p", x.P, 0.6245448315482987, 1e-9, 0)

	two := must[Interaction](t)(Interact([][]Sample{{cell(10, .1), cell(11, .2)}, {cell(10, .3), cell(13, .1)}}))
	same(t, "contrast", two.Estimate, 2, 1e-12, 0)
	same(t, "statistic of two by two", two.Statistic, number(two.Estimate*two.Estimate/two.StdErr/two.StdErr), 1e-10, 0)
	_, err := Interact([][]Sample{{cell(1, 1)}, {cell(1, 1)}})
	hasReason(t, "one arm", err, TooFew)
	_, err = Interact([][]Sample{{cell(1, 1), cell(1, 1)}, {cell(1, 1)}})
	hasReason(t, "ragged", err, Mismatch)
	_, err = Interact([][]Sample{{cell(1, 1), cell(1, 0)}, {cell(1, 1), cell(1, 1)}})
	hasReason(t, "no variation", err, NoVariation)
}

// Exact binomial tests by scipy 1.17.1, binomtest.
func TestInterleave(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		won, lost int64
		p         number
	}{
		{60, 40, 0.05688793364098089}, {40, 60, 0.05688793364098089}, {7, 1, 0.0703125}, {1, 0, 1}, {5, 5, 1},
		{510000, 490000, 5.544363287708518e-89},
	} {
		tolerance := 1e-9
		if c.won > 1e5 {
			tolerance = 1e-6
		}
		same(t, "p", must[Interleaving](t)(Interleave(c.won, c.lost, 3, 0.05)).P, c.p, tolerance, 0)
	}
	i := must[Interleaving](t)(Interleave(30, 10, 60, 0.05))
	same(t, "preference", i.Preference, 0.6, 1e-12, 0)
	_, err := Interleave(0, 0, 9, 0.05)
	hasReason(t, "all tied", err, TooFew)
}

func TestFunnel(t *testing.T) {
	t.Parallel()
	steps := must[[]FunnelStep](t)(Funnel([]int64{10000, 4000, 900}, []int64{10000, 4400, 990}, Options{}))
	same(t, "reached the second step", steps[1].FromStart.Estimate, 0.009, 1e-12, 0)
	same(t, "reached it from the first", steps[1].FromPrevious.Estimate, 0, 0, 1e-15)
	if steps[0].FromStart != steps[0].FromPrevious || steps[1].FromPrevious.P < 0.99 || steps[1].FromStart.P > 0.05 {
		t.Errorf("steps %+v", steps)
	}
	steps = must[[]FunnelStep](t)(Funnel([]int64{100, 40, 40}, []int64{100, 44, 44}, Options{}))
	if steps[1].Problem == "" {
		t.Error("all went from the first step to the second, but there is an effect")
	}
	_, err := Funnel([]int64{100, 40, 41}, []int64{100, 44, 44}, Options{})
	hasReason(t, "a funnel that widens", err, OutOfRange)
}
