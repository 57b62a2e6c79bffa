package offline

import (
	"context"
	"fmt"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"

	"github.com/peakday/peakday/recommend"
)

// ials is matrix factorisation by implicit alternating least squares, with the
// regularisation of Rendle et al. (Revisiting the Performance of iALS on Item
// Recommendation Benchmarks, RecSys 2022):
//
//	Σ observed (1 − u·v)² + α₀ Σ all (u·v)² + λ Σ (n+α₀·N)^ν |x|²,  ν = 1,
//
// solved by a few conjugate gradient steps a row (Takács et al., RecSys 2011).
// A visitor's vector is solved from the decayed history when asked.
type ials struct {
	items rowsOf // by item
	gram  []float32
	how   ialsSettings
}

type ialsSettings struct {
	Dims    int
	Lambda  float64
	Alpha   float64 // α₀
	Sweeps  int
	Decay   float64
	Targets bool
}

// implicit is iALS with the given seed.
func implicit(d *Data, seed uint64) *method[ialsSettings] {
	m := &method[ialsSettings]{
		name:  "ials",
		start: ialsSettings{Dims: 64, Lambda: 0.003, Alpha: 0.03, Sweeps: 10, Decay: 0.8, Targets: d.Train.TargetOnly},
		fit: func(ctx context.Context, s *cachedSet, how ialsSettings) (Scorer, error) {
			learn := how
			learn.Decay = 0
			items, err := once(s, fmt.Sprintf("ials %+v", learn), func() (rowsOf, error) { return s.factorise(ctx, how, seed) })
			return &ials{items: items, gram: items.gram(), how: how}, err
		},
	}
	m.stages = append(behaviours(d, func(s *ialsSettings, targets bool) { s.Targets = targets }),
		vary(func(s *ialsSettings, v float64) { s.Alpha = v }, 0.003, 0.1),
		beyond(func(s *ialsSettings) *float64 { return &s.Alpha }, 0.003, 0.001),
		beyond(func(s *ialsSettings) *float64 { return &s.Alpha }, 0.1, 0.3),
		vary(func(s *ialsSettings, v float64) { s.Lambda = v }, 0.001, 0.01, 0.03),
		beyond(func(s *ialsSettings) *float64 { return &s.Lambda }, 0.001, 0.0003),
		beyond(func(s *ialsSettings) *float64 { return &s.Lambda }, 0.03, 0.1),
		vary(func(s *ialsSettings, v float64) { s.Decay = v }, 0.5, 0.6, 0.7, 0.9, 1),
		beyond(func(s *ialsSettings) *float64 { return &s.Decay }, 0.5, 0.3),
		vary(func(s *ialsSettings, v int) { s.Dims = v }, 128))
	return m
}

// Score implements Scorer.
func (m *ials) Score(query *Query, out []float32) {
	var have []weighed
	for _, t := range historyOf(query, m.how.Targets) {
		have = append(have, weighed{int32(t.Slot), recommend.Faded(t, m.how.Decay) / actionWeight(t)})
	}
	u := make([]float32, m.items.dims)
	newSolver(m.items.dims).solve(u, m.items, m.gram, have, m.how.Alpha, m.how.penalty(len(have), m.items.n), 10)
	m.items.timesInto(u, out)
}

// actionWeight takes the action out of a taste again: iALS confides in all
// rows alike.
func actionWeight(t recommend.HistoryItem) float32 { return float32(t.Weight) }

func (how ialsSettings) penalty(have, others int) float32 {
	return float32(how.Lambda * (float64(have) + how.Alpha*float64(others)))
}

// rowsOf is a vector a row.
type rowsOf struct {
	n, dims int
	data    []float32
}

func randomRows(n, dims int, seed uint64) rowsOf {
	r := rowsOf{n, dims, make([]float32, n*dims)}
	rng := rand.New(rand.NewPCG(seed, 0x69616c73))
	sd := 0.1 / float32(dims)
	for i := range r.data {
		r.data[i] = sd * float32(rng.NormFloat64())
	}
	return r
}

func (r rowsOf) row(i int32) []float32 { return r.data[int(i)*r.dims : (int(i)+1)*r.dims] }

func (r rowsOf) general() blas32.General {
	return blas32.General{Rows: r.n, Cols: r.dims, Stride: r.dims, Data: r.data}
}

