package forecast

import "math"

// spreads are the variance components of forecast errors, by horizon.
//
// Two sorts of error are kept apart because they add up differently over days:
// a day's own noise, and the drift of the level, which all days ahead share. For
// a day with mean m, k days ahead:
//
//	variance = batch·m + day·m² + drift(k)·m²
//
// and for a sum over days
//
//	variance = Σ (batch·m + day·m²) + (Σ √drift(k)·m)²
type spreads struct {
	noise
	drift [buckets]float64 // rising, relative to m²
}

// counting is the variance of counting over its mean at a scale (see
// decomposition.scale): one customer may buy a dozen at once.
func (s *spreads) counting(scale float64) float64 { return max(1, scale*s.batch) }

// buckets of the horizon, with their last days.
const buckets = 5

func bucketEnd(b int) int { return [buckets]int{7, 14, 28, 56, 112}[b] }

func bucketOf(k int) int { // k from 0
	for b := range buckets - 1 {
		if k < bucketEnd(b) {
			return b
		}
	}
	return buckets - 1
}

// shared is the drift k days ahead (from 0). Beyond what was backtested it
// grows as that of a random walk does.
func (s *spreads) shared(k int) float64 {
	d := s.drift[bucketOf(k)]
	if last := bucketEnd(buckets - 1); k >= last {
		d *= float64(k+1) / float64(last)
	}
	return d
}

// residual is one day of a window: what was forecast and what came.
type residual struct {
	mean, y, w float64
	k          int
}

// spreadSums gathers what the moments of spreads need.
type spreadSums struct {
	days                  noiseSums // of one day's errors
	cross, pairs, windows [buckets]float64
}

// add counts the days of one window that count. An error is cut at six times
// what noise and counting explain: one bulk order is not the rule.
func (s *spreadSums) add(residuals []residual, n noise) {
	var error1, error2, mean1, mean2 [buckets]float64
	for _, m := range residuals {
		if !(m.mean > 0) {
			continue
		}
		limit := 6 * math.Sqrt(n.variance(m.mean, m.w))
		e := min(max(m.y-m.mean, -limit), limit)
		// Days with large means are many pieces of evidence, but of one sort.
		scale := n.evidence(m.mean, m.w)
		s.days.add(e*e, m.mean, m.w)
		b := bucketOf(m.k)
		error1[b] += scale * e
		error2[b] += scale * scale * e * e
		mean1[b] += scale * m.mean
		mean2[b] += scale * scale * m.mean * m.mean
	}
	for b := range buckets {
		if pairs := mean1[b]*mean1[b] - mean2[b]; pairs > 0 {
			// Errors of different days have nothing in common but the drift.
			s.cross[b] += error1[b]*error1[b] - error2[b]
			s.pairs[b] += pairs
			s.windows[b]++
		}
	}
}

// solve gives the spreads. Before anything was seen, the usual noise
// is believed and a drift of 1 % within the first week that grows by a third
// from bucket to bucket, as if forty days and six windows had shown it.
func (s *spreadSums) solve() spreads {
	var out spreads
	const beliefDays, beliefWindows = 40, 6
	last, early := .01/1.33, 0.
	for b := range buckets {
		d := last * 1.33
		if s.windows[b] > 0 {
			k := beliefWindows / s.windows[b] * s.pairs[b]
			d = (s.cross[b] + k*d) / (s.pairs[b] + k)
		}
		last = min(max(d, last, 1e-4), 4)
		out.drift[b] = last
		if b < 3 {
			early += last / 3
		}
	}
	out.noise = s.days.solve(usualNoise(), beliefDays)
	out.day = max(out.day-early, .005)
	return out
}

// pits places what came within what was forecast, day by day and for the sum
// of each window. Ties of counts are broken by a sequence that fills [0, 1)
// evenly, so that the same input gives the same answer.
func pits(windows [][]residual, s *spreads, scale float64, pieces bool, uniforms *uniforms) (days, sums []sizedPIT) {
	for _, residuals := range windows {
		var sum Distribution
		var total, drift float64
		size := sizeFor(usualMean(residuals))
		for _, m := range residuals {
			if m.w < .999 || !(m.mean > 0) {
				continue
			}
			own := scale * s.day * m.mean * m.mean
			if pieces {
				own += s.counting(scale) * m.mean
			}
			shared := scale * s.shared(m.k)
			d := Distribution{Mean: m.mean, Variance: own + shared*m.mean*m.mean, Pieces: pieces}
			days = append(days, sizedPIT{size, d.pit(m.y, uniforms.draw())})
			sum.Mean += m.mean
			sum.Variance += own
			drift += math.Sqrt(shared) * m.mean
			total += m.y
		}
		if sum.Mean > 0 {
			sum.Variance += drift * drift
			sum.Pieces = pieces
			sums = append(sums, sizedPIT{size, sum.pit(total, uniforms.draw())})
		}
	}
	return days, sums
}

// usualMean is what a window's forecast expected of a day: the size of a series
// must be what was known of it then. What it has grown to since would tell what
// came.
func usualMean(residuals []residual) float64 {
	sum := 0.
	for _, m := range residuals {
		sum += m.mean
	}
	return sum / float64(max(1, len(residuals)))
}

// pit is the randomised PIT of y: between P(D < y) and P(D ≤ y). Where no
// demand to speak of was expected, anything up to a surprise is equally likely.
func (d Distribution) pit(y, u float64) float64 {
	if d.none() {
		if y > 0 {
			return 1
		}
		return u
	}
	if !d.Pieces {
		return d.rawCDF(y)
	}
	hi, lo := d.rawCDF(y), 0.
	if y >= 1 {
		lo = d.rawCDF(y - 1)
	}
	return lo + u*(hi-lo)
}

// uniforms is the additive sequence of the golden ratio, which fills [0, 1) evenly.
type uniforms struct{ at float64 }

func (t *uniforms) draw() float64 {
	t.at += .6180339887498949
	t.at -= math.Floor(t.at)
	return t.at
}
