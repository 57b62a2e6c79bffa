package recommend

import (
	"fmt"
	"math"
)

// Ranker scores candidates by a sum of oblivious regression trees over their
// features (see featureMatrix): it has learned which source to trust, and when.
// It is immutable.
type Ranker struct {
	sources   []string
	examples  int
	ablations []Ablation // of every source that it could have used
	trees     []tree
	packed    packed
}

// tree is oblivious: all nodes of a level have the same split. Bit l of the leaf is
// whether the feature of level l lies above its cut.
type tree struct {
	feature []uint16
	cut     []float32
	value   []float32 // by leaf
}

// Ablations lists the sources that the ranker could use, and what each contributes.
func (r *Ranker) Ablations() []Ablation { return r.ablations }

func (r *Ranker) String() string {
	return fmt.Sprintf("%d trees learned from %d requests, %d of %d sources asked", len(r.trees), r.examples, len(r.sources), len(r.ablations))
}

// Score is a candidate's log-odds up to a constant of the request: a difference of
// ln 2 says that one candidate is twice as likely to be wanted.
func (r *Ranker) Score(features []float32) float32 {
	sum := float32(0)
	for i := range r.trees {
		sum += r.trees[i].of(features)
	}
	return sum
}

// scores are those of all candidates of a feature matrix.
func (r *Ranker) scores(s *featureMatrix, into []float32) []float32 {
	groups := (s.candidates + lanes - 1) / lanes
	into = resized(into, groups*lanes)
	if groups > 0 && r.packed.trees > 0 {
		scoreGroups(s.cells[:groups*lanes*s.width], s.width, &r.packed, into)
	}
	return into[:s.candidates]
}

// packed are trees as the kernels read them, all of one depth: a level that a
// tree does not have is a split that is never taken.
type packed struct {
	trees, depth int
	feature      []int32 // in lanes: where the feature of candidate 0 lies
	cut          []float32
	value        []float32
}

func pack(trees []tree) (p packed) {
	p.trees, p.depth = len(trees), 1
	for _, t := range trees {
		p.depth = max(p.depth, len(t.feature))
	}
	for _, t := range trees {
		for level := range p.depth {
			if level < len(t.feature) {
				p.feature, p.cut = append(p.feature, int32(t.feature[level])*lanes), append(p.cut, t.cut[level])
			} else {
				p.feature, p.cut = append(p.feature, 0), append(p.cut, float32(math.Inf(1)))
			}
		}
		p.value = append(append(p.value, t.value...), make([]float32, 1<<p.depth-len(t.value))...)
	}
	return p
}

// scoreGroupsGo adds up the trees of each candidate, in their order.
func scoreGroupsGo(cells []float32, width int, p *packed, into []float32) {
	for g := range len(into) / lanes {
		group, sums := cells[g*lanes*width:(g+1)*lanes*width], into[g*lanes:(g+1)*lanes]
		for t := range p.trees {
			var leaf [lanes]uint32
			for level := range p.depth {
				cut := p.cut[t*p.depth+level]
				from := group[p.feature[t*p.depth+level]:]
				for i, x := range from[:lanes] {
					leaf[i] |= above(x, cut) << level
				}
			}
			value := p.value[t<<p.depth:]
			for i := range sums {
				sums[i] += value[leaf[i]]
			}
		}
	}
}

func (t *tree) of(features []float32) float32 {
	leaf := uint32(0)
	for level, f := range t.feature {
		leaf |= above(features[f], t.cut[level]) << level
	}
	return t.value[leaf]
}

// above is 1 if x lies above the cut, else 0: the sign of the difference. A
// branch would be mispredicted half of the time.
func above(x, cut float32) uint32 { return math.Float32bits(cut-x) >> 31 }

// ready packs the trees for the kernels.
func (r *Ranker) ready() *Ranker {
	r.packed = pack(r.trees)
	return r
}
