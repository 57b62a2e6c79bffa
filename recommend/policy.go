package recommend

import (
	"fmt"
	"math"
	"time"

	"github.com/peakday/peakday/events"
)

// Policy says how candidates become an answer. It is a definition with a key
// and versions, and an experiment's variant can name it.
type Policy struct {
	Name    string   // its key
	Version int64    // of the definition; 0 for the built-in one
	Model   string   // version of the model to ask; empty: the active one
	Learned bool     // the model's ranker blends, if it has one, and else the weights
	Weights []Weight // of the sources; one that is not named is not asked

	Candidates int // that each source may propose, at least the limit asked for

	HideBought bool // false for what is bought again and again, such as groceries
	HideCart   bool
	Cap        int           // impressions of an item within CapWindow after which it rests, at most 10; 0: none
	CapWindow  time.Duration // at most 24 h

	HistoryHalfLife time.Duration // in which an action of the visitor loses half its weight
	ItemHalfLife    time.Duration // in which an item that nobody orders loses half of what it can lose
	ItemFloor       float64       // what an old item's score keeps, 0 to 1

	LowStock       int64   // pieces at or below which an item counts as nearly gone; 0: none does
	LowStockWeight float64 // what its score is multiplied by, 0 to 10
	PresaleWeight  float64 // the same for an item whose attribute "presale" is set

	Diversity   float64       // 0: by score alone, 1: as unlike each other as can be
	CategoryCap int           // items of one category in an answer, as long as there are others; 0: any number
	Explore     float64       // share of the places for new items, 0 to 0.5
	NewFor      time.Duration // how long after its launch an item is new
	IgnoreRules bool          // business rules do not apply
}

// Weight is the say of a source in the blend.
type Weight struct {
	Source string
	Weight float64
}

// DefaultPolicy leaves the blend to the model's ranker. Where it has none, the
// weights count, which were set by hand: what follows from the visitor's last steps leads, similarity and
// interest support it, and what everybody wants fills up.
func DefaultPolicy() Policy {
	return Policy{
		Name: DefaultKey, Learned: true,
		Weights: []Weight{
			{SourceTransitions, 1}, {SourceFactors, 0.8}, {SourceSimilar, 0.8},
			{SourceTrending, 0.3}, {SourceTogether, 0.2}, {SourceAttributes, 0.05},
			{SourcePopularity, 0.05}, {SourceFresh, 0.02},
		},
		Candidates: 40,
		HideBought: true, HideCart: true,
		Cap: 3, CapWindow: 24 * time.Hour,
		HistoryHalfLife: 30 * 24 * time.Hour,
		ItemHalfLife:    60 * 24 * time.Hour, ItemFloor: 0.5,
		LowStockWeight: 1, PresaleWeight: 1,
		NewFor: 14 * 24 * time.Hour,
	}
}

// DefaultKey is the key of the policy of a request that names none. Without a
// definition of that key it is DefaultPolicy.
const DefaultKey = "default"

// Check reports what is wrong with a policy as an *events.Invalid.
func (p *Policy) Check() error {
	for i, w := range p.Weights {
		if !(w.Weight >= 0 && w.Weight <= math.MaxFloat32) {
			return &events.Invalid{Field: fmt.Sprintf("weights[%d]", i), Problem: fmt.Sprintf("must be 0 or more, got %g", w.Weight)}
		}
	}
	for _, c := range []struct {
		field      string
		v, lo, hi  float64
		unit, what string
	}{
		{"candidates", float64(p.Candidates), 1, 10_000, "", ""},
		{"cap", float64(p.Cap), 0, maxPerItem, "", " impressions"},
		{"cap_window", p.CapWindow.Hours(), 0, 24, "h", ""},
		{"history_half_life", p.HistoryHalfLife.Hours(), 0, maxHours, "h", ""},
		{"item_half_life", p.ItemHalfLife.Hours(), 0, maxHours, "h", ""},
		{"item_floor", p.ItemFloor, 0, 1, "", ""},
		{"low_stock", float64(p.LowStock), 0, 1e9, "", " pieces"},
		{"low_stock_weight", p.LowStockWeight, 0, 10, "", ""},
		{"presale_weight", p.PresaleWeight, 0, 10, "", ""},
		{"diversity", p.Diversity, 0, 1, "", ""},
		{"category_cap", float64(p.CategoryCap), 0, MaxLimit, "", " items"},
		{"explore", p.Explore, 0, 0.5, "", ""},
		{"new_for", p.NewFor.Hours(), 0, maxHours, "h", ""},
	} {
		if !(c.v >= c.lo && c.v <= c.hi) {
			return &events.Invalid{Field: c.field, Problem: fmt.Sprintf("must be %g%s to %g%s%s, got %g%s", c.lo, c.unit, c.hi, c.unit, c.what, c.v, c.unit)}
		}
	}
	return nil
}

// maxHours is ten years: longer is no half-life but none.
const maxHours = 10 * 365 * 24

// similarWeights blend what is like one item.
func similarWeights() []Weight {
	return []Weight{
		{SourceSimilar, 1}, {SourceFactors, 0.3}, {SourceTransitions, 0.2}, {SourceAttributes, 0.02},
		{SourceTrending, 0.01}, {SourcePopularity, 0.005},
	}
}

// togetherWeights blend what is bought with one item.
func togetherWeights() []Weight { return []Weight{{SourceTogether, 1}} }

// recency is the weight of an item by its age: 1 for one launched or ordered
// just now, falling to the floor.
func (p *Policy) recency(it *Item, asOf time.Time) float64 {
	if p.ItemHalfLife <= 0 || it.freshest == 0 || asOf.IsZero() {
		return 1
	}
	age := time.Duration(events.Micros(asOf)-it.freshest) * time.Microsecond
	return p.ItemFloor + (1-p.ItemFloor)*halves(max(0, age), p.ItemHalfLife)
}

// stockWeight is the weight of an item by its stock and its presale.
func (p *Policy) stockWeight(it *Item, region string) float64 {
	weight := 1.0
	if p.PresaleWeight != 1 && it.InPresale() {
		weight *= p.PresaleWeight
	}
	if p.LowStock > 0 && p.LowStockWeight != 1 {
		if pieces, known := it.Stock(region); known && pieces <= p.LowStock {
			weight *= p.LowStockWeight
		}
	}
	return weight
}
