package forecast

import "github.com/peakday/peakday/events"

// grid is a distribution as equally likely values, for many questions about
// expectations.
type grid [quadrature]float64

func newGrid(d interface{ Quantile(float64) float64 }) *grid {
	var g grid
	for i := range g {
		g[i] = d.Quantile((float64(i) + .5) / quadrature)
	}
	return &g
}

// shortage is the expected demand beyond x, surplus the expected rest of x.
func (g *grid) shortage(x float64) float64 {
	sum := 0.
	for _, v := range g {
		sum += max(0, v-x)
	}
	return sum / quadrature
}

func (g *grid) surplus(x float64) float64 {
	sum := 0.
	for _, v := range g {
		sum += max(0, x-v)
	}
	return sum / quadrature
}

// gain is what another q pieces are expected to earn, on top of x, in minor
// units: the margin on what they sell less the loss on what they leave.
func (it *planning) gain(x, q float64) float64 {
	return it.under*(it.demand.shortage(x)-it.demand.shortage(x+q)) - it.over*(it.demand.surplus(x+q)-it.demand.surplus(x))
}

// steps of an order: the first takes the minimum, each as many packs as keep
// them few.
const orderSteps = 200

// spend buys, out of a budget, whatever earns most for its money, a few packs
// at a time, and never more than the plan wanted. What has no known cost is
// ordered as it was. It returns what was spent.
func spend(items []planning, budget events.Money) (spent events.Money) {
	left := float64(budget)
	offers := queue[offer]{before: offer.before}
	for i := range items {
		it := &items[i]
		it.wanted = it.Order
		if it.Order > 0 && it.cost > 0 {
			it.Order = 0
			if o, ok := it.next(); ok {
				offers.add(o)
			}
		}
	}
	for len(offers.items) > 0 {
		o := offers.next()
		price := float64(o.pieces) * o.it.cost
		if price > left {
			continue // something smaller may still fit
		}
		left -= price
		spent += money(price)
		o.it.Order += o.pieces
		if next, ok := o.it.next(); ok {
			offers.add(next)
		}
	}
	for i := range items {
		it := &items[i]
		it.Limited = it.Order < it.wanted
	}
	return spent
}

// offer is the next few packs of an item.
type offer struct {
	it     *planning
	pieces int64
	value  float64 // expected earnings for each unit of money
}

// next makes the offer behind what is ordered already; ok is false at the end.
func (it *planning) next() (o offer, ok bool) {
	rest := it.wanted - it.Order
	pack := max(1, it.supply.Pack)
	step := max(1, (it.wanted/pack+orderSteps-1)/orderSteps) * pack
	if it.Order == 0 {
		step = max(step, inPacks(1, it.supply))
	}
	step = min(step, rest)
	if step <= 0 {
		return offer{}, false
	}
	x := float64(it.there() + it.Order)
	return offer{it, step, it.gain(x, float64(step)) / (float64(step) * it.cost)}, true
}

func (o offer) before(p offer) bool {
	if o.value != p.value {
		return o.value > p.value
	}
	return o.it.SKU < p.it.SKU
}
