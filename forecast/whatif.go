package forecast

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// WhatIf asks what some days would sell at another price or with a promotion.
type WhatIf struct {
	SKUs     []events.SKU
	Event    string // its next sale; else the days from From to To
	From, To Day
	Price    *events.Money // of one piece
	Discount *float64      // off the usual price, 0 to 1; instead of Price
	Uplift   *Uplift       // of a promotion
}

// WhatIfAnswer compares the forecast with what would be.
type WhatIfAnswer struct {
	From     Day             `json:"from"`
	To       Day             `json:"to"`
	AsOf     Day             `json:"as_of"`
	Currency events.Currency `json:"currency"`
	Items    []WhatIfItem    `json:"items"`
	Unknown  []events.SKU    `json:"unknown,omitempty"` // SKUs of the question that nothing is known of
}

// WhatIfItem is the answer for one SKU. Money is expected over the whole
// window.
type WhatIfItem struct {
	SKU        events.SKU `json:"sku"`
	Price      float64    `json:"-"` // now, minor units; 0 if unknown
	NewPrice   float64    `json:"-"`
	Elasticity float64    `json:"elasticity"`    // per cent of demand for a per cent of price
	Unsure     float64    `json:"elasticity_sd"` // its standard deviation
	// Extrapolated says that the SKU has never sold at a price as low, or as
	// high, as the new one: the elasticity is not known to hold there, and the
	// scenario's quantiles are the wider for it.
	Extrapolated bool     `json:"extrapolated"`
	Baseline     Demand   `json:"baseline"`
	Scenario     Demand   `json:"scenario"`
	Order        [2]int64 `json:"-"` // stock for the service level: baseline, scenario

	Revenue [2]events.Money `json:"-"` // baseline, scenario
	Margin  [2]events.Money `json:"-"` // of SKUs whose cost is known
}

// maxWhatIf bounds the SKUs of a question: it is to be answered at once.
const maxWhatIf = 1000

// WhatIf answers from the forecasts that are there: nothing is fitted anew.
func (d *Desk) WhatIf(ctx context.Context, q WhatIf, now time.Time) (WhatIfAnswer, error) {
	if err := q.check(); err != nil {
		return WhatIfAnswer{}, err
	}
	snap, err := d.snapshot(ctx, now, false)
	if err != nil {
		return WhatIfAnswer{}, err
	}
	out := WhatIfAnswer{AsOf: snap.shop.history.asOf, Currency: d.Currency}
	if out.From, out.To, err = snap.shop.planWindow(PlanRequest{Event: q.Event, From: q.From, To: q.To}); err != nil {
		return WhatIfAnswer{}, err
	}
	supply, err := d.supplies(ctx, q.SKUs)
	if err != nil {
		return WhatIfAnswer{}, err
	}
	places, unknown := snap.shop.planned(q.SKUs)
	out.Unknown = unknown
	if len(places) == 0 {
		return WhatIfAnswer{}, ErrUnknownSKU
	}
	out.Items = make([]WhatIfItem, len(places))
	inParallel(len(places), func(k int) {
		sku := snap.shop.history.articles[places[k]].product.SKU
		out.Items[k] = snap.whatIf(places[k], q, supply[sku], out.From, out.To)
	})
	return out, nil
}

func (q *WhatIf) check() error {
	switch {
	case len(q.SKUs) == 0 || len(q.SKUs) > maxWhatIf:
		return &events.Invalid{Field: "skus", Problem: fmt.Sprintf("must name 1 to %d SKUs, got %d", maxWhatIf, len(q.SKUs))}
	case q.Price != nil && q.Discount != nil:
		return &events.Invalid{Field: "discount", Problem: "must not come beside price"}
	case q.Price != nil && *q.Price <= 0:
		return &events.Invalid{Field: "price", Problem: "must be above 0"}
	case q.Discount != nil && !(*q.Discount >= 0 && *q.Discount < 1):
		return &events.Invalid{Field: "discount", Problem: fmt.Sprintf("must be 0 to less than 1, got %g", *q.Discount)}
	case q.Price == nil && q.Discount == nil && q.Uplift == nil:
		return &events.Invalid{Field: "price", Problem: "must be given, or discount, or promotion: it is what changes"}
	}
	if q.Uplift != nil {
		return q.Uplift.Check("promotion")
	}
	return nil
}

