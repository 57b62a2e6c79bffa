package forecast

import (
	"time"

	"github.com/peakday/peakday/events"
)

// Plan is a stock plan: what to order of each SKU before an event.
type Plan struct {
	ID       string          `json:"id"`
	Created  time.Time       `json:"created"`
	AsOf     Day             `json:"as_of"` // the last closed sales day it knows
	Event    string          `json:"event"`
	From     Day             `json:"from"` // the window of demand that it covers
	To       Day             `json:"to"`
	Currency events.Currency `json:"currency"`

	Budget *events.Money `json:"-"`                // that the orders had to keep to; nil for none
	Spent  events.Money  `json:"-"`                // on all orders of known cost
	Uplift *Uplift       `json:"uplift,omitempty"` // a promotion's, that is in the demand

	Items      []PlanItem     `json:"items"`
	Categories []PlanCategory `json:"categories"`
	Transfers  []Transfer     `json:"transfers"`
	Unknown    []events.SKU   `json:"unknown,omitempty"` // SKUs of the request that nothing is known of: they are not in the plan
}

// PlanCategory sums up the items of a category.
type PlanCategory struct {
	Category  string   `json:"category"`
	SKUs      int      `json:"skus"`
	Demand    float64  `json:"demand"` // expected over the plan's window
	OnHand    int64    `json:"on_hand"`
	OnOrder   int64    `json:"on_order"`
	SoldToday int64    `json:"sold_today,omitempty"` // since the last closed day: it has met its part of the demand
	Order     int64    `json:"order"`
	Cover     *float64 `json:"days_of_cover"`
	Turnover  *float64 `json:"turnover"`
}

// PlanItem is the plan of one SKU. Quantities are pieces.
type PlanItem struct {
	SKU       events.SKU `json:"sku"`
	Category  string     `json:"category,omitempty"`
	Demand    Demand     `json:"demand"`               // over the plan's window
	Before    float64    `json:"demand_before"`        // expected from tomorrow until the window begins
	OnHand    int64      `json:"on_hand"`              // 0 if unknown
	Known     bool       `json:"on_hand_is_known"`     // stock events have told it
	OnOrder   int64      `json:"on_order"`             // that arrives by the window's last day
	SoldToday int64      `json:"sold_today,omitempty"` // since the last closed day: it has met its part of the demand

	ServiceLevel float64 `json:"service_level"`           // the chance that all demand is met, aimed at
	Target       int64   `json:"target"`                  // stock that reaches it: the demand's quantile from tomorrow to the window's end
	SafetyStock  int64   `json:"safety_stock"`            // of Target, what lies above the expected demand
	ReorderPoint int64   `json:"reorder_point"`           // order when less than this is on hand and on order
	Need         int64   `json:"need"`                    // Target less what is on hand and on order
	Order        int64   `json:"order"`                   // Need in packs and at least the minimum; 0 if it came too late
	Arrives      Day     `json:"arrives"`                 // when the order would come, on average
	Late         bool    `json:"late"`                    // Arrives is after the window
	OrderUpTo    int64   `json:"order_up_to"`             // stock that lasts over lead time and review
	Limited      bool    `json:"limited,omitempty"`       // the budget allowed less than the plan wanted
	Overridden   string  `json:"overridden_by,omitempty"` // the planner whose word is in the demand

	Cover    *float64     `json:"days_of_cover"` // how long what is on hand lasts; null if unknown
	Turnover *float64     `json:"turnover"`      // times a year that the stock is sold; null if unknown
	Cost     events.Money `json:"-"`             // of the order
	Profit   events.Money `json:"-"`             // that the order is expected to earn: margin on what it sells less loss on what it leaves

	SelloutWithout float64 `json:"sellout_chance_without_order"`
	Sellout        float64 `json:"sellout_chance"` // with the order

	CostOfUnder events.Money `json:"-"` // expected margin lost for want of stock, with the order
	CostOfOver  events.Money `json:"-"` // expected loss on what is left over, with the order
}

