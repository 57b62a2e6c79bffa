package forecast

import "github.com/peakday/peakday/events"

// PlanSKU plans one SKU: f is its forecast from tomorrow at least to the
// window's last day, stock what is on hand (nil: unknown), supply what is
// known of buying it (zero: nothing), price what a piece sells for if supply
// does not say.
func PlanSKU(f *Forecast, from, to Day, stock *OnHand, supply Supply, price float64, terms Terms) PlanItem {
	it := newPlanning(skuState{forecast: f, stock: stock, supply: supply, price: price}, from, to, terms)
	it.aim(it.quantile(), terms)
	it.conclude()
	return *it.PlanItem
}

// skuState is what is known of a SKU that is planned.
type skuState struct {
	forecast *Forecast
	stock    *OnHand // nil: unknown
	sold     int64   // of the first day's demand, what has been sold already
	supply   Supply
	price    float64 // of a piece lately, in minor units; 0 if unknown
}

// planning is an item of a plan with what its order is decided by. It is made
// in three steps: what is there, newPlanning; what is needed, aim; and what
// comes of the order, which may be cut in between, conclude.
type planning struct {
	*PlanItem
	skuState
	to          Day          // the window's last
	cover       Distribution // of the demand from tomorrow on
	demand      *grid        // the same
	under, over float64      // of one piece, minor units
	cost        float64      // of one piece, minor units; 0 if unknown
	wanted      int64        // Order before a budget
}

func newPlanning(s skuState, from, to Day, terms Terms) planning {
	f := s.forecast
	tomorrow := f.AsOf + 1
	window, cover := f.Sum(from, to), f.Sum(tomorrow, to)
	now := s.stock.In("")
	it := &PlanItem{
		SKU: f.SKU, Demand: Demand{window.Mean, quantilesOf(window)}, Before: max(0, cover.Mean-window.Mean),
		Known: now.Known, Arrives: tomorrow + Day(s.supply.LeadTimeDays+.5),
	}
	if now.Known {
		it.OnHand = max(0, now.Pieces)
		it.SoldToday = max(0, s.sold)
		it.Cover = daysOfCover(f, float64(it.OnHand))
	}
	for _, r := range receiptsUntil(s.supply.OnOrder, to) {
		it.OnOrder += r.Quantity
	}
	if s.supply.Price > 0 {
		s.price = float64(s.supply.Price)
	}
	p := planning{PlanItem: it, skuState: s, to: to, cover: cover, demand: newGrid(cover), cost: float64(s.supply.Cost)}
	p.under, p.over = pieceCosts(s.supply, s.price, terms)
	it.ServiceLevel = serviceLevel(terms, p.under, p.over)
	return p
}

// quantile is the stock that holds the item's own service level.
func (it *planning) quantile() int64 { return int64(it.cover.Quantile(it.ServiceLevel)) }

// aim says what is needed for a target.
func (it *planning) aim(target int64, terms Terms) {
	it.Target = target
	it.SafetyStock = max(0, it.Target-int64(it.cover.Mean+.5))
	it.ReorderPoint = int64(protection(it.forecast, it.supply, 0).Quantile(it.ServiceLevel))
	review := terms.ReviewDays
	if review == 0 {
		review = defaultReview
	}
	it.OrderUpTo = int64(protection(it.forecast, it.supply, review).Quantile(it.ServiceLevel))
	it.Need = max(0, it.Target-it.there())
	if it.Late = it.Arrives > it.to; !it.Late {
		it.Order = inPacks(it.Need, it.supply)
	}
}

// aimTogether says what each needs for a service level over all of them.
func aimTogether(items []planning, terms Terms) {
	group := make([]GroupItem, len(items))
	for i := range items {
		it := &items[i]
		group[i] = GroupItem{SKU: it.SKU, Demand: it.cover, Cost: it.cost}
		if it.cost == 0 {
			group[i].Cost = it.price
		}
	}
	for i, target := range GroupTargets(terms.ServiceLevel, group) {
		if target > 0 {
			items[i].ServiceLevel = items[i].cover.CDF(float64(target))
		}
		items[i].aim(target, terms)
	}
}

