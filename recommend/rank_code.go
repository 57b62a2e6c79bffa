package recommend

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

const (
	rankerKind    = "ranker"
	rankerVersion = 3
	maxTrees      = 10_000
	maxDepth      = 8
)

// Encode writes the ranker: some 150 bytes a tree.
func (r *Ranker) Encode(w io.Writer) error {
	return Seal(w, rankerKind, rankerVersion, r.encode(nil))
}

func (r *Ranker) encode(b []byte) []byte {
	b = appendCount(b, len(r.worths))
	for _, w := range r.worths {
		b = appendFloats(appendBool(appendString(b, w.Source), w.Asked), []float32{w.Earned})
	}
	b = appendCount(b, r.lessons)
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

// DecodeRanker reads what Encode wrote. A file that is cut short, damaged, of
// another kind, or of trees that could not score is refused with ErrSealed.
func DecodeRanker(r io.Reader) (*Ranker, error) {
	payload, err := Unseal(r, rankerKind, rankerVersion)
	if err != nil {
		return nil, err
	}
	d := &decoder{b: string(payload)}
	out := decodeRanker(d)
	if err := d.done(); err != nil {
		return nil, fmt.Errorf("%s: %w: %w", rankerKind, err, ErrSealed)
	}
	return out, nil
}

func decodeRanker(d *decoder) *Ranker {
	r := &Ranker{}
	r.worths = decodeWorths(d)
	r.sources = askedOf(r.worths)
	r.lessons = d.count(math.MaxInt32, 0)
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

func decodeWorths(d *decoder) (out []Worth) {
	for range d.count(64, 6) {
		w := Worth{Source: strings.Clone(d.string()), Asked: d.bool(), Earned: math.Float32frombits(d.uint32())}
		known := func(other Worth) bool { return other.Source == w.Source }
		if !slices.Contains(Sources(), w.Source) || slices.ContainsFunc(out, known) {
			d.fail() // of a program that has other sources
		}
		if !(w.Earned >= -1 && w.Earned <= 1) {
			d.fail()
		}
		out = append(out, w)
	}
	return out
}
