package stats

import (
	"math"
	"testing"
)

// spotifyCase is any of the cases of spotify/confidence, which prints ten
// decimals of its tables.
type spotifyCase struct {
	Test       string
	Correction string
	In         struct {
		S, N []int64
		FE   []float64 `json:"fe"`
	}
	NIM []any
	Out []struct {
		Difference float64
		Low        float64  `json:"ci_lower"`
		High       *float64 `json:"ci_upper"`
		P          *float64 `json:"p-value"`
		AdjustedP  float64  `json:"adjusted p-value"`
		AdjLow     *float64 `json:"adjusted ci_lower"`
		AdjHigh    *float64 `json:"adjusted ci_upper"`
		Null       float64  `json:"null_hypothesis"`
	}
	Times []float64 `json:"t"`
	Alpha float64
	Bound []float64 `json:"zb"`
}

const tenDecimals = 5.1e-11 // half of the last digit that its tables show

func spotify(t *testing.T) []spotifyCase {
	t.Helper()
	var file struct{ Cases []spotifyCase }
	readGolden(t, "spotify_confidence.json", &file)
	if len(file.Cases) != 14 {
		t.Fatalf("%d cases, want 14", len(file.Cases))
	}
	return file.Cases
}

func (c spotifyCase) sample(t *testing.T, i int) Sample {
	t.Helper()
	return must[Sample](t)(Bernoulli(c.In.S[i], c.In.N[i]))
}

// Its p-value is the unpooled one, as Z's is; that of TwoProportions is pooled.
func TestSpotifyCorrections(t *testing.T) {
	t.Parallel()
	for i, correction := range []Correction{HolmBonferroni, FalseDiscovery} {
		c := spotify(t)[i]
		var effects []Effect
		var p []float64
		for j := range c.Out {
			e := must[Effect](t)(Z(c.sample(t, 0), c.sample(t, j+1), Options{}))
			same(t, "difference", e.Estimate, number(c.Out[j].Difference), 0, tenDecimals)
			same(t, "low", e.Interval.Low, number(c.Out[j].Low), 0, tenDecimals)
			same(t, "high", e.Interval.High, number(*c.Out[j].High), 0, tenDecimals)
			same(t, "p", e.P, number(*c.Out[j].P), 0, tenDecimals)
			effects, p = append(effects, e), append(p, e.P)
		}
		adjusted := must[[]float64](t)(Bonferroni(p))
		if correction == FalseDiscovery {
			adjusted = must[[]float64](t)(BenjaminiHochberg(p))
		}
		corrected := must[[]Corrected](t)(Correct(effects, correction, 0.05))
		for j, out := range c.Out {
			same(t, "adjusted p", adjusted[j], number(out.AdjustedP), 0, tenDecimals)
			if out.AdjLow == nil { // it has no intervals for BH; ours are FCR's
				continue
			}
			same(t, "adjusted low", corrected[j].Interval.Low, number(*out.AdjLow), 0, tenDecimals)
			same(t, "adjusted high", corrected[j].Interval.High, number(*out.AdjHigh), 0, tenDecimals)
		}
	}
}

// Its relative margin is taken of the observed control mean and then treated as
// fixed, so it is an absolute margin to us. Our relative one also has the error
// of that mean.
func TestSpotifyNonInferiority(t *testing.T) {
	t.Parallel()
	c := spotify(t)[2]
	out := c.Out[0]
	control, treatment := spotify(t)[0].sample(t, 0), spotify(t)[0].sample(t, 1)
	e := must[Effect](t)(Z(control, treatment, Options{}))
	n := must[NonInferiority](t)(AgainstMargin(e, Margin{Absolute: -out.Null}))
	same(t, "p", n.P, number(*out.P), 0, tenDecimals)
	same(t, "bound", n.Bound, number(out.Low), 0, tenDecimals)
	if n.Verdict != NonInferior {
		t.Errorf("verdict %v", n.Verdict)
	}
	r := must[NonInferiority](t)(AgainstMargin(e, Margin{Relative: 0.01}))
	same(t, "margin", r.Margin, number(-out.Null), 1e-12, 0)
	if off := math.Abs(r.P/n.P - 1); off == 0 || off > 0.05 {
		t.Errorf("p of the relative margin %v, of the fixed one %v", r.P, n.P)
	}
}

func TestSpotifyGroupSequential(t *testing.T) {
	t.Parallel()
	c := spotify(t)[3]
	bounds := must[[]Bound](t)(SpendingBounds([]float64{0.25, 0.5, 0.75, 1}, 0.05, PowerSpending(2), TwoSided))
	for i, out := range c.Out {
		e := must[Effect](t)(Z(c.sample(t, 2*i), c.sample(t, 2*i+1), Options{}))
		same(t, "difference", e.Estimate, number(out.Difference), 0, tenDecimals)
		same(t, "low", e.Interval.Low, number(out.Low), 0, tenDecimals)
		at := must[Effect](t)(e.At(bounds[i].Nominal))
		tolerance := tenDecimals
		if i > 0 {
			tolerance = gridError * e.StdErr
		}
		same(t, "adjusted low", at.Interval.Low, number(*out.AdjLow), 0, tolerance)
		same(t, "adjusted high", at.Interval.High, number(*out.AdjHigh), 0, tolerance)
	}
}

// gridError is how far its bounds after the first are off: it integrates on a
// coarse grid by the trapezoidal rule. Ours agree with adaptive quadrature (see
// TestBoundsByQuadrature) to 1e-9.
const gridError = 1.2e-4

func TestSpotifyBounds(t *testing.T) {
	t.Parallel()
	for _, c := range spotify(t)[4:] {
		bounds := must[[]Bound](t)(SpendingBounds(c.Times, c.Alpha, PowerSpending(2), TwoSided))
		for i, b := range bounds {
			tolerance := gridError
			if i == 0 {
				tolerance = 1e-9
			}
			same(t, "bound", b.Z, number(c.Bound[i]), 0, tolerance)
		}
	}
}
