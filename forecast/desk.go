package forecast

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/peakday/peakday/events"
)

// Desk answers for forecasts and stock plans out of the folded sales. It keeps
// what it learned of the shop until a sales day closes, the calendar changes,
// or late facts change the sales of closed days. It is safe for concurrent
// use.
type Desk struct {
	Reader   Reader
	Zone     *time.Location                     // of the shop
	Currency events.Currency                    // of the shop
	Category func(item events.ItemID) string    // from the catalogue; nil if there is none
	Brand    func(item events.ItemID) string    // likewise
	Item     func(sku events.SKU) events.ItemID // likewise, of SKUs that have not sold yet
	Refresh  time.Duration                      // how long late facts may wait until they count; 0: not at all

	// Stock says what is left of a SKU this very moment, in a region or (empty)
	// in all; nil: what the stock events of the last refresh said.
	Stock func(sku events.SKU, region string) (pieces int64, known bool)

	// Background says that somebody calls Warm again and again: requests then
	// read what was finished last, and none but the first ever waits.
	Background bool

	mu   sync.Mutex // held while the shop is read
	shop atomic.Pointer[shopModel]
	live atomic.Pointer[snapshot]
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
	Fresh   bool   // wait until all that was consumed is counted
}

// ErrUnknownSKU says that a SKU has never been sold, and is not new in stock.
var ErrUnknownSKU = fmt.Errorf("the SKU has never been sold, and no stock event of the last %d days has told of it: %w", turnoverDays, ErrNotFound)

// Forecast forecasts the days after the last closed sales day: of the SKU, of
// all SKUs of its category together, or of the SKU in each region that sold
// it, ordered by region. The levels add up. The error wraps ErrNotFound for a
// SKU without sales and is an *events.Invalid for a query that cannot be.
func (d *Desk) Forecast(ctx context.Context, q Query, now time.Time) ([]*Forecast, error) {
	if q.Horizon == 0 {
		q.Horizon = defaultHorizon
	}
	if q.Horizon < 1 || q.Horizon > maxHorizon {
		return nil, &events.Invalid{Field: "horizon", Problem: fmt.Sprintf("must be 1 to %d days, got %d", maxHorizon, q.Horizon)}
	}
	p, err := d.snapshot(ctx, now, q.Fresh)
	if err != nil {
		return nil, err
	}
	at := p.shop.find(q.SKU)
	if at < 0 {
		return nil, ErrUnknownSKU
	}
	switch q.Level {
	case "", LevelSKU:
		return []*Forecast{p.forecast(at, q.Horizon)}, nil
	case LevelCategory:
		return []*Forecast{p.category(p.shop.history.articles[at].product.Category, q.Horizon)}, nil
	case LevelRegion:
		return p.regionsOf(at, q.Horizon), nil
	}
	return nil, &events.Invalid{Field: "level", Problem: fmt.Sprintf("must be sku, category or region, got %q", events.Clip(q.Level))}
}

// EventForecasts forecasts the next sale of an event, from tomorrow or its
// first day on, whichever is later, to its last: all SKUs that sold lately, or
// every category, or every region, as level says. The error is an
// *events.Invalid if the calendar has no such sale ahead.
func (d *Desk) EventForecasts(ctx context.Context, event, level string, fresh bool, now time.Time) ([]*Forecast, error) {
	p, err := d.snapshot(ctx, now, fresh)
	if err != nil {
		return nil, err
	}
	from, to, err := p.shop.window(event)
	if err != nil {
		return nil, err
	}
	horizon := int(to - p.shop.history.asOf)
	var out []*Forecast
	switch level {
	case "", LevelSKU:
		for i, a := range p.shop.history.articles {
			if a.active() {
				out = append(out, p.forecast(i, horizon))
			}
		}
	case LevelCategory:
		for _, c := range p.shop.categoryNames() {
			out = append(out, p.category(c, horizon))
		}
	case LevelRegion:
		out = p.regions(horizon)
	default:
		return nil, &events.Invalid{Field: "level", Problem: fmt.Sprintf("must be sku, category or region, got %q", events.Clip(level))}
	}
	for _, f := range out {
		f.Points = f.Points[max(0, int(from-f.AsOf)-1):]
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

// SKUs lists those that can be forecast, in order and at most n.
func (d *Desk) SKUs(ctx context.Context, n int, now time.Time) ([]events.SKU, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	articles := shop.history.articles
	var out []events.SKU
	for _, a := range articles[:min(len(articles), n)] {
		out = append(out, a.product.SKU)
	}
	return out, nil
}

// view returns what is known of the closed days. In the background's care it is
// what was finished last.
func (d *Desk) view(ctx context.Context, now time.Time) (*shopModel, error) {
	if shop := d.shop.Load(); d.Background && shop != nil {
		return shop, nil
	}
	shop, _, err := d.refreshed(ctx, now, d.Refresh)
	return shop, err
}

// refreshed returns what is known of the closed days, read anew if it is not true
// any more or lacks facts that have waited longer than late.
func (d *Desk) refreshed(ctx context.Context, now time.Time, late time.Duration) (*shopModel, Mark, error) {
	mark, err := d.Reader.SalesMark(ctx)
	if err != nil {
		return nil, mark, fmt.Errorf("read how far sales have come: %w", err)
	}
	stored, err := d.Reader.CalendarEvents(ctx)
	if err != nil {
		return nil, mark, fmt.Errorf("read the calendar: %w", err)
	}
	asOf := closedDay(mark.Newest, d.Zone)
	if mark.Newest.IsZero() { // nothing was sold yet: plans are made from today on
		asOf = closedDay(now, d.Zone)
	}
	if shop := d.shop.Load(); shop != nil && shop.holds(asOf, mark.Version, stored, now, late) {
		return shop, mark, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if shop := d.shop.Load(); shop != nil && shop.holds(asOf, mark.Version, stored, now, late) {
		return shop, mark, nil
	}
	shop, err := d.learn(ctx, mark, asOf, stored)
	if err != nil {
		return nil, mark, err
	}
	shop.made = now
	d.shop.Store(shop)
	return shop, mark, nil
}

// learn reads the closed days of the shop and fits its models.
func (d *Desk) learn(ctx context.Context, mark Mark, asOf Day, stored []Event) (*shopModel, error) {
	s := &shopModel{version: mark.Version, calendar: stored, models: map[*Series]*Model{}, categories: map[string]*Series{}, baselines: map[int]*onceBaseline{}}
	frame := history{zone: d.Zone, calendar: NewCalendar(stored), asOf: asOf}
	s.history = &frame
	if !mark.Newest.IsZero() {
		read, err := readHistory(ctx, d.Reader, frame)
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
	s.learnRegions()
	var err error
	s.presales, err = readPresales(ctx, d.Reader, s.history)
	return s, err
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
		if a.product.Item == "" && d.Item != nil {
			a.product.Item = d.Item(a.product.SKU)
		}
		if a.product.Category == "" && d.Category != nil && a.product.Item != "" {
			a.product.Category = d.Category(a.product.Item)
		}
		a.series.Category, a.series.Price = a.product.Category, a.price
		if d.Brand != nil && a.product.Item != "" {
			a.series.Brand = d.Brand(a.product.Item)
		}
	}
	return nil
}
