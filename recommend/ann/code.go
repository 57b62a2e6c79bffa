package ann

import "math"

const (
	codeBlock  = 64   // a row of codes is whole cache lines
	floatBlock = 16   // a row of float32 too
	codeZero   = 128  // the code of 0
	codeMax    = 127  // the largest number in a code, and the least negated
	queryMax   = 8191 // the same of a query's words: 1024·255·8191 < 2³¹
)

// blocks is n rounded up to whole blocks.
func blocks(n, block int) int { return (n + block - 1) / block * block }

// quantisedQuery is a query as the kernels take it: q ≈ words·scale.
//
// The dot product with an item whose codes are u, x ≈ (u−128)·s, is then
// scale·s·(Σ words·u − bias).
type quantisedQuery struct {
	words []int16 // one a code; padded with 0
	// parts are the same for VNNI: for each block of 64 words the 64 high parts
	// and then the 64 low ones, word = 128·high + low, low in [−64, 63].
	parts []int8
	bias  int32   // 128·Σ words
	scale float64 // > 0
}

func newQuantisedQuery(dimension int) *quantisedQuery {
	n := blocks(dimension, codeBlock)
	return &quantisedQuery{words: make([]int16, n), parts: make([]int8, 2*n)}
}

// set takes the float32 query.
func (q *quantisedQuery) set(query []float32) {
	top := largest(query)
	q.scale = 1
	if top > 0 {
		q.scale = float64(top) / queryMax
	}
	inverse := float32(1 / q.scale)
	if math.IsInf(float64(inverse), 0) { // the query is almost 0
		inverse = 0
	}
	for i, x := range query {
		q.words[i] = int16(rounded(x*inverse, queryMax))
	}
	q.split()
}

// setCodes takes an item as the query.
func (q *quantisedQuery) setCodes(codes []uint8, dimension int, scale float64) {
	q.scale = scale / 64
	for i, u := range codes[:dimension] {
		q.words[i] = (int16(u) - codeZero) * 64
	}
	q.split()
}

func (q *quantisedQuery) split() {
	sum := int32(0)
	for at := 0; at < len(q.words); at += codeBlock {
		words := q.words[at : at+codeBlock : at+codeBlock]
		parts := q.parts[2*at : 2*at+2*codeBlock : 2*at+2*codeBlock]
		for i, w := range words {
			high := (w + 64) >> 7
			parts[i] = int8(high)
			parts[codeBlock+i] = int8(w - high<<7)
			sum += int32(w)
		}
	}
	q.bias = codeZero * sum
}

// encode writes the codes of vector, x ≈ (code−128)·scale, and returns the
// length of what was lost.
func encode(vector []float32, scale float32, codes []uint8) (lost float64) {
	inverse := 1 / scale
	for i, x := range vector {
		r := rounded(x*inverse, codeMax)
		codes[i] = uint8(r + codeZero)
		d := float64(x) - float64(r)*float64(scale)
		lost += d * d
	}
	for i := len(vector); i < len(codes); i++ {
		codes[i] = codeZero
	}
	return math.Sqrt(lost)
}

// rounded is x as the nearest whole number, at most top and at least −top.
func rounded(x float32, top int32) int32 {
	if x < 0 {
		return max(int32(x-0.5), -top)
	}
	return min(int32(x+0.5), top)
}

// largest is the largest |x|.
func largest(vector []float32) float32 {
	top := float32(0)
	for _, x := range vector {
		top = max(top, x, -x)
	}
	return top
}

// norm is the vector's length.
func norm(vector []float32) float64 {
	sum := 0.0
	for _, x := range vector {
		sum += float64(x) * float64(x)
	}
	return math.Sqrt(sum)
}

// finite reports whether no number is NaN or infinite.
func finite(vector []float32) bool {
	for _, x := range vector {
		if x-x != 0 {
			return false
		}
	}
	return true
}
