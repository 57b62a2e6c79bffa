package stats

import (
	"fmt"
	"math"
)

// Moments is what an arm's units did, as far as ratios and covariates must
// know it: the means and covariances of several variables of one unit.
//
// The order of the variables is fixed:
//
//	0     y, the outcome (a ratio's numerator)
//	1     the denominator; 1 for every unit (mean 1, covariances 0) if there is none
//	2…    x₁…x_k, covariates known before the experiment; there may be none
type Moments struct {
	N    int64
	Mean []float64   // length 2+k
	Cov  [][]float64 // (2+k)×(2+k), symmetric, unbiased (divided by N−1)
}

// MomentsOf is the moments of one row (y, denominator, x₁…x_k) a unit. It
// needs two rows or more, all equally long.
func MomentsOf(rows [][]float64) (Moments, error) {
	if len(rows) < 2 {
		return Moments{}, refuse(TooFew, "rows", "must be at least 2, got %d", len(rows))
	}
	m := blankMoments(len(rows[0]))
	step := make([]float64, len(rows[0]))
	for i, row := range rows {
		if len(row) != len(step) {
			return Moments{}, refuse(Mismatch, fmt.Sprintf("rows[%d]", i), "must have %d values as the first has, got %d", len(step), len(row))
		}
		m.N++
		for j, v := range row {
			step[j] = v - m.Mean[j]
			m.Mean[j] += step[j] / float64(m.N)
		}
		for j := range row {
			for k := 0; k <= j; k++ {
				m.Cov[j][k] += step[j] * (row[k] - m.Mean[k])
			}
		}
	}
	for j := range m.Cov {
		for k := 0; k <= j; k++ {
			m.Cov[j][k] /= float64(m.N - 1)
			m.Cov[k][j] = m.Cov[j][k]
		}
	}
	return m, m.check("rows")
}

// Merge is the moments of the units of both, which must have the same
// variables.
func (m Moments) Merge(other Moments) (Moments, error) {
	if len(m.Mean) != len(other.Mean) {
		return Moments{}, refuse(Mismatch, "moments", "of %d and of %d variables cannot be merged", len(m.Mean), len(other.Mean))
	}
	if m.N == 0 {
		return other, nil
	}
	if other.N == 0 {
		return m, nil
	}
	a, b := float64(m.N), float64(other.N)
	merged := blankMoments(len(m.Mean))
	merged.N = m.N + other.N
	for j := range m.Mean {
		merged.Mean[j] = m.Mean[j] + (other.Mean[j]-m.Mean[j])*b/(a+b)
		for k := range m.Mean {
			between := (other.Mean[j] - m.Mean[j]) * (other.Mean[k] - m.Mean[k]) * a * b / (a + b)
			merged.Cov[j][k] = ((a-1)*m.Cov[j][k] + (b-1)*other.Cov[j][k] + between) / (a + b - 1)
		}
	}
	return merged, nil
}

// Covariates is the number k of covariates.
func (m Moments) Covariates() int {
	return max(0, len(m.Mean)-2)
}

// Sample is the arm as a test of means sees it: the ratio of the mean of y to
// the mean of the denominator, and the variance of one unit's share in it,
// (y − R·denominator)/mean denominator, by the delta method (Deng, Knoblich and
// Lu, Applying the Delta Method in Metric Analytics, KDD 2018, section 3).
// Without a denominator it is the sample of y.
func (m Moments) Sample() (Sample, error) {
	return m.sample("moments")
}

func (m Moments) sample(input string) (Sample, error) {
	if err := m.check(input); err != nil {
		return Sample{}, err
	}
	ratio, share, err := m.share(input)
	if err != nil {
		return Sample{}, err
	}
	s := Sample{N: m.N, Mean: ratio, Variance: m.variance(share, share)}
	return s, s.check(input, 2)
}

// share is the ratio R and the weights with which the variables make one
// unit's share in it.
func (m Moments) share(input string) (float64, []float64, error) {
	if m.Mean[1] == 0 {
		return 0, nil, refuse(ZeroDenominator, input, "has a denominator of 0 on average, so there is no ratio")
	}
	ratio := m.Mean[0] / m.Mean[1]
	weights := make([]float64, len(m.Mean))
	weights[0], weights[1] = 1/m.Mean[1], -ratio/m.Mean[1]
	return ratio, weights, nil
}

// variance is the covariance of two weighted sums of the variables. One of a
// sum with itself is never below 0, whatever the rounding.
func (m Moments) variance(u, v []float64) float64 {
	sum := 0.0
	for j := range u {
		for k := range v {
			sum += u[j] * m.Cov[j][k] * v[k]
		}
	}
	if &u[0] == &v[0] {
		return math.Max(0, sum)
	}
	return sum
}

// check refuses moments that no units can have, or with fewer than 2 units.
func (m Moments) check(input string) error {
	if m.N < 2 {
		return refuse(TooFew, input, "has %s; at least 2 are needed", units(m.N))
	}
	if len(m.Mean) < 2 {
		return refuse(Mismatch, input, "must have an outcome and a denominator, got %d variables", len(m.Mean))
	}
	if len(m.Cov) != len(m.Mean) {
		return refuse(Mismatch, input+".cov", "must have %d rows as there are means, got %d", len(m.Mean), len(m.Cov))
	}
	for j, mean := range m.Mean {
		if err := finite(fmt.Sprintf("%s.mean[%d]", input, j), mean); err != nil {
			return err
		}
		if len(m.Cov[j]) != len(m.Mean) {
			return refuse(Mismatch, fmt.Sprintf("%s.cov[%d]", input, j), "must have %d columns, got %d", len(m.Mean), len(m.Cov[j]))
		}
	}
	for j, row := range m.Cov {
		for k, c := range row {
			if err := m.checkCov(fmt.Sprintf("%s.cov[%d][%d]", input, j, k), j, k, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkCov refuses a covariance that two variables cannot have.
func (m Moments) checkCov(input string, j, k int, c float64) error {
	if err := finite(input, c); err != nil {
		return err
	}
	if j == k {
		if c < 0 {
			return refuse(OutOfRange, input, "is a variance and must not be negative, got %v", c)
		}
		return nil
	}
	const rounding, nothing = 1e-6, 1e-150 // the variances of less are denormal
	limit := math.Sqrt(m.Cov[j][j])*math.Sqrt(m.Cov[k][k]) + nothing
	if math.Abs(c) > limit*(1+rounding) {
		return refuse(OutOfRange, input, "must lie within ±%v, the product of the standard deviations, got %v", limit, c)
	}
	if math.Abs(c-m.Cov[k][j]) > limit*rounding {
		return refuse(Mismatch, input, "must equal cov[%d][%d]: a covariance matrix is symmetric", k, j)
	}
	return nil
}

// blankMoments has room for n variables.
func blankMoments(n int) Moments {
	m := Moments{Mean: make([]float64, n), Cov: make([][]float64, n)}
	cells := make([]float64, n*n)
	for j := range m.Cov {
		m.Cov[j] = cells[j*n : (j+1)*n]
	}
	return m
}
