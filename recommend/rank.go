package recommend

import (
	"fmt"
	"math"
)

// Ranker orders candidates by what it has learned of how much each source is
// to be believed, and when: the sum of oblivious regression trees over the
// features of a candidate (see feature matrix). It never changes.
type Ranker struct {
	sources   []string
	examples  int
	ablations []Ablation // of all sources that it could read
	trees     []tree
	packed    packed
}

// tree asks the same question of all nodes of a level: bit l of the leaf is
// whether the feature that level l asks for lies above its cut.
type tree struct {
	feature []uint16
	cut     []float32
	value   []float32 // by leaf
}

// Sources names the sources whose proposals the ranker reads.
func (r *Ranker) Sources() []string { return r.sources }

// Ablations lists the sources that the ranker could read, and what each is worth.
func (r *Ranker) Ablations() []Ablation { return r.ablations }

func (r *Ranker) String() string {
	return fmt.Sprintf("%d trees learned from %d requests, %d of %d sources asked", len(r.trees), r.examples, len(r.sources), len(r.ablations))
}

// Score is how much a candidate is worth, a logarithm: a difference of ln 2
// within one request says that the one is twice as likely wanted.
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
// tree does not have asks for what is never so.
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
// branch would be guessed wrong half of the time.
func above(x, cut float32) uint32 { return math.Float32bits(cut-x) >> 31 }

// ready prepares trees for being asked.
func (r *Ranker) ready() *Ranker {
	r.packed = pack(r.trees)
	return r
}
