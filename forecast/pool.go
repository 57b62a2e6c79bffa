package forecast

import "math"

// Pool is what the series of a shop teach each other: the week, what the
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

	newcomer map[string]level // by category; "" for all
	siblings map[string][]sibling
	scores   [members]float64 // relative loss of each method
	spreads  spreads
	strayed  float64 // see usualStrays
	days     *warps  // for the quantiles of days
	sums     *warps  // for those of sums over days

	fits map[*Series]*fit // of those that were rehearsed
}

// level is what is known of the size of series before they are seen.
type level struct{ mean, spread float64 } // spread: relative variance

// fit is a series prepared for forecasting, without what is pooled.
type fit struct {
	t       *track
	fan     *fan
	windows []window
	own     [members]float64
	days    float64
}

// maxRehearsed is how many series of a shop are rehearsed for what is pooled;
// of more, evenly spaced ones stand for all.
const maxRehearsed = 400

// FitPool learns from series, which may be of any length and in any order of
// start, at the horizon (in days, at least 1) that is to be forecast.
func FitPool(series []*Series, c *Calendar, horizon int) *Pool {
	p := &Pool{horizon: max(1, horizon), noise: usualNoise(), strayed: 1, week: flat(), weekSpread: .01, fits: map[*Series]*fit{}}
	var tracks []*track
	first, end := Day(math.MaxInt32), Day(math.MinInt32)
	for _, s := range series {
		first, end = min(first, s.Start), max(end, s.End())
		if t := newTrack(s); len(t.y) > 0 {
			tracks = append(tracks, t)
		}
	}
	if len(series) == 0 {
		first, end = 0, 0
	}
	p.effects = newEffects(c, first, end+Day(max(p.horizon, maxHorizon))+1)
	p.learn(tracks)
	p.fitNewcomers(tracks)
	p.rehearse(tracks)
	return p
}

// learn fits what is in the calendar: base, week and events by turns.
func (p *Pool) learn(tracks []*track) {
	for round := range 4 {
		for _, t := range tracks {
			p.settle(t, round == 0)
		}
		p.fitWeekdays(tracks)
		p.effects.fitSizes(tracks, p.noise)
		p.fitNoise(tracks)
	}
	for range 2 {
		p.effects.fitResponses(tracks, p.noise)
		p.effects.guess()
		for _, t := range tracks {
			p.settle(t, false)
		}
	}
}

// settle brings a track's uplifts and base up to what is known now; at first
// nothing is known of the days of events.
func (p *Pool) settle(t *track, first bool) {
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
	t.tameDays(labelled, p.noise)
	t.smoothBase(skip)
}

// fitNoise estimates by moments how much a day's demand varies around its
// mean, on days without much of an event.
func (p *Pool) fitNoise(tracks []*track) {
	const belief = 50 // days
	var sums noiseSums
	for _, t := range tracks {
		for i := range t.y {
			if u := t.uplift[i]; !t.grounded(i) || u < 2./3 || u > 1.5 {
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

// fitNewcomers learns how large series are, so that a new one has a forecast.
func (p *Pool) fitNewcomers(tracks []*track) {
	p.siblings = map[string][]sibling{}
	for _, t := range tracks {
		x := siblingOf(t.series, t.level())
		p.siblings[""] = append(p.siblings[""], x)
		if t.category != "" {
			p.siblings[t.category] = append(p.siblings[t.category], x)
		}
	}
	p.newcomer = map[string]level{"": plainly(p.siblings[""], level{0, 2})}
	for c, all := range p.siblings {
		if c != "" {
			p.newcomer[c] = plainly(all, p.newcomer[""])
		}
	}
	delete(p.siblings, "")
}

// rehearse backtests the series and learns which methods to trust, how far
// forecasts stray, and what their quantiles are worth.
func (p *Pool) rehearse(tracks []*track) {
	fits := make([]*fit, 0, min(len(tracks), maxRehearsed))
	for _, t := range spread(tracks, maxRehearsed) {
		f := p.prepare(t)
		p.fits[t.series] = f
		fits = append(fits, f)
	}
	p.scores = pooledScores(fits)
	misses := make([][][]miss, len(fits))
	var sums spreadSums
	for i, f := range fits {
		misses[i] = f.misses(f.weights(p))
		for _, m := range misses[i] {
			sums.add(m, p.noise)
		}
	}
	p.spreads = sums.solve()
	var days, totals []sized
	var tickets ticket
	p.strayed = usualStrays(fits, &p.spreads)
	for i, f := range fits {
		d, s := pits(misses[i], &p.spreads, f.t.scale(p), f.t.pieces, &tickets)
		days, totals = append(days, d...), append(totals, s...)
	}
	p.days, p.sums = newWarps(days), newWarps(totals)
}

// spread picks up to n of all, evenly spaced.
func spread[T any](all []T, n int) []T {
	if len(all) <= n {
		return all
	}
	out := make([]T, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}

// prepare fits and rehearses one track.
func (p *Pool) prepare(t *track) *fit {
	f := &fit{t: t}
	f.fan, f.windows = rehearse(t, p.horizon)
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
			return n > recentDays && f.fan.rare()
		case linearTrend, thetaMethod:
			return n >= 2*minHistory
		case lastYear:
			return n > year
		}
		return n >= minHistory
	})
}

// misses are the errors of the blended forecasts in the windows.
func (f *fit) misses(weights [members]float64) [][]miss {
	out := make([][]miss, len(f.windows))
	for i := range f.windows {
		win := &f.windows[i]
		for k, w := range win.w {
			if w > 0 {
				out[i] = append(out[i], miss{mean: blend(weights, &win.paths, k) * win.factor[k], y: win.y[k], w: w, k: k})
			}
		}
	}
	return out
}

// track of a series that was not part of the pool, with the pool's effects.
func (p *Pool) track(s *Series) *track {
	t := newTrack(s)
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
		t.response, t.certain = p.effects.shrink(own)
	}
	p.settle(t, false)
	return t
}
