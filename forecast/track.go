package forecast

import "math"

// track is a series as the models see it: trimmed to its first sale, freed of
// censoring, with the effects of weekday and events beside it, so that
//
//	y = base × weekday × uplift + noise
type track struct {
	series   *Series
	start    Day
	category string
	pieces   bool
	y        []float64 // estimated demand a day
	w        []float64 // its weight, 0 to 1
	tame     []float64 // y without what no ordinary day explains, such as a bulk order

	weekday  [7]float64 // multiples of the average day, of mean 1
	response []float64  // by event: how much more (than 1) or less it reacts than its category
	certain  []float64  // by event: the share of the response that was seen, 0 to 1
	uplift   []float64  // by day: the multiple that events make
	base     []float64  // by day: the smoothed rest
	depth    []float64  // by day: how many ordinary days stand behind base
}

// newTrack starts at the first sale: what was not on sale yet has no demand.
func newTrack(s *Series) *track {
	first := 0
	for first < len(s.Sold) {
		if y, w := s.demand(first); w > 0 && y > 0 {
			break
		}
		first++
	}
	n := len(s.Sold) - first
	t := &track{
		series: s, start: s.Start + Day(first), category: s.Category, pieces: s.pieces(),
		y: make([]float64, n), w: make([]float64, n), tame: make([]float64, n), uplift: make([]float64, n), base: make([]float64, n), depth: make([]float64, n),
	}
	for i := range n {
		t.y[i], t.w[i] = s.demand(first + i)
		t.tame[i], t.uplift[i] = t.y[i], 1
	}
	for d := range t.weekday {
		t.weekday[d] = 1
	}
	return t
}

// factor is the multiple of day i over the base.
func (t *track) factor(i int) float64 {
	return t.weekday[(t.start+Day(i)).Weekday()] * t.uplift[i]
}

// level is the base of the last day that has one.
func (t *track) level() float64 {
	for i := len(t.y) - 1; i >= 0; i-- {
		if t.depth[i] > 0 {
			return t.base[i]
		}
	}
	return 0
}

// calm is how much of a witness a day is for the base, given its uplift: an
// ordinary day is 1, a day of fifteen times the usual sales hardly counts.
func calm(uplift float64) float64 {
	m := max(uplift, 1/max(uplift, 1e-6))
	return 1 / (m * m)
}

// smoothBase estimates base around each day from both sides, with weights
// that halve every two weeks:
//
//	base(t) = Σ k(|s−t|) ω y / Σ k(|s−t|) ω f
//
// skip leaves out days of which the uplift is not known yet.
func (t *track) smoothBase(skip func(i int) bool) {
	fade := math.Pow(.5, 1./14)
	var sold, days float64
	for i := range t.y {
		sold, days = sold*fade, days*fade
		if !skip(i) {
			w := t.w[i] * calm(t.uplift[i])
			sold += w * t.tame[i]
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
			w := t.w[i] * calm(t.uplift[i])
			sold += w * t.tame[i]
			days += w * t.factor(i)
		}
		sold, days = sold*fade, days*fade
	}
}

// tameDays cuts days without any label at eight times what their noise explains. The base that it judges by is still bent by what it cuts; a few
// rounds straighten it. Days of events are never cut.
func (t *track) tameDays(labelled func(i int) bool, n noise) {
	for i := range t.y {
		t.tame[i] = t.y[i]
		if t.w[i] > 0 && t.depth[i] >= 4 && !labelled(i) {
			m := t.base[i] * t.factor(i)
			t.tame[i] = min(t.y[i], m+8*math.Sqrt(n.variance(m, t.w[i]))+1)
		}
	}
}

// grounded reports whether enough ordinary days stand behind the base of day i
// to compare the day with it.
func (t *track) grounded(i int) bool { return t.depth[i] >= 4 && t.base[i] > 0 && t.w[i] > 0 }
