package forecast

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// SalesQuery asks for what was sold.
type SalesQuery struct {
	SKUs    []events.SKU // all if empty
	Region  *string      // one; nil: all, a row for each
	From    Day
	To      Day // the last day
	Hourly  bool
	AllArea bool // the regions together
}

// SalesRow is what a SKU sold in a region on a day, or in an hour of it.
// Cancellations and refunds are taken back on the day of the sale.
type SalesRow struct {
	SKU      events.SKU   `json:"sku"`
	Region   string       `json:"region"`
	Date     Day          `json:"date"`
	Hour     *time.Time   `json:"hour,omitempty"`
	Quantity int64        `json:"quantity"`
	Deposits int64        `json:"deposits"` // of a presale: no demand yet
	Revenue  events.Money `json:"-"`
}

// maxSalesDays bounds what one question may read.
const maxSalesDays = 1200

// Sales reports sales by SKU, region and day (or hour), ordered by SKU, time
// and region. Hours without sales have no row. Today's are in it.
func (d *Desk) Sales(ctx context.Context, q SalesQuery) ([]SalesRow, error) {
	if q.To < q.From || int(q.To-q.From) > maxSalesDays {
		return nil, &events.Invalid{Field: "to", Problem: fmt.Sprintf("must be %s or up to %d days later, got %s", q.From, maxSalesDays, q.To)}
	}
	var out []SalesRow
	err := d.Reader.SaleHours(ctx, q.SKUs, q.From.In(d.Zone), (q.To + 1).In(d.Zone), func(h Hour) error {
		if q.Region != nil && h.Region != *q.Region {
			return nil
		}
		row := SalesRow{SKU: h.SKU, Region: h.Region, Date: DayOf(h.Start, d.Zone), Quantity: h.Quantity, Deposits: h.Deposits, Revenue: h.Revenue}
		if q.AllArea {
			row.Region = ""
		}
		if q.Hourly {
			at := h.Start.In(d.Zone)
			row.Hour = &at
		}
		out = append(out, row)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	slices.SortFunc(out, func(a, b SalesRow) int {
		c := cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Date, b.Date))
		if c == 0 && a.Hour != nil {
			c = a.Hour.Compare(*b.Hour)
		}
		return cmp.Or(c, cmp.Compare(a.Region, b.Region))
	})
	return merged(out), nil
}

// merged adds up neighbours of the same key.
func merged(rows []SalesRow) []SalesRow {
	out := rows[:0]
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].same(&r) {
			last := &out[n-1]
			last.Quantity += r.Quantity
			last.Deposits += r.Deposits
			last.Revenue += r.Revenue
			continue
		}
		out = append(out, r)
	}
	return out
}

func (r *SalesRow) same(o *SalesRow) bool {
	return r.SKU == o.SKU && r.Region == o.Region && r.Date == o.Date && (r.Hour == nil || r.Hour.Equal(*o.Hour))
}

// LostRow is a day of a SKU of which a part could not be sold.
type LostRow struct {
	SKU      events.SKU `json:"sku"`
	Category string     `json:"category,omitempty"`
	LostDay
	Missing float64      `json:"lost"` // pieces: demand less sold
	Worth   events.Money `json:"-"`    // at the SKU's price lately
}

// LostDemand estimates what could not be sold from one closed day to another,
// of one SKU or (empty) of all, ordered by SKU and day.
func (d *Desk) LostDemand(ctx context.Context, sku events.SKU, from, to Day, now time.Time) ([]LostRow, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	articles := shop.history.articles
	if sku != "" {
		a := shop.article(sku)
		if a == nil {
			return nil, ErrUnknownSKU
		}
		articles = []*article{a}
	}
	found := make([][]LostRow, len(articles))
	inParallel(len(articles), func(i int) {
		a := articles[i]
		if a.series.Open == nil {
			return
		}
		for _, l := range shop.model(a.series).Lost() {
			if l.Day >= from && l.Day <= to {
				found[i] = append(found[i], LostRow{a.product.SKU, a.product.Category, l, l.Lost(), money(l.Lost() * a.price)})
			}
		}
	})
	return slices.Concat(found...), nil
}

// StockRow compares the orders of a SKU with its stock over some days.
type StockRow struct {
	SKU        events.SKU `json:"sku"`
	Sold       int64      `json:"sold"`       // by orders, less what was taken back
	Taken      int64      `json:"taken"`      // by stock events: what left the shelves
	Received   int64      `json:"received"`   // and what came in
	Difference int64      `json:"difference"` // Taken − Sold: positive where more left than was ordered
	OnHand     *int64     `json:"on_hand"`    // after the last stock event; null if unknown
}

// Reconciliation compares orders with stock from one day to another, for every
// SKU with stock events, ordered by SKU. A fall from one absolute level to the
// next counts as taken, a rise as received.
func (d *Desk) Reconciliation(ctx context.Context, from, to Day) ([]StockRow, error) {
	if to < from || int(to-from) > maxSalesDays {
		return nil, &events.Invalid{Field: "to", Problem: fmt.Sprintf("must be %s or up to %d days later, got %s", from, maxSalesDays, to)}
	}
	sold := map[events.SKU]int64{}
	err := d.Reader.SaleHours(ctx, nil, from.In(d.Zone), (to + 1).In(d.Zone), func(h Hour) error {
		sold[h.SKU] += h.Quantity
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read sales: %w", err)
	}
	var out []StockRow
	var own []StockMove
	close := func() {
		if len(own) > 0 {
			out = append(out, stockRow(own, sold[own[0].SKU], from.In(d.Zone), (to+1).In(d.Zone)))
			own = own[:0]
		}
	}
	err = d.Reader.StockMoves(ctx, nil, func(m StockMove) error {
		if len(own) > 0 && own[0].SKU != m.SKU {
			close()
		}
		own = append(own, m)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read stock: %w", err)
	}
	close()
	slices.SortFunc(out, func(a, b StockRow) int { return cmp.Compare(a.SKU, b.SKU) })
	return out, nil
}

// stockRow follows what is left at each location through a SKU's moves.
func stockRow(moves []StockMove, sold int64, from, before time.Time) StockRow {
	row := StockRow{SKU: moves[0].SKU, Sold: sold}
	sorted := slices.Clone(moves)
	sortMoves(sorted)
	at := map[string]*location{}
	for i := range sorted {
		m := &sorted[i]
		if !m.Time.Before(before) {
			break
		}
		l := at[m.Location]
		if l == nil {
			l = &location{}
			at[m.Location] = l
		}
		was, known := l.shelf.Remaining()
		l.shelf.Apply(m.fact())
		is, knows := l.shelf.Remaining()
		change := is - was
		if !known && m.Level || !knows {
			change = 0 // the first level says what was there already
			if !m.Level {
				change = m.Quantity
			}
		}
		if !m.Time.Before(from) {
			row.Taken += max(0, -change)
			row.Received += max(0, change)
		}
	}
	left, all := int64(0), false
	for _, l := range at {
		if pieces, known := l.shelf.Remaining(); known {
			left, all = left+pieces, true
		}
	}
	if all {
		row.OnHand = &left
	}
	row.Difference = row.Taken - row.Sold
	return row
}
