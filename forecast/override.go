package forecast

import (
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// Override is what a planner says against the forecast of one SKU. It is a
// layer of its own: the model never sees it, and what it was worth is reported
// once the days have come (see ValueAdded).
type Override struct {
	SKU     events.SKU `json:"sku"`
	Author  string     `json:"author"`
	Reason  string     `json:"reason"`
	From    Day        `json:"from"`
	To      Day        `json:"to"`                 // the last day that it is about
	Expires *time.Time `json:"expires,omitempty"`  // from when on it does not hold any more
	Factor  float64    `json:"factor,omitempty"`   // times the forecast of each day
	Total   *float64   `json:"quantity,omitempty"` // instead: pieces over all its days together
	Revoked bool       `json:"revoked,omitempty"`  // it was taken back

	Made    time.Time `json:"made"`
	Model   float64   `json:"model_quantity"`      // what the model said of these days then
	Planned float64   `json:"overridden_quantity"` // and what became of it
	Version int64     `json:"version"`
}

// Holds reports whether the override is in force at a time.
func (o *Override) Holds(now time.Time) bool {
	return !o.Revoked && (o.Expires == nil || now.Before(*o.Expires))
}

// maxFactor bounds an override.
const maxFactor = 1000

// ParseOverride reads
//
//	{"author", "reason", "from", "to", "expires"?, "factor" | "quantity"}
//
// for a SKU; author is used where the body names none. The error is an
// *events.Invalid.
func ParseOverride(sku events.SKU, body []byte, author string, now time.Time) (Override, error) {
	if err := events.CheckID("sku", string(sku)); err != nil {
		return Override{}, err
	}
	var w struct {
		Author   string     `json:"author"`
		Reason   string     `json:"reason"`
		From     Day        `json:"from"`
		To       Day        `json:"to"`
		Expires  *time.Time `json:"expires"`
		Factor   *float64   `json:"factor"`
		Quantity *float64   `json:"quantity"`
	}
	if err := events.DecodeStrictly(body, &w); err != nil {
		return Override{}, err
	}
	if w.Author == "" {
		w.Author = author
	}
	o := Override{SKU: sku, Author: w.Author, Reason: w.Reason, From: w.From, To: w.To, Expires: w.Expires, Total: w.Quantity, Made: now.UTC().Truncate(time.Microsecond)}
	if w.Factor != nil {
		o.Factor = *w.Factor
	}
	return o, o.check(w.Factor != nil, now)
}

func (o *Override) check(factor bool, now time.Time) error {
	for _, f := range []struct{ name, text string }{{"author", o.Author}, {"reason", o.Reason}} {
		if f.text == "" || len(f.text) > 1000 {
			return &events.Invalid{Field: f.name, Problem: "must be 1 to 1000 bytes"}
		}
	}
	switch {
	case o.From == 0:
		return &events.Invalid{Field: "from", Problem: "must be the first day that it is about, such as 2026-11-01"}
	case o.To < o.From || int(o.To-o.From) >= maxHorizon:
		return &events.Invalid{Field: "to", Problem: fmt.Sprintf("must be %s or up to %d days later", o.From, maxHorizon-1)}
	case o.Expires != nil && !o.Expires.After(now):
		return &events.Invalid{Field: "expires", Problem: "must be in the future"}
	case factor == (o.Total != nil):
		return &events.Invalid{Field: "factor", Problem: "must be given, or quantity, and not both"}
	case factor && !(o.Factor >= 0 && o.Factor <= maxFactor):
		return &events.Invalid{Field: "factor", Problem: fmt.Sprintf("must be 0 to %d, got %g", maxFactor, o.Factor)}
	case o.Total != nil && !(*o.Total >= 0 && *o.Total <= maxPieces) || o.Total != nil && math.IsNaN(*o.Total):
		return &events.Invalid{Field: "quantity", Problem: fmt.Sprintf("must be 0 to %d", int64(maxPieces))}
	}
	return nil
}

// apply changes the forecast's days. An override by quantity keeps the shape
// of the days, and of a forecast that reaches only into a part of them it
// changes these by the share that the model gave them.
func (o *Override) apply(f *Forecast) {
	factor := o.Factor
	if o.Total != nil {
		whole := o.Model
		if n := len(f.Points); n > 0 && f.Points[0].Day <= o.From && f.Points[n-1].Day >= o.To {
			whole = f.Sum(o.From, o.To).Mean
		}
		if !(whole > 0) {
			o.spread(f)
			return
		}
		factor = *o.Total / whole
	}
	for i := range f.Points {
		if p := &f.Points[i]; p.Day >= o.From && p.Day <= o.To {
			before := p.Mean
			p.scale(factor)
			p.Components.Override += p.Mean - before
		}
	}
	f.requantile(o.From, o.To)
}

// spread lays the quantity evenly on the days of a SKU for which the model
// expects nothing.
func (o *Override) spread(f *Forecast) {
	daily := *o.Total / float64(o.To-o.From+1)
	for i := range f.Points {
		if p := &f.Points[i]; p.Day >= o.From && p.Day <= o.To {
			p.Components.Override += daily - p.Mean
			p.set(daily, daily, .3*daily)
		}
	}
	f.requantile(o.From, o.To)
}

// inForce picks of each SKU the newest version, if it still holds.
func inForce(all []Override, now time.Time) map[events.SKU]*Override {
	out := map[events.SKU]*Override{}
	for i := range all {
		o := &all[i]
		if out[o.SKU] == nil || out[o.SKU].Version < o.Version {
			out[o.SKU] = o
		}
	}
	for sku, o := range out {
		if !o.Holds(now) {
			delete(out, sku)
		}
	}
	return out
}
