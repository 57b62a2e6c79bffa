package experiments

import (
	"math"
	"math/big"

	"github.com/peakday/peakday/stats"
)

// moments turns exact sums of whole numbers into means and covariances of the
// metric's own unit, in the variables that stats wants: y, the denominator (1
// where there is none), the covariates.
func (m *Metric) moments(t Triangle) stats.Moments {
	out := stats.Moments{N: t.count(0)}
	where := m.columns()
	for _, c := range where {
		out.Mean = append(out.Mean, c.mean(t))
	}
	out.Cov = make([][]float64, len(where))
	for i, a := range where {
		out.Cov[i] = make([]float64, len(where))
		for j, b := range where[:i+1] {
			if a.index > 0 && b.index > 0 {
				out.Cov[i][j] = covariance(t, a.index, b.index) / a.scale() / b.scale()
			}
			out.Cov[j][i] = out.Cov[i][j]
		}
	}
	return out
}

// column says where a variable stands in the triangle's vectors (0: nowhere,
// it is 1 for every unit) and in which unit.
type column struct{ index, decimals int }

func (m *Metric) columns() []column {
	y := column{1, m.Decimals}
	switch {
	case m.Denominator == nil && m.PrePeriod == 0:
		return []column{y, {}}
	case m.Denominator == nil:
		return []column{y, {}, {2, m.Decimals}}
	case m.PrePeriod == 0:
		return []column{y, {2, m.Denominator.Decimals}}
	}
	return []column{y, {2, m.Denominator.Decimals}, {3, m.Decimals}, {4, m.Denominator.Decimals}}
}

func (c column) scale() float64 { return math.Pow10(c.decimals) }

func (c column) mean(t Triangle) float64 {
	if c.index == 0 {
		return 1
	}
	return quotient(t.At(0, c.index), t.At(0, 0)) / c.scale()
}

// covariance is (n·Σab − Σa·Σb) / (n(n−1)), whose numerator is exact: nothing
// cancels, however large the mean is against the spread.
func covariance(t Triangle, a, b int) float64 {
	n := t.At(0, 0)
	if n.Cmp(big.NewInt(2)) < 0 {
		return 0
	}
	var top, product, bottom big.Int
	top.Mul(n, t.At(a, b))
	top.Sub(&top, product.Mul(t.At(0, a), t.At(0, b)))
	bottom.Mul(n, bottom.Sub(n, big.NewInt(1)))
	return quotient(&top, &bottom)
}

// quotient rounds a/b once; b is not negative. It is 0 where b is.
func quotient(a, b *big.Int) float64 {
	if b.Sign() == 0 {
		return 0
	}
	// A quotient of 64 bits or more, whose lowest bit says whether anything is
	// left over, rounds as the exact one does.
	shift := max(0, 65+b.BitLen()-a.BitLen())
	size := new(big.Int).Abs(a)
	whole, rest := size.QuoRem(size.Lsh(size, uint(shift)), b, new(big.Int))
	if rest.Sign() != 0 {
		whole.SetBit(whole, 0, 1)
	}
	f, _ := new(big.Float).SetInt(whole).Float64()
	return math.Copysign(math.Ldexp(f, -shift), float64(a.Sign()))
}
