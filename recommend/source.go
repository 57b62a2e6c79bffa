package recommend

import (
	"time"
)

// The names of the sources.
const (
	SourceTransitions = "transitions" // what others came to after the visitor's last items
	SourceSimilar     = "similar"     // what is liked by those who like the visitor's items
	SourceFactors     = "factors"     // nearest to the visitor's items by item vectors
	SourceTowers      = "two-tower"   // nearest to the visitor's vector, of a model with two towers
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

// Query is what a source is told of a request.
type Query struct {
	History       []HistoryItem // newest first; empty for a new visitor
	RecentActions int           // in the last half hour; coming back to an item counts again
	AsOf          time.Time     // of the newest event
	NewFor        time.Duration // how long an item is new
	Tier          Tier          // the visitor's; empty if not known
	Region        string        // that of the request; empty if not known

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

// halves is ½ to the power of age in half-lives; 1 if there is no half-life.
func halves(age, halfLife time.Duration) float64 {
	if halfLife <= 0 {
		return 1
	}
	return exp2(-float64(age) / float64(halfLife))
}
