package smooth

import (
	_ "embed"
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

//go:embed testdata/models.json
var modelsReference []byte

// reference holds R's numbers; the file names the functions and versions.
type reference struct {
	Air, Nile []float64
	ETS       []struct {
		Form     string
		AICc     float64
		Forecast []float64
	}
	Seasonal  []float64 `json:"stl_seasonal"`
	Trend     []float64 `json:"stl_trend"`
	AR3       []float64 `json:"ar3"`
	ARMean    float64   `json:"ar_mean"`
	ARAhead   []float64 `json:"ar_forecast"`
	Decompose []float64
	Thetaf    []float64
	SBA       []float64
}

func fromR(t *testing.T) reference {
	t.Helper()
	var r reference
	if err := json.Unmarshal(modelsReference, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want []float64, within float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s has %d values, R's %d", what, len(got), len(want))
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > within*math.Max(math.Abs(want[i]), 1) {
			t.Errorf("%s[%d] is %.6g, R's %.6g", what, i, got[i], want[i])
		}
	}
}

// TestETSAgainstR allows for R searching for the first season, too, which ours
// takes from the classical decomposition.
func TestETSAgainstR(t *testing.T) {
	t.Parallel()
	r := fromR(t)
	for _, c := range r.ETS {
		t.Run(c.Form, func(t *testing.T) {
			t.Parallel()
			e := FitETS(r.Air, 12, Form{c.Form[0], c.Form[1], c.Form[2]})
			if e.AICc > c.AICc+6 {
				t.Errorf("AICc %.2f, R's %.2f", e.AICc, c.AICc)
			}
			near(t, "forecast", e.Forecast(6), c.Forecast, .08)
		})
	}
}

func TestSTLAgainstR(t *testing.T) {
	t.Parallel()
	r := fromR(t)
	d := FitSTL(r.Air, []int{12}, 11)
	near(t, "season", d.Seasons[0], r.Seasonal, 1e-6)
	near(t, "trend", d.Trend, r.Trend, 1e-6)
}

func TestARAgainstR(t *testing.T) {
	t.Parallel()
	r := fromR(t)
	a := FitAR(r.Nile, 3)
	if len(a.Phi) == 3 {
		near(t, "coefficients", a.Phi, r.AR3, 1e-6)
		near(t, "forecast", a.Forecast(r.Nile, 5), r.ARAhead, 1e-6)
	}
	if math.Abs(a.Mean-r.ARMean) > 1e-9 {
		t.Errorf("mean %g, R's %g", a.Mean, r.ARMean)
	}
}

func TestDecomposeAgainstR(t *testing.T) {
	t.Parallel()
	r := fromR(t)
	near(t, "pattern", Decompose(r.Air, 12, true).Pattern, r.Decompose, 1e-7)
}

func TestThetaAgainstR(t *testing.T) {
	t.Parallel()
	r := fromR(t)
	if !Seasonal(r.Air, 12) {
		t.Fatal("AirPassengers is not found seasonal")
	}
	s := Decompose(r.Air, 12, true)
	y := s.Remove(r.Air)
	ses := SES(y, ones(len(y)))
	th := Theta{SES: ses, Slope: Slope(y, ones(len(y)))}
	level := ses.States(y, ones(len(y)), []int{len(y)})[0].Level
	got := make([]float64, 6)
	for k := range got {
		got[k] = th.Path(level, len(y), k+1)
	}
	near(t, "forecast", s.Add(got, len(y)), r.Thetaf, .005)
}

func TestDynamicThetaContinuesALine(t *testing.T) {
	t.Parallel()
	y := make([]float64, 60)
	for i := range y {
		y[i] = 100 + 2*float64(i)
	}
	for k, v := range FitDynamicTheta(y).Forecast(10) {
		if want := 220 + 2*float64(k); math.Abs(v-want) > 6 {
			t.Errorf("step %d is %g, the line says %g", k+1, v, want)
		}
	}
}

func TestSparseMethods(t *testing.T) {
	t.Parallel()
	y := []float64{0, 0, 3, 0, 0, 0, 2, 0, 5, 0, 0, 1, 0, 4, 0, 0}
	mean := 15. / 16
	if got := SBA(y, .1); got < .8*mean || got > 1.3*mean {
		t.Errorf("SBA %g, the mean is %g", got, mean)
	}
	dead := append(append([]float64{}, y...), make([]float64, 60)...)
	if tsb, sba := TSB(dead, .1, .1), SBA(dead, .1); tsb > .01 || sba < .5 {
		t.Errorf("after demand stopped TSB says %g and SBA %g; only TSB forgets", tsb, sba)
	}
	if SBA(make([]float64, 5), .1) != 0 || TSB(make([]float64, 5), .1, .1) != 0 {
		t.Error("nothing sold is not forecast as nothing")
	}
}

// TestRidgeSolvesTheNormalEquations holds the law (XX + Λ)β = XY + Λ·prior.
func TestRidgeSolvesTheNormalEquations(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "columns")
		g := NewGram(n)
		number := rapid.Float64Range(-5, 5)
		for range rapid.IntRange(1, 30).Draw(t, "rows") {
			var row Row
			for j := range n {
				if v := number.Draw(t, "x"); v != 0 {
					row.Columns, row.Values = append(row.Columns, int32(j)), append(row.Values, v)
				}
			}
			g.Add(row, number.Draw(t, "y"), 1)
		}
		penalty, prior := make([]float64, n), make([]float64, n)
		for j := range n {
			penalty[j], prior[j] = rapid.Float64Range(.1, 10).Draw(t, "penalty"), number.Draw(t, "prior")
		}
		beta := g.Solve(penalty, prior)
		for i := range n {
			left, right := penalty[i]*beta[i], g.XY[i]+penalty[i]*prior[i]
			for j := range n {
				left += g.XX[max(i, j)*(max(i, j)+1)/2+min(i, j)] * beta[j]
			}
			if math.Abs(left-right) > 1e-6*(1+math.Abs(right)) {
				t.Fatalf("row %d: %g, want %g", i, left, right)
			}
		}
	})
}

func TestSTLAddsUp(t *testing.T) {
	t.Parallel()
	y := make([]float64, 24*7*3)
	for i := range y {
		y[i] = 50 + 10*math.Sin(2*math.Pi*float64(i)/24) + 5*math.Cos(2*math.Pi*float64(i)/168)
	}
	d := FitSTL(y, []int{24, 168}, 11)
	for k := range 48 {
		if got, want := d.Trend[len(y)-1]+d.SeasonAhead(k), 50+10*math.Sin(2*math.Pi*float64(k)/24)+5*math.Cos(2*math.Pi*float64(len(y)+k)/168); math.Abs(got-want) > 1 {
			t.Fatalf("hour %d ahead is %g, want %g", k, got, want)
		}
	}
}

func BenchmarkETS(b *testing.B) {
	var r reference
	if err := json.Unmarshal(modelsReference, &r); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		FitETS(r.Air, 12, Form{'M', 'D', 'M'})
	}
}
