package stats

import (
	"encoding/binary"
	"errors"
	"math"
	"testing"
)

// Whatever comes in, what goes out is an *Error with words in it or a result
// without NaN in which the parts agree.

// refusedWell reports whether err says what is wrong.
func refusedWell(t *testing.T, err error) bool {
	t.Helper()
	if err == nil {
		return false
	}
	var problem *Error
	if !errors.As(err, &problem) || problem.Problem == "" || problem.Reason < TooFew || problem.Reason > Mismatch {
		t.Fatalf("error without words or reason: %#v", err)
	}
	return true
}

// sane fails if an effect contradicts itself.
func sane(t *testing.T, e Effect) {
	t.Helper()
	r := e.Relative
	for what, v := range map[string]float64{
		"estimate": e.Estimate, "error": e.StdErr, "p": e.P, "ln p": e.LogP, "statistic": e.Statistic, "df": e.DF, "reduction": e.Reduction,
		"low": e.Interval.Low, "high": e.Interval.High,
		"relative estimate": r.Estimate, "relative error": r.StdErr, "relative p": r.P, "relative low": r.Interval.Low, "relative high": r.Interval.High,
	} {
		if math.IsNaN(v) {
			t.Fatalf("%s is NaN in %+v", what, e)
		}
	}
	slack := 1e-9 * (math.Abs(e.Estimate) + e.StdErr)
	if e.StdErr < 0 || e.P < 0 || e.P > 1 || e.LogP > 0 || e.DF < 0 {
		t.Fatalf("insane: %+v", e)
	}
	// One-sided intervals at less than 50 % do not hold the estimate.
	if e.Options.Alpha <= 0.5 && (e.Interval.Low > e.Estimate+slack || e.Interval.High < e.Estimate-slack) {
		t.Fatalf("insane interval: %+v", e)
	}
	if (r.Method == "") == (r.Problem == "") || r.Interval.Low > r.Interval.High {
		t.Fatalf("insane relative effect: %+v", e)
	}
}

// further runs an effect through all that takes one.
func further(t *testing.T, e Effect) {
	t.Helper()
	sane(t, e)
	if at, err := e.At(0.001); !refusedWell(t, err) {
		sane(t, at)
	}
	if always, err := AlwaysValid(e, Sequence{}); !refusedWell(t, err) {
		sane(t, always)
		_, err := AgainstMargin(always, Margin{Relative: 0.01})
		refusedWell(t, err)
	}
	if n, err := AgainstMargin(e, Margin{Absolute: 1}); !refusedWell(t, err) && (math.IsNaN(n.P) || math.IsNaN(n.Bound)) {
		t.Fatalf("insane: %+v", n)
	}
	if p, err := Believe(e, Prior{StdDev: 1}, HigherIsBetter); !refusedWell(t, err) {
		for _, b := range []Belief{p.Absolute, p.Relative} {
			if math.IsNaN(b.Mean+b.StdDev+b.ChanceToWin) || math.IsNaN(b.LossIfKeep) || math.IsNaN(b.LossIfShip) || b.ChanceToWin < 0 || b.ChanceToWin > 1 {
				t.Fatalf("insane: %+v", p)
			}
		}
	}
}

func FuzzWelch(f *testing.F) {
	f.Add(int64(40), 1.0, 2.0, int64(44), 1.5, 2.5, 0.05, 0, 0)
	f.Add(int64(2), 0.0, 0.0, int64(2), 0.0, 0.0, 0.05, 1, 1)
	f.Add(int64(1<<62), 1e308, 1e308, int64(2), -1e308, 1e-308, 1e-300, 2, 2)
	f.Add(int64(-5), math.NaN(), math.Inf(1), int64(0), math.Inf(-1), -1.0, 2.0, 9, 9)
	f.Add(int64(3), 1e-320, 1e-320, int64(3), 2e-320, 3e-320, 0.5, 0, 2)
	f.Add(int64(99), 1e-100, math.MaxFloat64, int64(1<<62), 0.9999999999999999, 0.53, 0.05, 0, 2)
	f.Add(int64(3779286169794295400), 2.3e-16, 4.64, int64(1<<62), 2.3e-308, 0.062, 0.05, 1, 0)
	f.Add(int64(1<<62), 1e15, 7.38e263, int64(math.MaxInt64), 2.46e61, 1.36, 0.05, 1, 2)
	f.Fuzz(checkWelch)
}

func checkWelch(t *testing.T, cn int64, cm, cv float64, tn int64, tm, tv, alpha float64, alternative, relative int) {
	c, x := Sample{N: cn, Mean: cm, Variance: cv}, Sample{N: tn, Mean: tm, Variance: tv}
	o := Options{Alpha: alpha, Alternative: Alternative(alternative), Relative: RelativeMethod(relative)}
	for _, compare := range []func(c, t Sample, o Options) (Effect, error){Welch, Z, TwoProportions, ExactProportions} {
		if e, err := compare(c, x, o); !refusedWell(t, err) {
			further(t, e)
		}
	}
	if e, err := PostStratify([]Stratum{{c, x}, {x, c}}, o); !refusedWell(t, err) {
		further(t, e)
	}
}

func FuzzMoments(f *testing.F) {
	f.Add(int64(40), 3.0, 2.0, 1.0, 4.0, 2.0, 1.0, 0.5, 0.2, 0.1, int64(50), 1.1)
	f.Add(int64(40), 3.0, 0.0, 1.0, 4.0, 2.0, 1.0, 0.5, 0.2, 0.1, int64(50), 1.1)
	f.Add(int64(2), 1e200, 1e-200, 1e300, 1e300, 1e-300, 0.0, 1e300, 0.0, 0.0, int64(3), -1.0)
	f.Fuzz(checkMoments)
}

