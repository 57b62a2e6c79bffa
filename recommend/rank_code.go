package recommend

import (
	"math"
	"slices"
	"strings"
)

const (
	maxTrees = 10_000
	maxDepth = 8
)

// encode writes the ranker into its model: some 150 bytes a tree.
func (r *Ranker) encode(b []byte) []byte {
	b = appendCount(b, len(r.ablations))
	for _, w := range r.ablations {
		b = appendFloats(appendBool(appendString(b, w.Source), w.Used), []float32{w.Lost})
	}
	b = appendCount(b, r.examples)
	b = appendCount(b, len(r.trees))
	for _, t := range r.trees {
		b = appendCount(b, len(t.feature))
		for _, f := range t.feature {
			b = appendCount(b, int(f))
		}
		b = appendFloats(b, t.cut)
		b = appendFloats(b, t.value)
	}
	return b
}

// decodeRanker reads what encode wrote, and fails of trees that could not score.
func decodeRanker(d *decoder) *Ranker {
	r := &Ranker{}
	r.ablations = decodeAblations(d)
	r.sources = usedSources(r.ablations)
	r.examples = d.count(math.MaxInt32, 0)
	width := rankWidth(len(r.sources))
	for range d.count(maxTrees, 5) {
		levels := d.count(maxDepth, 5)
		t := tree{feature: make([]uint16, levels)}
		for l := range t.feature {
			f := d.uvarint()
			if f >= uint64(width) {
				d.fail()
			}
			t.feature[l] = uint16(f)
		}
		t.cut, t.value = d.floats(levels), d.floats(1<<levels)
		for _, v := range append(t.cut[:len(t.cut):len(t.cut)], t.value...) {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				d.fail()
			}
		}
		if d.err != nil {
			return &Ranker{}
		}
		r.trees = append(r.trees, t)
	}
	return r.ready()
}

func decodeAblations(d *decoder) (out []Ablation) {
	for range d.count(64, 6) {
		w := Ablation{Source: strings.Clone(d.string()), Used: d.bool(), Lost: math.Float32frombits(d.uint32())}
		known := func(other Ablation) bool { return other.Source == w.Source }
		if !slices.Contains(Sources(), w.Source) || slices.ContainsFunc(out, known) {
			d.fail() // of a program that has other sources
		}
		if !(w.Lost >= -1 && w.Lost <= 1) {
			d.fail()
		}
		out = append(out, w)
	}
	return out
}
