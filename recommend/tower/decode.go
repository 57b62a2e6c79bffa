package tower

import (
	"encoding/binary"
	"errors"
	"math"
)

var (
	errShort  = errors.New("its parts do not fill it")
	errRange  = errors.New("a number is out of range")
	errFinite = errors.New("a weight is not finite, or too large")
)

// decoder takes numbers from the front of b. After the first error it gives
// zeros, so that err is looked at between parts.
type decoder struct {
	b   []byte
	err error
}

func (r *decoder) fail(err error) {
	if r.err == nil {
		r.err = err
	}
	r.b = nil
}

func (r *decoder) uint32() uint32 {
	if len(r.b) < 4 {
		r.fail(errShort)
		return 0
	}
	v := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

// count reads a number from low to high of things of at least size bytes each.
func (r *decoder) count(low, high, size int) int {
	n := r.uint32()
	if r.err == nil && (int64(n) < int64(low) || int64(n) > int64(high)) {
		r.fail(errRange)
	}
	if r.err == nil && int64(n)*int64(size) > int64(len(r.b)) {
		r.fail(errShort)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

func (r *decoder) text() string {
	n := r.count(0, math.MaxInt32, 1)
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

// maxWeight is far beyond what training makes, and small enough for products
// of three of them to stay finite.
const maxWeight = 1e6

// floats reads rows of dims numbers, and lays them stride apart.
func (r *decoder) floats(rows, dims, stride int) []float32 {
	if r.err == nil && int64(rows)*int64(dims)*4 > int64(len(r.b)) {
		r.fail(errShort)
	}
	if r.err != nil {
		return nil
	}
	out := make([]float32, rows*stride)
	for i := range rows {
		for d := range dims {
			x := math.Float32frombits(r.uint32())
			if !(x >= -maxWeight && x <= maxWeight) {
				r.fail(errFinite)
				return nil
			}
			out[i*stride+d] = x
		}
	}
	return out
}

func decode(payload []byte) (*Model, error) {
	r := &decoder{b: payload}
	m := &Model{kernel: fastest()}
	m.dims = r.count(1, MaxDims, 0)
	m.stride = roundUp(m.dims, tileCols)
	m.items = r.count(0, MaxItems, 4+8*m.dims)
	m.encoder.history = r.count(1, maxHistory, 0)
	fields, features := r.count(0, math.MaxInt32, 4), r.count(0, math.MaxInt32, 8+12*m.dims)
	m.vocabulary = r.vocabulary(fields, features)
	m.encoder.features = int32(features)
	m.encoder.latest = r.bags(m.items, features)
	copy(m.scales.place[:], r.floats(1, maxHistory, maxHistory))
	copy(m.scales.event[:], r.floats(1, MaxEvents, MaxEvents))
	copy(m.scales.gap[:], r.floats(1, gapBuckets, gapBuckets))
	m.vectors = r.floats(m.items, m.dims, m.dims)
	m.past = r.floats(m.items, m.dims, m.stride)
	m.idFeatures = r.floats(features, m.dims, m.stride)
	m.pastFeatures = r.floats(features, m.dims, m.stride)
	m.context = r.floats(contextRows(m.vocabulary), m.dims, m.stride)
	if r.err == nil && len(r.b) > 0 {
		r.fail(errShort)
	}
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

func (r *decoder) vocabulary(fields, features int) *Vocabulary {
	names := make([]string, fields)
	for i := range names {
		names[i] = r.text()
	}
	v := &Vocabulary{}
	for i := range features {
		field := r.uint32()
		value := r.text()
		if r.err == nil && int64(field) >= int64(fields) {
			r.fail(errRange)
		}
		if r.err != nil {
			return v
		}
		if v.Number(names[field], value) != int32(i) || v.numbers[names[field]] != int32(field) {
			r.fail(errRange) // the same twice, or fields not in their order
			return v
		}
	}
	if r.err == nil && len(v.fields) != fields {
		r.fail(errRange)
	}
	return v
}

func (r *decoder) bags(items, features int) *bags {
	b := &bags{starts: make([]int32, 1, items+1)}
	for range items {
		for range r.count(0, features, 4) {
			f := r.uint32()
			if int64(f) >= int64(features) {
				r.fail(errRange)
			}
			b.ids = append(b.ids, int32(f))
		}
		if r.err != nil {
			return b
		}
		b.starts = append(b.starts, int32(len(b.ids)))
	}
	// Only the ids matter.
	b.weights = make([]float32, len(b.ids))
	return b
}
