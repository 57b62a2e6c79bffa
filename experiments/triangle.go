package experiments

import (
	"bytes"
	"fmt"
	"math/big"
)

// Triangle is Σ v·vᵀ over units for a vector v = (1, y, …) of whole numbers:
// the upper triangle, row by row. It is exact whatever the size, so that the
// order in which units and facts arrive cannot show in it.
//
// Entry (0,0) is the number of units, (0,j) the sum of v_j, (i,j) the sum of
// the products.
type Triangle struct {
	dim  int
	sums []big.Int
}

// NewTriangle returns the empty sum for vectors of length dim.
func NewTriangle(dim int) Triangle {
	return Triangle{dim, make([]big.Int, dim*(dim+1)/2)}
}

// Dim is the length of the vectors.
func (t Triangle) Dim() int { return t.dim }

// At is the entry of row i and column j, in either order. The caller must not
// change it.
func (t Triangle) At(i, j int) *big.Int {
	if i > j {
		i, j = j, i
	}
	return &t.sums[i*t.dim-i*(i-1)/2+j-i]
}

// Add adds o, which must have the same dimension.
func (t Triangle) Add(o Triangle) {
	for k := range t.sums {
		t.sums[k].Add(&t.sums[k], &o.sums[k])
	}
}

// subtract takes o away, which must have the same dimension.
func (t Triangle) subtract(o Triangle) {
	for k := range t.sums {
		t.sums[k].Sub(&t.sums[k], &o.sums[k])
	}
}

// addOuter adds sign · v·vᵀ.
func (t Triangle) addOuter(v []int64, sign int64) {
	var a, b, product big.Int
	k := 0
	for i, x := range v {
		a.SetInt64(sign * x)
		for _, y := range v[i:] {
			if x != 0 && y != 0 {
				t.sums[k].Add(&t.sums[k], product.Mul(&a, b.SetInt64(y)))
			}
			k++
		}
	}
}

// IsZero reports whether every entry is 0.
func (t Triangle) IsZero() bool {
	for k := range t.sums {
		if t.sums[k].Sign() != 0 {
			return false
		}
	}
	return true
}

// MarshalText writes the entries as decimals with blanks between them: the
// form in which moments are stored, readable by anyone with a database shell.
func (t Triangle) MarshalText() ([]byte, error) {
	var b []byte
	for k := range t.sums {
		if k > 0 {
			b = append(b, ' ')
		}
		b = t.sums[k].Append(b, 10)
	}
	return b, nil
}

// maxDim bounds the vectors of a stored triangle: 1, y, d and a few covariates.
const maxDim = 16

// UnmarshalText reads what MarshalText wrote.
func (t *Triangle) UnmarshalText(text []byte) error {
	n := 0
	for word := range bytes.FieldsSeq(text) {
		_ = word
		n++
	}
	dim := 1
	for dim*(dim+1)/2 < n && dim < maxDim {
		dim++
	}
	if dim*(dim+1)/2 != n {
		return fmt.Errorf("%d numbers are not a triangle", n)
	}
	*t = NewTriangle(dim)
	k := 0
	for word := range bytes.FieldsSeq(text) {
		if len(word) > 200 {
			return fmt.Errorf("number %d of a triangle is too long", k)
		}
		if small, ok := shortInt(word); ok {
			t.sums[k].SetInt64(small)
		} else if _, ok := t.sums[k].SetString(string(word), 10); !ok {
			return fmt.Errorf("%q in a triangle is not a whole number", word)
		}
		k++
	}
	return nil
}

// shortInt reads a number of at most 18 digits, as nearly all are: a report
// reads hundreds of thousands.
func shortInt(b []byte) (n int64, ok bool) {
	negative := b[0] == '-'
	if negative {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, d := range b {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = 10*n + int64(d-'0')
	}
	if negative {
		n = -n
	}
	return n, true
}
