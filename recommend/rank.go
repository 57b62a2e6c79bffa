package recommend

// Ranker orders candidates by what it has learned of how much each source is
// to be believed, and when: the sum of oblivious regression trees over the
// features of a Slate. It never changes.
type Ranker struct {
	sources []string
	trees   []tree
}

// tree asks the same question of all nodes of a level: bit l of the leaf is
// whether the feature that level l asks for lies above its cut.
type tree struct {
	feature []uint16
	cut     []float32
	value   []float32 // by leaf
}

// Sources names the sources whose proposals the ranker reads, in the order in
// which a Slate wants them.
func (r *Ranker) Sources() []string { return r.sources }

// Score is how much a candidate is worth; only differences within one request
// mean something. features is a row of a Slate.
func (r *Ranker) Score(features []float32) float32 {
	sum := float32(0)
	for i := range r.trees {
		t := &r.trees[i]
		leaf := 0
		for level, f := range t.feature {
			if features[f] > t.cut[level] {
				leaf |= 1 << level
			}
		}
		sum += t.value[leaf]
	}
	return sum
}
