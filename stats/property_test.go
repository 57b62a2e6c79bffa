package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// aSample draws a sample that units may have.
func aSample(t *rapid.T, name string) Sample {
	return Sample{
		N:        rapid.Int64Range(2, 1e9).Draw(t, name+" n"),
		Mean:     rapid.Float64Range(-1e6, 1e6).Draw(t, name+" mean"),
		Variance: math.Exp(rapid.Float64Range(-20, 20).Draw(t, name+" ln variance")),
	}
}

// near fails unless two numbers agree to 1e-9 of the scale.
func near(t *rapid.T, what string, got, want, scale float64) {
	t.Helper()
	if got == want {
		return
	}
	if off := math.Abs(got - want); !(off <= 1e-9*math.Max(scale, math.Abs(want))) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

// Swapping the arms turns the difference around and nothing else.
func TestPropertySwap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := aSample(t, "a"), aSample(t, "b")
		there, err1 := Welch(a, b, Options{})
		back, err2 := Welch(b, a, Options{})
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		near(t, "estimate", back.Estimate, -there.Estimate, 0)
		near(t, "p", back.LogP, there.LogP, 1)
		near(t, "low", back.Interval.Low, -there.Interval.High, there.StdErr)
	})
}

// A change of the metric's unit changes the absolute effect by it, and neither
// p-values nor the relative effect.
func TestPropertyScale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := aSample(t, "a"), aSample(t, "b")
		k := math.Exp(rapid.Float64Range(-10, 10).Draw(t, "ln k"))
		scale := func(s Sample) Sample { return Sample{N: s.N, Mean: k * s.Mean, Variance: k * k * s.Variance} }
		e, err1 := Welch(a, b, Options{})
		x, err2 := Welch(scale(a), scale(b), Options{})
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		near(t, "estimate", x.Estimate, k*e.Estimate, k*e.StdErr)
		near(t, "standard error", x.StdErr, k*e.StdErr, 0)
		near(t, "ln p", x.LogP, e.LogP, 10)
		near(t, "relative", x.Relative.Estimate, e.Relative.Estimate, e.Relative.StdErr)
		if e.Relative.Method != x.Relative.Method {
			t.Fatalf("relative by %s, scaled by %s", e.Relative.Method, x.Relative.Method)
		}
	})
}

// Fieller's interval excludes 0 exactly when the test rejects.
func TestPropertyFieller(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := aSample(t, "a"), aSample(t, "b")
		b.Mean = a.Mean + rapid.Float64Range(-4, 4).Draw(t, "z")*math.Hypot(a.StdErr(), b.StdErr())
		e, err := Welch(a, b, Options{Relative: Fieller})
		if err != nil || e.Relative.Problem != "" {
			t.Skip("no relative effect")
		}
		if math.Abs(e.P-0.05) < 1e-6 || !e.Relative.Interval.Bounded() {
			return
		}
		if e.Relative.Interval.Contains(0) == (e.P < 0.05) {
			t.Fatalf("p %v, interval %v", e.P, e.Relative.Interval)
		}
	})
}

// Intervals nest: less alpha, wider interval, for every scheme.
func TestPropertyNested(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(10, 5000)
		c, x := n.Draw(t, "control units"), n.Draw(t, "treatment units")
		control, err1 := Bernoulli(rapid.Int64Range(0, c).Draw(t, "control"), c)
		treatment, err2 := Bernoulli(rapid.Int64Range(0, x).Draw(t, "treatment"), x)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		e, err := TwoProportions(control, treatment, Options{})
		if err != nil {
			return // all or none of both
		}
		always, err := AlwaysValid(e, Sequence{})
		if err != nil {
			t.Fatal(err)
		}
		exact, err := ExactProportions(control, treatment, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range []Effect{e, always, exact} {
			last := Interval{math.Inf(1), math.Inf(-1)}
			for _, alpha := range []float64{0.5, 0.1, 0.05, 0.01, 1e-6} {
				at, err := e.At(alpha)
				if err != nil {
					t.Fatal(err)
				}
				if i := at.Interval; i.Low > last.Low+1e-9 || i.High < last.High-1e-9 || i.Low > e.Estimate+1e-9 || i.High < e.Estimate-1e-9 {
					t.Fatalf("%s: interval %v at %v inside %v around %v", e.Test, i, alpha, last, e.Estimate)
				}
				last = at.Interval
			}
		}
	})
}

