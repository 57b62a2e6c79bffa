package forecast

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/peakday/peakday/events"
)

// article is a SKU as the desk knows it.
type article struct {
	product Product
	series  *Series
	stock   *OnHand
	price   float64            // of one piece lately, in minor units; 0 if unknown
	regions map[string]float64 // pieces of the last weeks by region
	prices  []float32          // of one piece by day of the series, in minor units; 0 on days that sold none
}

// historyDays is how far back sales are read: three years hold the events of
// each year three times.
const historyDays = 3*365 + 60

// history is the closed days of some SKUs.
type history struct {
	zone     *time.Location
	calendar *Calendar
	asOf     Day // the last closed day
	hourly   *profiles
	articles []*article // ordered by SKU

	regions     map[string]*Series // all SKUs together
	regionNames []string           // in order
}

// closedDay is the last day before that of the newest order: it is complete.
func closedDay(newest time.Time, zone *time.Location) Day { return DayOf(newest, zone) - 1 }

// readHistory reads all SKUs up to the last closed day.
func readHistory(ctx context.Context, from Reader, h history) (*history, error) {
	stocks, err := readStocks(ctx, from, nil, h.asOf.In(h.zone).AddDate(0, 0, 1-turnoverDays), (h.asOf + 1).In(h.zone))
	if err != nil {
		return nil, err
	}
	h.hourly, h.regions = newProfiles(), map[string]*Series{}
	var builders []*seriesBuilder
	start, end := (h.asOf - historyDays).In(h.zone), (h.asOf + 1).In(h.zone)
	err = from.SaleHours(ctx, nil, start, end, func(row Hour) error {
		if n := len(builders); n == 0 || builders[n-1].sku != row.SKU {
			builders = append(builders, newSeriesBuilder(row.SKU, stocks[row.SKU]))
		}
		builders[len(builders)-1].add(&h, row)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	for _, b := range builders {
		if a := b.build(&h); a != nil {
			h.articles = append(h.articles, a)
			delete(stocks, b.sku)
		}
	}
	h.articles = append(h.articles, h.newSKUs(stocks)...)
	h.trimRegions()
	sort.Slice(h.articles, func(i, j int) bool { return h.articles[i].product.SKU < h.articles[j].product.SKU })
	return &h, nil
}

// newSKUs are the SKUs that have not sold yet and that stock events have told
// of for less than turnoverDays: they are about to. What lies longer than that
// without a sale is no article.
func (h *history) newSKUs(unsold map[events.SKU]*OnHand) (out []*article) {
	lately := (h.asOf + 1 - turnoverDays).In(h.zone)
	for sku, stock := range unsold {
		if stock.All.first.After(lately) {
			out = append(out, &article{product: Product{SKU: sku}, series: &Series{SKU: sku, Start: h.asOf + 1}, stock: stock})
		}
	}
	return out
}

// addToRegion adds a row to the sums over all SKUs.
func (h *history) addToRegion(region string, d Day, pieces float64) {
	s := h.regions[region]
	if s == nil {
		s = &Series{Start: h.asOf - historyDays, Sold: make([]float64, historyDays+1)}
		h.regions[region] = s
	}
	if i := int(d - s.Start); i >= 0 && i < len(s.Sold) {
		s.Sold[i] += pieces
	}
}

// trimRegions cuts what lies before a region's first sale.
func (h *history) trimRegions() {
	h.regionNames = sortedKeys(h.regions)
	for _, s := range h.regions {
		first := 0
		for first < len(s.Sold)-1 && s.Sold[first] == 0 {
			first++
		}
		s.Start, s.Sold = s.Start+Day(first), s.Sold[first:]
	}
}

// readStocks folds the stock moves, and averages the stock from a time on until
// another.
func readStocks(ctx context.Context, from Reader, skus []events.SKU, since, until time.Time) (map[events.SKU]*OnHand, error) {
	stocks := map[events.SKU]*OnHand{}
	var moves []StockMove
	flush := func() {
		if len(moves) > 0 {
			h := newOnHand(moves, since, until)
			stocks[moves[0].SKU] = h
			moves = moves[:0]
		}
	}
	err := from.StockMoves(ctx, skus, func(m StockMove) error {
		if len(moves) > 0 && moves[0].SKU != m.SKU {
			flush()
		}
		moves = append(moves, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	flush()
	return stocks, nil
}

// seriesBuilder gathers the hours of one SKU into days.
type seriesBuilder struct {
	sku      events.SKU
	stock    *OnHand
	outages  []Span
	start    Day
	sold     []float64
	hours    profile        // of ordinary days that had stock throughout
	soldIn   map[Day]uint32 // of days with an outage: the hours that sold
	revenue  float64        // of the last days
	priced   float64        // pieces behind it
	regions  map[string]float64
	earned   []float32 // by day: revenue in the shop's currency
	counted  []float32 // and the pieces behind it
	position int       // in outages
}

func newSeriesBuilder(sku events.SKU, stock *OnHand) *seriesBuilder {
	return &seriesBuilder{sku: sku, stock: stock, outages: stock.In("").Outages, soldIn: map[Day]uint32{}, regions: map[string]float64{}}
}

// add counts one row; rows come in order of time.
func (l *seriesBuilder) add(h *history, row Hour) {
	local := row.Start.In(h.zone)
	day, hour := DayOf(row.Start, h.zone), local.Hour()
	if len(l.sold) == 0 {
		l.start = day
	}
	for int(day-l.start) >= len(l.sold) {
		l.sold = append(l.sold, 0)
		l.earned, l.counted = append(l.earned, 0), append(l.counted, 0)
	}
	pieces := float64(row.Quantity)
	l.sold[day-l.start] += pieces
	h.addToRegion(row.Region, day, pieces)
	if day > h.asOf-sharesDays {
		l.regions[row.Region] += pieces
	}
	if row.Quantity > row.Foreign {
		l.earned[day-l.start] += float32(row.Revenue)
		l.counted[day-l.start] += float32(row.Quantity - row.Foreign)
	}
	if day > h.asOf-priceDays && row.Quantity > row.Foreign {
		l.revenue += float64(row.Revenue)
		l.priced += float64(row.Quantity - row.Foreign)
	}
	if pieces <= 0 {
		return
	}
	if l.outOn(day, h.zone) {
		l.soldIn[day] |= 1 << hour
		return
	}
	label := h.label(day)
	if label == nil {
		l.hours[hour] += pieces
	}
	h.hourly.add(label, hour, pieces)
}

// priceDays is over how many days the price of a SKU is averaged.
const priceDays = 60

// label is what a day is first of all, or nil.
func (h *history) label(d Day) *Label {
	if labels := h.calendar.Labels(d); len(labels) > 0 {
		return &labels[0]
	}
	return nil
}

// outOn reports whether an outage touches the day; days must not fall.
func (l *seriesBuilder) outOn(d Day, zone *time.Location) bool {
	if len(l.outages) == 0 {
		return false
	}
	from, to := d.In(zone), (d + 1).In(zone)
	for l.position < len(l.outages) && !l.outages[l.position].To.IsZero() && !l.outages[l.position].To.After(from) {
		l.position++
	}
	return l.position < len(l.outages) && l.outages[l.position].From.Before(to)
}

// build makes the series: up to the last closed day, with the share of each
// day that was open. It is nil for a SKU without a row.
func (l *seriesBuilder) build(h *history) *article {
	if len(l.sold) == 0 {
		return nil
	}
	for l.start+Day(len(l.sold)) <= h.asOf {
		l.sold = append(l.sold, 0) // nothing was sold, though it could have been
	}
	s := &Series{SKU: l.sku, Start: l.start, Sold: l.sold}
	l.position = 0
	for i := range l.sold {
		day := l.start + Day(i)
		if !l.outOn(day, h.zone) {
			continue
		}
		if s.Open == nil {
			s.Open = ones(len(l.sold))
		}
		usual := h.hourly.usual(h.label(day), &l.hours)
		s.Open[i] = openShare(day, h.zone, &usual, l.outages[l.position:], l.soldIn[day])
	}
	a := &article{product: Product{SKU: l.sku}, series: s, stock: l.stock, regions: l.regions, prices: l.earned}
	for i, n := range l.counted {
		if n > 0 {
			a.prices[i] /= n
		}
	}
	if l.priced > 0 {
		a.price = l.revenue / l.priced
	}
	return a
}

func ones(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}