func (p *snapshot) whatIf(i int, q WhatIf, s Supply, from, to Day) WhatIfItem {
	a := p.shop.history.articles[i]
	before := p.forecast(i, int(to-p.shop.history.asOf))
	after := before.clone()
	e := p.shop.elasticityOf(a)
	it := WhatIfItem{SKU: a.product.SKU, Price: a.price, Elasticity: e.mean, Unsure: e.sd}
	if it.Price == 0 || s.Price > 0 {
		it.Price = float64(s.Price)
	}
	it.NewPrice = it.Price
	switch {
	case q.Price != nil:
		it.NewPrice = float64(*q.Price)
	case q.Discount != nil:
		it.NewPrice = it.Price * (1 - *q.Discount)
	}
	change, out := it.NewPrice/it.Price, 0.
	switch {
	case it.Price > 0 && change != 1:
		out = beyond(a.prices, it.Price, it.NewPrice)
	case it.Price == 0 && q.Discount != nil: // the price is unknown, its change is not
		change = 1 - *q.Discount
		out = -math.Log(change)
	}
	it.Extrapolated = out > 0
	if change > 0 && change != 1 && !math.IsInf(change, 0) {
		factor, sd := e.factor(change, out)
		times(after, from, to, factor, sd)
	}
	if q.Uplift != nil {
		q.Uplift.apply(after, from, to)
	}
	under, over := pieceCosts(s, it.Price, Terms{})
	level := serviceLevel(Terms{}, under, over)
	for k, f := range []*Forecast{before, after} {
		sum := f.Sum(from, to)
		price := [2]float64{it.Price, it.NewPrice}[k]
		it.Order[k] = int64(sum.Quantile(level))
		it.Revenue[k] = money(sum.Mean * price)
		if s.Cost > 0 {
			it.Margin[k] = events.Money(sum.Mean * (price - float64(s.Cost)))
		}
		*[2]*Demand{&it.Baseline, &it.Scenario}[k] = Demand{sum.Mean, quantilesOf(sum)}
	}
	return it
}

// wireWhatIf is the question as JSON.
type wireWhatIf struct {
	SKU       events.SKU   `json:"sku"`
	SKUs      []events.SKU `json:"skus"`
	Event     string       `json:"event"`
	From      Day          `json:"from"`
	To        Day          `json:"to"`
	Price     decimal      `json:"price"`
	Discount  *float64     `json:"discount"`
	Promotion *Uplift      `json:"promotion"`
}

// ParseWhatIf reads
//
//	{"sku" | "skus", "event" | "from"?, "to", "price" | "discount"?, "promotion"?: {"estimate", "low"?, "high"?, "level"?}}
//
// with the price in shop's currency. The error is an *events.Invalid.
func ParseWhatIf(body []byte, shop events.Currency) (WhatIf, error) {
	var w wireWhatIf
	if err := events.DecodeStrictly(body, &w); err != nil {
		return WhatIf{}, err
	}
	if w.SKU != "" {
		w.SKUs = append(w.SKUs, w.SKU)
	}
	for i, sku := range w.SKUs {
		if err := events.CheckID(fmt.Sprintf("skus[%d]", i), string(sku)); err != nil {
			return WhatIf{}, err
		}
	}
	if w.Event != "" || w.To == 0 {
		if w.Event == "" {
			return WhatIf{}, &events.Invalid{Field: "event", Problem: "must name an event of the calendar, or to the last day asked about"}
		}
		if err := events.CheckKey("event", w.Event); err != nil {
			return WhatIf{}, err
		}
	}
	q := WhatIf{SKUs: w.SKUs, Event: w.Event, From: w.From, To: w.To, Discount: w.Discount, Uplift: w.Promotion}
	if w.Price != "" {
		q.Price = new(events.Money)
		if err := w.Price.amount("price", shop, q.Price); err != nil {
			return WhatIf{}, err
		}
	}
	return q, q.check()
}
