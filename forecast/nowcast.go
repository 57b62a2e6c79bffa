package forecast

import (
	"math"
	"time"
)

// carryover is how much of what deposits say holds for a later wave of them.
const carryover = .8

// More deposits than were expected tell of more demand, or only of a presale
// that is liked better than last year's. Which of the two is a matter of their
// variances: of a surprise, on the logarithm, demand outside presale gets the
// part
//
//	v / (v + u)
//
// where v is the relative variance that the demand itself may have and u that of
// presale's share of it (cohort.presaleVar). These are v for the whole shop and for a
// category; a SKU's own is that of its forecast.
const (
	shopVariance     = .02
	categoryVariance = .04
)

// wavePosterior is what is expected of a SKU in one wave once its deposits are seen.
type wavePosterior struct {
	response  float64 // deposits expected in the end over those that the forecast expected
	spillover float64 // what demand outside presale is multiplied by because of them
	gain      float64 // 0 to 1: the part of the relative variance of the demand outside presale that the deposits have removed
	coming    float64 // pieces whose balance is still to be paid, and kept
	variance  float64 // of coming, shared by all its days
	settled   float64 // share of the balances that is paid by now
}

// nowcast changes a forecast by what has come since its last closed day:
//
//	demand = balances paid + balances to come + demand outside presale
//	balances to come = (deposits waiting × chance + deposits to come × chance) × (1 − returns)
//
// Deposits to come, and what the surprise in the deposits says about the other
// demand, are the forecast and the deposits weighted by their precisions (see
// update). Today's demand is learned from its first hours in the same way.
// soldOut says that there is nothing left to sell: what today has not sold
// then says nothing about its demand.
func (s *shopModel) nowcast(l *intraday, f *Forecast, a *article, soldOut bool) {
	posteriors := map[*activeWave]*wavePosterior{}
	before, spilled := 1., 1. // what an earlier wave says about the next
	for _, w := range l.waves {
		if !w.known {
			continue
		}
		o := s.posterior(l, w, a, before)
		o.spillover *= spilled
		posteriors[w] = o
		if o.gain > 0 {
			before, spilled = math.Pow(o.response, carryover), math.Pow(o.spillover, carryover)
		}
	}
	for i := range f.Points {
		p := &f.Points[i]
		w := l.waveOf(p.Day)
		o := posteriors[w]
		if o == nil && p.Day != l.today {
			continue
		}
		s.change(l, w, o, p, a, soldOut)
		f.requantile(p.Day, p.Day)
	}
}

// posterior weighs a SKU's deposits of a wave with what was expected of them.
func (s *shopModel) posterior(l *intraday, w *activeWave, a *article, before float64) *wavePosterior {
	b, category := s.presales, a.product.Category
	c := w.cohort(a.product.SKU)
	o := &wavePosterior{response: 1, spillover: 1}
	p := b.chance(w.event, a, c.value, c.deposits)
	fresh := 0.
	if w.due > l.today || l.at.Before(w.due.In(b.zone)) {
		prior := c.expected * before * w.factor[category]
		come := w.complete[category]
		final, rel := update(prior, c.relVar, c.deposits, come, skuConcentration, s.pool.spreads.batch)
		o.response = min(max(final/c.expected, .05), 20)
		o.gain = 1 - rel/c.relVar
		shop, own := w.factor[""], o.response/(before*w.factor[category])
		lasting := 1 - c.presaleVar/c.relVar
		o.spillover = math.Pow(shop, shopVariance/(shopVariance+c.presaleVar)) *
			math.Pow(w.factor[category]/shop, categoryVariance/(categoryVariance+c.presaleVar)) * math.Pow(own, lasting)
		o.gain *= lasting * lasting
		fresh = final * (1 - come)
		o.variance += fresh * fresh * rel
	}
	waiting := max(0, c.deposits-c.void-c.paid)
	still := p
	if since := l.at.Sub(w.due.In(b.zone)); since > 0 {
		o.settled = b.settled(since.Hours())
		p = beta{c.paid, max(c.paid, c.deposits*o.settled)}.toward(p, 40)
		still = p * (1 - o.settled) / (1 - p*o.settled)
	}
	kept := b.kept(w.event)
	o.coming = (waiting*still + fresh*p) * kept
	chanceVar := (1 - p) / (p * 100)
	o.variance = o.variance*p*p*kept*kept + o.coming*o.coming*chanceVar
	return o
}

