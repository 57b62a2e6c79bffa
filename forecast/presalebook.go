package forecast

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// PresalePrior is what is believed of a presale before the shop has seen one.
// The planner may say it with the event.
type PresalePrior struct {
	Paid     float64 `json:"paid"`     // the share of deposits whose balance is paid: .8 if 0
	Returned float64 `json:"returned"` // the share of those that comes back: .05 if 0
	Share    float64 `json:"share"`    // presale's share of the demand on days when balances are paid: .25 if 0
	Pieces   float64 `json:"pieces"`   // how many pieces of experience it is worth: 50 if 0
}

func (p *PresalePrior) check() error {
	if p == nil {
		return nil
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"paid", p.Paid}, {"returned", p.Returned}, {"share", p.Share}} {
		if !(f.value >= 0 && f.value <= 1) {
			return &events.Invalid{Field: "presale." + f.name, Problem: fmt.Sprintf("must be 0 to 1, got %g", f.value)}
		}
	}
	if !(p.Pieces >= 0 && p.Pieces <= maxPieces) {
		return &events.Invalid{Field: "presale.pieces", Problem: "must not be negative"}
	}
	return nil
}

// orDefault fills in what is not said.
func (p *PresalePrior) orDefault() PresalePrior {
	out := PresalePrior{Paid: .8, Returned: .05, Share: .25, Pieces: 50}
	if p == nil {
		return out
	}
	for _, f := range []struct {
		said float64
		into *float64
	}{{p.Paid, &out.Paid}, {p.Returned, &out.Returned}, {p.Share, &out.Share}, {p.Pieces, &out.Pieces}} {
		if f.said > 0 {
			*f.into = f.said
		}
	}
	return out
}

// presaleBook is what earlier presales of the shop teach: how deposits come in
// until they are due, how many of them are paid, how soon, how many come back,
// and what part of a day's demand they make.
type presaleBook struct {
	zone    *time.Location
	waves   map[string][]wave // by event
	prior   map[string]PresalePrior
	curves  map[string]*arrivals // by wave.key
	lag     [longestBalance*24 + 1]float64
	paid    map[payCell]*beta
	back    beta
	share   map[Label]map[string]*beta // by category; "" for all
	outside map[Label]*profile         // hours of the demand outside presale
	seen    map[string]bool            // events that ever had a presale
}

// payCell is what the chance of a balance depends on; empty parts are all.
type payCell struct {
	category     string
	price, ratio int // bands, from 1
}

// arrivals counts deposits by the hours that were left until they were due.
type arrivals struct {
	all [longestPresale*24 + 1]float64
	of  map[string]*[longestPresale*24 + 1]float64
}

