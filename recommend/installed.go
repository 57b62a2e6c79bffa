package recommend

import "github.com/peakday/peakday/recommend/ann"

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
