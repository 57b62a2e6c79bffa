package forecast

// scaleWeeks is how many weeks tell of a series' spread.
const scaleWeeks = 26

// scale is how far the weeks of a series stray from each other, squared,
// compared with what the pool's spreads expect of one like it, shrunk to one as
// if ten weeks had shown that. Weeks and not days tell it, because stock must
// last for weeks: where one customer buys a dozen at once, or a level wanders,
// weeks show it.
func (t *track) scale(p *Pool) float64 {
	const belief = 10
	square, weeks := t.strays(&p.spreads)
	return min(max((belief+weeks*square/p.strayed)/(belief+weeks), .02), 30)
}

// week is one week's demand, and what is usual of its open days.
type week struct{ sold, usual, squares, open float64 }

// ordinaryWeeks sums up the last weeks, the newest first, without days that an
// event lifts or sinks by half. level is what an average day of them sold.
func (t *track) ordinaryWeeks() (weeks []week, level float64) {
	sold, usual := 0., 0.
	for end := len(t.y); end >= 7 && len(weeks) < scaleWeeks; end -= 7 {
		var x week
		for i := end - 7; i < end; i++ {
			if u := t.uplift[i]; t.w[i] > .3 && u > 2./3 && u < 1.5 {
				x.sold += t.w[i] * t.tame[i]
				x.usual += t.w[i] * t.factor(i)
				x.squares += t.w[i] * t.factor(i) * t.factor(i)
				x.open += t.w[i]
			}
		}
		weeks = append(weeks, x)
		sold, usual = sold+x.sold, usual+x.usual
	}
	if usual > 0 {
		level = sold / usual
	}
	return weeks, level
}

// strays is the mean square of the last weeks' distances from their mean over
// the square that the spreads expect, and the number of weeks behind it.
func (t *track) strays(s *spreads) (square, n float64) {
	weeks, level := t.ordinaryWeeks()
	if !(level > 0) {
		return 1, 0
	}
	for _, x := range weeks {
		if x.open < 3 {
			continue
		}
		mean := level * x.usual
		expected := s.day*level*level*x.squares + s.drift[0]*mean*mean
		if t.pieces {
			expected += s.batch * mean
		}
		if !(expected > 0) { // squares of hardly anything are nothing
			continue
		}
		square += min((x.sold-mean)*(x.sold-mean)/expected, 25) // one strange week does not stretch all others
		n++
	}
	return square / max(n, 1), n
}

// usualStrays averages the series of a pool, so that their scales average to
// one: the spreads were learned from forecasts, strays look back.
func usualStrays(fits []*fit, s *spreads) float64 {
	const belief = 5
	sum, n := float64(belief), float64(belief)
	for _, f := range fits {
		if square, weeks := f.t.strays(s); weeks >= 4 {
			sum += square
			n++
		}
	}
	return max(sum/n, .05)
}
