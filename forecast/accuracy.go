package forecast

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// Accuracy is what a past plan was worth, once the days that it was for are
// closed. Sold is what was really demanded of its SKUs, days without stock
// filled up by the estimate of what was lost, so that a plan is not praised
// for shelves that were empty.
type Accuracy struct {
	Plan     string         `json:"plan"`
	Event    string         `json:"event"`
	Created  time.Time      `json:"created"`
	From     Day            `json:"from"`
	To       Day            `json:"to"`
	SKUs     int            `json:"skus"`
	Planned  float64        `json:"planned"`
	Sold     float64        `json:"sold"`
	WAPE     float64        `json:"wape"`
	Bias     float64        `json:"bias"`               // (planned − sold) / sold
	Stocking float64        `json:"stocking_accuracy"`  // 1 − WAPE
	LastYear *float64       `json:"last_year_accuracy"` // of last year × growth; null without a last year
	Within80 float64        `json:"coverage_80"`        // share of SKUs within the 80 % interval
	Within95 float64        `json:"coverage_95"`
	Enough   float64        `json:"enough"`        // share of SKUs of which the target was enough
	Aimed    float64        `json:"service_level"` // that was aimed at, on average
	Items    []AccuracyItem `json:"items,omitempty"`
}

// AccuracyItem is a SKU of a past plan.
type AccuracyItem struct {
	SKU      events.SKU `json:"sku"`
	Category string     `json:"category,omitempty"`
	Planned  float64    `json:"planned"`
	Low      float64    `json:"low"` // of the 80 % interval
	High     float64    `json:"high"`
	Target   int64      `json:"target"`
	Sold     float64    `json:"sold"`      // as above
	Met      float64    `json:"met"`       // what was sold in fact
	LastYear float64    `json:"last_year"` // last year × growth
}

// ValueAdded is what a planner's override was worth: how much nearer to what
// was sold it came than the model alone, in pieces. Positive is better.
type ValueAdded struct {
	SKU     events.SKU `json:"sku"`
	Version int64      `json:"version"`
	Author  string     `json:"author"`
	Reason  string     `json:"reason"`
	From    Day        `json:"from"`
	To      Day        `json:"to"`
	Model   float64    `json:"model_quantity"`
	Planned float64    `json:"overridden_quantity"`
	Sold    float64    `json:"sold"`
	Added   float64    `json:"value_added"` // |model − sold| − |overridden − sold|
}

// maxPast bounds the plans that a report goes through.
const maxPast = 50

// Accuracy compares past plans with what was sold: all of an event if event is
// not empty, one if id is not, with its items. Plans whose window is not closed
// yet are left out; the newest come first.
func (d *Desk) Accuracy(ctx context.Context, id, event string, now time.Time) ([]Accuracy, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	heads := []PlanHead{{ID: id}}
	if id == "" {
		if heads, err = d.Reader.StockPlans(ctx, PlanQuery{Event: event, Until: shop.history.asOf, Limit: maxPast}); err != nil {
			return nil, fmt.Errorf("list plans: %w", err)
		}
	}
	out := []Accuracy{}
	for _, h := range heads {
		p, err := d.Reader.StockPlan(ctx, h.ID)
		if errors.Is(err, ErrNotFound) {
			return nil, &events.Invalid{Field: "plan", Problem: fmt.Sprintf("must be a stock plan, there is none %q", events.Clip(h.ID))}
		}
		if err != nil {
			return nil, fmt.Errorf("read plan %s: %w", h.ID, err)
		}
		if event != "" && p.Event != event || len(p.Items) == 0 {
			continue
		}
		if p.To > shop.history.asOf {
			return nil, &events.Invalid{Field: "plan", Problem: fmt.Sprintf("is for days up to %s, and sales are closed up to %s", p.To, shop.history.asOf)}
		}
		a := shop.accuracyOf(&p)
		if id == "" {
			a.Items = nil
		}
		out = append(out, a)
	}
	return out, nil
}

