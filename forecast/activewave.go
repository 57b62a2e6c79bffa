package forecast

import "github.com/peakday/peakday/events"

// activeWave is a wave whose balances are not all paid.
type activeWave struct {
	wave
	left     int // hours until it is due
	cohorts  map[events.SKU]*cohort
	complete map[string]float64 // by category
	factor   map[string]float64 // deposits over what was expected by now, by category
	any      bool               // deposits have come
	known    bool               // weighed: its days are within the forecasts
}

// cohort is a SKU's deposits of one wave, in pieces.
type cohort struct {
	deposits, void, paid float64
	value                float64 // of the deposits, minor units
	expected             float64 // by the forecast, when all have come
	relVar               float64 // its relative variance
	presaleVar           float64 // the part of it that is about presale only, not about demand
}

func (w *activeWave) cohort(sku events.SKU) *cohort {
	c := w.cohorts[sku]
	if c == nil {
		c = &cohort{}
		w.cohorts[sku] = c
	}
	return c
}

// expect sets how many deposits each SKU should have in the end.
func (w *activeWave) expect(s *shopModel, forecasts []*Forecast) {
	b, of := s.presales, map[string]progress{}
	for i, a := range s.history.articles {
		category := a.product.Category
		share, known := w.complete[category]
		if !known {
			share = b.completion(&w.wave, category, w.left)
			w.complete[category] = share
		}
		c := w.cohort(a.product.SKU)
		w.expectOf(s, a, forecasts[i], c)
		for _, pool := range pools(category) {
			p := of[pool]
			p.seen += c.deposits
			p.expected += c.expected * share
			p.whole += c.expected
			of[pool] = p
		}
	}
	w.factor = factors(of, s.pool.spreads.batch)
}

// expectOf is how many deposits a SKU should have in the end: presale's part of
// the days' demand, over the chance that a deposit becomes demand.
func (w *activeWave) expectOf(s *shopModel, a *article, f *Forecast, c *cohort) {
	b := s.presales
	demand, relVar := 0., 0.
	begin := w.due.In(b.zone)
	covered := 0.
	for i := range f.Points {
		p := &f.Points[i]
		if p.Day < w.due || p.Day >= min(w.next, w.due+longestBalance) {
			continue
		}
		share, presaleVar := b.part(s.history.calendar, w.event, a.product.Category, p.Day)
		demand += p.Mean * share
		relVar += p.Mean * share * presaleVar
		covered += b.settled((p.Day + 1).In(b.zone).Sub(begin).Hours()) - b.settled(p.Day.In(b.zone).Sub(begin).Hours())
	}
	if demand > 0 {
		relVar /= demand
	}
	yield := b.chance(w.event, a, c.value, c.deposits) * b.kept(w.event)
	c.expected = max(demand, .2) / yield
	if covered > .05 && covered < 1 {
		c.expected /= covered
	}
	c.presaleVar = relVar + .02
	c.relVar = f.sharedVariance(max(w.due, f.AsOf+1), w.last) + c.presaleVar
}
