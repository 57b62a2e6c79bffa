package forecast

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// snapshot is all that the desk knows at one moment: the closed days, and what
// has come since. It is never changed once it is published.
type snapshot struct {
	shop     *shopModel
	live     *intraday
	final    []*Forecast // of each article, nearDays ahead; shared, never changed
	override map[events.SKU]*Override
	stock    func(sku events.SKU, region string) (int64, bool)
}

// Warm reads the shop again if a sales day has closed, if the calendar has
// changed, or if late facts have waited long enough, and at what has come in
// since. It is what keeps requests from waiting when Background is set: call
// it every few seconds.
func (d *Desk) Warm(ctx context.Context, now time.Time) error {
	_, err := d.catchUp(ctx, now, d.Refresh, liveEvery)
	return err
}

// liveEvery is how long today's events may wait until the forecasts know them.
const liveEvery = 10 * time.Second

// snapshot returns what is known. fresh waits until all that was consumed is
// counted.
func (d *Desk) snapshot(ctx context.Context, now time.Time, fresh bool) (*snapshot, error) {
	p := d.live.Load()
	switch {
	case fresh:
		var err error
		if p, err = d.catchUp(ctx, now, 0, 0); err != nil {
			return nil, err
		}
	case !d.Background || p == nil:
		var err error
		if p, err = d.catchUp(ctx, now, d.Refresh, 0); err != nil {
			return nil, err
		}
	}
	said, err := d.Reader.Overrides(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read overrides: %w", err)
	}
	out := *p
	out.override, out.stock = inForce(said, now), d.Stock
	return &out, nil
}

func (d *Desk) catchUp(ctx context.Context, now time.Time, late, wait time.Duration) (*snapshot, error) {
	shop, mark, err := d.refreshed(ctx, now, late)
	if err != nil {
		return nil, err
	}
	if p := d.live.Load(); p != nil && p.shop == shop && p.live.holds(mark, now, wait) {
		return p, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if p := d.live.Load(); p != nil && p.shop == shop && p.live.holds(mark, now, wait) {
		return p, nil
	}
	p := &snapshot{shop: shop, stock: d.Stock}
	if p.live, err = readLive(ctx, d.Reader, shop, mark); err != nil {
		return nil, err
	}
	p.live.made = now
	shop.priceOnce.Do(func() { shop.prices = shop.learnPrices() })
	base := shop.baselineOf(nearDays)
	p.live.weigh(shop, base.forecasts)
	p.final = make([]*Forecast, len(base.forecasts))
	inParallel(len(p.final), func(i int) { p.final[i] = p.nowcasted(base, i) })
	d.live.Store(p)
	return p, nil
}

// holds reports whether nothing has come since, or not for long enough.
func (l *intraday) holds(mark Mark, now time.Time, wait time.Duration) bool {
	return l.version == mark.Version || now.Sub(l.made) < wait && !now.Before(l.made)
}

// nowcasted is a SKU's forecast with what has come since the closed days.
func (p *snapshot) nowcasted(base *baseline, i int) *Forecast {
	a := p.shop.history.articles[i]
	f := base.forecasts[i].clone()
	pieces, known := p.left(a, "")
	p.shop.nowcast(p.live, f, a, known && pieces <= 0)
	return f
}

// left is the stock of a SKU, as far as it is known.
func (p *snapshot) left(a *article, region string) (pieces int64, known bool) {
	if p.stock != nil {
		return p.stock(a.product.SKU, region)
	}
	s := a.stock.In(region)
	return s.Pieces, s.Known
}

// forecast is the forecast of an article, with what planners say. It is the
// caller's own.
func (p *snapshot) forecast(i, horizon int) *Forecast {
	return p.decided(p.modelled(i, horizon))
}

// modelled is the forecast of an article without what planners say.
func (p *snapshot) modelled(i, horizon int) *Forecast {
	var f *Forecast
	if horizon <= nearDays {
		f = p.final[i].clone()
	} else {
		f = p.nowcasted(p.shop.baselineOf(horizon), i)
	}
	f.Points = f.Points[:horizon]
	return f
}

// decided adds what a planner said.
func (p *snapshot) decided(f *Forecast) *Forecast {
	if o := p.override[f.SKU]; o != nil {
		o.apply(f)
	}
	return f
}

// category is the forecast of all SKUs of a category together.
func (p *snapshot) category(name string, horizon int) *Forecast {
	var parts []*Forecast
	for i, a := range p.shop.history.articles {
		if a.product.Category == name {
			parts = append(parts, p.forecast(i, horizon))
		}
	}
	base := p.shop.baselineOf(horizon)
	f := sumUp(parts, cut(base.categories[name], horizon), 1)
	f.Category = name
	return f
}

// regionsOf is the forecast of an article in each region that sold it.
func (p *snapshot) regionsOf(i, horizon int) []*Forecast {
	a, base := p.shop.history.articles[i], p.shop.baselineOf(horizon)
	whole := p.forecast(i, horizon)
	out := []*Forecast{}
	for r := range p.shop.history.regionNames {
		out = append(out, p.shop.inRegion(whole, a, base, r, false))
	}
	return out
}

// regions is the forecast of all SKUs together in each region.
func (p *snapshot) regions(horizon int) []*Forecast {
	base := p.shop.baselineOf(horizon)
	whole := make([]*Forecast, len(p.shop.history.articles))
	inParallel(len(whole), func(i int) { whole[i] = p.forecast(i, horizon) })
	out := make([]*Forecast, len(p.shop.history.regionNames))
	inParallel(len(out), func(r int) {
		parts := make([]*Forecast, len(whole))
		for i, a := range p.shop.history.articles {
			parts[i] = p.shop.inRegion(whole[i], a, base, r, true)
		}
		name := p.shop.history.regionNames[r]
		out[r] = sumUp(parts, cut(base.regions[name], horizon), uint64(r)+2)
		out[r].Region = name
	})
	return out
}

// cut copies the forecast of the first days.
func cut(f *Forecast, days int) *Forecast {
	c := f.clone()
	c.Points = c.Points[:days]
	return c
}