// The parts of a sample merge to the whole.
func TestPropertyMerge(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1000, 1000), 4, 60).Draw(t, "values")
		cut := rapid.IntRange(2, len(values)-2).Draw(t, "cut")
		whole, err1 := SampleOf(values)
		left, err2 := SampleOf(values[:cut])
		right, err3 := SampleOf(values[cut:])
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		merged := left.Merge(right)
		near(t, "mean", merged.Mean, whole.Mean, 1000)
		near(t, "variance", merged.Variance, whole.Variance, 1000)
		rows := make([][]float64, len(values))
		for i, v := range values {
			rows[i] = []float64{v, 1, values[len(values)-1-i]}
		}
		all, err1 := MomentsOf(rows)
		first, err2 := MomentsOf(rows[:cut])
		second, err3 := MomentsOf(rows[cut:])
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		both, err := first.Merge(second)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all.Cov {
			for j := range all.Cov[i] {
				near(t, "covariance", both.Cov[i][j], all.Cov[i][j], 1e6)
			}
		}
		sample, err := all.Sample()
		if err != nil {
			t.Fatal(err)
		}
		near(t, "variance of a ratio to 1", sample.Variance, whole.Variance, 1000)
	})
}

// Corrections keep the order, never lower a p-value, and Holm's is never above
// Bonferroni's nor below Benjamini and Hochberg's.
func TestPropertyCorrections(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 30).Draw(t, "p")
		holm, err1 := Holm(p)
		bh, err2 := BenjaminiHochberg(p)
		bonferroni, err3 := Bonferroni(p)
		if err1 != nil || err2 != nil || err3 != nil {
			t.Fatal(err1, err2, err3)
		}
		for i := range p {
			if !(p[i] <= bh[i]+1e-15 && bh[i] <= holm[i]+1e-15 && holm[i] <= bonferroni[i]+1e-15 && bonferroni[i] <= 1) {
				t.Fatalf("p %v, bh %v, holm %v, bonferroni %v", p[i], bh[i], holm[i], bonferroni[i])
			}
			for j := range p {
				if p[i] < p[j] && (holm[i] > holm[j] || bh[i] > bh[j]) {
					t.Fatal("the order of p-values changed")
				}
			}
		}
	})
}

// Shares are shares, and the better arm gets more.
func TestPropertyThompson(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		arms := make([]Sample, rapid.IntRange(2, 4).Draw(t, "arms"))
		for i := range arms {
			n := rapid.Int64Range(1, 2000).Draw(t, "units")
			arms[i], _ = Bernoulli(rapid.Int64Range(0, n).Draw(t, "successes"), n)
		}
		chances, err := ThompsonProportions(arms)
		if err != nil {
			t.Fatal(err)
		}
		shares, err := TopTwo(chances, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		floored, err := AtLeast(shares, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range [][]float64{chances, shares, floored} {
			sum := 0.0
			for _, s := range list {
				sum += s
			}
			near(t, "sum", sum, 1, 0)
		}
		if slices.Min(floored) < 0.05-1e-12 || slices.Max(shares) > 0.5+0.5*slices.Max(chances)+1e-12 {
			t.Fatalf("shares %v, with a floor %v", shares, floored)
		}
		if d := chances[0] - chances[1]; len(arms) == 2 && arms[0].N == arms[1].N && d*(arms[0].Mean-arms[1].Mean) < -1e-9 {
			t.Fatalf("the worse of two arms gets %v", chances)
		}
	})
}
