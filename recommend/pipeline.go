package recommend

import (
	"sync"
	"time"
)

// pipeline runs a model on past requests, with the sources, the features and the
// ranker that serve, so that what is learned and measured offline is what happens
// online. Stock and rules do not apply.
type pipeline struct {
	catalog    *Catalog
	trends     *Trends
	in         *installed
	mix        mix
	workspaces sync.Pool
}

// newPipeline prepares a pipeline for a model; the catalogue and the trends share an
// interner.
func newPipeline(m *Model, catalog *Catalog, trends *Trends) *pipeline {
	s := &pipeline{catalog: catalog, trends: trends}
	s.in = s.recommender().install(m)
	s.workspaces.New = func() any { return &workspace{} }
	return s
}

// forPolicy makes it blend as a policy says.
func (s *pipeline) forPolicy(policy *Policy) *pipeline {
	s.mix = s.recommender().mix(s.in, policy)
	return s
}

// forRankTraining makes it ask every source that a ranker can read, and fill in
// the feature matrix.
func (s *pipeline) forRankTraining() *pipeline {
	s.mix = s.recommender().learned(s.in, rankedSources(), &Ranker{})
	return s
}

func (s *pipeline) recommender() *Recommender {
	return &Recommender{catalog: s.catalog, trends: s.trends}
}

// names are those of the sources.
func (s *pipeline) names() []string {
	out := make([]string, len(s.mix.sources))
	for i, source := range s.mix.sources {
		out[i] = source.Name()
	}
	return out
}

// advanceTrends replays into the trends what happened before a moment, and
// returns the rest.
func (s *pipeline) advanceTrends(c *corpus, pending []step, until int64) []step {
	for len(pending) > 0 && pending[0].second < until {
		n := &pending[0]
		s.trends.count(Interaction{Item: c.items[n.item], Action: n.action, Time: time.Unix(n.second, 0)})
		pending = pending[1:]
	}
	return pending
}

// VisitorState is what a model is told of a visitor at a moment of the past.
type VisitorState struct {
	History       []HistoryItem // newest first
	RecentActions int           // of the last half hour
	Hidden        []Slot        // items that are not to be proposed
	Tier          Tier          // empty if not known
	Region        string        // empty if not known
}

// propose leaves in the workspace the candidates for a visitor, scored.
func (s *pipeline) propose(d *workspace, past VisitorState, at time.Time) {
	d.begin(s.catalog, "", "", nil)
	d.filter.open = true
	for _, slot := range past.Hidden {
		d.filter.deny(slot)
	}
	policy := DefaultPolicy()
	query := Query{
		History: past.History, RecentActions: past.RecentActions, Tier: past.Tier, Region: past.Region,
		AsOf: at, NewFor: policy.NewFor, cachedAffinity: &d.affinity,
	}
	d.blend(&query, s.mix, policy.Candidates)
}

// slot is the slot of the model's item.
func (s *pipeline) slot(number int32) Slot { return s.in.slots[number] }

func (s *pipeline) slots(numbers []int32) []Slot {
	out := make([]Slot, len(numbers))
	for i, n := range numbers {
		out[i] = s.slot(n)
	}
	return out
}
