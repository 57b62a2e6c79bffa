package recommend

import (
	"math"
	"sync"

	"github.com/peakday/peakday/recommend/ann"
)

// nearest proposes the items whose vectors have the largest dot products with
// the visitor's vector, which the user tower makes of the history, or, of
// factors, the sum of the history's vectors: found by an index where there are many, by
// looking at all items where there are few.
type nearest struct {
	in      *installed
	fading  fading
	scratch sync.Pool
}

const (
	nearestItems = 50
	nearestDecay = 0.9
)

type nearestScratch struct {
	user, scores []float32
	hits         []ann.Hit
	allowed      ann.Bitmap
}

func newNearest(in *installed) *nearest {
	s := &nearest{in: in, fading: newFading(nearestDecay)}
	s.scratch.New = func() any {
		return &nearestScratch{user: make([]float32, in.model.vectors.dims), scores: make([]float32, vectorBlock)}
	}
	return s
}

// indexedFrom is how many vectors are worth an index. Up to some ten thousand
// it looks at all of them and is exact, as the plain scan is; but its codes of
// eight bits take 5,000 vectors in a quarter of the time.
const indexedFrom = 500

// newIndex builds the index of a model's vectors; nil for very few, or where
// the vectors are no numbers, which a scan survives.
func newIndex(v *vectors) *ann.Index {
	if v.items < indexedFrom {
		return nil
	}
	index, err := ann.New(ann.Options{Dimension: v.dims, Links: 16, BuildBreadth: 64})
	if err != nil {
		return nil
	}
	ids, rows := make([]uint32, v.items), make([]float32, v.items*v.dims)
	for i := range ids {
		ids[i] = uint32(i)
		v.add(rows[i*v.dims:(i+1)*v.dims], int32(i), 1)
	}
	if index.InsertAll(ids, rows) != nil {
		return nil
	}
	return index
}

func (s *nearest) Name() string {
	if s.in.model.towers != nil {
		return SourceTowers
	}
	return SourceFactors
}

func (s *nearest) Propose(query *Query, out *Proposals) {
	scratch := s.scratch.Get().(*nearestScratch)
	defer s.scratch.Put(scratch)
	clear(scratch.user)
	if !s.userVector(scratch.user, query) {
		return
	}
	if s.in.index == nil || !s.search(scratch, out) {
		s.scan(scratch, out)
	}
	if s.in.model.towers != nil {
		s.in.cold.propose(s.in, scratch.user, out)
		out.rescale(chance)
	}
}

// chance turns the cosine of two towers into what an item's chance is
// proportional to: the towers learn by a softmax of this sharpness. Cosines by
// themselves hardly fall from the first item to the hundredth.
func chance(cosine float32) float32 { return float32(math.Exp(9 * float64(cosine-1))) }

// scan looks at all items.
func (s *nearest) scan(scratch *nearestScratch, out *Proposals) {
	bar := out.Threshold()
	s.in.model.vectors.dots(scratch.user, scratch.scores, func(first int, scores []float32) {
		for i, score := range scores {
			if score >= bar {
				out.Add(s.in.slots[first+i], score)
				bar = out.Threshold()
			}
		}
	})
}

// search asks the index for more than are wanted, since some are not allowed,
// and for many more if those were not enough. Within a category it asks only
// for those. false if it found too few: then all must be looked at.
func (s *nearest) search(scratch *nearestScratch, out *Proposals) bool {
	var allowed ann.Bitmap
	if out.filter.category != "" {
		allowed = s.among(scratch, out.filter.categorySlots())
	}
	for _, times := range []int{3, 32} {
		k := times * out.best.limit / 2
		scratch.hits = s.in.index.SearchWith(ann.SearchOptions{Unsorted: true}, scratch.user, k, allowed, scratch.hits[:0])
		out.best.reset(out.best.limit)
		least := float32(math.Inf(1))
		for _, hit := range scratch.hits {
			out.Add(s.in.slots[hit.ID], hit.Score)
			least = min(least, hit.Score)
		}
		if out.full() || len(scratch.hits) < k || least <= 0 {
			return true // enough, or there are no more
		}
	}
	return false
}

// among is the set of these items, by the model's numbers.
func (s *nearest) among(scratch *nearestScratch, slots []Slot) ann.Bitmap {
	if len(scratch.allowed) == 0 {
		scratch.allowed = ann.NewBitmap(len(s.in.slots))
	}
	clear(scratch.allowed)
	for _, slot := range slots {
		if number, ok := s.in.number(slot); ok {
			scratch.allowed.Set(uint32(number))
		}
	}
	return scratch.allowed
}

// userVector makes the visitor's vector; false if the model knows nothing of the
// history. query comes as zeros.
func (s *nearest) userVector(userVector []float32, query *Query) (found bool) {
	if s.in.model.towers != nil {
		return s.in.userVector(userVector, query)
	}
	s.in.known(query, nearestItems, func(number int32, t HistoryItem) {
		s.in.model.vectors.add(userVector, number, s.weight(t))
		found = true
	})
	return found
}

func (s *nearest) weight(t HistoryItem) float32 {
	return s.fading.of(t)
}

// Because implements Explainer.
func (s *nearest) Because(query *Query, proposed Slot) (because Slot, ok bool) {
	number, known := s.in.number(proposed)
	if !known {
		return 0, false
	}
	v := s.in.model.vectors
	target := make([]float32, v.dims)
	v.add(target, number, 1)
	most := float32(0)
	s.in.known(query, nearestItems, func(from int32, t HistoryItem) {
		dot := float32(0)
		for d, x := range target {
			dot += x * v.data[v.at(int(from), d)]
		}
		if by := dot * s.weight(t); by > most {
			most, because, ok = by, t.Slot, true
		}
	})
	return because, ok
}
