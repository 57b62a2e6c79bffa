package recommend

import (
	"slices"
	"time"
)

// weighing multiplies the scores of candidates by what is known of the items:
// their age, their stock, and the rules.
type weighing struct {
	catalog *Catalog
	policy  *Policy
	rules   []*Rule
	region  string
	asOf    time.Time
}

// weigh does so with a candidate whose score is that of the blend.
func (w *weighing) weigh(c *candidate) {
	c.item, c.blended = w.catalog.At(c.slot), c.score
	c.recency = w.policy.recency(c.item, w.asOf)
	c.stand = w.policy.stand(c.item, w.region)
	for _, rule := range w.rules {
		if rule.Do != Pin && rule.Where.matches(c.item) {
			c.ruled *= rule.Factor
		}
	}
	c.score = c.blended * c.recency * c.stand * c.ruled
}

// most is what a score is multiplied by at most.
func (w *weighing) most() float64 {
	most := max(1, w.policy.PresaleWeight) * max(1, w.policy.LowStockWeight)
	for _, rule := range w.rules {
		most *= max(1, rule.Factor)
	}
	return most
}

// pins reports whether a rule pins, which may be any candidate.
func (w *weighing) pins() bool {
	return slices.ContainsFunc(w.rules, func(r *Rule) bool { return r.Do == Pin })
}
