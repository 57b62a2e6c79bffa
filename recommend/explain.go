package recommend

import (
	"cmp"
	"slices"
	"strconv"
)

// explanation says why items were chosen. Unless it may, it names no item of
// the visitor's history: a page's public key must not learn it.
type explanation struct {
	catalog *Catalog
	ask     *Ask
	sources []sourced
	name    bool
}

// worthSaying is the share of a score from which a source is a reason.
const worthSaying = 0.1

// explain fills in the contributions of candidate at, and a sentence for each
// that matters.
func (e *explanation) explain(out *Recommended, d *desk, at int) {
	shares := d.shares[at*len(e.sources) : (at+1)*len(e.sources)]
	sum := float32(0)
	for _, share := range shares {
		sum += share
	}
	if sum == 0 {
		out.Reasons = []string{sentence(SourceCatalogue)}
		return
	}
	slot := d.candidates[at].slot
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
	case SourceSimilar:
		return "liked by visitors with the same interests"
	case SourceFactors:
		return "close to your taste"
	case SourceTrending:
		return "wanted by many right now"
	case SourcePopularity:
		return "a lasting favourite of the shop"
	case SourceCatalogue:
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
	case SourceSimilar:
		return "liked by visitors who like " + title
	case SourceFactors:
		return "close in taste to " + title
	}
	return "proposed by " + source + " because of " + title
}
