package recommend

import (
	"slices"
	"time"
)

// adjustments multiplies the scores of candidates by what is known of the items:
// their age, their stock, and the rules.
type adjustments struct {
	catalog *Catalog
	policy  *Policy
	rules   []*Rule
	region  string
	asOf    time.Time
}

// apply does so with a candidate whose score is that of the blend.
func (w *adjustments) apply(c *candidate) {
	c.item, c.blended = w.catalog.At(c.slot), c.score
	c.recency = w.policy.recency(c.item, w.asOf)
	c.stock = w.policy.stockWeight(c.item, w.region)
	for _, rule := range w.rules {
		if rule.Do != Pin && rule.Where.matches(c.item) {
			c.rules *= rule.Factor
		}
	}
	c.score = c.blended * c.recency * c.stock * c.rules
}

// maxFactor is what a score is multiplied by at most.
func (w *adjustments) maxFactor() float64 {
	most := max(1, w.policy.PresaleWeight) * max(1, w.policy.LowStockWeight)
	for _, rule := range w.rules {
		most *= max(1, rule.Factor)
	}
	return most
}

// hasPins reports whether a rule pins, which may be any candidate.
func (w *adjustments) hasPins() bool {
	return slices.ContainsFunc(w.rules, func(r *Rule) bool { return r.Do == Pin })
}
