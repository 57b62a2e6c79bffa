package recommend

import (
	"cmp"
	"slices"

	"github.com/peakday/peakday/events"
)

// workspace is the memory that one request works in. Workspaces are pooled.
type workspace struct {
	filter        filter
	offers        Proposals
	top           topK
	history       []HistoryItem
	affinity      affinity
	candidates    []candidate
	shares        []float32 // of each candidate: one number a source
	order         []int32
	mmr           mmrState
	none          []float32 // zeros, one a source
	features      featureMatrix
	rankerScores  []float32     // of the candidates, as the ranker says
	ablated       featureMatrix // the placed candidates, each without one of its sources
	ablatedScores []float32     // what the ranker says of those
}

// candidate is an item that some source has proposed, or that was put in by a
// rule or to explore.
type candidate struct {
	slot  Slot
	item  *Item   // nil until it is weighed
	score float64 // after all steps so far

	blended   float64 // what the sources say of it
	recency   float64 // what the later steps multiplied by
	stock     float64
	rules     float64
	diversity float64
	explored  bool
	pinned    *Rule
}

// weightedSource is a source with its weight in the blend.
type weightedSource struct {
	Source
	weight float64
}

// begin clears the workspace for a request.
func (d *workspace) begin(c *Catalog, region, category string, exclude []events.ItemID) {
	d.filter.begin(c, c.interner.Len(), region, category)
	d.offers.begin(&d.filter)
	d.affinity.reset()
	for _, item := range exclude {
		d.filter.denyItem(item)
	}
}

// blend asks the sources and scores the union of what they propose. Without a
// ranker each score is divided by the source's highest, weighted, and added up,
// so that 1 is what leads every source; with one, 1 is the candidate that it
// puts first. All candidates are allowed ones.
func (d *workspace) blend(query *Query, m mix, candidates int) {
	d.candidates, d.shares, d.order = d.candidates[:0], d.shares[:0], d.order[:0]
	d.none = resized(d.none, len(m.sources))
	if m.ranker != nil {
		d.none = d.none[:0] // credit makes the shares, of those that are placed
	}
	d.features.reset(len(m.sources))
	total := 0.0
	for i, s := range m.sources {
		d.offers.best.reset(candidates)
		s.Propose(query, &d.offers)
		if m.ranker != nil {
			d.features.addProposals(i, d.offers.best.trim(), d.candidate)
		} else {
			d.addWeighted(i, len(m.sources), s.weight)
		}
		total += s.weight
	}
	if m.ranker != nil {
		d.addItemFeatures(query, m.in)
		d.scoreByRanker(m.ranker)
		return
	}
	for i := range d.candidates {
		d.candidates[i].score /= total
	}
}

// addWeighted adds one source's proposals to the candidates.
func (d *workspace) addWeighted(source, sources int, weight float64) {
	proposed := d.offers.best.trim()
	top := float32(0)
	for _, p := range proposed {
		top = max(top, p.score)
	}
	for _, p := range proposed {
		at := d.candidate(Slot(p.index))
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
func (d *workspace) candidate(slot Slot) int {
	m := d.filter.at(slot)
	if m.candidate() == 0 {
		d.candidates = append(d.candidates, candidate{slot: slot, recency: 1, stock: 1, rules: 1, diversity: 1})
		d.shares = append(d.shares, d.none...)
		m.setCandidate(int32(len(d.candidates)))
	}
	return int(m.candidate()) - 1
}

// rank puts the limit best in order, after the steps that multiply scores; if
// those lead above 1, all come down. They are asked of candidates only that may
// be among the best then: to read an Item is to wait for the memory.
func (d *workspace) rank(w *adjustments, limit int) {
	bar, top := d.adjustBest(w, limit), 1.0
	for i := range d.candidates {
		c := &d.candidates[i]
		if c.item == nil {
			continue
		}
		if top = max(top, c.score); float32(c.score) >= bar {
			d.order = append(d.order, int32(i))
		}
	}
	if top > 1 {
		for i := range d.candidates {
			d.candidates[i].score /= top
		}
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

// adjustBest weighs candidates until the limit best are surely among them, and gives
// the score that those reach.
func (d *workspace) adjustBest(w *adjustments, limit int) (bar float32) {
	top := &d.top
	top.reset(2 * limit)
	for i := range d.candidates {
		top.offer(int32(i), float32(d.candidates[i].score))
	}
	first := top.trim()
	for _, f := range first {
		w.apply(&d.candidates[f.index])
	}
	if len(first) == len(d.candidates) {
		return 0
	}
	for i := range first {
		first[i].score = float32(d.candidates[first[i].index].score)
	}
	selectTop(first, limit)
	bar = first[0].score
	for _, f := range first[:limit] {
		bar = min(bar, f.score)
	}
	most, all := w.maxFactor(), w.hasPins()
	for i := range d.candidates {
		if c := &d.candidates[i]; c.item == nil && (all || float32(c.score*most) >= bar) {
			w.apply(c)
		}
	}
	return bar
}

// levelScores lets the scores fall from place to place: an item that a later step has
// put before a better one counts as much as that.
func (d *workspace) levelScores() {
	most := 0.0
	for i := len(d.order) - 1; i >= 0; i-- {
		c := &d.candidates[d.order[i]]
		most = max(most, c.score)
		c.score = most
	}
}
