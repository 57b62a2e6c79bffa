package recommend

import (
	"time"

	"github.com/peakday/peakday/events"
)

// RFM is how recently, how frequently and for how much money somebody buys, in
// the year before a moment; cancelled orders do not count. The zero RFM is that
// of somebody who has not bought.
type RFM struct {
	Since  time.Duration // the last order
	Orders int
	Spent  events.Money // in the shop's currency
}

// rfmYear is the time that RFM looks back.
const rfmYear = 365 * 24 * time.Hour

// RFM gives the profile's as of now.
func (p *Profile) RFM(now time.Time) RFM {
	var out RFM
	since := events.Micros(now.Add(-rfmYear))
	orders := map[uint32]bool{}
	for i, b := range p.Kept() {
		if i == 0 {
			out.Since = max(0, now.Sub(events.FromMicros(b.Time)))
		}
		if b.Time <= since {
			break
		}
		orders[b.Order] = true
		out.Spent += b.Amount
	}
	out.Orders = len(orders)
	return out
}

// Tier is a group of users by how recently and how often they buy.
type Tier string

// The tiers, the best first.
const (
	Champion  Tier = "champion"  // 5 orders or more, the last within 30 days
	Loyal     Tier = "loyal"     // 3 orders or more, the last within 90 days
	Promising Tier = "promising" // 2 orders, the last within 90 days
	FirstTime Tier = "first"     // 1 order, within 90 days
	AtRisk    Tier = "at-risk"   // 3 orders or more, the last longer ago
	Lapsed    Tier = "lapsed"    // 1 or 2 orders, the last longer ago
	NoBuyer   Tier = "none"      // no order within a year
)

// Tiers lists all tiers, the best first.
func Tiers() []Tier {
	return []Tier{Champion, Loyal, Promising, FirstTime, AtRisk, Lapsed, NoBuyer}
}

// Tier is decided by fixed limits and not by ranks among the shop's users: so a
// user's tier does not change because of what others do.
func (r RFM) Tier() Tier {
	const day = 24 * time.Hour
	switch {
	case r.Orders == 0:
		return NoBuyer
	case r.Orders >= 5 && r.Since <= 30*day:
		return Champion
	case r.Since > 90*day && r.Orders >= 3:
		return AtRisk
	case r.Since > 90*day:
		return Lapsed
	case r.Orders >= 3:
		return Loyal
	case r.Orders == 2:
		return Promising
	}
	return FirstTime
}

// The names of the attributes that Attributes gives.
const (
	AttributeTier    = "rfm_tier"
	AttributeRecency = "rfm_recency_days"
	AttributeOrders  = "rfm_orders"
)

// Attributes are what peakday knows of a visitor by itself and an audience can
// ask for: the tier, the days since the last order (absent without one), and
// the orders of the last year.
func Attributes(p *Profile, now time.Time) map[string]any {
	r := p.RFM(now)
	out := map[string]any{AttributeTier: string(r.Tier()), AttributeOrders: float64(r.Orders)}
	if r.Orders > 0 {
		out[AttributeRecency] = float64(int(r.Since.Hours() / 24))
	}
	return out
}
