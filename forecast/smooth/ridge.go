package smooth

import (
	"math"
	"slices"
)

// Gram gathers the normal equations of a weighted ridge regression
//
//	minimise Σ w·(y − x·β)² + Σ penalty·(β − prior)²
//
// row by row, so that the rows need not be kept.
type Gram struct {
	XX []float64 // lower triangle, row by row
	XY []float64
	n  int
}

// NewGram is for n columns.
func NewGram(n int) *Gram {
	return &Gram{XX: make([]float64, n*(n+1)/2), XY: make([]float64, n), n: n}
}

// Row is a row of a design that is mostly zero: values by rising columns.
type Row struct {
	Columns []int32
	Values  []float64
}

// Dot is the row's product with β.
func (r Row) Dot(beta []float64) float64 {
	sum := 0.
	for i, c := range r.Columns {
		sum += r.Values[i] * beta[c]
	}
	return sum
}

// Between is the part of Dot that columns from one to before another have.
func (r Row) Between(beta []float64, from, to int) float64 {
	sum := 0.
	for i, c := range r.Columns {
		if int(c) >= from && int(c) < to {
			sum += r.Values[i] * beta[c]
		}
	}
	return sum
}

// Add counts one row.
func (g *Gram) Add(x Row, y, w float64) {
	g.AddRow(x, w)
	g.AddTarget(x, y, w)
}

// AddRow counts one row without a target.
func (g *Gram) AddRow(x Row, w float64) {
	values := x.Values[:len(x.Columns)]
	for i, c := range x.Columns {
		wx := w * values[i]
		triangle := g.XX[int(c)*(int(c)+1)/2:][:c+1]
		for j, d := range x.Columns[:i+1] {
			triangle[d] += wx * values[j]
		}
	}
}

// Clone is a copy without targets.
func (g *Gram) Clone() *Gram {
	return &Gram{XX: slices.Clone(g.XX), XY: make([]float64, g.n), n: g.n}
}

// AddTarget counts one row's target alone, for a new target on the same rows.
func (g *Gram) AddTarget(x Row, y, w float64) {
	wy := w * y
	for i, c := range x.Columns {
		g.XY[c] += wy * x.Values[i]
	}
}

// Solve gives β. A nil prior is all zero. A column that never varied and has
// no penalty gets 0.
func (g *Gram) Solve(penalty, prior []float64) []float64 {
	return g.Factor(penalty).Solve(prior)
}

// Factor prepares the solution for several targets under one penalty.
func (g *Gram) Factor(penalty []float64) *Factor {
	return &Factor{g: g, penalty: slices.Clone(penalty), l: g.factor(penalty)}
}

// Factor solves normal equations for the target that their Gram has now.
type Factor struct {
	g          *Gram
	penalty, l []float64
}

// Solve gives β, as Gram.Solve does.
func (f *Factor) Solve(prior []float64) []float64 {
	b := slices.Clone(f.g.XY)
	for i := range prior {
		b[i] += f.penalty[i] * prior[i]
	}
	f.g.substitute(f.l, b)
	return b
}

// factor is Cholesky's factor of XX + penalty, with inverses on its diagonal.
func (g *Gram) factor(penalty []float64) []float64 {
	l := slices.Clone(g.XX)
	for i := range g.n {
		l[i*(i+1)/2+i] += penalty[i]
	}
	for i := range g.n {
		ri := l[i*(i+1)/2:]
		for j := range i + 1 {
			rj := l[j*(j+1)/2:]
			sum := ri[j] - dot(rj[:j], ri)
			switch {
			case i > j:
				ri[j] = sum * rj[j]
			case sum > 1e-10*(g.XX[i*(i+1)/2+i]+penalty[i]) && sum > 0:
				ri[i] = 1 / math.Sqrt(sum)
			default:
				ri[i] = 0
			}
		}
	}
	return l
}

// substitute solves in place, forwards and backwards.
func (g *Gram) substitute(l, b []float64) {
	for i := range g.n {
		row := l[i*(i+1)/2:]
		b[i] = (b[i] - dot(row[:i], b)) * row[i]
	}
	for i := g.n - 1; i >= 0; i-- {
		row := l[i*(i+1)/2:]
		b[i] *= row[i]
		by := b[i]
		for k, v := range row[:i] {
			b[k] -= v * by
		}
	}
}

// Merge adds another's rows, each counting weight times.
func (g *Gram) Merge(other *Gram, weight float64) {
	for i, v := range other.XX {
		g.XX[i] += weight * v
	}
	for i, v := range other.XY {
		g.XY[i] += weight * v
	}
}

// Variances is the diagonal of (XX + penalty)⁻¹: the variance of each coefficient
// over that of the noise.
func (g *Gram) Variances(penalty []float64) []float64 {
	out := make([]float64, g.n)
	unit := &Gram{XX: g.XX, XY: make([]float64, g.n), n: g.n}
	l := unit.factor(penalty)
	for j := range out {
		clear(unit.XY)
		unit.XY[j] = 1
		unit.substitute(l, unit.XY)
		out[j] = max(unit.XY[j], 0)
	}
	return out
}