// conclude says what comes of the order.
func (it *planning) conclude() {
	f, to := it.forecast, it.to
	arrivals := receiptsUntil(it.supply.OnOrder, to)
	stock := it.OnHand + it.SoldToday
	it.SelloutWithout = selloutChance(f, to, stock, arrivals)
	it.Sellout = it.SelloutWithout
	if it.Order > 0 {
		it.Sellout = 0
		for _, l := range leadTimes(it.supply) {
			with := mergeReceipts(append(receiptsUntil(it.supply.OnOrder, to), Receipt{f.AsOf + 1 + Day(l.days+.5), it.Order}))
			it.Sellout += l.weight * selloutChance(f, to, stock, receiptsUntil(with, to))
		}
	}
	before := float64(it.there())
	it.Cost = money(it.cost * float64(it.Order))
	it.Profit = events.Money(it.gain(before, float64(it.Order)))
	it.CostOfUnder = money(it.under * it.demand.shortage(before+float64(it.Order)))
	it.CostOfOver = money(it.over * it.demand.surplus(before+float64(it.Order)))
}

// there is what the demand since the last closed day can count on without an
// order.
func (it *PlanItem) there() int64 { return it.OnHand + it.SoldToday + it.OnOrder }

// daysOfCover is how long so many pieces last at the expected demand; beyond
// the forecast it goes on as in its last two weeks. It ends at maxCover.
func daysOfCover(f *Forecast, pieces float64) *float64 {
	const maxCover = 999
	left, days := pieces, 0.
	for i := range f.Points {
		if m := f.Points[i].Mean; m >= left {
			if m > 0 {
				days += left / m
			}
			return &days
		}
		left -= f.Points[i].Mean
		days++
	}
	last := 0.
	tail := f.Points[max(0, len(f.Points)-14):]
	for i := range tail {
		last += tail[i].Mean / float64(len(tail))
	}
	if left > 0 {
		days = min(maxCover, days+left/max(last, 1e-9))
	}
	return &days
}

// receiptsUntil lists what arrives by a day.
func receiptsUntil(on []Receipt, to Day) []Receipt {
	var out []Receipt
	for _, r := range on {
		if r.Date <= to {
			out = append(out, r)
		}
	}
	return out
}

// pieceCosts are what one piece too few and one too many cost, in minor units.
func pieceCosts(s Supply, price float64, terms Terms) (under, over float64) {
	if s.Price > 0 {
		price = float64(s.Price)
	}
	loss := terms.LeftoverLoss
	if loss == 0 {
		loss = defaultLeftover
	}
	return max(0, price-float64(s.Cost)), loss * float64(s.Cost)
}

// serviceLevel is the one asked for, else the newsvendor's critical ratio.
func serviceLevel(terms Terms, under, over float64) float64 {
	switch {
	case terms.ServiceLevel > 0:
		return terms.ServiceLevel
	case under > 0 && over > 0:
		return min(max(under/(under+over), .5), .999)
	}
	return defaultService
}

// inPacks rounds need up to whole packs and to the least order.
func inPacks(need int64, s Supply) int64 {
	if need <= 0 {
		return 0
	}
	pack := max(1, s.Pack)
	return (max(need, s.MinOrder) + pack - 1) / pack * pack
}

// selloutChance is the chance that demand from tomorrow on exceeds what is
// there, at the worst moment: the evening before a receipt, or the end.
func selloutChance(f *Forecast, to Day, onHand int64, receipts []Receipt) float64 {
	tomorrow := f.AsOf + 1
	worst, there := 0., float64(onHand)
	for _, r := range receipts {
		if r.Date > tomorrow {
			worst = max(worst, 1-f.Sum(tomorrow, r.Date-1).CDF(there))
		}
		there += float64(r.Quantity)
	}
	return max(worst, 1-f.Sum(tomorrow, to).CDF(there))
}

// money rounds to the minor unit.
func money(x float64) events.Money { return events.Money(min(max(x, 0), 1e18) + .5) }
