package forecast

import (
	"slices"

	"github.com/peakday/peakday/events"
)

// What a plan's service level is about.
const (
	ServiceOverSKU  = "sku"  // every SKU: each meets all its demand with the chance stated
	ServiceOverPlan = "plan" // the plan: the chance, averaged over its SKUs, is the one stated
)

// GroupItem is a SKU whose stock is chosen together with that of others.
type GroupItem struct {
	SKU    events.SKU   // breaks ties
	Demand Distribution // that the stock is to meet
	Cost   float64      // of one piece, in any unit that all items share; 0 if unknown
}

// How far a SKU's chance of running out may be from the one stated for the plan.
const (
	mostRisk  = 2.  // times it, at most: however dear a piece is
	leastRisk = .25 // times it, at least: more stock of one SKU says little of the others
)

// GroupTargets chooses each item's stock, in pieces, so that the chance of
// meeting all of its demand is level on average over the items, for the least
// money: a group service level, as spare-parts stores of thousands of slow
// sellers use (Thonemann, Brown and Hausman, Management Science 48, 2002). Each
// item begins with the stock at which it runs out twice as often as stated. Then
// comes, again and again, the item whose next pieces win most chance for their
// money (marginal analysis; Sherbrooke, Optimal Inventory Modeling of Systems,
// 2004), until the average is reached. Pieces of unknown cost cost the median of
// the others. Items that meet their demand so often without any stock get none,
// and do not count. level is between 0 and 1.
func GroupTargets(level float64, items []GroupItem) []int64 {
	targets := make([]int64, len(items))
	usual := medianCost(items)
	raises := queue[raise]{before: raise.before}
	short := 0. // chance that is still to be won
	for i := range items {
		it := &items[i]
		if it.Demand.CDF(0) >= level {
			continue
		}
		targets[i] = int64(it.Demand.Quantile(1 - mostRisk*(1-level)))
		most := int64(it.Demand.Quantile(1 - leastRisk*(1-level)))
		r := raise{at: i, item: it, chance: it.Demand.CDF(float64(targets[i])), most: most, step: max(1, (most-targets[i])/groupSteps), cost: it.Cost}
		if !(r.cost > 0) {
			r.cost = usual
		}
		short += level - r.chance
		if r.from(targets[i]) {
			raises.add(r)
		}
	}
	for short > 0 && len(raises.items) > 0 {
		r := raises.next()
		targets[r.at] = r.to
		short -= r.gain
		r.chance += r.gain
		if r.from(r.to) {
			raises.add(r)
		}
	}
	return targets
}

// groupSteps is in how many steps, about, an item's stock is raised at most.
const groupSteps = 64

// raise is the next step of an item's stock.
type raise struct {
	at     int // of the item
	item   *GroupItem
	chance float64 // with the stock before the step
	most   int64   // stock beyond which it is not raised
	step   int64   // pieces
	cost   float64 // of a piece

	to    int64   // stock behind the step
	gain  float64 // of chance
	worth float64 // gain for each unit of money
}

// from makes the step that follows on a stock; ok is false if there is none.
func (r *raise) from(stock int64) (ok bool) {
	if stock >= r.most {
		return false
	}
	r.to = min(stock+r.step, r.most)
	r.gain = max(0, r.item.Demand.CDF(float64(r.to))-r.chance)
	r.worth = r.gain / (r.cost * float64(r.to-stock))
	return true
}

func (r raise) before(o raise) bool {
	if r.worth != o.worth {
		return r.worth > o.worth
	}
	return r.item.SKU < o.item.SKU
}

// medianCost is that of the items whose cost is known; 1 if there is none.
func medianCost(items []GroupItem) float64 {
	var known []float64
	for _, it := range items {
		if it.Cost > 0 {
			known = append(known, it.Cost)
		}
	}
	if len(known) == 0 {
		return 1
	}
	slices.Sort(known)
	return known[len(known)/2]
}