// change gives a point its new mean and spread.
func (s *shopModel) change(l *intraday, w *activeWave, o *wavePosterior, p *ForecastPoint, a *article, soldOut bool) {
	mean, sku := p.Mean, a.product.SKU
	if !(mean > 0) && o == nil {
		return
	}
	noise, drift := s.spreadOf(p)
	share, factor, paid, coming, presaleVar := 0., 1., 0., 0., 0.
	if o != nil {
		if p.Day <= w.last { // behind the sale only late balances come
			factor = o.spillover
			drift *= 1 - o.gain
		}
		if p.Day >= w.due {
			share, _ = s.presales.part(s.history.calendar, w.event, a.product.Category, p.Day)
			weight := s.dueOn(l, w, o, p.Day)
			coming = o.coming * weight
			presaleVar = o.variance*weight*weight + .01*coming*coming
		}
	}
	outside := mean * (1 - share) * factor
	own := outside*max(1, p.batch) + noise*outside*outside
	if p.Day == l.today {
		paid = l.paid[sku]
		seen := max(0, l.sold[sku]-paid)
		come := s.hoursPassed(p.Day, l.at)
		prior, rest := outside*l.factor[a.product.Category]/max(factor, 1e-9), noise+drift
		if o != nil { // deposits and the day's hours speak of the same surprise
			prior = math.Sqrt(prior * outside)
		}
		rel := rest
		if !soldOut {
			prior, rel = update(prior, rest, seen, come, skuConcentration, max(1, p.batch))
		}
		// What is left of this hour: a shop that sells a day's pieces in one
		// order has sold them.
		hour := s.hoursPassed(p.Day, hourEnd(l.at))
		ahead := prior*(1-hour) + min(prior*(hour-come), max(0, prior*hour-seen))
		outside, own, drift = seen+ahead, max(1, p.batch)*ahead, 0
		presaleVar += ahead * ahead * rel
	}
	counting := 0.
	if p.pieces {
		counting = coming
	} else if p.Day != l.today {
		own -= outside
	}
	now := max(0, outside+coming+paid)
	p.Components.Presale += now - mean
	p.set(now, own+counting, math.Sqrt(drift*outside*outside+presaleVar))
	if p.Day == l.today {
		p.sure = min(now, max(0, l.sold[sku]))
	}
}

// hourEnd is when the hour of t ends, on a clock that begins with whole hours.
func hourEnd(t time.Time) time.Time { return t.Truncate(time.Hour).Add(time.Hour) }

// spreadOf splits a point's relative variance: what is its day's own beyond
// counting, and what it shares with other days.
func (s *shopModel) spreadOf(p *ForecastPoint) (noise, drift float64) {
	if !(p.Mean > 0) {
		return .2, .2
	}
	own := p.own
	if p.pieces {
		own -= p.Mean * max(1, p.batch)
	}
	return max(0, own) / (p.Mean * p.Mean), p.shared * p.shared / (p.Mean * p.Mean)
}

// dueOn is the share of the balances to come that comes on a day.
func (s *shopModel) dueOn(l *intraday, w *activeWave, o *wavePosterior, d Day) float64 {
	begin := w.due.In(s.presales.zone)
	last := min(w.next, w.due+longestBalance)
	until := func(d Day) float64 {
		if d >= last {
			return 1
		}
		return s.presales.settled(d.In(s.presales.zone).Sub(begin).Hours())
	}
	rest := 1 - o.settled
	if d >= last || rest < 1e-9 {
		return 0
	}
	from := max(until(d), o.settled)
	if d <= l.today {
		from = o.settled
	}
	return max(0, until(d+1)-from) / rest
}
