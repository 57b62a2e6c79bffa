package tower

import "fmt"

// Model is two trained towers. It never changes and is safe for concurrent use.
type Model struct {
	dims, stride int
	items        int
	vocabulary   *Vocabulary
	encoder      inputEncoder
	scales       scales

	vectors      []float32 // item tower: items × dims, each of length 1
	past         []float32 // what an item in the past says: items × stride
	idFeatures   []float32 // by feature, × stride
	pastFeatures []float32
	context      []float32

	kernel kernel
}

// Dims is the dimension of the vectors.
func (m *Model) Dims() int { return m.dims }

// Items is the number of items that the model knows.
func (m *Model) Items() int { return m.items }

// Vocabulary names the features that the model knows. It must not be written
// to.
func (m *Model) Vocabulary() *Vocabulary { return m.vocabulary }

// Vectors are the vectors of all items by index, Items()·Dims() numbers, each
// vector of length 1: what a search index is built from. The slice is the
// model's own and must not be written to.
func (m *Model) Vectors() []float32 { return m.vectors }

// Vector is the vector of a known item, of length 1. It must not be written to.
func (m *Model) Vector(item int) []float32 {
	return m.vectors[item*m.dims : (item+1)*m.dims : (item+1)*m.dims]
}

// ItemVector is the vector of an item that the model has not seen, from its
// features alone (numbers in Vocabulary): of length 1, or zero if it has none.
func (m *Model) ItemVector(features []int32) ([]float32, error) {
	if f, ok := outOfRange(features, m.vocabulary.Len()); ok {
		return nil, fmt.Errorf("feature %d, the vocabulary has %d: %w", f, m.vocabulary.Len(), ErrCorpus)
	}
	v := make([]float32, m.stride)
	m.addFeatures(v, m.idFeatures, features, 1)
	normalise(m.kernel, v)
	return v[:m.dims:m.dims], nil
}

// Fits reports with ErrModel when the model does not fit a shop: it has another
// dimension, fewer or more items, or knows other features by the same numbers
// (features that v has gained since training are no fault).
func (m *Model) Fits(dims, items int, v *Vocabulary) error {
	switch {
	case m.dims != dims:
		return fmt.Errorf("the model has %d dimensions, not %d: %w", m.dims, dims, ErrModel)
	case m.items != items:
		return fmt.Errorf("the model has %d items, not %d: %w", m.items, items, ErrModel)
	case m.vocabulary.Len() > v.Len():
		return fmt.Errorf("the model knows %d features, not %d: %w", m.vocabulary.Len(), v.Len(), ErrModel)
	}
	for i, f := range m.vocabulary.features {
		g := v.features[i]
		if f.value != g.value || m.vocabulary.fields[f.field] != v.fields[g.field] {
			return fmt.Errorf("feature %d is %s %q in the model, not %s %q: %w",
				i, m.vocabulary.fields[f.field], f.value, v.fields[g.field], g.value, ErrModel)
		}
	}
	return nil
}

// UserVector is the vector of a visitor at a moment, in seconds since 1970 on
// the shop's own clock, 0 if not known. It has length 1; its inner product
// with an item's vector is the item's score. All visitors without
// steps and features get one vector: it ranks by popularity.
func (m *Model) UserVector(v *Visitor, now int64) ([]float32, error) {
	if err := v.check(m.items, m.vocabulary.Len()); err != nil {
		return nil, err
	}
	var in userInput
	m.encoder.encode(&in, v.Steps, v.Features, now, nil, 0)
	u := make([]float32, m.stride)
	m.user(u, &in, v.Unknown)
	return u[:m.dims:m.dims], nil
}

func (m *Model) user(u []float32, in *userInput, unknown [][]int32) {
	for _, step := range in.steps {
		weight := m.scales.of(step)
		if step.item < 0 {
			m.addFeatures(u, m.pastFeatures, unknown[-1-step.item], weight)
			continue
		}
		m.kernel.axpy(weight, m.row(m.past, step.item), u)
	}
	for _, c := range in.context {
		m.kernel.axpy(1, m.row(m.context, c), u)
	}
	normalise(m.kernel, u)
}

func (m *Model) row(table []float32, i int32) []float32 {
	return table[int(i)*m.stride : (int(i)+1)*m.stride]
}

func (m *Model) addFeatures(v, table []float32, features []int32, weight float32) {
	b := newBags([][]int32{features}, m.vocabulary)
	ids, weights := b.of(0)
	for i, f := range ids {
		m.kernel.axpy(weight*weights[i], m.row(table, f), v)
	}
}

// snapshot is the model as learned so far.
func (t *trainer) snapshot() *Model {
	n, stride := len(t.corpus.Items), t.id.stride
	m := &Model{
		dims: t.options.Dims, stride: stride, items: n,
		vocabulary: t.corpus.Vocabulary.clone(), encoder: t.encoder, scales: t.scales,
		vectors: make([]float32, n*t.options.Dims), past: make([]float32, n*stride),
		idFeatures: append([]float32(nil), t.idFeatures.w...), pastFeatures: append([]float32(nil), t.pastFeatures.w...),
		context: append([]float32(nil), t.context.w...),
		kernel:  t.kernel,
	}
	forEachShard(shardsOf(n), func(shard int) {
		v := make([]float32, stride)
		for i := shard * shardRows; i < min((shard+1)*shardRows, n); i++ {
			t.sum(v, int32(i), t.idFeatures, t.id)
			normalise(t.kernel, v)
			copy(m.vectors[i*m.dims:(i+1)*m.dims], v)
			t.sum(m.past[i*stride:(i+1)*stride], int32(i), t.pastFeatures, t.id, t.past)
		}
	})
	return m
}

// sum sets v to the sum of an item's ids and features.
func (t *trainer) sum(v []float32, item int32, features *table, ids ...*table) {
	clear(v)
	for _, id := range ids {
		t.kernel.axpy(1, id.row(item), v)
	}
	bag, weights := t.bags.of(item)
	for j, f := range bag {
		t.kernel.axpy(weights[j], features.row(f), v)
	}
}

// score is the inner product of a user's vector and an item's.
func (m *Model) score(u []float32, item int) float32 {
	v := m.Vector(item)
	whole := len(v) / tileCols * tileCols
	sum := m.kernel.dot(v[:whole], u[:whole])
	for i := whole; i < len(v); i++ {
		sum += v[i] * u[i]
	}
	return sum
}
