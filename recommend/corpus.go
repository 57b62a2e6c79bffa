package recommend

import (
	"cmp"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/peakday/peakday/events"
)

// corpus is what a model learns from: each visitor's steps in time. It does
// not depend on the order in which interactions come.
type corpus struct {
	items   []events.ItemID // sorted; an item's index is its number in the model
	steps   []step          // visitor by visitor, oldest first
	starts  []int32         // of each visitor in steps, and the end
	regions []string        // by visitor: that of the newest order which names one
	asOf    time.Time       // of the newest interaction
	guests  []float32       // by item: weight of interactions without a visitor
}

// step is one item of one visitor at one moment. Steps of the same moment (a
// basket) share a group.
type step struct {
	item   int32
	group  int32
	weight float32 // of the strongest action at that moment
	action Action  // that one
	again  uint8   // how often more the item was come to in a row, within half an hour
	second int64   // since 1970
}

// maxSteps is how many of a visitor's newest steps are learned from: a robot
// must not outweigh the shop.
const maxSteps = 1000

// raw is an interaction as it comes in: 24 bytes.
type raw struct {
	visitor, item int32
	at            int64
	action        Action
}

func (r *raw) second() int64 { return r.at / 1e6 }

// newCorpus also gives numbers to items that nobody touched.
func newCorpus(interactions iter.Seq[Interaction], more ...events.ItemID) *corpus {
	var rows []raw
	items, visitors := numbering[events.ItemID]{}, numbering[events.Unit]{}
	regions := visitorRegions{}
	newest := int64(math.MinInt64)
	for _, item := range more {
		items.of(item)
	}
	for in := range interactions {
		r := raw{visitor: -1, item: items.of(in.Item), at: events.Micros(in.Time), action: min(in.Action, Buy)}
		if in.Visitor.ID != "" {
			r.visitor = visitors.of(in.Visitor)
		}
		newest = max(newest, r.at)
		regions.see(r, in.Region)
		rows = append(rows, r)
	}
	c := &corpus{asOf: events.FromMicros(newest)}
	var itemRank, visitorRank []int32
	c.items, itemRank = items.sorted(cmp.Compare)
	_, visitorRank = visitors.sorted(func(a, b events.Unit) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	c.regions = regions.byRank(visitorRank)
	for i := range rows {
		rows[i].item = itemRank[rows[i].item]
		if rows[i].visitor >= 0 {
			rows[i].visitor = visitorRank[rows[i].visitor]
		}
	}
	slices.SortFunc(rows, func(a, b raw) int {
		return cmp.Or(cmp.Compare(a.visitor, b.visitor), cmp.Compare(a.at, b.at), cmp.Compare(a.item, b.item), cmp.Compare(b.action, a.action))
	})
	c.fill(rows)
	return c
}

// visitorRegions holds, by visitor, the newest region and when it was named.
type visitorRegions map[int32]dated[string]

func (v visitorRegions) see(r raw, region string) {
	if region == "" || r.visitor < 0 {
		return
	}
	d := v[r.visitor]
	d.offer(region, r.at, byOrder, cmp.Compare)
	v[r.visitor] = d
}

// byRank lists the regions in the visitors' order; empty where not known.
func (v visitorRegions) byRank(rank []int32) []string {
	out := make([]string, len(rank))
	for visitor, d := range v {
		out[rank[visitor]] = d.value
	}
	return out
}

// fill turns sorted rows into steps.
func (c *corpus) fill(rows []raw) {
	c.guests = make([]float32, len(c.items))
	for len(rows) > 0 && rows[0].visitor < 0 {
		c.guests[rows[0].item] += float32(rows[0].action.weight())
		rows = rows[1:]
	}
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].visitor == rows[0].visitor {
			n++
		}
		c.starts = append(c.starts, int32(len(c.steps)))
		c.visitor(rows[max(0, n-maxSteps):n])
		rows = rows[n:]
	}
	c.starts = append(c.starts, int32(len(c.steps)))
}

// visitor adds one visitor's steps: each item once a moment, and not again if
// it was the only one of the moment before, such as a page loaded twice or a
// cart after its view, which then counts as the stronger action.
func (c *corpus) visitor(rows []raw) {
	from := len(c.steps)
	group := int32(0)
	for i, r := range rows {
		weight := float32(r.action.weight())
		if i > 0 && r.at == rows[i-1].at && r.item == rows[i-1].item {
			continue
		}
		if i > 0 && r.at != rows[i-1].at {
			group++
		}
		if last := len(c.steps) - 1; last >= from && c.steps[last].item == r.item && c.alone(from, last) {
			c.steps[last].repeat(&r, weight, group)
			continue
		}
		c.steps = append(c.steps, step{item: r.item, group: group, weight: weight, action: r.action, second: r.second()})
	}
}

// repeat makes the step that of its item's next row, too.
func (s *step) repeat(r *raw, weight float32, group int32) {
	switch {
	case r.second()-s.second >= recentSeconds:
		s.again = 0
	case s.again < math.MaxUint8:
		s.again++
	}
	s.weight, s.action = max(s.weight, weight), max(s.action, r.action)
	s.group, s.second = group, r.second()
}

// alone reports whether the last step has its moment for itself.
func (c *corpus) alone(from, last int) bool {
	return last == from || c.steps[last-1].group != c.steps[last].group
}

func (c *corpus) visitors() int { return len(c.starts) - 1 }

func (c *corpus) stepsOf(visitor int) []step {
	return c.steps[c.starts[visitor]:c.starts[visitor+1]]
}

// numbering gives things numbers as they come.
type numbering[T comparable] struct {
	numbers map[T]int32
	list    []T
}

func (n *numbering[T]) of(v T) int32 {
	if i, known := n.numbers[v]; known {
		return i
	}
	if n.numbers == nil {
		n.numbers = map[T]int32{}
	}
	i := int32(len(n.list))
	n.numbers[v] = i
	n.list = append(n.list, v)
	return i
}

// sorted gives the things in order, and for each number its rank there.
func (n *numbering[T]) sorted(compare func(a, b T) int) ([]T, []int32) {
	order := make([]int32, len(n.list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return compare(n.list[a], n.list[b]) })
	list, rank := make([]T, len(order)), make([]int32, len(order))
	for i, was := range order {
		list[i], rank[was] = n.list[was], int32(i)
	}
	return list, rank
}
