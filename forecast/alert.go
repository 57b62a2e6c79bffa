package forecast

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Alert says that a SKU may sell out before more of it comes.
type Alert struct {
	SKU      events.SKU   `json:"sku"`
	Category string       `json:"category,omitempty"`
	AsOf     time.Time    `json:"as_of"` // the newest order that it knows
	OnHand   int64        `json:"on_hand"`
	OnOrder  int64        `json:"on_order"`
	Receipt  *Receipt     `json:"next_receipt"`   // null: nothing is on order
	Until    Day          `json:"until"`          // the last day before the next receipt, or before an order of today would come
	Demand   Demand       `json:"demand"`         // from now until then
	Chance   float64      `json:"sellout_chance"` // until then
	Date     *Day         `json:"sellout_date"`   // when it is likelier than not to have sold out; null: not by then
	Cover    float64      `json:"days_of_cover"`  // how long what is on hand lasts
	Order    int64        `json:"order"`          // that would bring stock up to order_up_to
	Lost     events.Money `json:"-"`              // expected margin lost until then
}

// AlertQuery asks for alerts.
type AlertQuery struct {
	Chance   float64 // the least to report: .2 if 0
	Category string  // only of it, if not empty
	Terms    Terms
	Fresh    bool
}

// Alerts lists the SKUs whose known stock may not last until more comes, the
// dearest first.
func (d *Desk) Alerts(ctx context.Context, q AlertQuery, now time.Time) ([]Alert, error) {
	if q.Chance == 0 {
		q.Chance = .2
	}
	if !(q.Chance > 0 && q.Chance <= 1) {
		return nil, &events.Invalid{Field: "chance", Problem: fmt.Sprintf("must be above 0 and at most 1, got %g", q.Chance)}
	}
	snap, err := d.snapshot(ctx, now, q.Fresh)
	if err != nil {
		return nil, err
	}
	supply, err := d.supplies(ctx, nil)
	if err != nil {
		return nil, err
	}
	found := make([]*Alert, len(snap.shop.history.articles))
	inParallel(len(found), func(i int) {
		a := snap.shop.history.articles[i]
		if q.Category != "" && a.product.Category != q.Category {
			return
		}
		if x := snap.alert(i, a, supply[a.product.SKU], q.Terms); x != nil && x.Chance >= q.Chance {
			found[i] = x
		}
	})
	out := []Alert{}
	for _, x := range found {
		if x != nil {
			out = append(out, *x)
		}
	}
	slices.SortStableFunc(out, func(x, y Alert) int {
		return cmp.Or(cmp.Compare(y.Lost, x.Lost), cmp.Compare(y.Chance, x.Chance), cmp.Compare(x.SKU, y.SKU))
	})
	return out, nil
}

// alert looks at one SKU; nil if its stock is unknown or it does not sell.
func (p *snapshot) alert(i int, a *article, s Supply, terms Terms) *Alert {
	pieces, known := p.left(a, "")
	if !known || !a.active() {
		return nil
	}
	f := p.forecast(i, nearDays)
	f.sinceNow(p.live, a.product.SKU)
	x := &Alert{SKU: a.product.SKU, Category: a.product.Category, AsOf: p.live.at, OnHand: max(0, pieces)}
	today := p.live.today
	x.Until = today + Day(s.LeadTimeDays+2*s.LeadTimeSD+.5)
	for _, r := range s.OnOrder {
		if r.Date < today {
			continue
		}
		x.OnOrder += r.Quantity
		if x.Receipt == nil && r.Date > today {
			x.Receipt = &Receipt{r.Date, r.Quantity}
			x.Until = r.Date - 1
		}
	}
	x.Until = min(max(x.Until, today), f.AsOf+Day(len(f.Points)))
	demand := f.Sum(today, x.Until)
	x.Demand = Demand{demand.Mean, quantilesOf(demand)}
	x.Chance = 1 - demand.CDF(float64(x.OnHand))
	if x.OnHand == 0 {
		x.Chance = 1
	}
	if x.Chance < 1e-3 {
		return x
	}
	for d := today; d <= x.Until; d++ {
		if 1-f.Sum(today, d).CDF(float64(x.OnHand)) > .5 || x.OnHand == 0 {
			x.Date = &d
			break
		}
	}
	x.Cover = *daysOfCover(f, float64(x.OnHand))
	under, over := pieceCosts(s, a.price, terms)
	review := terms.ReviewDays
	if review == 0 {
		review = defaultReview
	}
	upTo := protection(f, s, review).Quantile(serviceLevel(terms, under, over))
	x.Order = inPacks(int64(upTo)-x.OnHand-x.OnOrder, s)
	x.Lost = money(under * demand.Shortage(float64(x.OnHand)))
	return x
}

// sinceNow takes what today has sold already out of today's forecast, and
// leaves what is still to come.
func (f *Forecast) sinceNow(l *intraday, sku events.SKU) {
	if len(f.Points) == 0 || f.Points[0].Day != l.today {
		return
	}
	p := &f.Points[0]
	if sold := l.sold[sku]; sold > 0 {
		p.set(max(0, p.Mean-sold), p.own, p.shared)
		p.sure = max(0, p.sure-sold)
	}
}