// readPresales learns from all presales whose hours are closed.
func readPresales(ctx context.Context, from Reader, h *history) (*presaleBook, error) {
	b := &presaleBook{
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
func (b *presaleBook) learn(h *history, a *article, p *PresaleHour, balances map[balanceDay]float64) {
	ws := b.waves[p.Event]
	b.seen[p.Event] = true
	day := DayOf(p.Start, b.zone)
	if i := depositWave(ws, day); i >= 0 && p.Deposits > 0 && ws[i].due <= h.asOf {
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
	if i := balanceWave(ws, day); i >= 0 && min(ws[i].due+longestBalance, ws[i].next) <= h.asOf {
		b.lag[min(int(p.Start.Sub(ws[i].due.In(b.zone))/time.Hour), len(b.lag)-1)] += float64(p.Balances)
	}
}

func (b *presaleBook) learnPaid(a *article, p *PresaleHour) {
	for _, c := range cells(a, float64(p.DepositValue), float64(p.Deposits)) {
		if b.paid[c] == nil {
			b.paid[c] = &beta{}
		}
		b.paid[c].add(float64(p.Paid), float64(p.Deposits))
	}
	b.back.add(float64(p.Returned), float64(p.Paid))
}

// cells are those that a SKU's deposits belong to, the widest first.
func cells(a *article, value, deposits float64) []payCell {
	all := []payCell{{}, {category: a.product.Category}}
	if a.price > 0 {
		price := 1 + int(2*math.Log10(max(a.price, 1)))
		all = append(all, payCell{a.product.Category, price, 0})
		if deposits > 0 {
			all = append(all, payCell{a.product.Category, price, 1 + int(10*min(value/deposits/a.price, 1))})
		}
	}
	return all
}

// learnShares compares the balances of each labelled day with all that was
// sold on it, and takes them out of the day's rhythm.
func (b *presaleBook) learnShares(h *history, balances map[balanceDay]float64) {
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
		if all := h.rhythm.labelled[label]; all != nil {
			for hour := range o {
				o[hour] = max(0, o[hour]+all[hour])
			}
		}
	}
}

func (b *presaleBook) learnShare(label Label, category string, balances, sold float64) {
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

func (b *presaleBook) curve(key string) *arrivals {
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

// completion is the share of a wave's deposits that has come when so many hours
// are left: by what the category showed, shrunk to all, shrunk to an even
// stream over the whole window.
func (b *presaleBook) completion(w *wave, category string, left int) float64 {
	const beliefEven, beliefAll = 20, 200
	whole := max(1, int(w.due-w.opens)*24)
	even := 1 - min(1, float64(left)/float64(whole))
	c := b.curves[w.key()]
	if c == nil {
		return even
	}
	come := func(counts *[longestPresale*24 + 1]float64) beta {
		var s beta
		for h, n := range counts {
			s.all += n
			if h > left {
				s.yes += n
			}
		}
		return s
	}
	share := come(&c.all).toward(even, beliefEven)
	if of := c.of[category]; of != nil {
		share = come(of).toward(share, beliefAll)
	}
	return share
}

// settled is the share of the balances that are ever paid which has been paid
// so many hours behind the due moment. Before any presale was seen: half in
// the first three hours, the rest over three days.
func (b *presaleBook) settled(hours float64) float64 {
	const belief = 20
	if hours <= 0 {
		return 0
	}
	guess := .5*(1-math.Exp(-hours/4.3)) + .5*min(1, hours/72)
	sum, all := 0., 0.
	for h, n := range b.lag {
		all += n
		sum += n * min(max(hours-float64(h), 0), 1)
	}
	return (sum + belief*guess) / (all + belief)
}

// chance is how likely the balance of a SKU's deposit is paid, and the pieces
// of experience behind it.
func (b *presaleBook) chance(event string, a *article, value, deposits float64) float64 {
	prior := b.prior[event]
	p := prior.Paid
	for _, c := range cells(a, value, deposits) {
		if seen := b.paid[c]; seen != nil {
			p = seen.toward(p, prior.Pieces)
		}
	}
	return min(max(p, .01), .999)
}

// kept is the share of paid pieces that stays with its buyer.
func (b *presaleBook) kept(event string) float64 {
	prior := b.prior[event]
	return 1 - min(b.back.toward(prior.Returned, 4*prior.Pieces), .95)
}

// part is presale's share of the demand on a day of a sale, and the relative
// variance of that share. The few balances that come when the sale is over are
// in no share.
func (b *presaleBook) part(c *Calendar, event, category string, d Day) (share, doubt float64) {
	labels := c.Labels(d)
	i := slices.IndexFunc(labels, func(l Label) bool { return l.Event == event && l.Phase != PhaseReturns })
	if i < 0 {
		return 0, 1
	}
	prior := b.prior[event]
	share, pieces := prior.Share, prior.Pieces
	if of := b.share[labels[i]]; of != nil {
		pieces += of[""].all
		share = of[""].toward(share, prior.Pieces)
		if c := of[category]; c != nil && category != "" {
			share = c.toward(share, 4*prior.Pieces)
		}
	}
	share = min(max(share, 0), .95)
	return share, (1 - share) / (max(share, .01) * (min(pieces, 400)/10 + 1))
}
