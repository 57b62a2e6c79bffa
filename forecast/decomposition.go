package forecast

import "math"

// decomposition is a series split into its multiplicative components: trimmed to
// its first sale, corrected for censoring, so that
//
//	y = base × weekday × uplift + noise
type decomposition struct {
	series   *Series
	start    Day
	category string
	pieces   bool
	y        []float64 // estimated demand a day
	w        []float64 // its weight, 0 to 1
	clipped  []float64 // y without what no ordinary day explains, such as a bulk order

	weekday     [7]float64 // multiples of the average day, of mean 1
	response    []float64  // by event: how much more (than 1) or less it reacts than its category
	reliability []float64  // by event: the share of the response that was seen, 0 to 1
	uplift      []float64  // by day: the multiple that events make
	base        []float64  // by day: the smoothed rest
	depth       []float64  // by day: how many ordinary days stand behind base
}

// newDecomposition starts at the first sale: what was not on sale yet has no demand.
func newDecomposition(s *Series) *decomposition {
	first := 0
	for first < len(s.Sold) {
		if y, w := s.demand(first); w > 0 && y > 0 {
			break
		}
		first++
	}
	n := len(s.Sold) - first
	t := &decomposition{
		series: s, start: s.Start + Day(first), category: s.Category, pieces: s.pieces(),
		y: make([]float64, n), w: make([]float64, n), clipped: make([]float64, n), uplift: make([]float64, n), base: make([]float64, n), depth: make([]float64, n),
	}
	for i := range n {
		t.y[i], t.w[i] = s.demand(first + i)
		t.clipped[i], t.uplift[i] = t.y[i], 1
	}
	for d := range t.weekday {
		t.weekday[d] = 1
	}
	return t
}

// factor is the multiple of day i over the base.
func (t *decomposition) factor(i int) float64 {
	return t.weekday[(t.start+Day(i)).Weekday()] * t.uplift[i]
}

// level is the base of the last day that has one.
func (t *decomposition) level() float64 {
	for i := len(t.y) - 1; i >= 0; i-- {
		if t.depth[i] > 0 {
			return t.base[i]
		}
	}
	return 0
}

// ordinariness is the weight of a day in the base, given its uplift: an ordinary
// day is 1, a day of fifteen times the usual sales hardly counts.
func ordinariness(uplift float64) float64 {
	m := max(uplift, 1/max(uplift, 1e-6))
	return 1 / (m * m)
}

// smoothBase estimates base around each day from both sides, with weights
// that halve every two weeks:
//
//	base(t) = Σ k(|s−t|) ω y / Σ k(|s−t|) ω f
//
// skip leaves out days of which the uplift is not known yet.
func (t *decomposition) smoothBase(skip func(i int) bool) {
	fade := math.Pow(.5, 1./14)
	var sold, days float64
	for i := range t.y {
		sold, days = sold*fade, days*fade
		if !skip(i) {
			w := t.w[i] * ordinariness(t.uplift[i])
			sold += w * t.clipped[i]
			days += w * t.factor(i)
		}
		t.base[i], t.depth[i] = sold, days
	}
	sold, days = 0, 0
	for i := len(t.y) - 1; i >= 0; i-- {
		s, d := t.base[i]+sold, t.depth[i]+days
		if t.base[i], t.depth[i] = 0, d; d > 0 {
			t.base[i] = s / d
		}
		if !skip(i) {
			w := t.w[i] * ordinariness(t.uplift[i])
			sold += w * t.clipped[i]
			days += w * t.factor(i)
		}
		sold, days = sold*fade, days*fade
	}
}

// clipOutliers cuts days without any label at eight times what their noise
// explains. The base that it compares with is itself biased by the outliers; a few
// rounds remove the bias. Days of events are never cut.
func (t *decomposition) clipOutliers(labelled func(i int) bool, n noise) {
	for i := range t.y {
		t.clipped[i] = t.y[i]
		if t.w[i] > 0 && t.depth[i] >= 4 && !labelled(i) {
			m := t.base[i] * t.factor(i)
			t.clipped[i] = min(t.y[i], m+8*math.Sqrt(n.variance(m, t.w[i]))+1)
		}
	}
}

// hasBase reports whether enough ordinary days stand behind the base of day i
// to compare the day with it.
func (t *decomposition) hasBase(i int) bool { return t.depth[i] >= 4 && t.base[i] > 0 && t.w[i] > 0 }
