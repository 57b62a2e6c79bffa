package forecast

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/peakday/peakday/events"
)

// Desk answers for forecasts and stock plans out of the folded sales. It keeps
// what it learned of the shop until a sales day closes, the calendar changes,
// or late facts change the sales of closed days. It is safe for concurrent
// use.
type Desk struct {
	Reader   Reader
	Zone     *time.Location                  // of the shop
	Currency events.Currency                 // of the shop
	Category func(item events.ItemID) string // from the catalogue; nil if there is none
	Refresh  time.Duration                   // how long late facts may wait until they count; 0: not at all

	mu   sync.Mutex
	shop *shopView
}

// The levels of a forecast.
const (
	LevelSKU      = "sku"
	LevelCategory = "category"
	LevelRegion   = "region"
)

// Query asks for forecasts.
type Query struct {
	SKU     events.SKU
	Level   string // LevelSKU if empty
	Horizon int    // days: 30 if 0, at most 366
}

// ErrUnknownSKU says that a SKU has never been sold.
var ErrUnknownSKU = fmt.Errorf("the SKU has never been sold: %w", ErrNotFound)

// Forecast forecasts the days after the last closed sales day: of the SKU, of
// all SKUs of its category together, or of the SKU in each region that sold
// it, ordered by region. The error wraps ErrNotFound for a SKU without sales
// and is an *events.Invalid for a query that cannot be.
func (d *Desk) Forecast(ctx context.Context, q Query, now time.Time) ([]*Forecast, error) {
	if q.Horizon == 0 {
		q.Horizon = defaultHorizon
	}
	if q.Horizon < 1 || q.Horizon > maxHorizon {
		return nil, &events.Invalid{Field: "horizon", Problem: fmt.Sprintf("must be 1 to %d days, got %d", maxHorizon, q.Horizon)}
	}
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	a := shop.article(q.SKU)
	if a == nil {
		return nil, ErrUnknownSKU
	}
	switch q.Level {
	case "", LevelSKU:
		f := shop.model(a.series).Predict(q.Horizon)
		return []*Forecast{f}, nil
	case LevelCategory:
		f := shop.model(shop.together(a.product.Category)).Predict(q.Horizon)
		return []*Forecast{f}, nil
	case LevelRegion:
		return d.regions(ctx, shop, a, q.Horizon)
	}
	return nil, &events.Invalid{Field: "level", Problem: fmt.Sprintf("must be sku, category or region, got %q", clip(q.Level))}
}

// regions forecasts a SKU in each region by itself.
func (d *Desk) regions(ctx context.Context, shop *shopView, a *article, horizon int) ([]*Forecast, error) {
	skus := []events.SKU{a.product.SKU}
	names := map[string]bool{}
	start, end := a.series.Start.In(d.Zone), a.series.End().In(d.Zone)
	err := d.Reader.SaleHours(ctx, skus, start, end, func(h Hour) error {
		names[h.Region] = true
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	var out []*Forecast
	for _, name := range sortedKeys(names) {
		part, err := readHistory(ctx, d.Reader, shop.history.frame(), skus, &name)
		if err != nil {
			return nil, err
		}
		if len(part.articles) == 0 {
			continue
		}
		s := part.articles[0].series
		s.Category = a.product.Category
		f := mustFit(s, shop).Predict(horizon)
		f.Region = name
		out = append(out, f)
	}
	return out, nil
}

// EventForecasts forecasts all SKUs that sold lately over the next sale of an
// event: from tomorrow or its first day on, whichever is later, to its last.
// The error wraps ErrNotFound if the calendar has no such sale ahead.
func (d *Desk) EventForecasts(ctx context.Context, event string, now time.Time) ([]*Forecast, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	from, to, err := shop.window(event)
	if err != nil {
		return nil, err
	}
	var out []*Forecast
	for _, a := range shop.history.articles {
		if a.alive() {
			f := shop.model(a.series).Predict(int(to - shop.history.asOf))
			f.Points = f.Points[max(0, int(from-f.AsOf)-1):]
			out = append(out, f)
		}
	}
	return out, nil
}

// Calendar is the calendar as it is now: the built-in events and the stored.
func (d *Desk) Calendar(ctx context.Context) (*Calendar, error) {
	stored, err := d.Reader.CalendarEvents(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	return NewCalendar(stored), nil
}

// Lost estimates what a SKU would have sold more on closed days without
// stock, the oldest first.
func (d *Desk) Lost(ctx context.Context, sku events.SKU, now time.Time) ([]LostDay, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	a := shop.article(sku)
	if a == nil {
		return nil, ErrUnknownSKU
	}
	return shop.model(a.series).Lost(), nil
}

// Histories gives the daily sales of all SKUs up to the last closed day,
// ordered by SKU. They are shared and must not be changed.
func (d *Desk) Histories(ctx context.Context, now time.Time) ([]*Series, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	out := make([]*Series, len(shop.history.articles))
	for i, a := range shop.history.articles {
		out[i] = a.series
	}
	return out, nil
}

// History gives the daily sales of one SKU, as Histories does. The error wraps
// ErrNotFound for a SKU without sales.
func (d *Desk) History(ctx context.Context, sku events.SKU, now time.Time) (*Series, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	if a := shop.article(sku); a != nil {
		return a.series, nil
	}
	return nil, ErrUnknownSKU
}

// view returns what is known, read anew if it is not true any more.
func (d *Desk) view(ctx context.Context, now time.Time) (*shopView, error) {
	mark, err := d.Reader.SalesMark(ctx)
	if err != nil {
		return nil, fmt.Errorf("read how far sales have come: %w", err)
	}
	stored, err := d.Reader.CalendarEvents(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the calendar: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shop != nil && d.shop.holds(closedDay(mark.Newest, d.Zone), mark.Version, stored, now, d.Refresh) {
		return d.shop, nil
	}
	shop, err := d.look(ctx, mark, stored)
	if err != nil {
		return nil, err
	}
	shop.made = now
	d.shop = shop
	return shop, nil
}

// look reads the shop and learns from it.
func (d *Desk) look(ctx context.Context, mark Mark, stored []Event) (*shopView, error) {
	s := &shopView{version: mark.Version, calendar: stored, models: map[*Series]*Model{}, categories: map[string]*Series{}}
	frame := history{zone: d.Zone, calendar: NewCalendar(stored), asOf: closedDay(mark.Newest, d.Zone)}
	s.history = &frame
	if !mark.Newest.IsZero() {
		read, err := readHistory(ctx, d.Reader, frame, nil, nil)
		if err != nil {
			return nil, err
		}
		s.history = read
	}
	if err := d.describe(ctx, s.history.articles); err != nil {
		return nil, err
	}
	series := make([]*Series, len(s.history.articles))
	for i, a := range s.history.articles {
		series[i] = a.series
	}
	s.pool = FitPool(series, s.history.calendar, defaultHorizon)
	return s, nil
}

// describe adds items and categories.
func (d *Desk) describe(ctx context.Context, articles []*article) error {
	products, err := d.Reader.SaleProducts(ctx, nil)
	if err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	of := map[events.SKU]Product{}
	for _, p := range products {
		of[p.SKU] = p
	}
	for _, a := range articles {
		if p, ok := of[a.product.SKU]; ok {
			a.product = p
		}
		if a.product.Category == "" && d.Category != nil && a.product.Item != "" {
			a.product.Category = d.Category(a.product.Item)
		}
		a.series.Category = a.product.Category
	}
	return nil
}
