package experiments

import (
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
	sums []int192
}

// NewTriangle returns the empty sum for vectors of length dim.
func NewTriangle(dim int) Triangle {
	return Triangle{dim, make([]int192, dim*(dim+1)/2)}
}

// Dim is the length of the vectors.
func (t Triangle) Dim() int { return t.dim }

// At is the entry of row i and column j, in either order.
func (t Triangle) At(i, j int) *big.Int { return t.at(i, j).int() }

func (t Triangle) at(i, j int) *int192 {
	if i > j {
		i, j = j, i
	}
	return &t.sums[i*t.dim-i*(i-1)/2+j-i]
}

// count is the entry of row 0 and column j where that is a count, which always
// fits.
func (t Triangle) count(j int) int64 { return int64(t.at(0, j)[0]) }

// Add adds o, which must have the same dimension.
func (t Triangle) Add(o Triangle) {
	for k := range t.sums {
		t.sums[k].add(&o.sums[k])
	}
}

// subtract takes o away, which must have the same dimension.
func (t Triangle) subtract(o Triangle) {
	for k := range t.sums {
		t.sums[k].subtract(&o.sums[k])
	}
}

// addOuter adds sign · v·vᵀ; sign is 1 or -1.
func (t Triangle) addOuter(v []int64, sign int64) {
	k := 0
	for i, x := range v {
		for _, y := range v[i:] {
			if product := mulInt64(x, y); sign < 0 {
				t.sums[k].subtract(&product)
			} else {
				t.sums[k].add(&product)
			}
			k++
		}
	}
}

// IsZero reports whether every entry is 0.
func (t Triangle) IsZero() bool {
	for k := range t.sums {
		if !t.sums[k].isZero() {
			return false
		}
	}
	return true
}

// MarshalText writes the entries as decimals with blanks between them: the
// form in which moments are stored, readable by anyone with a database shell.
func (t Triangle) MarshalText() ([]byte, error) {
	return t.append(nil), nil
}

func (t Triangle) append(b []byte) []byte {
	for k := range t.sums {
		if k > 0 {
			b = append(b, ' ')
		}
		b = t.sums[k].append(b)
	}
	return b
}

// maxDim bounds the vectors of a stored triangle: 1, y, d and a few covariates.
const maxDim = 16

// UnmarshalText reads what MarshalText wrote.
func (t *Triangle) UnmarshalText(text []byte) error {
	*t = Triangle{}
	return t.AddText(text)
}

// AddText adds what MarshalText wrote; a triangle without dimension takes that
// of the text.
func (t *Triangle) AddText(text []byte) error {
	var numbers [maxDim * (maxDim + 1) / 2]int192
	n := 0
	for word, rest := nextWord(text); len(word) > 0; word, rest = nextWord(rest) {
		if n == len(numbers) {
			return fmt.Errorf("more than %d numbers are not a triangle", n)
		}
		var ok bool
		if numbers[n], ok = parseInt192(word); !ok {
			return fmt.Errorf("number %d of a triangle is not a whole number of at most %d digits", n+1, maxInt192Digits)
		}
		n++
	}
	dim := dimOf(n)
	switch {
	case dim == 0:
		return fmt.Errorf("%d numbers are not a triangle", n)
	case t.dim == 0:
		*t = NewTriangle(dim)
	case t.dim != dim:
		return fmt.Errorf("dimension %d instead of %d", dim, t.dim)
	}
	for k := range t.sums {
		t.sums[k].add(&numbers[k])
	}
	return nil
}

// dimOf is the length of vectors with n products; 0 if there is none.
func dimOf(n int) int {
	dim := 1
	for dim*(dim+1)/2 < n {
		dim++
	}
	if dim*(dim+1)/2 != n {
		return 0
	}
	return dim
}

// nextWord cuts off the first word of a text; it is empty at the end.
func nextWord(text []byte) (word, rest []byte) {
	from := 0
	for from < len(text) && isBlank(text[from]) {
		from++
	}
	to := from
	for to < len(text) && !isBlank(text[to]) {
		to++
	}
	return text[from:to], text[to:]
}

func isBlank(b byte) bool { return b == ' ' || b == '\t' || b == '\n' }
