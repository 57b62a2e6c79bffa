package panel

import (
	"math"
	"sync"
)

// pooledMean is the mean of the last two years of months, or as many steps,
// shrunk to that of all series as their spread suggests.
func pooledMean(v *view) []float64 {
	c := v.countPool
	if c == nil {
		return nil
	}
	n := float64(min(24, len(v.y)))
	own := recentMean(v, 24)
	w := n * c.between / (n*c.between + c.ratio*c.mean + 1e-12)
	return constant(v, w*own+(1-w)*c.mean)
}

// topDown forecasts the sum of the panel's counts and gives a series the part of
// it that it had over the last steps.
func topDown(v *view, back int) []float64 {
	c := v.countPool
	if c == nil {
		return nil
	}
	n := len(v.y)
	total := c.total[:v.at+n]
	path := c.ahead(v.at+n, v.h)
	own, all := 0., 0.
	for i := max(0, n-back); i < n; i++ {
		if v.w[i] > 0 {
			own += v.y[i]
			all += total[v.at+i]
		}
	}
	if !(all > 0) {
		return nil
	}
	out := make([]float64, v.h)
	for k := range out {
		out[k] = max(path[k], 0) * own / all
	}
	return out
}

// countPool is what the series of counts of a panel have in common.
type countPool struct {
	total   []float64 // of all series, by step of the panel
	seasons []int
	mean    float64 // of a step of a series
	between float64 // variance of the series' means
	ratio   float64 // variance of a step over its mean

	mu   sync.Mutex
	made map[int][]float64 // forecasts of the total, by step of the panel
}

// newCountPool gathers them from the tasks; nil if they are too few.
func newCountPool(tasks []*task, seasons []int, h int) *countPool {
	c := &countPool{seasons: seasons, made: map[int][]float64{}}
	var means, ratios []float64
	for _, t := range tasks {
		if !t.counts {
			continue
		}
		mean, variance := t.countMoments(t.s.Y[:max(len(t.s.Y)-h, min(len(t.s.Y), 3))], 24)
		means = append(means, mean)
		if mean > 0 {
			ratios = append(ratios, variance/mean)
		}
		for len(c.total) < t.at+len(t.s.Y) {
			c.total = append(c.total, 0)
		}
		for i, y := range t.s.Y {
			if !math.IsNaN(y) {
				c.total[t.at+i] += y
			}
		}
	}
	if len(means) < minSeries {
		return nil
	}
	var variance float64
	c.mean, variance = moments(means)
	c.ratio, _ = moments(ratios)
	c.ratio = max(c.ratio, 1)
	c.between = max(variance-c.ratio*c.mean/24, .05*variance)
	return c
}

// ahead forecasts the total as it was known at a step of the panel.
func (c *countPool) ahead(at, h int) []float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.made[at]; p != nil {
		return p
	}
	v := newView(c.total[:at], c.seasons, h)
	v.warmStart = &warmStart{}
	sum := make([]float64, h)
	for _, p := range [][]float64{theta(v), v.level(v.damped()), v.level(v.ses())} {
		for k, x := range v.bound(p) {
			sum[k] += x / 3
		}
	}
	c.made[at] = sum
	return sum
}

// moments are the mean and the variance of what is known of y.
func moments(y []float64) (mean, variance float64) {
	n := 0.
	for _, v := range y {
		if !math.IsNaN(v) {
			mean += v
			n++
		}
	}
	mean /= max(n, 1)
	for _, v := range y {
		if !math.IsNaN(v) {
			variance += (v - mean) * (v - mean)
		}
	}
	return mean, variance / max(n-1, 1)
}
