package recommend

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// explanation says why items were chosen. Unless it may, it names no item of
// the visitor's history: a page's public key must not learn it.
type explanation struct {
	catalog *Catalog
	ask     *Query
	sources []weightedSource
	rules   []*Rule
	name    bool
}

// Effect is what one step of ranking did to an item's score.
type Effect struct {
	Step   string
	Factor float64 // that the score was multiplied by; of "blend" the score itself
	Note   string  // in words
}

// worthSaying is the share of a score from which a source is a reason.
const worthSaying = 0.1

// explain fills in the contributions and steps of candidate at, which stands
// at this place, and a sentence for each that matters.
func (e *explanation) explain(out *Recommended, d *workspace, at, place int) {
	c := &d.candidates[at]
	e.steps(out, c, d.filter.region, place)
	shares := d.shares[at*len(e.sources) : (at+1)*len(e.sources)]
	sum := float32(0)
	for _, share := range shares {
		sum += share
	}
	if sum == 0 || c.explored {
		out.Reasons = append(out.Reasons, sentence(out.Source))
	} else {
		e.contributions(out, shares, sum, c.slot)
	}
	for _, s := range out.Steps {
		if s.Note != "" {
			out.Reasons = append(out.Reasons, s.Note)
		}
	}
}

func (e *explanation) contributions(out *Recommended, shares []float32, sum float32, slot Slot) {
	order := make([]int, 0, len(shares))
	for s, share := range shares {
		if share > 0 {
			order = append(order, s)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(shares[b], shares[a]) })
	for _, s := range order {
		part := shares[s] / sum
		out.Contributions = append(out.Contributions, Contribution{e.sources[s].Name(), out.Score * float64(part)})
		if part >= worthSaying {
			out.Reasons = append(out.Reasons, e.reason(e.sources[s].Source, slot))
		}
	}
}

// steps lists what happened to the score after the blend. The last, level, is
// by how much all came down where a boost led above 1, and by how much an item
// went up that was put before a better one.
func (e *explanation) steps(out *Recommended, c *candidate, region string, place int) {
	add := func(step string, factor float64, note string) {
		out.Steps = append(out.Steps, Effect{step, factor, note})
	}
	add("blend", c.blended, "")
	if c.recency != 1 {
		add("recency", c.recency, "")
	}
	if c.stock != 1 {
		note := ""
		switch pieces, known := c.item.Stock(region); {
		case c.item.InPresale():
			note = "in presale"
		case known:
			note = fmt.Sprintf("only %d left", pieces)
		}
		add("stock", c.stock, note)
	}
	for _, rule := range e.rules {
		if rule.Do != Pin && c.rules != 1 && rule.Where.matches(c.item) {
			add("rule", rule.Factor, fmt.Sprintf("%s: %s", rule.Do, rule.Name))
		}
	}
	if c.diversity != 1 {
		add("diversity", c.diversity, "")
	}
	if c.explored {
		add("explore", 1, "shown to learn who likes it")
	}
	if c.pinned != nil {
		add("pin", 1, fmt.Sprintf("pinned to place %d: %s", place+1, c.pinned.Name))
	}
	product := 1.0
	for _, s := range out.Steps {
		product *= s.Factor
	}
	if product > 0 && math.Abs(out.Score/product-1) > 1e-9 {
		add("level", out.Score/product, "")
	}
}

func (e *explanation) reason(s Source, proposed Slot) string {
	if by, can := s.(Explainer); can && e.name {
		if slot, ok := by.Because(e.ask, proposed); ok {
			if it := e.catalog.At(slot); it != nil {
				return because(s.Name(), cmp.Or(it.Title, string(it.ID)))
			}
		}
	}
	return sentence(s.Name())
}

// sentence gives a source's reason in general words.
func sentence(source string) string {
	switch source {
	case SourceTransitions:
		return "often chosen after items like your last ones"
	case SourceNext:
		return "often looked at right after your last item"
	case SourceVisits:
		return "visits like this one went on to it"
	case SourceAgain:
		return "you have looked at it before"
	case SourceSimilar:
		return "liked by visitors with the same interests"
	case SourceFactors, SourceTowers:
		return "close to your taste"
	case SourceTrending:
		return "wanted by many right now"
	case SourcePopularity:
		return "a lasting favourite of the shop"
	case SourceTogether:
		return "often bought with items like yours"
	case SourceAttributes:
		return "wanted in the categories that you look at"
	case SourceFresh, SourceCatalogue:
		return "new in the shop"
	}
	return "proposed by " + source
}

// because gives it with the item that it rests on.
func because(source, title string) string {
	title = strconv.Quote(title)
	switch source {
	case SourceTransitions:
		return "often chosen after " + title
	case SourceNext:
		return "often looked at right after " + title
	case SourceSimilar:
		return "liked by visitors who like " + title
	case SourceTogether:
		return "often bought with " + title
	case SourceFactors, SourceTowers:
		return "close in taste to " + title
	}
	return "proposed by " + source + " because of " + title
}