func checkMoments(t *testing.T, cn int64, y, d, x, vy, vd, vx, yd, yx, dx float64, tn int64, k float64) {
	control := Moments{N: cn, Mean: []float64{y, d, x}, Cov: [][]float64{{vy, yd, yx}, {yd, vd, dx}, {yx, dx, vx}}}
	treatment := Moments{N: tn, Mean: []float64{k * y, d, k * x}, Cov: control.Cov}
	for _, compare := range []func(c, t Moments, o Options) (Effect, error){Ratio, CUPED} {
		if e, err := compare(control, treatment, Options{}); !refusedWell(t, err) {
			further(t, e)
		}
	}
}

func FuzzCounts(f *testing.F) {
	f.Add(int64(5), int64(40), int64(11), int64(44), 1.0, 1.0)
	f.Add(int64(0), int64(1), int64(1), int64(1), 0.0, math.Inf(1))
	f.Add(int64(-1), int64(0), int64(9), int64(3), -1.0, math.NaN())
	f.Add(int64(1)<<61, int64(1)<<62, int64(0), int64(1)<<62, 1e-300, 1e300)
	f.Add(int64(2305843009213694197), int64(4611686018427387743), int64(147), int64(4611686018427387838), 82.0, 5.6e300)
	f.Add(int64(78094931646), int64(3667894591035), int64(184), int64(267), 1.0, 1.0)
	f.Fuzz(checkCounts)
}

func checkCounts(t *testing.T, c, cn, x, xn int64, w0, w1 float64) {
	control, err0 := Bernoulli(c, cn)
	treatment, err1 := Bernoulli(x, xn)
	if !refusedWell(t, err0) && !refusedWell(t, err1) {
		if e, err := TwoProportions(control, treatment, Options{}); !refusedWell(t, err) {
			further(t, e)
		}
		if e, err := ExactProportions(control, treatment, Options{}); !refusedWell(t, err) {
			sane(t, e)
		}
		if i, err := ClopperPearson(c, cn, 0.05); !refusedWell(t, err) && !(0 <= i.Low && i.Low <= control.Mean+1e-9 && control.Mean <= i.High+1e-9 && i.High <= 1) {
			t.Fatalf("interval %v of %d in %d", i, c, cn)
		}
	}
	if s, err := SampleRatio([]int64{c, x}, []float64{w0, w1}); !refusedWell(t, err) && !(s.P >= 0 && s.P <= 1 && s.LogP <= 0) {
		t.Fatalf("insane: %+v", s)
	}
	if s, err := SequentialSampleRatio([]int64{c, x}, []float64{w0, w1}); !refusedWell(t, err) && !(s.P >= 0 && s.P <= 1) {
		t.Fatalf("insane: %+v", s)
	}
	if i, err := Interleave(c%1e6, x%1e6, cn%1e6, 0.05); !refusedWell(t, err) && !(i.P >= 0 && i.P <= 1 && i.Preference >= 0 && i.Preference <= 1) {
		t.Fatalf("insane: %+v", i)
	}
}

func FuzzQuantiles(f *testing.F) {
	f.Add([]byte("a quick brown fox jumps over a lazy dog, and back, and again, and so on"), 0.5)
	f.Add([]byte{0, 0, 0, 0, 0, 0, 240, 127}, 0.9)
	f.Fuzz(checkQuantiles)
}

func checkQuantiles(t *testing.T, raw []byte, level float64) {
	var values []float64
	var units []int
	for ; len(raw) >= 4; raw = raw[4:] {
		values = append(values, float64(math.Float32frombits(binary.LittleEndian.Uint32(raw))))
		units = append(units, int(raw[0])%16)
	}
	q, err := Quantiles(values, units, []float64{level})
	if refusedWell(t, err) {
		return
	}
	if e, err := CompareQuantiles(q[0], q[0], Options{}); !refusedWell(t, err) {
		further(t, e)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add(10.0, 4.0, false, 0.5, 0.05, 0.8, 0.5, 0.0, int64(1000))
	f.Add(0.1, 0.0, true, 0.02, 0.01, 0.9, 0.1, 0.01, int64(100000))
	f.Add(0.0, 0.125, true, 0.5, 0.075, 0.2, 0.5, 0.0, int64(851))
	f.Add(math.Inf(1), -1.0, true, math.NaN(), 5.0, -3.0, 1.0, -1.0, int64(-4))
	f.Add(1e154, 12.06, false, 1e-100, 0.05, 0.8, 1e-200, 0.0, int64(1<<62))
	f.Fuzz(checkPlan)
}

func checkPlan(t *testing.T, mean, variance float64, proportion bool, effect, alpha, power, share, margin float64, units int64) {
	b := Baseline{Mean: mean, Variance: variance, Proportion: proportion}
	p := Plan{Alpha: alpha, Power: power, Treatment: share, Margin: margin}
	if s, err := SampleSize(b, effect, p); !refusedWell(t, err) {
		if s.Control < 1 || s.Treatment < 1 {
			t.Fatalf("insane size %+v", s)
		}
		if got, err := PowerOf(b, effect, s, p); !refusedWell(t, err) && !(got >= 0 && got <= 1+1e-9) {
			t.Fatalf("insane power %v", got)
		}
	}
	if e, err := DetectableEffect(b, units, p); !refusedWell(t, err) && (math.IsNaN(e) || math.IsInf(e, 0)) {
		t.Fatalf("insane effect %v", e)
	}
}
