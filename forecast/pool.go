package forecast

import "math"

// Pool is what is learned from all series of a shop together: the week, what the
// calendar's events do, how fast levels drift, which methods forecast best and
// what their quantiles are worth. It is fitted once over all series and then
// passed to Fit for each of them. It is immutable.
type Pool struct {
	horizon int
	effects *effects

	noise      noise // of a day around its smoothed base
	week       [7]float64
	weekOf     map[string][7]float64 // by category
	weekSpread float64

	coldStart map[string]level // by category; "" for all
	similar   map[string][]similarSeries
	scores    [members]float64 // relative loss of each method
	spreads   spreads
	meanStep  float64         // of its series; see the function
	days      *recalibrations // for the quantiles of days
	sums      *recalibrations // for those of sums over days

	fits map[*Series]*fit // of those that were backtested
}

// level is what is known of the size of series before they are seen.
type level struct{ mean, spread float64 } // spread: relative variance

// fit is a series prepared for forecasting, without what is pooled.
type fit struct {
	t        *decomposition
	ensemble *ensemble
	windows  []window
	own      [members]float64
	days     float64
}

// maxBacktested is how many series of a shop are backtested for what is pooled;
// of more, evenly spaced ones stand for all.
const maxBacktested = 400

// FitPool learns from series, which may be of any length and in any order of
// start, at the horizon (in days, at least 1) that is to be forecast.
func FitPool(series []*Series, c *Calendar, horizon int) *Pool {
	p := &Pool{horizon: max(1, horizon), noise: usualNoise(), meanStep: 1, week: flat(), weekSpread: .01, fits: map[*Series]*fit{}}
	var decomposed []*decomposition
	first, end := Day(math.MaxInt32), Day(math.MinInt32)
	for _, s := range series {
		first, end = min(first, s.Start), max(end, s.End())
		if t := newDecomposition(s); len(t.y) > 0 {
			decomposed = append(decomposed, t)
		}
	}
	if len(series) == 0 {
		first, end = 0, 0
	}
	p.effects = newEffects(c, first, end+Day(max(p.horizon, maxHorizon))+1)
	p.learn(decomposed)
	p.fitColdStart(decomposed)
	p.backtest(decomposed)
	return p
}

// learn fits what is in the calendar: base, week and events by turns.
func (p *Pool) learn(decomposed []*decomposition) {
	for round := range 4 {
		for _, t := range decomposed {
			p.settle(t, round == 0)
		}
		p.fitWeekdays(decomposed)
		p.effects.fitSizes(decomposed, p.noise)
		p.fitNoise(decomposed)
	}
	for range 2 {
		p.effects.fitResponses(decomposed, p.noise)
		p.effects.guess()
		for _, t := range decomposed {
			p.settle(t, false)
		}
	}
}

// settle brings a series' uplifts and base up to what is known now; at first
// nothing is known of the days of events.
func (p *Pool) settle(t *decomposition, first bool) {
	ordinary := 0
	for i := range t.y {
		day := t.start + Day(i)
		t.uplift[i] = p.effects.uplift(day, t.category, t.response)
		if len(p.effects.on(day)) == 0 {
			ordinary++
		}
	}
	labelled := func(i int) bool { return len(p.effects.on(t.start+Day(i))) > 0 }
	skip := func(i int) bool { return first && ordinary >= minHistory && labelled(i) }
	t.smoothBase(skip)
	t.clipOutliers(labelled, p.noise)
	t.smoothBase(skip)
}

// fitNoise estimates by moments how much a day's demand varies around its
// mean, on days without much of an event.
func (p *Pool) fitNoise(decomposed []*decomposition) {
	const belief = 50 // days
	var sums noiseSums
	for _, t := range decomposed {
		for i := range t.y {
			if u := t.uplift[i]; !t.hasBase(i) || u < 2./3 || u > 1.5 {
				continue
			}
			m := t.base[i] * t.factor(i)
			limit := 6 * math.Sqrt(m/t.w[i]+.3*m*m)
			e := min(max(t.y[i]-m, -limit), limit)
			fitted := t.depth[i] / (t.depth[i] + 1) // the base knows this day, too
			sums.add(e*e/fitted, m, t.w[i])
		}
	}
	p.noise = sums.solve(usualNoise(), belief)
}