// Demand is the distribution of a sum of days.
type Demand struct {
	Mean      float64   `json:"mean"`
	Quantiles Quantiles `json:"quantiles"`
}

// Terms are what a planner decides about a plan.
type Terms struct {
	// ServiceLevel is the chance that all demand is met, .5 to .999. 0 lets
	// the costs decide: margin / (margin + loss on a leftover piece), or .95
	// for a SKU without known costs.
	ServiceLevel float64

	// LeftoverLoss is the share of its cost that a piece loses if it is not
	// sold in the window: .25 if 0.
	LeftoverLoss float64

	// ReviewDays is how often orders are made; 7 if 0. OrderUpTo covers the lead
	// time and it.
	ReviewDays float64
}

const (
	defaultService  = .95
	defaultLeftover = .25
	defaultReview   = 7 // days
)

// PlanSKU plans one SKU: f is its forecast from tomorrow at least to the
// window's last day, stock what is on hand (nil: unknown), supply what is
// known of buying it (zero: nothing), price what a piece sells for if supply
// does not say.
func PlanSKU(f *Forecast, from, to Day, stock *OnHand, supply Supply, price float64, terms Terms) PlanItem {
	it := newPlanning(f, from, to, stock, 0, supply, price, terms)
	it.conclude(f, to)
	return *it.PlanItem
}

// newPlanning finds what is needed; conclude then says what the order is worth,
// which may be cut in between. sold is what of the first day's demand has been
// sold already.
func newPlanning(f *Forecast, from, to Day, stock *OnHand, sold int64, supply Supply, price float64, terms Terms) planning {
	tomorrow := f.AsOf + 1
	window, cover := f.Sum(from, to), f.Sum(tomorrow, to)
	now := stock.In("")
	it := &PlanItem{
		SKU: f.SKU, Demand: Demand{window.Mean, quantilesOf(window)}, Before: max(0, cover.Mean-window.Mean),
		Known: now.Known, Arrives: tomorrow + Day(supply.LeadTimeDays+.5),
	}
	if now.Known {
		it.OnHand = max(0, now.Pieces)
		it.SoldToday = max(0, sold)
		it.Cover = daysOfCover(f, float64(it.OnHand))
	}
	for _, r := range receiptsUntil(supply.OnOrder, to) {
		it.OnOrder += r.Quantity
	}
	p := planning{PlanItem: it, demand: newGrid(cover), cost: float64(supply.Cost), supply: supply}
	p.under, p.over = pieceCosts(supply, price, terms)
	it.ServiceLevel = serviceLevel(terms, p.under, p.over)
	it.Target = int64(cover.Quantile(it.ServiceLevel))
	it.SafetyStock = max(0, it.Target-int64(cover.Mean+.5))
	it.ReorderPoint = int64(protection(f, supply, 0).Quantile(it.ServiceLevel))
	review := terms.ReviewDays
	if review == 0 {
		review = defaultReview
	}
	it.OrderUpTo = int64(protection(f, supply, review).Quantile(it.ServiceLevel))
	it.Need = max(0, it.Target-it.there())
	if it.Late = it.Arrives > to; !it.Late {
		it.Order = inPacks(it.Need, supply)
	}
	return p
}

// conclude says what comes of the order.
func (it *planning) conclude(f *Forecast, to Day) {
	arrivals := receiptsUntil(it.supply.OnOrder, to)
	shelf := it.OnHand + it.SoldToday
	it.SelloutWithout = selloutChance(f, to, shelf, arrivals)
	it.Sellout = it.SelloutWithout
	if it.Order > 0 {
		it.Sellout = 0
		for _, l := range leadTimes(it.supply) {
			with := mergeReceipts(append(receiptsUntil(it.supply.OnOrder, to), Receipt{f.AsOf + 1 + Day(l.days+.5), it.Order}))
			it.Sellout += l.weight * selloutChance(f, to, shelf, receiptsUntil(with, to))
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
