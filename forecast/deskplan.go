package forecast

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Plan plans the stock of an event's next sale, under an id that the caller
// makes up. SKUs that never sold are left out. Items are ordered by SKU. The
// error wraps ErrNotFound if the calendar has no such sale ahead, and is an
// *events.Invalid for a window that cannot be.
func (d *Desk) Plan(ctx context.Context, id string, req PlanRequest, now time.Time) (Plan, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{ID: id, Created: now.UTC().Truncate(time.Microsecond), AsOf: shop.history.asOf, Event: req.Event, Currency: d.Currency, Items: []PlanItem{}}
	if p.From, p.To, err = shop.planWindow(req); err != nil {
		return Plan{}, err
	}
	supplies, err := d.Reader.Supplies(ctx, req.SKUs)
	if err != nil {
		return Plan{}, fmt.Errorf("read supply data: %w", err)
	}
	supply := map[events.SKU]Supply{}
	for _, s := range supplies {
		supply[s.SKU] = s
	}
	for _, a := range shop.planned(req.SKUs) {
		s := supply[a.product.SKU]
		f := shop.model(a.series).Predict(int(p.To - p.AsOf))
		it := PlanSKU(f, p.From, p.To, a.stock, s, a.price, req.Terms)
		it.Category = a.product.Category
		p.Items = append(p.Items, it)
	}
	return p, nil
}

// planWindow is the sale's window, as the request narrows or moves it.
func (s *shopView) planWindow(req PlanRequest) (from, to Day, err error) {
	from, to, err = s.window(req.Event)
	if err != nil && (req.From == 0 || req.To == 0) {
		return 0, 0, err
	}
	if req.From != 0 {
		from = req.From
	}
	if req.To != 0 {
		to = req.To
	}
	if from <= s.history.asOf {
		return 0, 0, &events.Invalid{Field: "from", Problem: fmt.Sprintf("must be after the last closed sales day (%s), got %s", s.history.asOf, from)}
	}
	if to < from || int(to-s.history.asOf) > maxHorizon {
		return 0, 0, &events.Invalid{Field: "to", Problem: fmt.Sprintf("must be from %s to %s, got %s", from, s.history.asOf+maxHorizon, to)}
	}
	return from, to, nil
}

// planned lists the articles to plan: those named, else those that sold lately.
func (s *shopView) planned(skus []events.SKU) []*article {
	var out []*article
	if len(skus) == 0 {
		for _, a := range s.history.articles {
			if a.alive() {
				out = append(out, a)
			}
		}
		return out
	}
	for _, sku := range skus {
		if a := s.article(sku); a != nil {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *article) int { return cmp.Compare(a.product.SKU, b.product.SKU) })
	return slices.Compact(out)
}
