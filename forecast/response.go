package forecast

// fitResponses learns how much each category, and each series within it,
// reacts to each event: from the days that the event lifts.
func (e *effects) fitResponses(decomposed []*decomposition, n noise) {
	own := make([][]ratio, len(decomposed))
	categories := map[string][]ratio{}
	e.category = map[string][]float64{}
	for i, t := range decomposed {
		own[i] = e.reactions(t, n)
		c := categories[t.category]
		if c == nil {
			c = make([]ratio, len(e.events))
			categories[t.category] = c
		}
		for ev, r := range own[i] {
			c[ev].sold += r.sold
			c[ev].expected += r.expected
		}
	}
	var between []ratio
	for _, c := range sortedKeys(categories) {
		between = append(between, categories[c]...)
	}
	spread := spreadOf(between, .02, .002, .5)
	for c, rs := range categories {
		responses := make([]float64, len(rs))
		for ev, r := range rs {
			responses[ev] = r.toward(1 / spread)
		}
		e.category[c] = responses
	}
	var within []ratio
	for i, t := range decomposed {
		for ev := range own[i] {
			own[i][ev].expected *= e.category[t.category][ev]
		}
		within = append(within, own[i]...)
	}
	e.spread = spreadOf(within, .1, leastSpread, 1)
	e.persist = persistence(own, e.spread)
	for i, t := range decomposed {
		t.response, t.reliability = e.shrink(own[i])
	}
}

// leastSpread is the relative variance of responses that is believed whatever
// was seen: two or three events do not show that all articles react alike.
const leastSpread = .06

// reactions compares a series' sales on the days that each event lifts with
// what its size alone would make of them, in units of evidence that also know
// how uncertain the base is.
func (e *effects) reactions(t *decomposition, n noise) []ratio {
	out := make([]ratio, len(e.events))
	depth := make([]float64, len(e.events))
	base := make([]float64, len(e.events))
	for i := range t.y {
		for _, at := range e.on(t.start + Day(i)) {
			f := &e.all[at]
			if f.lift < .5 || !t.hasBase(i) {
				continue
			}
			expected := t.base[i] * t.weekday[(t.start+Day(i)).Weekday()] * e.uplift(t.start+Day(i), "", nil)
			out[f.event].add(t.y[i], expected, t.w[i], n)
			depth[f.event], base[f.event] = t.depth[i], t.base[i]
		}
	}
	for ev, r := range out {
		if r.expected > 0 {
			ofBase := n.variance(base[ev], 1) / (base[ev] * base[ev] * 2 * depth[ev]) // weights that fade count as twice as many days
			k := 1 / (1 + ofBase*r.expected)
			out[ev] = ratio{r.sold * k, r.expected * k}
		}
	}
	return out
}

// shrink gives the responses of one series by event. Of a response 1+d that
// was seen with noise variance s², next time is expected
//
//	1 + d × persist·spread / (spread + s²)
func (e *effects) shrink(own []ratio) (response, reliability []float64) {
	response, reliability = make([]float64, len(own)), make([]float64, len(own))
	for ev, r := range own {
		response[ev] = 1
		if r.expected > 0 {
			reliability[ev] = e.spread / (e.spread + 1/r.expected)
			response[ev] = max(.1, 1+e.persist*reliability[ev]*(r.sold/r.expected-1))
		}
	}
	return response, reliability
}

// responseVariance is the relative variance of the next response of a series whose
// past ones had this reliability.
func (e *effects) responseVariance(reliability float64) float64 {
	return e.spread * (1 - e.persist*e.persist*reliability)
}

// persistence estimates which share of the responses' variance lasts, from
// series that were seen at several events: the covariance of their responses
// over the variance. A prior of one half counts as thirty pairs.
func persistence(own [][]ratio, spread float64) float64 {
	const belief = 30
	sum, weight := belief*.5, float64(belief)
	for _, rs := range own {
		for a := range rs {
			for b := range a {
				if rs[a].expected < 5 || rs[b].expected < 5 {
					continue
				}
				w := 1 / ((1 + 1/(rs[a].expected*spread)) * (1 + 1/(rs[b].expected*spread)))
				sum += w * (rs[a].sold/rs[a].expected - 1) * (rs[b].sold/rs[b].expected - 1) / spread
				weight += w
			}
		}
	}
	return min(max(sum/weight, .1), .95)
}
