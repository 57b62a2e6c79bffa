package recommend

import (
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// Policy says how candidates become an answer.
type Policy struct {
	Name       string
	Weights    []Weight // of the sources; one that is not named is not asked
	Candidates int      // that each source may propose, at least the limit asked for

	HideBought bool // false for what is bought again and again, such as groceries
	HideCart   bool
	Cap        int           // impressions of an item within CapWindow after which it rests, at most 10; 0: none
	CapWindow  time.Duration // at most 24 h

	HistoryHalfLife time.Duration // in which an action of the visitor loses half its weight
	ItemHalfLife    time.Duration // in which an item that nobody orders loses half of what it can lose
	ItemFloor       float64       // what an old item's score keeps, 0 to 1
}

// Weight is the say of a source in the blend.
type Weight struct {
	Source string
	Weight float64
}

// DefaultPolicy blends all sources with weights that were set by hand, not
// learned: what follows from the visitor's last steps leads, likeness and
// taste support it, and what everybody wants fills up.
func DefaultPolicy() Policy {
	return Policy{
		Name: "default",
		Weights: []Weight{
			{SourceTransitions, 1}, {SourceSimilar, 0.8}, {SourceFactors, 0.4},
			{SourceTrending, 0.3}, {SourcePopularity, 0.05},
		},
		Candidates: 100,
		HideBought: true, HideCart: true,
		Cap: 3, CapWindow: 24 * time.Hour,
		HistoryHalfLife: 30 * 24 * time.Hour,
		ItemHalfLife:    60 * 24 * time.Hour, ItemFloor: 0.5,
	}
}

// Check reports what is wrong with a policy as an *events.Invalid.
func (p *Policy) Check() error {
	for i, w := range p.Weights {
		if !(w.Weight >= 0 && w.Weight <= math.MaxFloat32) {
			return &events.Invalid{Field: fmt.Sprintf("weights[%d]", i), Problem: fmt.Sprintf("must be 0 or more, got %g", w.Weight)}
		}
	}
	switch {
	case p.Candidates < 1 || p.Candidates > 10_000:
		return &events.Invalid{Field: "candidates", Problem: fmt.Sprintf("must be 1 to 10000, got %d", p.Candidates)}
	case p.Cap < 0 || p.Cap > maxPerItem:
		return &events.Invalid{Field: "cap", Problem: fmt.Sprintf("must be 0 to %d, got %d", maxPerItem, p.Cap)}
	case p.CapWindow < 0 || p.CapWindow > 24*time.Hour:
		return &events.Invalid{Field: "cap_window", Problem: fmt.Sprintf("must be at most 24h, got %s", p.CapWindow)}
	case !(p.ItemFloor >= 0 && p.ItemFloor <= 1):
		return &events.Invalid{Field: "item_floor", Problem: fmt.Sprintf("must be 0 to 1, got %g", p.ItemFloor)}
	}
	return nil
}

// similarWeights blend what is like one item.
func similarWeights() []Weight {
	return []Weight{{SourceSimilar, 1}, {SourceFactors, 0.3}, {SourceTransitions, 0.2}, {SourceTrending, 0.01}, {SourcePopularity, 0.005}}
}

// fresh is the recency weight of an item: 1 for one launched or ordered just
// now, falling to the floor.
func (p *Policy) fresh(it *Item, asOf time.Time) float64 {
	newest := it.Launched
	if it.Sold.After(newest) {
		newest = it.Sold
	}
	if p.ItemHalfLife <= 0 || newest.IsZero() || !newest.Before(asOf) {
		return 1
	}
	return p.ItemFloor + (1-p.ItemFloor)*halves(asOf.Sub(newest), p.ItemHalfLife)
}
