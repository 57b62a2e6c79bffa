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
	Items    []PlanItem      `json:"items"`
}

// PlanItem is the plan of one SKU. Quantities are pieces.
type PlanItem struct {
	SKU      events.SKU `json:"sku"`
	Category string     `json:"category,omitempty"`
	Demand   Demand     `json:"demand"`           // over the plan's window
	Before   float64    `json:"demand_before"`    // expected from tomorrow until the window begins
	OnHand   int64      `json:"on_hand"`          // 0 if unknown
	Known    bool       `json:"on_hand_is_known"` // stock events have told it
	OnOrder  int64      `json:"on_order"`         // that arrives by the window's last day

	ServiceLevel float64 `json:"service_level"` // the chance that all demand is met, aimed at
	Target       int64   `json:"target"`        // stock that reaches it: the demand's quantile from tomorrow to the window's end
	SafetyStock  int64   `json:"safety_stock"`  // of Target, what lies above the expected demand
	ReorderPoint int64   `json:"reorder_point"` // order when less than this is on hand and on order
	Need         int64   `json:"need"`          // Target less what is on hand and on order
	Order        int64   `json:"order"`         // Need in packs and at least the minimum; 0 if it came too late
	Arrives      Day     `json:"arrives"`       // when the order would come, on average
	Late         bool    `json:"late"`          // Arrives is after the window

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
}

const (
	defaultService  = .95
	defaultLeftover = .25
)

// PlanSKU plans one SKU: f is its forecast from tomorrow at least to the
// window's last day, stock what is on hand (nil: unknown), supply what is
// known of buying it (zero: nothing), price what a piece sells for if supply
// does not say.
func PlanSKU(f *Forecast, from, to Day, stock *OnHand, supply Supply, price float64, terms Terms) PlanItem {
	tomorrow := f.AsOf + 1
	window, cover := f.Sum(from, to), f.Sum(tomorrow, to)
	shelves := stock.In("")
	it := PlanItem{
		SKU: f.SKU, Demand: Demand{window.Mean, quantilesOf(window)}, Before: max(0, cover.Mean-window.Mean),
		Known: shelves.Known, Arrives: tomorrow + Day(supply.LeadTimeDays+.5),
	}
	if shelves.Known {
		it.OnHand = max(0, shelves.Pieces)
	}
	arrivals := receiptsUntil(supply.OnOrder, to)
	for _, r := range arrivals {
		it.OnOrder += r.Quantity
	}
	under, over := pieceCosts(supply, price, terms)
	it.ServiceLevel = serviceLevel(terms, under, over)
	it.Target = int64(cover.Quantile(it.ServiceLevel))
	it.SafetyStock = max(0, it.Target-int64(cover.Mean+.5))
	it.ReorderPoint = int64(leadDemand(f, supply).Quantile(it.ServiceLevel))
	it.Need = max(0, it.Target-it.OnHand-it.OnOrder)
	if it.Late = it.Arrives > to; !it.Late {
		it.Order = inPacks(it.Need, supply)
	}
	it.SelloutWithout = selloutChance(f, to, it.OnHand, arrivals)
	it.Sellout = it.SelloutWithout
	if it.Order > 0 {
		it.Sellout = selloutChance(f, to, it.OnHand, mergeReceipts(append(arrivals, Receipt{it.Arrives, it.Order})))
	}
	stocked := float64(it.OnHand + it.OnOrder + it.Order)
	it.CostOfUnder = money(under * cover.Shortage(stocked))
	it.CostOfOver = money(over * cover.Surplus(stocked))
	return it
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

// leadDemand is the demand until an order made tomorrow is there. The lead
// time's variance adds that of the days it may last longer or shorter.
func leadDemand(f *Forecast, s Supply) Distribution {
	tomorrow := f.AsOf + 1
	days := max(1, int(s.LeadTimeDays+.5))
	d := f.Sum(tomorrow, tomorrow+Day(days)-1)
	if known := min(days, len(f.Points)); known > 0 && known < days { // beyond the forecast, as before
		d.Mean *= float64(days) / float64(known)
		d.Variance *= float64(days) / float64(known)
	}
	daily := d.Mean / float64(days)
	d.Variance += s.LeadTimeSD * s.LeadTimeSD * daily * daily
	return d
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
