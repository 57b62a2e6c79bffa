package sim

import "time"

// enrolled is a unit of the experiments: a user who came during the sale.
type enrolled struct {
	user   *user
	first  time.Time // exposure to all three trials
	arms   arms
	visits []*visit
	paid   []time.Time // balances of what was presold before the sale
}

// truth is the effect of a trial: what all units would have been if treated,
// less what they would have been under control, for each unit. In the other
// trials everybody keeps the arm that they had.
func (s *shop) truth(t *trial, number int, units []*enrolled) float64 {
	if len(units) == 0 {
		return 0
	}
	gain := 0.
	for _, e := range units {
		treated, control := e.arms, e.arms
		treated[number], control[number] = true, false
		gain += t.measure(s, e, treated) - t.measure(s, e, control)
	}
	return gain / float64(len(units))
}

// counts reports whether the service counts a fact of the unit: it happened
// within the window behind the exposure and before the sale ends.
func (s *shop) counts(e *enrolled, at time.Time) bool {
	return !at.IsZero() && !at.Before(e.first) && at.Before(e.first.Add(metricWindow)) && at.Before(s.begin(saleEnd()))
}

// converted is 1 if an order or the balance of a presale was paid.
func converted(s *shop, e *enrolled, a arms) float64 {
	for _, at := range e.paid {
		if s.counts(e, at) {
			return 1
		}
	}
	for _, v := range e.visits {
		if outcome := s.outcomeOf(v, a); s.counts(e, outcome.fulfilment.paid) {
			return 1
		}
	}
	return 0
}

// filledCart is 1 if anything was put into the cart.
func filledCart(s *shop, e *enrolled, a arms) float64 {
	for _, v := range e.visits {
		if s.counts(e, s.outcomeOf(v, a).carted) {
			return 1
		}
	}
	return 0
}

// lastLoad is the load time of the last visit, in milliseconds.
func lastLoad(s *shop, e *enrolled, a arms) float64 {
	last := 0.
	for _, v := range e.visits {
		if s.counts(e, v.loaded()) {
			last = v.load(a)
		}
	}
	return last
}

// loaded is when the load of a visit's page was observed.
func (v *visit) loaded() time.Time { return v.at.Add(2 * time.Second) }
