package experiments

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestReportIsExact: the mean is 10⁷ times the spread, over 10⁷ units of about
// 10⁹ fen. Sums of squares in a float64, or in 64 bits, would have lost it.
func TestReportIsExact(t *testing.T) {
	t.Parallel()
	e := reporting(t, `{"kind":"mean","event":"order.paid","pre_period":"0h"}`)
	cells := Cells{}
	for variant, more := range map[string]int64{"control": 0, "b": 1} {
		fill(cells, UnitsCell, variant, 10_000_000, 1, 0, 0)
		fill(cells, "m", variant, 5_000_000, 1, 1_000_000_000+more)
		fill(cells, "m", variant, 5_000_000, 1, 1_000_000_100+more)
	}
	_, b := newReport(e, cells, "", opening).find("m", "b")
	// Half are 0.50 yuan below the mean and half above: variance 0.25·n/(n−1).
	n := 1e7
	want := math.Sqrt(2 * 0.25 * n / (n - 1) / n)
	if got := float64(b.StdError); math.Abs(got/want-1) > 1e-12 {
		t.Errorf("the standard error is %v, want %v", got, want)
	}
	if got := float64(b.Absolute.Estimate); math.Abs(got-0.01) > 2e-9 { // the means are float64 of 10⁷ yuan
		t.Errorf("the effect is %v, want 0.01", got)
	}
	if b.Units != 10_000_000 || b.Mean != 10_000_000.51 {
		t.Errorf("%d units with a mean of %v", b.Units, b.Mean)
	}
}

// TestMomentsAreExact compares with rational arithmetic on the units.
func TestMomentsAreExact(t *testing.T) {
	t.Parallel()
	m := metric(t, "m", `{"kind":"ratio","event":"order.paid","denominator":{"event":"order.paid","aggregate":"count"}}`)
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(rapid.Int64Range(-1e12, 1e12), 4, 4), func(v []int64) []int64 {
			return append([]int64{1}, v...)
		}), 2, 8).Draw(t, "units")
		tr := NewTriangle(5)
		for _, v := range units {
			tr.addOuter(v, 1)
		}
		got := m.moments(tr)
		n := big.NewRat(int64(len(units)), 1)
		scale := []int64{100, 1, 100, 1}
		value := func(v []int64, k int) *big.Rat { return big.NewRat(v[k+1], scale[k]) }
		mean := make([]*big.Rat, 4)
		for k := range mean {
			mean[k] = new(big.Rat)
			for _, v := range units {
				mean[k].Add(mean[k], value(v, k))
			}
			mean[k].Quo(mean[k], n)
		}
		for i := range 4 {
			almost(t, fmt.Sprint("mean of ", i), got.Mean[i], mean[i])
			for j := range 4 {
				cov := new(big.Rat)
				for _, v := range units {
					a, b := new(big.Rat).Sub(value(v, i), mean[i]), new(big.Rat).Sub(value(v, j), mean[j])
					cov.Add(cov, a.Mul(a, b))
				}
				almost(t, fmt.Sprintf("covariance of %d and %d", i, j), got.Cov[i][j], cov.Quo(cov, new(big.Rat).Sub(n, big.NewRat(1, 1))))
			}
		}
	})
}

// almost holds a float to a few roundings of the exact number.
func almost(t *rapid.T, what string, got float64, exact *big.Rat) {
	if want, _ := exact.Float64(); math.Abs(got-want) > 4e-16*math.Abs(want) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}
