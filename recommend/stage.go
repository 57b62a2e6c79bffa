package recommend

import (
	"sync"
	"time"
)

// stage is where a model is asked about the past: by the sources, the features
// and the ranker that serve, without stock and rules.
type stage struct {
	catalog *Catalog
	trends  *Trends
	in      *installed
	mix     mix
	desks   sync.Pool
}

// newStage prepares a stage for a model; the catalogue and the trends share a
// register.
func newStage(m *Model, catalog *Catalog, trends *Trends) *stage {
	s := &stage{catalog: catalog, trends: trends}
	s.in = s.recommender().install(m)
	s.desks.New = func() any { return &desk{} }
	return s
}

// serve has the sources blended as a policy wants it.
func (s *stage) serve(policy *Policy) *stage {
	s.mix = s.recommender().mix(s.in, policy)
	return s
}

// teach has all sources asked that a ranker can read, and the slate filled in.
func (s *stage) teach() *stage {
	s.mix = s.recommender().learned(s.in, rankedSources(), &Ranker{})
	return s
}

func (s *stage) recommender() *Recommender {
	return &Recommender{catalog: s.catalog, trends: s.trends}
}

// names are those of the sources.
func (s *stage) names() []string {
	out := make([]string, len(s.mix.sources))
	for i, source := range s.mix.sources {
		out[i] = source.Name()
	}
	return out
}

// live tells the trends what happened before a moment, and gives the rest.
func (s *stage) live(c *corpus, news []step, until int64) []step {
	for len(news) > 0 && news[0].second < until {
		n := &news[0]
		s.trends.count(Interaction{Item: c.items[n.item], Action: n.action, Time: time.Unix(n.second, 0)})
		news = news[1:]
	}
	return news
}

// Past is what a model is told of a visitor of the past.
type Past struct {
	History []Taste // newest first
	Deeds   int     // of the last half hour
	Hidden  []Slot  // items that are not to be proposed
}

// ask leaves on the desk what is proposed after a past, and its scores.
func (s *stage) ask(d *desk, past Past, at time.Time) {
	d.begin(s.catalog, "", "", nil)
	d.filter.open = true
	for _, slot := range past.Hidden {
		d.filter.deny(slot)
	}
	policy := DefaultPolicy()
	d.blend(&Ask{History: past.History, Deeds: past.Deeds, AsOf: at, NewFor: policy.NewFor, liked: &d.likes}, s.mix, policy.Candidates)
}

// slot is the slot of the model's item.
func (s *stage) slot(number int32) Slot { return s.in.slots[number] }

func (s *stage) slots(numbers []int32) []Slot {
	out := make([]Slot, len(numbers))
	for i, n := range numbers {
		out[i] = s.slot(n)
	}
	return out
}