// fitColdStart learns how large series are, so that a new one has a forecast.
func (p *Pool) fitColdStart(decomposed []*decomposition) {
	p.similar = map[string][]similarSeries{}
	for _, t := range decomposed {
		x := similarTo(t.series, t.level())
		p.similar[""] = append(p.similar[""], x)
		if t.category != "" {
			p.similar[t.category] = append(p.similar[t.category], x)
		}
	}
	p.coldStart = map[string]level{"": unweighted(p.similar[""], level{0, 2})}
	for c, all := range p.similar {
		if c != "" {
			p.coldStart[c] = unweighted(all, p.coldStart[""])
		}
	}
	delete(p.similar, "")
}

// backtest runs the series through a backtest and learns which methods to trust, how far
// forecasts deviate, and how to recalibrate their quantiles.
func (p *Pool) backtest(decomposed []*decomposition) {
	fits := make([]*fit, 0, min(len(decomposed), maxBacktested))
	for _, t := range evenlySpaced(decomposed, maxBacktested) {
		f := p.prepare(t)
		p.fits[t.series] = f
		fits = append(fits, f)
	}
	p.scores = pooledScores(fits)
	residuals := make([][][]residual, len(fits))
	var sums spreadSums
	for i, f := range fits {
		residuals[i] = f.residuals(f.weights(p))
		for _, m := range residuals[i] {
			sums.add(m, p.noise)
		}
	}
	p.spreads = sums.solve()
	var days, totals []sizedPIT
	var uniform uniforms
	p.meanStep = meanStep(fits, &p.spreads)
	for i, f := range fits {
		d, s := pits(residuals[i], &p.spreads, f.t.scale(p), f.t.pieces, &uniform)
		days, totals = append(days, d...), append(totals, s...)
	}
	p.days, p.sums = newRecalibrations(days), newRecalibrations(totals)
}

// evenlySpaced picks up to n of all, evenly spaced.
func evenlySpaced[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	out := make([]T, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// prepare fits and backtests one series.
func (p *Pool) prepare(t *decomposition) *fit {
	f := &fit{t: t}
	f.ensemble, f.windows = backtest(t, p.horizon)
	f.own, f.days = scores(f.windows, p.noise)
	return f
}

// pooledScores averages the series' relative scores, by the days behind them.
func pooledScores(fits []*fit) (pooled [members]float64) {
	for m := range members {
		sum, days := 1.*60, 60. // as much as two windows of a middling method
		for _, f := range fits {
			if f.days > 0 && !math.IsNaN(f.own[m]) {
				sum += f.days * f.own[m]
				days += f.days
			}
		}
		pooled[m] = sum / days
	}
	return pooled
}

// weights of the methods for this series. One too short for a method does
// without it.
func (f *fit) weights(p *Pool) [members]float64 {
	n := len(f.t.y)
	return weigh(f.own, f.days, p.scores, func(m member) bool {
		switch m {
		case recentMean:
			return true
		case longMean:
			return n > recentDays && f.ensemble.sellsRarely()
		case linearTrend, thetaMethod:
			return n >= 2*minHistory
		case lastYear:
			return n > year
		}
		return n >= minHistory
	})
}

// misses are the errors of the blended forecasts in the windows.
func (f *fit) residuals(weights [members]float64) [][]residual {
	out := make([][]residual, len(f.windows))
	for i := range f.windows {
		win := &f.windows[i]
		for k, w := range win.w {
			if w > 0 {
				out[i] = append(out[i], residual{mean: blend(weights, &win.paths, k) * win.factor[k], y: win.y[k], w: w, k: k})
			}
		}
	}
	return out
}

// decompose splits a series that was not part of the pool, with the pool's effects.
func (p *Pool) decompose(s *Series) *decomposition {
	t := newDecomposition(s)
	if len(t.y) == 0 {
		return t
	}
	t.weekday = p.weekOfCategory(t.category)
	for round := range 2 {
		p.settle(t, round == 0)
		t.weekday = shrinkWeek(t.weekdays(p.noise), p.weekOfCategory(t.category), 1/p.weekSpread)
		own := p.effects.reactions(t, p.noise)
		for ev := range own {
			own[ev].expected *= p.effects.response(t.category, nil, ev)
		}
		t.response, t.reliability = p.effects.shrink(own)
	}
	p.settle(t, false)
	return t
}
