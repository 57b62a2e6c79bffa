package forecast

// ratio compares sales with what was expected of them, in units of evidence:
// the pieces of a Poisson count, fewer where noise is larger. The variance of
// sold/expected is 1/expected.
type ratio struct{ sold, expected float64 }

// add counts one day.
func (r *ratio) add(y, expected, weight float64, n noise) {
	k := n.evidence(expected, weight)
	r.sold += k * y
	r.expected += k * expected
}

// toward is the ratio shrunk to 1 as if prior units of evidence said so.
func (r ratio) toward(prior float64) float64 { return (r.sold + prior) / (r.expected + prior) }

// spreadOf estimates by moments how much true ratios vary around 1 (relative
// variance) beyond the noise of their evidence, between lo and hi. prior is
// what is believed before, as from ten ratios.
func spreadOf(rs []ratio, prior, lo, hi float64) float64 {
	const belief = 10
	sum, weight := belief*prior, float64(belief)
	for _, r := range rs {
		if r.expected < 5 {
			continue
		}
		d := r.sold/r.expected - 1
		w := 1 / (1 + 1/(r.expected*prior)) // precise ones count up to 1
		sum += w * (d*d - 1/r.expected)
		weight += w
	}
	return min(max(sum/weight, lo), hi)
}

// fitWeekdays learns the week: of all series together, of each category
// shrunk to that, of each series shrunk to its category.
func (p *Pool) fitWeekdays(decomposed []*decomposition) {
	p.week = flat()
	all, own := [7]ratio{}, make([][7]ratio, len(decomposed))
	categories := map[string]*[7]ratio{}
	for i, t := range decomposed {
		own[i] = t.weekdays(p.noise)
		c := categories[t.category]
		if c == nil {
			c = &[7]ratio{}
			categories[t.category] = c
		}
		for d, r := range own[i] {
			for _, sum := range []*ratio{&all[d], &c[d]} {
				sum.sold += r.sold
				sum.expected += r.expected
			}
		}
	}
	for d, r := range all {
		p.week[d] = r.toward(20)
	}
	normalize(&p.week)
	var deviations []ratio
	for i := range own {
		for d, r := range own[i] {
			deviations = append(deviations, ratio{r.sold, r.expected * p.week[d]})
		}
	}
	p.weekSpread = spreadOf(deviations, .01, .001, .25)
	p.weekOf = map[string][7]float64{}
	for c, rs := range categories {
		p.weekOf[c] = shrinkWeek(*rs, p.week, 2/p.weekSpread)
	}
	for i, t := range decomposed {
		t.weekday = shrinkWeek(own[i], p.weekOfCategory(t.category), 1/p.weekSpread)
	}
}

// weekOfCategory is what is known of a category's week, else of all.
func (p *Pool) weekOfCategory(c string) [7]float64 {
	if w, ok := p.weekOf[c]; ok {
		return w
	}
	return p.week
}

// weekdays compares each weekday's sales with base × uplift.
func (t *decomposition) weekdays(n noise) (own [7]ratio) {
	for i := range t.y {
		if t.hasBase(i) {
			own[(t.start+Day(i)).Weekday()].add(t.clipped[i], t.base[i]*t.uplift[i], t.w[i]*ordinariness(t.uplift[i]), n)
		}
	}
	return own
}

// shrinkWeek shrinks a week's own ratios to its parent's.
func shrinkWeek(own [7]ratio, parent [7]float64, prior float64) [7]float64 {
	var week [7]float64
	for d, r := range own {
		week[d] = parent[d] * ratio{r.sold, r.expected * parent[d]}.toward(prior)
	}
	normalize(&week)
	return week
}

// normalize makes the mean 1.
func normalize(week *[7]float64) {
	sum := 0.
	for _, v := range week {
		sum += v
	}
	if !(sum > 0) {
		*week = flat()
		return
	}
	for d := range week {
		week[d] *= 7 / sum
	}
}

func flat() [7]float64 { return [7]float64{1, 1, 1, 1, 1, 1, 1} }
