package recommend

import (
	"cmp"
	"slices"

	"github.com/peakday/peakday/events"
)

// desk is what one request works on. Desks are used again.
type desk struct {
	filter     filter
	offers     Offers
	top        best
	tastes     []Taste
	likes      likes
	candidates []candidate
	shares     []float32 // of each candidate: one number a source
	order      []int32
	unlike     unlikeness
	slate      slate
	said       []float32 // what each tree of the ranker says of a row
	worth      []float32 // of the candidates, as the ranker says
	rows       []float32 // two of the slate
}

// candidate is an item that some source has proposed, or that was put in by a
// rule or to explore.
type candidate struct {
	slot  Slot
	item  *Item
	score float64 // after all steps so far

	blended  float64 // what the sources say of it
	recency  float64 // what the later steps multiplied by
	stand    float64
	ruled    float64
	spread   float64
	explored bool
	pinned   *Rule
}

// sourced is a source with its weight in the blend.
type sourced struct {
	Source
	weight float64
}

// begin clears the desk for a request.
func (d *desk) begin(c *Catalog, region, category string, exclude []events.ItemID) {
	d.filter.begin(c, c.register.Len(), region, category)
	d.offers.begin(&d.filter)
	d.likes.forget()
	for _, item := range exclude {
		d.filter.denyItem(item)
	}
}

// blend asks the sources and scores the union of what they propose. Without a
// ranker each score is divided by the source's highest, weighted, and added up,
// so that 1 is what leads every source; with one, 1 is the candidate that it
// puts first. All candidates are allowed ones.
func (d *desk) blend(ask *Ask, m mix, candidates int) {
	d.candidates, d.shares, d.order = d.candidates[:0], d.shares[:0], d.order[:0]
	d.slate.begin(len(m.sources))
	total := 0.0
	for i, s := range m.sources {
		d.offers.best.reset(candidates)
		s.Propose(ask, &d.offers)
		d.take(i, len(m.sources), s.weight)
		if m.ranker != nil {
			d.slate.propose(i, d.offers.best.settle(), func(slot Slot) int { return d.candidate(slot, len(m.sources)) })
		}
		total += s.weight
	}
	if m.ranker != nil {
		d.describe(ask, m.in)
		d.judge(m.ranker)
		total = 1
	}
	for i := range d.candidates {
		c := &d.candidates[i]
		c.item = d.filter.catalog.At(c.slot)
		c.score /= total
		c.blended, c.recency, c.stand, c.ruled, c.spread = c.score, 1, 1, 1, 1
		d.order = append(d.order, int32(i))
	}
}

// take adds one source's proposals to the candidates.
func (d *desk) take(source, sources int, weight float64) {
	proposed := d.offers.best.settle()
	top := float32(0)
	for _, p := range proposed {
		top = max(top, p.score)
	}
	for _, p := range proposed {
		at := d.candidate(Slot(p.index), sources)
		share := weight * float64(p.score/top)
		if d.shares[at*sources+source] != 0 {
			continue // proposed twice: a category may list an item twice
		}
		d.candidates[at].score += share
		d.shares[at*sources+source] = float32(share)
	}
}

// candidate is the number of the slot's candidate, a new one with score 0 if
// it is none yet.
func (d *desk) candidate(slot Slot, sources int) int {
	m := d.filter.at(slot)
	if m.candidate() == 0 {
		d.candidates = append(d.candidates, candidate{slot: slot, recency: 1, stand: 1, ruled: 1, spread: 1})
		for range sources {
			d.shares = append(d.shares, 0)
		}
		m.setCandidate(int32(len(d.candidates)))
	}
	return int(m.candidate()) - 1
}

// weigh multiplies the scores by what is known of the items: their age, their
// stock, and the rules. If that leads above 1, all come down.
func (d *desk) weigh(ask *Ask, policy *Policy, rules []*Rule) {
	top := 1.0
	for i := range d.candidates {
		c := &d.candidates[i]
		c.recency = policy.recency(c.item, ask.AsOf)
		c.stand = policy.stand(c.item, d.filter.region)
		for _, rule := range rules {
			if rule.Do != Pin && rule.Where.matches(c.item) {
				c.ruled *= rule.Factor
			}
		}
		c.score = c.blended * c.recency * c.stand * c.ruled
		top = max(top, c.score)
	}
	if top > 1 {
		for i := range d.candidates {
			d.candidates[i].score /= top
		}
	}
}

// rank puts the limit best in order and drops the others. Only those that
// reach the bar of a first pass are sorted.
func (d *desk) rank(limit int) {
	if len(d.order) > 4*limit {
		top := &d.top
		top.reset(limit)
		for _, at := range d.order {
			top.offer(at, float32(d.candidates[at].score))
		}
		top.settle()
		d.order = slices.DeleteFunc(d.order, func(at int32) bool { return float32(d.candidates[at].score) < top.bar })
	}
	slices.SortFunc(d.order, func(a, b int32) int {
		x, y := &d.candidates[a], &d.candidates[b]
		if x.score != y.score {
			return cmp.Compare(y.score, x.score)
		}
		return cmp.Compare(x.item.ID, y.item.ID)
	})
	d.order = d.order[:min(limit, len(d.order))]
}

// level lets the scores fall from place to place: an item that a later step has
// put before a better one counts as much as that.
func (d *desk) level() {
	most := 0.0
	for i := len(d.order) - 1; i >= 0; i-- {
		c := &d.candidates[d.order[i]]
		most = max(most, c.score)
		c.score = most
	}
}
