package panel

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/peakday/peakday/stats/boost"
)

// boosted forecasts the median of a series by gradient-boosted trees trained
// across all series of a large panel of counts. There are several models, each
// trained on the series without their last values, so that a backtest window is
// forecast by one that has not seen its actuals.
type boosted struct {
	h, m     int // steps ahead and the shortest season, 1 without one
	rows     int // of training examples a model, about
	holdouts []int
	models   []*boost.Model     // by holdouts, rising; the first is trained on everything
	weights  map[string]float64 // in the combined forecast, by segment
}

const (
	manySeries   = 1000 // that a panel needs for boosting
	boostedLeast = 8    // values that a series needs
)

// learnBoosted trains the models, or gives nil where boosting has no place: in
// small or quick forecasts; where most series do not count pieces, which are
// worth the same in all of them; and where regressors or events drive the
// series, which regressions know better.
func (e *engine) learnBoosted(tasks []*task) *boosted {
	counts := 0
	for _, t := range tasks {
		if t.counts {
			counts++
		}
	}
	if len(tasks) < manySeries || counts <= len(tasks)/2 || e.quick || e.design.driven() {
		return nil
	}
	b := newBoosted(e, 100_000)
	b.models = make([]*boost.Model, len(b.holdouts))
	each(len(b.holdouts), func(i int) { b.models[i] = b.learn(tasks, b.holdouts[i]) })
	return b
}

func newBoosted(e *engine, rows int) *boosted {
	b := &boosted{h: e.h, m: 1, rows: rows, holdouts: []int{0}, weights: map[string]float64{}}
	if len(e.seasons) > 0 {
		b.m = e.seasons[0]
	}
	for i := 1; i < e.windowCount(); i += 2 { // two backtest windows share a model
		b.holdouts = append(b.holdouts, e.h+i*originGap(e.h, b.m))
	}
	return b
}

// learn fits a model to the series without their last values, as many as
// holdout says; nil if too few series are left.
func (b *boosted) learn(tasks []*task, holdout int) *boost.Model {
	var learners []*task
	var values [][]float64
	for _, t := range tasks {
		if n := len(t.s.Y) - holdout; n > boostedLeast && t.least >= 0 {
			y, _ := filled(t.s.Y[:n], t.firstSeason())
			learners, values = append(learners, t), append(values, y)
		}
	}
	if len(learners) < len(tasks)/2 {
		return nil
	}
	var examples boost.Examples
	random := rand.New(rand.NewPCG(uint64(holdout), 1))
	for range (b.rows + len(learners) - 1) / len(learners) {
		for i, y := range values {
			n := boostedLeast + random.IntN(len(y)-boostedLeast)
			k := random.IntN(min(b.h, len(y)-n))
			if math.IsNaN(learners[i].s.Y[n+k]) {
				continue
			}
			row, scale := b.features(y[:n])
			examples.Add(b.stepFeatures(row, y[:n], scale, k), y[n+k]/scale, scale)
		}
	}
	return boost.FitQuantile(examples, boost.Params{Quantile: .5, Trees: 60, Depth: 5, Rate: .1, Lambda: 20})
}

// window is how many values a series is measured by: two seasons if they are
// short.
func (b *boosted) window() int {
	if b.m > 1 && b.m <= 24 {
		return max(13, 2*b.m)
	}
	return 13
}

// features describe a series as it is known, all relative to its scale: the
// mean of the last values, in pieces.
func (b *boosted) features(y []float64) (row []float32, scale float64) {
	w := b.window()
	last := tail(y, w)
	scale, variance := moments(last)
	scale += .3 // pieces
	row = append(make([]float32, 0, 32), float32(math.Log(scale)), float32(min(len(y), 4*w)))
	add := func(x float64) { row = append(row, float32(x/scale)) }
	for lag := 1; lag <= 6; lag++ {
		add(y[len(y)-lag])
	}
	for _, n := range []int{4, 8, 2 * w} {
		mean, _ := moments(tail(y, n))
		add(mean)
	}
	for _, n := range []int{4, 8, w, 2 * w} {
		row = append(row, float32(nonzeroShare(tail(y, n))))
	}
	add(math.Sqrt(variance))
	add(slices.Max(last))
	add(middle(slices.Clone(last)))
	add(logMean(last))
	add(logMean(tail(y, 4)))
	idle := 0
	for idle < len(y) && y[len(y)-1-idle] == 0 {
		idle++
	}
	return append(row, float32(idle)), scale
}

// stepFeatures adds those of the value k steps ahead (from 0): how far it is,
// and the values a season and more before.
func (b *boosted) stepFeatures(row []float32, y []float64, scale float64, k int) []float32 {
	row = append(row, float32(k))
	if b.m == 1 {
		return row
	}
	at := len(y) + k
	for at >= len(y) {
		at -= b.m
	}
	sum, n := 0., 0.
	for i := at; i >= 0 && n < 3; i -= b.m {
		sum += y[i]
		n++
	}
	if n == 0 {
		return append(row, 1, 1)
	}
	return append(row, float32(y[at]/scale), float32(sum/n/scale))
}

// nonzeroShare is the share of y that is not zero.
func nonzeroShare(y []float64) float64 { return float64(nonzero(y)) / float64(len(y)) }

// logMean is the mean of log(1+y), taken back to values.
func logMean(y []float64) float64 {
	sum := 0.
	for _, v := range y {
		sum += math.Log1p(v)
	}
	return math.Expm1(sum / float64(len(y)))
}

// path forecasts a series from an origin; nil if no model may.
func (b *boosted) path(t *task, origin int) []float64 {
	if b == nil || t.intermittent || t.least < 0 || origin < boostedLeast {
		return nil
	}
	model := b.before(len(t.s.Y) - origin)
	if model == nil {
		return nil
	}
	y, _ := filled(t.s.Y[:origin], t.firstSeason())
	row, scale := b.features(y)
	out := make([]float64, b.h)
	for k := range out {
		out[k] = max(model.Value(b.stepFeatures(row, y, scale, k))*scale, 0)
	}
	return out
}

// before is the model trained on the most data that holds out at least the last
// n values.
func (b *boosted) before(n int) *boost.Model {
	for i, holdout := range b.holdouts {
		if holdout >= n {
			return b.models[i]
		}
	}
	return nil
}