// accuracyOf compares a plan with what came.
func (s *shopModel) accuracyOf(p *Plan) Accuracy {
	out := Accuracy{Plan: p.ID, Event: p.Event, Created: p.Created, From: p.From, To: p.To, SKUs: len(p.Items)}
	growth, known := s.growth(p.AsOf)
	off, lastOff, n := 0., 0., float64(len(p.Items))
	for i := range p.Items {
		it := &p.Items[i]
		x := AccuracyItem{SKU: it.SKU, Category: it.Category, Planned: it.Demand.Mean, Target: it.Target}
		x.Low, _ = it.Demand.Quantiles.At(.1)
		x.High, _ = it.Demand.Quantiles.At(.9)
		if a := s.article(it.SKU); a != nil {
			x.Met = a.series.between(p.From, p.To)
			x.Sold = x.Met + s.lostOf(a, p.From, p.To)
			x.LastYear = growth * a.series.between(yearBefore(p.From), yearBefore(p.To))
		}
		low, _ := it.Demand.Quantiles.At(.025)
		high, _ := it.Demand.Quantiles.At(.975)
		out.Within80 += inside(x.Sold, x.Low, x.High) / n
		out.Within95 += inside(x.Sold, low, high) / n
		out.Enough += inside(x.Sold+it.Before, 0, float64(it.Target)) / n
		out.Aimed += it.ServiceLevel / n
		out.Planned, out.Sold = out.Planned+x.Planned, out.Sold+x.Sold
		off += math.Abs(x.Planned - x.Sold)
		lastOff += math.Abs(x.LastYear - x.Sold)
		out.Items = append(out.Items, x)
	}
	if out.Sold > 0 {
		out.WAPE, out.Bias = off/out.Sold, out.Planned/out.Sold-1
		out.Stocking = 1 - out.WAPE
		if last := 1 - lastOff/out.Sold; known {
			out.LastYear = &last
		}
	}
	return out
}

func inside(x, low, high float64) float64 {
	if x >= low && x <= high {
		return 1
	}
	return 0
}

// growth is the shop's sales of four weeks over those of a year before.
func (s *shopModel) growth(asOf Day) (ratio float64, known bool) {
	now, then := 0., 0.
	for _, a := range s.history.articles {
		now += a.series.between(asOf-27, asOf)
		then += a.series.between(yearBefore(asOf)-27, yearBefore(asOf))
	}
	if !(then > 0) || !(now > 0) {
		return 0, false
	}
	return now / then, true
}

// lostOf is the estimate of what could not be sold from one day to another.
func (s *shopModel) lostOf(a *article, from, to Day) float64 {
	if a.series.Open == nil {
		return 0
	}
	sum := 0.
	for _, l := range s.model(a.series).Lost() {
		if l.Day >= from && l.Day <= to {
			sum += l.Lost()
		}
	}
	return sum
}

// ValueAdded judges every override whose days are closed, by SKU and version.
// Of a SKU's versions for the same days only the last counts.
func (d *Desk) ValueAdded(ctx context.Context, now time.Time) ([]ValueAdded, error) {
	shop, err := d.view(ctx, now)
	if err != nil {
		return nil, err
	}
	said, err := d.Reader.Overrides(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("read overrides: %w", err)
	}
	out := []ValueAdded{}
	for i, o := range said {
		replaced := i+1 < len(said) && said[i+1].SKU == o.SKU && said[i+1].From <= o.To && said[i+1].To >= o.From
		a := shop.article(o.SKU)
		if a == nil || o.Revoked || replaced || o.To > shop.history.asOf {
			continue
		}
		sold := a.series.between(o.From, o.To) + shop.lostOf(a, o.From, o.To)
		out = append(out, ValueAdded{
			SKU: o.SKU, Version: o.Version, Author: o.Author, Reason: o.Reason, From: o.From, To: o.To,
			Model: o.Model, Planned: o.Planned, Sold: sold, Added: math.Abs(o.Model-sold) - math.Abs(o.Planned-sold),
		})
	}
	return out, nil
}

// CompleteOverride completes an override with what the model and it make of its days, to be
// stored. The error wraps ErrNotFound for a SKU without sales.
func (d *Desk) CompleteOverride(ctx context.Context, o Override, now time.Time) (Override, error) {
	snap, err := d.snapshot(ctx, now, false)
	if err != nil {
		return o, err
	}
	i := snap.shop.find(o.SKU)
	if i < 0 {
		return o, ErrUnknownSKU
	}
	horizon := int(o.To - snap.shop.history.asOf)
	if o.From <= snap.shop.history.asOf || horizon > maxHorizon {
		return o, &events.Invalid{Field: "from", Problem: fmt.Sprintf("must be after the last closed sales day (%s), and to within %d days of it", snap.shop.history.asOf, maxHorizon)}
	}
	f := snap.modelled(i, horizon)
	o.Model = f.Sum(o.From, o.To).Mean
	o.apply(f)
	o.Planned = f.Sum(o.From, o.To).Mean
	return o, nil
}
