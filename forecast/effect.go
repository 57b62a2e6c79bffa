package forecast

import (
	"cmp"
	"math"
	"slices"
)

// effect is what one label does to a day's demand.
type effect struct {
	Label
	event    int
	size     float64 // the multiple that all series together make
	lift     float64 // 0 to 1: how much the response of a series to the event matters on such a day
	evidence float64 // that size rests on; 0 if it was never seen
	expected float64 // what a planner expects instead, 0 if nothing
	overlap  int     // labels that share its days, at most
}

// effects is what was learned of the calendar.
type effects struct {
	calendar *Calendar
	first    Day
	days     [][]int // by day from first: the indices of its labels
	all      []effect
	events   []string // keys, in order

	category map[string][]float64 // response by event
	spread   float64              // relative variance of responses between the series of a category
	persist  float64              // the share of it that a series shows again next time
	shock    float64              // relative variance of a whole event from one year to the next
}

// newEffects lists the labels of all days from first up to before end.
func newEffects(c *Calendar, first, end Day) *effects {
	e := &effects{calendar: c, first: first, days: make([][]int, max(0, int(end-first))), category: map[string][]float64{}, spread: .1, persist: .5, shock: .015}
	for _, ev := range c.Events() {
		e.events = append(e.events, ev.Key)
	}
	index := map[Label]int{}
	for i := range e.days {
		marks := c.days[first+Day(i)]
		for _, m := range marks {
			at, known := index[m.Label]
			if !known {
				at = len(e.all)
				index[m.Label] = at
				event, _ := slices.BinarySearch(e.events, m.Event)
				e.all = append(e.all, effect{Label: m.Label, event: event, size: 1})
			}
			if m.uplift > 0 {
				e.all[at].expected = m.uplift
			}
			e.all[at].overlap = max(e.all[at].overlap, len(marks))
			e.days[i] = append(e.days[i], at)
		}
	}
	return e
}

// on gives the indices of a day's labels.
func (e *effects) on(d Day) []int {
	i := int(d - e.first)
	if i < 0 || i >= len(e.days) {
		return nil
	}
	return e.days[i]
}

// uplift is the multiple that events make of day d for a series of a category
// with these responses (nil: as its category does).
func (e *effects) uplift(d Day, category string, response []float64) float64 {
	u := 1.
	for _, at := range e.on(d) {
		f := &e.all[at]
		u *= f.size
		if f.lift > 0 {
			u *= math.Pow(e.response(category, response, f.event), f.lift)
		}
	}
	return u
}

func (e *effects) response(category string, own []float64, event int) float64 {
	r := 1.
	if c := e.category[category]; c != nil {
		r = c[event]
	}
	if own != nil {
		r *= own[event]
	}
	return r
}

// fitSizes moves each label's size by the ratio of what all series sold on
// its days to what was expected of them. Labels that share days share the
// correction, so that repeated calls settle.
func (e *effects) fitSizes(decomposed []*decomposition, n noise) {
	n.day += e.spread
	sums := make([]ratio, len(e.all))
	for _, t := range decomposed {
		for i := range t.y {
			labels := e.on(t.start + Day(i))
			if len(labels) == 0 || !t.hasBase(i) {
				continue
			}
			var r ratio
			r.add(t.y[i], t.base[i]*t.factor(i), t.w[i], n)
			for _, at := range labels {
				sums[at].sold += r.sold
				sums[at].expected += r.expected
			}
		}
	}
	for at := range e.all {
		f, r := &e.all[at], sums[at]
		if f.evidence = r.expected; !(r.expected > 0) {
			continue
		}
		moved := math.Log(f.size) + math.Log(max(r.sold, .05)/r.expected)/float64(f.overlap)
		// Few pieces say little: shrink the logarithm to that of no effect.
		f.size = math.Exp(min(max(moved*r.expected/(r.expected+sizePrior(f.Phase)), -5), 7))
		f.lift = min(max(math.Log2(f.size), 0), 1)
	}
}

// sizePrior is the evidence that stands against an effect before it was seen.
// Nobody doubts that a sale sells. What days off do must show in many series:
// one that happens to grow or turn then is no evidence.
func sizePrior(phase string) float64 {
	switch phase {
	case PhaseGifts, PhaseHoliday, PhaseMakeUpBefore, PhaseMakeUpAfter:
		return 40
	}
	return .3
}

// guess fills in the labels that were never seen: with what a planner expects,
// else with the nearest day of the same phase, else with what the same phase of
// other events does, else with no effect.
func (e *effects) guess() {
	for at := range e.all {
		f := &e.all[at]
		if f.evidence > 0 {
			continue
		}
		f.size = e.elsewhere(f.Phase)
		if f.expected > 0 {
			f.size = f.expected
		} else if near := e.nearest(f.Label); near >= 0 {
			f.size = e.all[near].size
		}
		f.lift = min(max(math.Log2(f.size), 0), 1)
	}
}

// elsewhere is the geometric mean of the sizes that were seen in a phase of
// any event, or 1.
func (e *effects) elsewhere(phase string) float64 {
	sum, n := 0., 0.
	for _, f := range e.all {
		if f.evidence > 0 && f.Phase == phase {
			sum += math.Log(f.size)
			n++
		}
	}
	return math.Exp(sum / max(n, 1))
}

// nearest is the seen label of the same phase whose offset is closest, or −1.
func (e *effects) nearest(l Label) int {
	best, far := -1, math.MaxInt
	for at, f := range e.all {
		if f.evidence > 0 && f.Event == l.Event && f.Phase == l.Phase {
			if d := max(f.Offset-l.Offset, l.Offset-f.Offset); d < far {
				best, far = at, d
			}
		}
	}
	return best
}

// sortedKeys lists a map's keys in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
