package offline

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"

	"github.com/peakday/peakday/recommend"
)

// square is a symmetric matrix of float32 of which the lower half counts, by
// rows, filled up to whole tiles with the unit matrix.
type square struct {
	n, stride int
	data      []float32
}

// A tile of the update is tileRows × tileCols: what fits the registers. A step
// of the sweep takes sweepBlock columns, a multiple of both.
const (
	tileRows   = 6
	tileCols   = 16
	sweepBlock = 240
)

func newSquare(n int) *square {
	stride := (n + sweepBlock - 1) / sweepBlock * sweepBlock
	s := &square{n, stride, make([]float32, stride*stride)}
	for i := n; i < stride; i++ {
		s.data[i*stride+i] = 1
	}
	return s
}

func (s *square) row(i int) []float32 { return s.data[i*s.stride : (i+1)*s.stride] }

// sweep turns a positive definite matrix into minus its inverse, in place, by
// the blocked symmetric sweep (Goodnight, A Tutorial on the SWEEP Operator,
// The American Statistician 33, 1979): for each block k with D = A_kk⁻¹,
//
//	A_ij −= A_ik·D·A_kj,   A_ik = A_ik·D,   A_kk = −D.
//
// That is n³ multiplications and additions, nearly all in the first of these.
// ok is false if a block could not be inverted.
func (s *square) sweep(ctx context.Context) (ok bool, err error) {
	blocks := s.stride / sweepBlock
	column := make([]float32, s.stride*sweepBlock)
	times := make([]float32, s.stride*sweepBlock)
	left, right := make([]float32, len(column)), make([]float32, len(column))
	for k := range blocks {
		s.take(k, column)
		inverse, ok := inverted(column[k*sweepBlock*sweepBlock : (k+1)*sweepBlock*sweepBlock])
		if !ok {
			return false, nil
		}
		err := recommend.InShards(ctx, blocks, 1, func(_, i, _ int) {
			from, to := i*sweepBlock*sweepBlock, (i+1)*sweepBlock*sweepBlock
			multiply(times[from:to], column[from:to], inverse)
			if i == k { // left as it is: it is replaced below
				clear(times[from:to])
			}
			pack(left[from:to], times[from:to], tileRows)
			pack(right[from:to], column[from:to], tileCols)
		})
		if err != nil {
			return false, err
		}
		err = recommend.InShards(ctx, blocks, 1, func(_, i, _ int) {
			i = blocks - 1 - i // the longest first
			s.update(i, left, right)
		})
		if err != nil {
			return false, err
		}
		s.put(k, times, inverse)
	}
	return true, nil
}

// take copies the columns of block k, above the diagonal from the rows.
func (s *square) take(k int, column []float32) {
	from, to := k*sweepBlock, (k+1)*sweepBlock
	for i := range s.stride {
		into := column[i*sweepBlock : (i+1)*sweepBlock]
		switch {
		case i >= to:
			copy(into, s.row(i)[from:to])
		default:
			for j := range into {
				at := from + j
				into[j] = s.data[max(i, at)*s.stride+min(i, at)]
			}
		}
	}
}

// put writes the columns of block k.
func (s *square) put(k int, column, inverse []float32) {
	from, to := k*sweepBlock, (k+1)*sweepBlock
	for i := range s.stride {
		values := column[i*sweepBlock : (i+1)*sweepBlock]
		switch {
		case i >= to:
			copy(s.row(i)[from:to], values)
		case i < from:
			for j, v := range values {
				s.data[(from+j)*s.stride+i] = v
			}
		default:
			for j := range sweepBlock {
				s.row(i)[from+j] = -inverse[(i-from)*sweepBlock+j]
			}
		}
	}
}

// update subtracts left·rightᵀ from the rows of block i, up to the diagonal.
func (s *square) update(i int, left, right []float32) {
	const a, b = tileRows * sweepBlock, tileCols * sweepBlock
	for col := 0; col < (i+1)*sweepBlock; col += tileCols {
		strip := right[col/tileCols*b : (col/tileCols+1)*b]
		for row := i * sweepBlock; row < (i+1)*sweepBlock; row += 2 * tileRows {
			subtractTiles(left[row/tileRows*a:(row/tileRows+2)*a], strip, s.data[row*s.stride+col:], s.stride)
		}
	}
}

// pack lays a block's rows out in strips of so many rows, each by column: as
// the tile's update reads them.
func pack(into, block []float32, rows int) {
	at := 0
	for first := 0; first < sweepBlock; first += rows {
		for c := range sweepBlock {
			for r := range rows {
				into[at] = block[(first+r)*sweepBlock+c]
				at++
			}
		}
	}
}

// multiply sets out = a·b, all of them blocks.
func multiply(out, a, b []float32) {
	block := func(data []float32) blas32.General {
		return blas32.General{Rows: sweepBlock, Cols: sweepBlock, Stride: sweepBlock, Data: data}
	}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, block(a), block(b), 0, block(out))
}

// inverted is the inverse of a block. ok is false if it is not positive
// definite.
func inverted(block []float32) (out []float32, ok bool) {
	sym := mat.NewSymDense(sweepBlock, nil)
	for i := range sweepBlock {
		for j := range i + 1 {
			sym.SetSym(i, j, float64(block[i*sweepBlock+j]))
		}
	}
	var c mat.Cholesky
	if !c.Factorize(sym) {
		return nil, false
	}
	var inverse mat.SymDense
	if err := c.InverseTo(&inverse); err != nil {
		return nil, false
	}
	out = make([]float32, sweepBlock*sweepBlock)
	for i := range sweepBlock {
		for j := range sweepBlock {
			v := inverse.At(i, j)
			if math.IsNaN(v) {
				return nil, false
			}
			out[i*sweepBlock+j] = float32(v)
		}
	}
	return out, true
}

// subtractTileGo is what subtractTile does, in Go.
func subtractTileGo(a, b, c []float32, stride int) {
	var sum [tileRows][tileCols]float32
	for k := range sweepBlock {
		x, y := a[k*tileRows:(k+1)*tileRows], b[k*tileCols:(k+1)*tileCols]
		for r, v := range x {
			for i, w := range y {
				sum[r][i] += v * w
			}
		}
	}
	for r := range sum {
		row := c[r*stride : r*stride+tileCols]
		for i, v := range sum[r] {
			row[i] -= v
		}
	}
}

// addScaled adds by·x to y.
func addScaled(y, x []float32, by float32) { blas32.Axpy(by, vectorOf(x[:len(y)]), vectorOf(y)) }
