package tower

import (
	"math"
	"math/rand/v2"
)

// table is one embedding a row, learned by row-wise Adagrad (Duchi, Hazan,
// Singer 2011; one accumulator a row as in DLRM, Naumov et al. 2019).
type table struct {
	dims   int
	stride int // dims rounded up to tileCols; the columns beyond dims stay zero
	w      []float32
	square []float32 // by row, sum of the mean squares of its gradients
}

func newTable(rows, dims int, spread float64, rng *rand.Rand) *table {
	stride := roundUp(dims, tileCols)
	t := &table{dims, stride, make([]float32, rows*stride), make([]float32, rows)}
	for i := range rows {
		for d := range dims {
			t.w[i*stride+d] = float32(rng.NormFloat64() * spread)
		}
	}
	return t
}

func (t *table) row(i int32) []float32 {
	return t.w[int(i)*t.stride : (int(i)+1)*t.stride : (int(i)+1)*t.stride]
}

// descend takes one step against the gradient.
func (t *table) descend(k kernel, i int32, gradient []float32, rate float32) {
	square := k.dot(gradient, gradient) / float32(t.dims)
	if square == 0 {
		return
	}
	t.square[i] += square
	k.axpy(-rate/(root(t.square[i])+tiny), gradient, t.row(i))
}

const tiny = 1e-6

func root(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// normalise scales v to length 1 and returns the length it had. What has no
// direction becomes zero.
func normalise(k kernel, v []float32) float32 {
	length := root(k.dot(v, v)) + 1e-8
	if !(length <= math.MaxFloat32) {
		clear(v)
		return 1
	}
	for i := range v {
		v[i] /= length
	}
	return length
}

// throughNorm turns the gradient at the unit vector into that at the vector of
// the given length before normalise.
func throughNorm(k kernel, gradient, unit []float32, length float32) {
	k.axpy(-k.dot(gradient, unit), unit, gradient)
	for i := range gradient {
		gradient[i] /= length
	}
}
