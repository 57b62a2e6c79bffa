package sim

import "github.com/peakday/peakday/forecast"

// tally is what was wanted and what was sold, in pieces by SKU and day of
// demand, without what is taken back before the sale ends.
type tally struct {
	days   int
	wanted []float64 // of the SKUs that users wanted, whatever the stock
	sold   []float64 // of those that they got
}

func newTally(s *shop) *tally {
	t := &tally{days: len(s.days)}
	t.wanted, t.sold = make([]float64, t.days*len(s.skus)), make([]float64, t.days*len(s.skus))
	return t
}

func (t *tally) at(k *sku, d forecast.Day) int { return k.number*t.days + int(d-historyStart()) }

// add counts an order.
func (t *tally) add(s *shop, o *order) {
	d, ok := s.soldOn(o)
	if !ok {
		return
	}
	back := o.fulfilment.refunded
	for i, l := range o.lines {
		if i == 0 && !back.IsZero() && back.Before(s.begin(saleEnd())) {
			continue
		}
		t.wanted[t.at(l.wanted, d)] += float64(l.quantity)
		t.sold[t.at(l.got, d)] += float64(l.quantity)
	}
}

// soldIn is how many pieces of a SKU were sold from one day to another, both
// included.
func (t *tally) soldIn(k *sku, from, to forecast.Day) float64 {
	return sum(t.sold[t.at(k, from) : t.at(k, to)+1])
}

// wantedIn is how many were wanted.
func (t *tally) wantedIn(k *sku, from, to forecast.Day) float64 {
	return sum(t.wanted[t.at(k, from) : t.at(k, to)+1])
}

func sum(xs []float64) float64 {
	total := 0.
	for _, x := range xs {
		total += x
	}
	return total
}
