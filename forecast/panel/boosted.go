package panel

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/peakday/peakday/forecast/boost"
)

// boosted forecasts the median of a series by trees that were boosted over all
// series of a large panel of counts. A model has learned from the series as
// they were known some values before their ends, so that a rehearsal asks one
// that knows none of what it is judged by.
type boosted struct {
	h, m   int // steps ahead and the shortest season, 1 without one
	rows   int // that a model learns from, about
	backs  []int
	models []*boost.Model     // by backs, rising; the first knows everything
	shares map[string]float64 // of the forecast, by segment
}

const (
	manySeries   = 1000 // that a panel needs for boosting
	boostedLeast = 8    // values that a series needs
)

// learnBoosted learns from tasks, or gives nil where boosting has no place: in
// small or quick forecasts; where most series do not count pieces, which are
// worth the same in all of them; and where regressors or events drive the
// series, which regressions know better.
func (e *engine) learnBoosted(tasks []*task) *boosted {
	counts := 0
	for _, t := range tasks {
		if t.sparse {
			counts++
		}
	}
	if len(tasks) < manySeries || counts <= len(tasks)/2 || e.quick || e.design.driven() {
		return nil
	}
	b := newBoosted(e, 100_000)
	b.models = make([]*boost.Model, len(b.backs))
	each(len(b.backs), func(i int) { b.models[i] = b.learn(tasks, b.backs[i]) })
	return b
}

func newBoosted(e *engine, rows int) *boosted {
	b := &boosted{h: e.h, m: 1, rows: rows, backs: []int{0}, shares: map[string]float64{}}
	if len(e.seasons) > 0 {
		b.m = e.seasons[0]
	}
	for i := 1; i < e.rehearsals(); i += 2 { // two rehearsals ask the same model
		b.backs = append(b.backs, e.h+i*gapOf(e.h, b.m))
	}
	return b
}

// learn fits a model to the series without their last back values; nil if
// there is too little.
func (b *boosted) learn(tasks []*task, back int) *boost.Model {
	var pupils []*task
	var values [][]float64
	for _, t := range tasks {
		if n := len(t.s.Y) - back; n > boostedLeast && t.least >= 0 {
			y, _ := filled(t.s.Y[:n], t.firstSeason())
			pupils, values = append(pupils, t), append(values, y)
		}
	}
	if len(pupils) < len(tasks)/2 {
		return nil
	}
	var lessons boost.Lessons
	random := rand.New(rand.NewPCG(uint64(back), 1))
	for range (b.rows + len(pupils) - 1) / len(pupils) {
		for i, y := range values {
			n := boostedLeast + random.IntN(len(y)-boostedLeast)
			k := random.IntN(min(b.h, len(y)-n))
			if math.IsNaN(pupils[i].s.Y[n+k]) {
				continue
			}
			row, scale := b.traits(y[:n])
			lessons.Add(b.step(row, y[:n], scale, k), y[n+k]/scale, scale)
		}
	}
	return boost.Fit(lessons, boost.Learning{Quantile: .5, Trees: 60, Depth: 5, Rate: .1, Calm: 20})
}

// window is how many values a series is measured by: two seasons if they are
// short.
func (b *boosted) window() int {
	if b.m > 1 && b.m <= 24 {
		return max(13, 2*b.m)
	}
	return 13
}

// traits are what trees may ask about a series as it is known, all relative to
// its scale: the mean of the last values, in pieces.
func (b *boosted) traits(y []float64) (row []float32, scale float64) {
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
		row = append(row, float32(sold(tail(y, n))))
	}
	add(math.Sqrt(variance))
	add(slices.Max(last))
	add(middle(slices.Clone(last)))
	add(typical(last))
	add(typical(tail(y, 4)))
	idle := 0
	for idle < len(y) && y[len(y)-1-idle] == 0 {
		idle++
	}
	return append(row, float32(idle)), scale
}

// step adds what is asked about the value k steps ahead (from 0): how far it
// is, and what came a season and more before.
func (b *boosted) step(row []float32, y []float64, scale float64, k int) []float32 {
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

// sold is the share of y that is not zero.
func sold(y []float64) float64 { return float64(nonzero(y)) / float64(len(y)) }

// typical is the mean of y as logarithms see it.
func typical(y []float64) float64 {
	sum := 0.
	for _, v := range y {
		sum += math.Log1p(v)
	}
	return math.Expm1(sum / float64(len(y)))
}

// path forecasts a series from an origin; nil if no model may say so.
func (b *boosted) path(t *task, origin int) []float64 {
	if b == nil || t.seldom || t.least < 0 || origin < boostedLeast {
		return nil
	}
	model := b.before(len(t.s.Y) - origin)
	if model == nil {
		return nil
	}
	y, _ := filled(t.s.Y[:origin], t.firstSeason())
	row, scale := b.traits(y)
	out := make([]float64, b.h)
	for k := range out {
		out[k] = max(model.Value(b.step(row, y, scale, k))*scale, 0)
	}
	return out
}

// before is the model that knows the most of those that know nothing of the
// last back values.
func (b *boosted) before(back int) *boost.Model {
	for i, known := range b.backs {
		if known >= back {
			return b.models[i]
		}
	}
	return nil
}
