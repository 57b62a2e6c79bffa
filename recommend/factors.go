package recommend

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/mat"
)

// Factors: items are embedded so that the dot product of two is their similarity
// as far as `dims` directions can tell. With X the matrix of visitors and
// items, each row and column scaled by 1/√ of its count, and XᵀX ≈ VΛVᵀ by
// randomised subspace iteration (Halko, Martinsson, Tropp, SIAM Review 2011,
// algorithms 4.4 and 5.3), the vector of item i is row i of VΛ^¼: dot products
// are then those of VΛ^½Vᵀ, halfway between similarity itself (VΛVᵀ) and the
// projection that knows no strength (VVᵀ, PureSVD). On two shops the exponent
// hardly mattered.
const (
	oversample = 10 // directions beyond those kept
	iterations = 3
)

// dense is a matrix of float32 by rows.
type dense struct {
	rows, cols int
	data       []float32
}

func newDense(rows, cols int) *dense { return &dense{rows, cols, make([]float32, rows*cols)} }

func (d *dense) row(i int) []float32 { return d.data[i*d.cols : (i+1)*d.cols] }

// general is rows from … to of d.
func (d *dense) general(from, to int) blas32.General {
	return blas32.General{Rows: to - from, Cols: d.cols, Stride: d.cols, Data: d.data[from*d.cols : to*d.cols]}
}

// factors returns the vector of each item; directions that the data does not
// have are zero.
func (t *interactionMatrix) factors(ctx context.Context, dims int, seed uint64) (*dense, error) {
	n, visitors := len(t.colStarts)-1, len(t.rowStarts)-1
	if n == 0 || visitors == 0 {
		return newDense(n, dims), nil
	}
	y, z := randomDense(n, min(dims+oversample, n), seed), newDense(visitors, min(dims+oversample, n))
	for i := range iterations + 1 {
		if i > 0 {
			if err := t.transposedTimes(ctx, z, y); err != nil {
				return nil, err
			}
		}
		if err := orthonormal(ctx, y); err != nil {
			return nil, err
		}
		if err := t.times(ctx, y, z); err != nil {
			return nil, err
		}
	}
	turn, err := ritz(ctx, z, dims)
	if err != nil {
		return nil, err
	}
	return rotated(ctx, y, turn)
}

func randomDense(rows, cols int, seed uint64) *dense {
	d := newDense(rows, cols)
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	for i := range d.data {
		d.data[i] = float32(rng.NormFloat64())
	}
	return d
}

// ritz turns the columns of Y into the dims largest eigenvectors of XᵀX, times
// Λ^¼, given z = X·Y (Rayleigh and Ritz): they are those of zᵀz.
func ritz(ctx context.Context, z *dense, dims int) (*mat.Dense, error) {
	gram, err := gramOf(ctx, z)
	if err != nil {
		return nil, err
	}
	values, vectors := eigen(gram)
	into := mat.NewDense(z.cols, dims, nil)
	for to := range min(dims, z.cols) {
		from := z.cols - 1 - to
		factor := math.Sqrt(math.Sqrt(max(0, values[from])))
		if firstSign(vectors, from) < 0 {
			factor = -factor
		}
		for i := range z.cols {
			into.Set(i, to, factor*vectors.At(i, from))
		}
	}
	return into, nil
}

// firstSign fixes an eigenvector's sign, which is otherwise free.
func firstSign(m *mat.Dense, column int) float64 {
	for i := range m.RawMatrix().Rows {
		if v := m.At(i, column); math.Abs(v) > 1e-9 {
			return v
		}
	}
	return 1
}

// times sets z = X·y.
func (t *interactionMatrix) times(ctx context.Context, y, z *dense) error {
	return inShards(ctx, z.rows, 256, func(_, from, to int) {
		for v := from; v < to; v++ {
			out := z.row(v)
			clear(out)
			items := t.row(v)
			for _, item := range items {
				addScaled(out, y.row(int(item)), t.colScale(int(item)))
			}
			scale(out, rootOf(len(items)))
		}
	})
}

// transposedTimes sets y = Xᵀ·z.
func (t *interactionMatrix) transposedTimes(ctx context.Context, z, y *dense) error {
	return inShards(ctx, y.rows, 256, func(_, from, to int) {
		for item := from; item < to; item++ {
			out := y.row(item)
			clear(out)
			for _, v := range t.col(item) {
				addScaled(out, z.row(int(v)), rootOf(len(t.row(int(v)))))
			}
			scale(out, t.colScale(item))
		}
	})
}

func (t *interactionMatrix) colScale(item int) float32 { return rootOf(len(t.col(item))) }

// rootOf is 1/√n.
func rootOf(n int) float32 {
	if n == 0 {
		return 0
	}
	return float32(1 / math.Sqrt(float64(n)))
}

func addScaled(y, x []float32, by float32) {
	x = x[:len(y)]
	for i := range y {
		y[i] += by * x[i]
	}
}

func scale(y []float32, by float32) {
	for i := range y {
		y[i] *= by
	}
}

// gramShard is how many rows are multiplied at a time; their products are
// added up in this order, whoever made them.
const gramShard = 4096

// gramOf is dᵀd.
func gramOf(ctx context.Context, d *dense) (*mat.SymDense, error) {
	parts := make([][]float32, (d.rows+gramShard-1)/gramShard)
	err := inShards(ctx, d.rows, gramShard, func(_, from, to int) {
		part := newDense(d.cols, d.cols)
		rows := d.general(from, to)
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, rows, rows, 0, part.general(0, d.cols))
		parts[from/gramShard] = part.data
	})
	out := mat.NewSymDense(d.cols, nil)
	for i := range d.cols {
		for j := i; j < d.cols; j++ {
			sum := 0.0
			for _, p := range parts {
				if p != nil {
					sum += float64(p[i*d.cols+j])
				}
			}
			out.SetSym(i, j, sum)
		}
	}
	return out, err
}

// eigen returns eigenvalues, ascending, and eigenvectors by column.
func eigen(m *mat.SymDense) ([]float64, *mat.Dense) {
	n := m.SymmetricDim()
	var e mat.EigenSym
	if !e.Factorize(m, true) {
		return make([]float64, n), mat.NewDense(n, n, nil) // not finite: no directions
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	return e.Values(nil), &vectors
}

// orthonormal makes y's columns orthonormal: y·E·Λ^-½ of its Gram matrix. A
// direction that the data does not have becomes zero.
func orthonormal(ctx context.Context, y *dense) error {
	gram, err := gramOf(ctx, y)
	if err != nil {
		return err
	}
	values, turn := eigen(gram)
	n := y.cols
	into := mat.NewDense(n, n, nil)
	for j := range n {
		if values[j] <= 1e-6*values[n-1] || values[j] <= 0 {
			continue
		}
		for i := range n {
			into.Set(i, j, turn.At(i, j)/math.Sqrt(values[j]))
		}
	}
	out, err := rotated(ctx, y, into)
	y.data = out.data
	return err
}

// rotated is y·by.
func rotated(ctx context.Context, y *dense, by *mat.Dense) (*dense, error) {
	rows, cols := by.Dims()
	b := newDense(rows, cols)
	for i := range rows {
		for j := range cols {
			b.data[i*cols+j] = float32(by.At(i, j))
		}
	}
	out := newDense(y.rows, cols)
	err := inShards(ctx, y.rows, gramShard, func(_, from, to int) {
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, y.general(from, to), b.general(0, rows), 0, out.general(from, to))
	})
	return out, err
}
