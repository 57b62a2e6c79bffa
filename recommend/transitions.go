package recommend

import (
	"context"
	"math"
)

// TransitionRules says how sequential rules are learned: an item leads to those that the
// same visitors came to within the next few moments, the nearer the more,
//
//	T(i→j) = Σ wⱼ / gap / (nᵢ+1)^½(nⱼ+1)^Damp,   gap = 1 … Gap moments,
//
// where a basket is one moment: its items lead to each other with gap 1, and
// share what they lead to with the others of their basket. wⱼ is how much
// interest the visitor showed in j, and n how often an item occurs.
type TransitionRules struct {
	Gap  int     // moments ahead that are looked at, at least 1
	Damp float64 // how much the popularity of what is led to is held against it, 0 to 1
}

// DefaultTransitions are those that served shops of several kinds well.
func DefaultTransitions() TransitionRules { return TransitionRules{Gap: 5, Damp: 0.5} }

// ruleSteps is how far rules look ahead at most, whatever the baskets' size.
const ruleSteps = 200

func (c *corpus) transitions(ctx context.Context, how TransitionRules, limit int) (links, error) {
	at := c.occurrences()
	sizes := c.groupSizes()
	gather := func(item int32, row *accumulator) {
		for _, o := range at.of(item) {
			c.leadTo(o, sizes, how.Gap, row)
		}
	}
	damp := make([]float64, len(c.items))
	for i := range damp {
		damp[i] = math.Pow(float64(at.count(int32(i))+1), how.Damp)
	}
	return link(ctx, len(c.items), limit, gather, func(from, to int32, sum float32) float32 {
		return sum / float32(math.Sqrt(float64(at.count(from)+1))*damp[to])
	})
}

// leadTo adds what the step at index o of steps leads to.
func (c *corpus) leadTo(o occurrence, sizes []int32, furthest int, row *accumulator) {
	here := c.steps[o.step]
	steps := c.stepsOf(int(o.visitor))
	i := int(o.step - c.starts[o.visitor])
	first := i
	for first > 0 && steps[first-1].group == here.group {
		first--
	}
	for j := first; j < len(steps) && j < i+ruleSteps; j++ {
		s := steps[j]
		gap := max(1, s.group-here.group)
		if int(gap) > furthest {
			return
		}
		if j != i {
			size := sizes[c.starts[o.visitor]+int32(j)]
			row.add(s.item, s.weight/(float32(gap)*float32(math.Sqrt(float64(size)))))
		}
	}
}

// groupSizes gives for each step how many share its moment.
func (c *corpus) groupSizes() []int32 {
	sizes := make([]int32, len(c.steps))
	for v := range c.visitors() {
		from, end := int(c.starts[v]), int(c.starts[v+1])
		for from < end {
			to := from
			for to < end && c.steps[to].group == c.steps[from].group {
				to++
			}
			for i := from; i < to; i++ {
				sizes[i] = int32(to - from)
			}
			from = to
		}
	}
	return sizes
}

// occurrence is one step of one visitor.
type occurrence struct{ visitor, step int32 }

// occurrences lists for each item where it occurs.
type occurrences struct {
	starts []int32
	list   []occurrence
}

func (o *occurrences) of(item int32) []occurrence { return o.list[o.starts[item]:o.starts[item+1]] }
func (o *occurrences) count(item int32) int32     { return o.starts[item+1] - o.starts[item] }

func (c *corpus) occurrences() *occurrences {
	o := &occurrences{starts: make([]int32, len(c.items)+1), list: make([]occurrence, len(c.steps))}
	for _, s := range c.steps {
		o.starts[s.item+1]++
	}
	for i := range c.items {
		o.starts[i+1] += o.starts[i]
	}
	next := append([]int32(nil), o.starts...)
	for v := range c.visitors() {
		for i := c.starts[v]; i < c.starts[v+1]; i++ {
			item := c.steps[i].item
			o.list[next[item]] = occurrence{int32(v), i}
			next[item]++
		}
	}
	return o
}
