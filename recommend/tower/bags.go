package tower

import (
	"cmp"
	"slices"
)

// bags holds the features of many items, each with its weight: 1/√n for each of
// the n features of one field, so that ten tags do not shout down one brand.
type bags struct {
	starts  []int32
	ids     []int32
	weights []float32
}

func newBags(lists [][]int32, v *Vocabulary) *bags {
	b := &bags{starts: make([]int32, 1, len(lists)+1)}
	for _, list := range lists {
		b.add(list, v)
	}
	return b
}

func (b *bags) add(list []int32, v *Vocabulary) {
	from := len(b.ids)
	b.ids = append(b.ids, list...)
	ids := b.ids[from:]
	field := func(f int32) int32 { return v.features[f].field }
	slices.SortFunc(ids, func(x, y int32) int { return cmp.Or(cmp.Compare(field(x), field(y)), cmp.Compare(x, y)) })
	ids = slices.Compact(ids)
	b.ids = b.ids[:from+len(ids)]
	for i := 0; i < len(ids); {
		n := 1
		for i+n < len(ids) && field(ids[i+n]) == field(ids[i]) {
			n++
		}
		for range n {
			b.weights = append(b.weights, 1/root(float32(n)))
		}
		i += n
	}
	b.starts = append(b.starts, int32(len(b.ids)))
}

func (b *bags) of(i int32) (ids []int32, weights []float32) {
	from, to := b.starts[i], b.starts[i+1]
	return b.ids[from:to], b.weights[from:to]
}

// only is the part of b whose fields are named.
func (b *bags) only(v *Vocabulary, fields []string) *bags {
	out := &bags{starts: make([]int32, 1, len(b.starts))}
	for i := range len(b.starts) - 1 {
		ids, _ := b.of(int32(i))
		for _, f := range ids {
			if slices.Contains(fields, v.fields[v.features[f].field]) {
				out.ids = append(out.ids, f)
				out.weights = append(out.weights, 1)
			}
		}
		out.starts = append(out.starts, int32(len(out.ids)))
	}
	return out
}
