package forecast

import (
	"context"
	"fmt"
	"time"

	"github.com/peakday/peakday/events"
)

// readPresales learns from all presales whose hours are closed.
func readPresales(ctx context.Context, from Reader, h *history) (*presaleModel, error) {
	b := &presaleModel{
		zone: h.zone, waves: map[string][]wave{}, prior: map[string]PresalePrior{}, curves: map[string]*arrivals{},
		paid: map[payCell]*beta{}, share: map[Label]map[string]*beta{}, outside: map[Label]*profile{}, seen: map[string]bool{},
	}
	for _, e := range h.calendar.Events() {
		b.waves[e.Key], b.prior[e.Key] = e.waves(), e.Presale.orDefault()
	}
	if len(h.articles) == 0 {
		return b, nil
	}
	of := map[events.SKU]*article{}
	for _, a := range h.articles {
		of[a.product.SKU] = a
	}
	balances := map[balanceDay]float64{}
	start, end := (h.asOf - historyDays).In(h.zone), (h.asOf + 1).In(h.zone)
	err := from.PresaleHours(ctx, start, end, func(p PresaleHour) error {
		if a := of[p.SKU]; a != nil {
			b.learn(h, a, &p, balances)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read presales: %w", err)
	}
	b.learnShares(h, balances)
	return b, nil
}

type balanceDay struct {
	sku events.SKU
	day Day
}

// learn counts one hour of a SKU's presale.
func (b *presaleModel) learn(h *history, a *article, p *PresaleHour, balances map[balanceDay]float64) {
	ws := b.waves[p.Event]
	b.seen[p.Event] = true
	day := DayOf(p.Start, b.zone)
	if i := waveOfDeposit(ws, day); i >= 0 && p.Deposits > 0 && ws[i].due <= h.asOf {
		b.curve(ws[i].key()).add(a.product.Category, hoursBetween(p.Start, ws[i].due.In(b.zone)), float64(p.Deposits))
		if ws[i].due+longestBalance <= h.asOf {
			b.learnPaid(a, p)
		}
	}
	if p.Balances <= 0 {
		return
	}
	balances[balanceDay{p.SKU, day}] += float64(p.Balances)
	if label := h.label(day); label != nil {
		o := b.outside[*label]
		if o == nil {
			o = &profile{}
			b.outside[*label] = o
		}
		o[p.Start.In(b.zone).Hour()] -= float64(p.Balances)
	}
	if i := waveOfBalance(ws, day); i >= 0 && min(ws[i].due+longestBalance, ws[i].next) <= h.asOf {
		b.lag[min(int(p.Start.Sub(ws[i].due.In(b.zone))/time.Hour), len(b.lag)-1)] += float64(p.Balances)
	}
}

func (b *presaleModel) learnPaid(a *article, p *PresaleHour) {
	for _, c := range cells(a, float64(p.DepositValue), float64(p.Deposits)) {
		if b.paid[c] == nil {
			b.paid[c] = &beta{}
		}
		b.paid[c].add(float64(p.Paid), float64(p.Deposits))
	}
	b.back.add(float64(p.Returned), float64(p.Paid))
}

// learnShares compares the balances of each labelled day with all that was
// sold on it, and takes them out of the day's hourly profile.
func (b *presaleModel) learnShares(h *history, balances map[balanceDay]float64) {
	if len(balances) == 0 {
		return
	}
	for _, a := range h.articles {
		for i, sold := range a.series.Sold {
			d := a.series.Start + Day(i)
			if !(sold > 0) || d <= h.asOf-historyDays {
				continue
			}
			for _, label := range h.calendar.Labels(d) {
				if b.seen[label.Event] {
					b.learnShare(label, a.product.Category, min(balances[balanceDay{a.product.SKU, d}], sold), sold)
				}
			}
		}
	}
	for label, o := range b.outside {
		if all := h.hourly.labelled[label]; all != nil {
			for hour := range o {
				o[hour] = max(0, o[hour]+all[hour])
			}
		}
	}
}

func (b *presaleModel) learnShare(label Label, category string, balances, sold float64) {
	of := b.share[label]
	if of == nil {
		of = map[string]*beta{}
		b.share[label] = of
	}
	for _, c := range pools(category) {
		if of[c] == nil {
			of[c] = &beta{}
		}
		of[c].add(balances, sold)
	}
}

func (b *presaleModel) curve(key string) *arrivals {
	c := b.curves[key]
	if c == nil {
		c = &arrivals{of: map[string]*[longestPresale*24 + 1]float64{}}
		b.curves[key] = c
	}
	return c
}

func (c *arrivals) add(category string, hours int, pieces float64) {
	hours = min(hours, len(c.all)-1)
	c.all[hours] += pieces
	of := c.of[category]
	if of == nil {
		of = &[longestPresale*24 + 1]float64{}
		c.of[category] = of
	}
	of[hours] += pieces
}
