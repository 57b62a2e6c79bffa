package forecast

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// Plan plans the stock of an event's next sale, or of the days that the request
// names, under an id that the caller makes up. Items are ordered by SKU; SKUs of
// which nothing is known are listed as such. The error is an *events.Invalid for a
// window that cannot be, or an event without a sale ahead.
func (d *Desk) Plan(ctx context.Context, id string, req PlanRequest, now time.Time) (Plan, error) {
	snap, err := d.snapshot(ctx, now, req.Fresh)
	if err != nil {
		return Plan{}, err
	}
	shop := snap.shop
	p := Plan{
		ID: id, Created: now.UTC().Truncate(time.Microsecond), AsOf: shop.history.asOf, Event: req.Event, Currency: d.Currency,
		ServiceLevel: req.ServiceLevel, ServiceOver: cmp.Or(req.ServiceOver, ServiceOverSKU), Budget: req.Budget, Uplift: req.Uplift,
	}
	if p.From, p.To, err = shop.planWindow(req); err != nil {
		return Plan{}, err
	}
	supply, err := d.supplies(ctx, req.SKUs)
	if err != nil {
		return Plan{}, err
	}
	articles, unknown := shop.planned(req.SKUs)
	p.Unknown = unknown
	items := make([]planning, len(articles))
	horizon := shop.reachOf(p.To, articles, supply, req.Terms)
	inParallel(len(articles), func(i int) { items[i] = snap.planning(articles[i], horizon, &p, supply, req.Terms) })
	if req.ServiceOver == ServiceOverPlan {
		aimTogether(items, req.Terms)
	}
	moved := make([][]Transfer, len(items))
	inParallel(len(items), func(i int) {
		it := &items[i]
		moved[i] = snap.transfers(articles[i], it.forecast, p.To, it.ServiceLevel, it.supply)
	})
	if req.Budget != nil {
		p.Spent = spend(items, *req.Budget)
	}
	inParallel(len(items), func(i int) { items[i].conclude() })
	p.Items, p.Transfers = make([]PlanItem, len(items)), []Transfer{}
	for i := range items {
		p.Items[i] = *items[i].PlanItem
		p.Transfers = append(p.Transfers, moved[i]...)
	}
	if req.Budget == nil {
		for i := range p.Items {
			p.Spent += p.Items[i].Cost
		}
	}
	p.Categories = shop.categoriesOf(p.Items)
	return p, nil
}

// planning begins the item of an article, and says what it needs unless the
// service level is over the plan.
func (p *snapshot) planning(article, horizon int, plan *Plan, supply map[events.SKU]Supply, terms Terms) planning {
	a := p.shop.history.articles[article]
	sku := a.product.SKU
	f := p.forecast(article, horizon)
	if plan.Uplift != nil {
		plan.Uplift.apply(f, plan.From, plan.To)
	}
	it := newPlanning(skuState{forecast: f, stock: p.onHand(a), sold: int64(p.live.sold[sku]), supply: supply[sku], price: a.price}, plan.From, plan.To, terms)
	it.Category, it.Turnover = a.product.Category, a.turnover()
	if o := p.override[sku]; o != nil {
		it.Overridden = o.Author
	}
	if terms.ServiceOver != ServiceOverPlan {
		it.aim(it.quantile(), terms)
	}
	return it
}

// supplies reads what is known of buying SKUs.
func (d *Desk) supplies(ctx context.Context, skus []events.SKU) (map[events.SKU]Supply, error) {
	all, err := d.Reader.Supplies(ctx, skus)
	if err != nil {
		return nil, fmt.Errorf("read supply data: %w", err)
	}
	out := map[events.SKU]Supply{}
	for _, s := range all {
		out[s.SKU] = s
	}
	return out, nil
}

// onHand is the stock of an article as it is now.
func (p *snapshot) onHand(a *article) *OnHand {
	pieces, known := p.left(a, "")
	return &OnHand{All: StockState{Pieces: pieces, Known: known}}
}

// reachOf is how many days a plan must look ahead: to its end, and over the
// usual lead times, so that reorder points rest on forecasts.
func (s *shopModel) reachOf(to Day, articles []int, supply map[events.SKU]Supply, terms Terms) int {
	days := int(to - s.history.asOf)
	if days > nearDays {
		return days
	}
	for _, i := range articles {
		x := supply[s.history.articles[i].product.SKU]
		days = max(days, int(x.LeadTimeDays+2*x.LeadTimeSD+terms.ReviewDays+1))
	}
	return min(max(days, 14), nearDays)
}

// planWindow is the sale's window, as the request narrows or moves it.
func (s *shopModel) planWindow(req PlanRequest) (from, to Day, err error) {
	from = s.history.asOf + 1
	if req.Event != "" {
		from, to, err = s.window(req.Event)
	}
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

// planned lists the places of the articles to plan: those named, else those
// that sold lately; unknown are names without an article.
func (s *shopModel) planned(skus []events.SKU) (places []int, unknown []events.SKU) {
	if len(skus) == 0 {
		for i, a := range s.history.articles {
			if a.active() {
				places = append(places, i)
			}
		}
		return places, nil
	}
	for _, sku := range skus {
		if i := s.find(sku); i >= 0 {
			places = append(places, i)
		} else {
			unknown = append(unknown, sku)
		}
	}
	slices.Sort(places)
	slices.Sort(unknown)
	return slices.Compact(places), slices.Compact(unknown)
}

// turnoverDays is over how many closed days turnover is measured.
const turnoverDays = 90

// turnover is how many times a year the SKU's average stock is sold; nil if
// its stock is not known.
func (a *article) turnover() *float64 {
	held := a.held()
	if !(held > 0) {
		return nil
	}
	t := a.soldLately() * 365 / turnoverDays / held
	return &t
}

func (a *article) held() float64 {
	if a.stock == nil {
		return 0
	}
	return a.stock.All.Average
}

func (a *article) soldLately() float64 {
	sum := 0.
	for _, v := range a.series.Sold[max(0, len(a.series.Sold)-turnoverDays):] {
		sum += v
	}
	return sum
}

// categoriesOf sums items up, ordered by category.
func (s *shopModel) categoriesOf(items []PlanItem) []PlanCategory {
	type sums struct{ daily, held, sold float64 }
	at := map[string]int{}
	out := []PlanCategory{}
	var more []sums
	for i := range items {
		it := &items[i]
		k, ok := at[it.Category]
		if !ok {
			k = len(out)
			at[it.Category] = k
			out, more = append(out, PlanCategory{Category: it.Category}), append(more, sums{})
		}
		c := &out[k]
		c.SKUs++
		c.Demand += it.Demand.Mean
		c.OnHand, c.OnOrder, c.Order = c.OnHand+it.OnHand, c.OnOrder+it.OnOrder, c.Order+it.Order
		if it.Cover != nil && *it.Cover > 0 {
			more[k].daily += float64(it.OnHand) / *it.Cover
		}
		if a := s.article(it.SKU); a != nil && a.held() > 0 {
			more[k].held += a.held()
			more[k].sold += a.soldLately()
		}
	}
	for k := range out {
		if m := more[k]; m.daily > 0 {
			days := float64(out[k].OnHand) / m.daily
			out[k].Cover = &days
		}
		if m := more[k]; m.held > 0 {
			t := m.sold * 365 / turnoverDays / m.held
			out[k].Turnover = &t
		}
	}
	slices.SortFunc(out, func(a, b PlanCategory) int { return cmp.Compare(a.Category, b.Category) })
	return out
}
