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
	price   float64 // of one piece lately, in minor units; 0 if unknown
}

// historyDays is how far back sales are read: three years hold the events of
// each year three times.
const historyDays = 3*365 + 60

// history is the closed days of some SKUs.
type history struct {
	zone     *time.Location
	calendar *Calendar
	asOf     Day // the last closed day
	rhythm   *profiles
	articles []*article // ordered by SKU as the reader hands them over
}

// closedDay is the last day before that of the newest order: it is complete.
func closedDay(newest time.Time, zone *time.Location) Day { return DayOf(newest, zone) - 1 }

// readHistory reads all SKUs, or those asked for, up to the last closed day.
// rhythm gives the shop's hours when they are known already; otherwise they
// are learned from what is read. region narrows it down if it is not nil.
func readHistory(ctx context.Context, from Reader, h history, skus []events.SKU, region *string) (*history, error) {
	stocks, err := readStocks(ctx, from, skus)
	if err != nil {
		return nil, err
	}
	learn := h.rhythm == nil
	if learn {
		h.rhythm = newProfiles()
	}
	var books []*ledger
	start, end := (h.asOf - historyDays).In(h.zone), (h.asOf + 1).In(h.zone)
	err = from.SaleHours(ctx, skus, start, end, func(row Hour) error {
		if region != nil && row.Region != *region {
			return nil
		}
		if n := len(books); n == 0 || books[n-1].sku != row.SKU {
			where := ""
			if region != nil {
				where = *region
			}
			books = append(books, newLedger(row.SKU, stocks[row.SKU], where))
		}
		books[len(books)-1].enter(&h, row, learn)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	for _, b := range books {
		if a := b.close(&h); a != nil {
			h.articles = append(h.articles, a)
		}
	}
	sort.Slice(h.articles, func(i, j int) bool { return h.articles[i].product.SKU < h.articles[j].product.SKU })
	return &h, nil
}

func readStocks(ctx context.Context, from Reader, skus []events.SKU) (map[events.SKU]*OnHand, error) {
	stocks := map[events.SKU]*OnHand{}
	var moves []StockMove
	flush := func() {
		if len(moves) > 0 {
			stocks[moves[0].SKU] = NewOnHand(moves)
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

// ledger gathers the hours of one SKU into days.
type ledger struct {
	sku      events.SKU
	stock    *OnHand
	outages  []Span
	start    Day
	sold     []float64
	hours    profile        // of ordinary days that had stock throughout
	soldIn   map[Day]uint32 // of days with an outage: the hours that sold
	revenue  float64        // of the last days
	priced   float64        // pieces behind it
	position int            // in outages
}

func newLedger(sku events.SKU, stock *OnHand, region string) *ledger {
	return &ledger{sku: sku, stock: stock, outages: stock.In(region).Outages, soldIn: map[Day]uint32{}}
}

// enter adds one row; rows come in order of time.
func (l *ledger) enter(h *history, row Hour, learn bool) {
	local := row.Start.In(h.zone)
	day, hour := DayOf(row.Start, h.zone), local.Hour()
	if len(l.sold) == 0 {
		l.start = day
	}
	for int(day-l.start) >= len(l.sold) {
		l.sold = append(l.sold, 0)
	}
	pieces := float64(row.Quantity)
	l.sold[day-l.start] += pieces
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
	if learn {
		h.rhythm.add(label, hour, pieces)
	}
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
func (l *ledger) outOn(d Day, zone *time.Location) bool {
	if len(l.outages) == 0 {
		return false
	}
	from, to := d.In(zone), (d + 1).In(zone)
	for l.position < len(l.outages) && !l.outages[l.position].To.IsZero() && !l.outages[l.position].To.After(from) {
		l.position++
	}
	return l.position < len(l.outages) && l.outages[l.position].From.Before(to)
}

// close makes the series: up to the last closed day, with the share of each
// day that was open. It is nil for a SKU without a row.
func (l *ledger) close(h *history) *article {
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
		usual := h.rhythm.usual(h.label(day), &l.hours)
		s.Open[i] = openShare(day, h.zone, &usual, l.outages[l.position:], l.soldIn[day])
	}
	a := &article{product: Product{SKU: l.sku}, series: s, stock: l.stock}
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