// timesInto sets out to the inner products of the rows with u.
func (r rowsOf) timesInto(u, out []float32) {
	blas32.Gemv(blas.NoTrans, 1, r.general(), vectorOf(u), 0, vectorOf(out))
}

func (r rowsOf) gram() []float32 {
	out := make([]float32, r.dims*r.dims)
	c := blas32.General{Rows: r.dims, Cols: r.dims, Stride: r.dims, Data: out}
	blas32.Gemm(blas.Trans, blas.NoTrans, 1, r.general(), r.general(), 0, c)
	return out
}

func vectorOf(v []float32) blas32.Vector { return blas32.Vector{N: len(v), Inc: 1, Data: v} }

// weighed is an observed item or visitor and how much it counts.
type weighed struct {
	index  int32
	weight float32
}

// factorise learns the items' vectors.
func (s *cachedSet) factorise(ctx context.Context, how ialsSettings, seed uint64) (rowsOf, error) {
	rows := make([][]weighed, len(s.Visitors))
	columns := make([][]weighed, len(s.Items))
	for v := range s.Visitors {
		for _, item := range s.Visitors[v].items(how.Targets) {
			rows[v] = append(rows[v], weighed{item, 1})
			columns[item] = append(columns[item], weighed{int32(v), 1})
		}
	}
	users, items := randomRows(len(rows), how.Dims, seed), randomRows(len(columns), how.Dims, seed+1)
	for range how.Sweeps {
		if err := half(ctx, users, items, rows, how); err != nil {
			return rowsOf{}, fmt.Errorf("solve visitors: %w", err)
		}
		if err := half(ctx, items, users, columns, how); err != nil {
			return rowsOf{}, fmt.Errorf("solve items: %w", err)
		}
	}
	return items, nil
}

// half solves one side while the other stands still.
func half(ctx context.Context, solve, fixed rowsOf, have [][]weighed, how ialsSettings) error {
	gram := fixed.gram()
	solvers := make([]*solver, recommend.Workers())
	return recommend.InShards(ctx, solve.n, 256, func(worker, from, to int) {
		if solvers[worker] == nil {
			solvers[worker] = newSolver(how.Dims)
		}
		for i := from; i < to; i++ {
			x := solve.row(int32(i))
			if len(have[i]) == 0 {
				clear(x)
				continue
			}
			solvers[worker].solve(x, fixed, gram, have[i], how.Alpha, how.penalty(len(have[i]), fixed.n), 3)
		}
	})
}

// solver solves (α₀·G + Σ w·v·vᵀ + penalty·I)·x = Σ w·v by conjugate gradients.
type solver struct{ residual, direction, product []float32 }

func newSolver(dims int) *solver {
	return &solver{make([]float32, dims), make([]float32, dims), make([]float32, dims)}
}

// solve improves x, which it starts from.
func (s *solver) solve(x []float32, fixed rowsOf, gram []float32, have []weighed, alpha float64, penalty float32, steps int) {
	s.times(x, s.residual, fixed, gram, have, float32(alpha), penalty)
	for i := range s.residual {
		s.residual[i] = -s.residual[i]
	}
	for _, h := range have {
		addScaled(s.residual, fixed.row(h.index), h.weight)
	}
	copy(s.direction, s.residual)
	size := dot(s.residual, s.residual)
	for range steps {
		if size < 1e-12 {
			return
		}
		s.times(s.direction, s.product, fixed, gram, have, float32(alpha), penalty)
		by := size / dot(s.direction, s.product)
		addScaled(x, s.direction, by)
		addScaled(s.residual, s.product, -by)
		next := dot(s.residual, s.residual)
		for i, r := range s.residual {
			s.direction[i] = r + next/size*s.direction[i]
		}
		size = next
	}
}

// times sets out to the matrix times x.
func (s *solver) times(x, out []float32, fixed rowsOf, gram []float32, have []weighed, alpha, penalty float32) {
	n := len(x)
	for i := range out {
		out[i] = alpha*dot(gram[i*n:(i+1)*n], x) + penalty*x[i]
	}
	for _, h := range have {
		v := fixed.row(h.index)
		addScaled(out, v, h.weight*dot(v, x))
	}
}

func dot(a, b []float32) float32 { return blas32.Dot(vectorOf(a), vectorOf(b)) }
