package recommend

import (
	"math"
	"time"

	"github.com/peakday/peakday/recommend/ann"
)

// The names of the sources.
const (
	SourceTransitions = "transitions" // what others came to after the visitor's last items
	SourceSimilar     = "similar"     // what is liked by those who like the visitor's items
	SourceFactors     = "factors"     // nearest to the visitor's items by item vectors
	SourceTowers      = "two-tower"   // the same of a model with two towers: nearest to the visitor
	SourceNext        = "next"        // what came right after the visitor's very last item
	SourceVisits      = "visits"      // what the past visits went on to that are most like this one
	SourceAgain       = "again"       // what the visitor had to do with before
	SourceTrending    = "trending"    // what is wanted now
	SourcePopularity  = "popularity"  // what was always wanted
	SourceTogether    = "together"    // what others bought with the visitor's items
	SourceAttributes  = "attributes"  // what is wanted of the visitor's categories and brands
	SourceFresh       = "fresh"       // new items, by category and brand
	SourceCatalogue   = "catalogue"   // the newest items, when nothing else is left
)

// Sources lists the names that a policy can give weight to.
func Sources() []string {
	return []string{
		SourceAgain, SourceAttributes, SourceFactors, SourceFresh, SourceNext, SourcePopularity, SourceSimilar,
		SourceTogether, SourceTransitions, SourceTrending, SourceTowers, SourceVisits,
	}
}

// sameSource reports whether two names mean one source: a model has either
// factors or two towers, and a policy's weight of the one is that of the other.
func sameSource(a, b string) bool {
	nearest := func(name string) bool { return name == SourceFactors || name == SourceTowers }
	return a == b || nearest(a) && nearest(b)
}

// Source proposes items, from one idea of what fits a visitor. It must be safe
// for concurrent use.
type Source interface {
	// Name is what policies, answers and explanations call it.
	Name() string

	// Propose offers items with scores above 0, more being better, on any
	// scale of its own.
	Propose(query *Query, out *Proposals)
}

// Explainer is a Source that can name the item of the history which speaks
// most for a proposal.
type Explainer interface {
	Because(query *Query, proposed Slot) (Slot, bool)
}

// Query is what a source may know of a request.
type Query struct {
	History       []HistoryItem // newest first; empty for an anonymous visitor
	RecentActions int           // the visitor's in the last half hour, more than there are items where some were looked at again
	AsOf          time.Time     // of the newest event
	NewFor        time.Duration // how long an item is new

	cachedAffinity *affinity // made when a source asks for it
}

// HistoryItem is an item of the visitor's history.
type HistoryItem struct {
	Slot   Slot
	Moment int     // how many moments ago: 0 for the newest, the same for a whole basket
	Weight float64 // by action and age; 1 is a view as new as the visitor's newest action
	Action Action
	Second int64 // since 1970; 0 if not known
}

// Proposals takes a source's proposals, keeps the best of those that the request
// allows, and forgets the others.
type Proposals struct {
	filter *filter
	best   topK
}

// begin makes o take proposals for a request with this filter.
func (o *Proposals) begin(f *filter) {
	o.filter = f
	interner := f.catalog.interner
	o.best.first = func(a, b int32) bool { return interner.Item(Slot(a)) < interner.Item(Slot(b)) }
}

// Add proposes an item.
func (o *Proposals) Add(slot Slot, score float32) {
	if !(score > 0 && score <= math.MaxFloat32) || !o.best.wants(score) {
		return // not a proposal, or not wanted any more
	}
	if o.filter.allows(slot) {
		o.best.offer(int32(slot), score)
	}
}

// wants reports whether something of that score may be kept: a loop over
// thousands asks before it calls Add for the few.
func (o *Proposals) wants(score float32) bool { return o.best.wants(score) }

// Threshold is the score that a proposal must reach to be kept, 0 while all are. Of
// equal scores the item whose id comes first is kept, so that answers do not
// depend on the order in which the shop learned of its items.
func (o *Proposals) Threshold() float32 { return o.best.threshold }

// full reports whether there are enough proposals; a worse one is not kept.
func (o *Proposals) full() bool { return o.best.full() }

// rescale changes the scores by a rising function.
func (o *Proposals) rescale(by func(float32) float32) {
	kept := o.best.trim()
	for i := range kept {
		kept[i].score = by(kept[i].score)
	}
	o.best.threshold = by(o.best.threshold)
}

// halves is ½ to the power of age in half-lives; 1 if there is no half-life.
func halves(age, halfLife time.Duration) float64 {
	if halfLife <= 0 {
		return 1
	}
	return exp2(-float64(age) / float64(halfLife))
}

// installed is a model whose items have been given slots.
type installed struct {
	model   *Model
	catalog *Catalog
	slots   []Slot  // by the model's number
	numbers []int32 // by slot; -1 for what the model does not know
	sources []Source
	cold    coldItems
	mix     mix        // of the model's ranker, where it has one
	index   *ann.Index // of the vectors, by the model's numbers; nil for a small model
}

func install(m *Model, c *Catalog) *installed {
	r := c.interner
	in := &installed{model: m, catalog: c, slots: make([]Slot, len(m.items)), index: m.vectors.index()}
	for i, item := range m.items {
		in.slots[i] = r.Intern(item)
	}
	in.numbers = make([]int32, r.Len())
	for i := range in.numbers {
		in.numbers[i] = -1
	}
	for i, slot := range in.slots {
		if int(slot) < len(in.numbers) {
			in.numbers[slot] = int32(i)
		}
	}
	n := len(m.items)
	in.sources = []Source{
		newLinked(SourceTransitions, in, &m.transitions, 0.7, n),
		newLinked(SourceSimilar, in, &m.similar, 0.9, n),
		newLinked(SourceTogether, in, &m.together, 0.7, n),
		newLinked(SourceNext, in, &m.next, 0.01, n),
		newVisits(in),
		newNearest(in),
		newPopular(in),
	}
	return in
}

func (in *installed) number(s Slot) (int32, bool) {
	if int(s) >= len(in.numbers) || in.numbers[s] < 0 {
		return 0, false
	}
	return in.numbers[s], true
}

// known lists the history's items by the model's numbers, fewer than limit.
func (in *installed) known(query *Query, limit int, do func(number int32, t HistoryItem)) {
	for _, t := range query.History {
		if limit == 0 {
			return
		}
		if n, ok := in.number(t.Slot); ok {
			limit--
			do(n, t)
		}
	}
}
