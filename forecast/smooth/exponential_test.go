package smooth

import (
	_ "embed"
	"encoding/json"
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

//go:embed testdata/smoothing.json
var smoothingReference []byte

// TestSmoothingAgainstR compares optimised smoothing with R's. R maximises the
// likelihood, which is the least sum of squares, within the same limits; its
// optimiser stops where it stops, so ours may find a smaller sum, not a larger.
func TestSmoothingAgainstR(t *testing.T) {
	t.Parallel()
	type result struct {
		Alpha, SSE float64
		Forecast   []float64
	}
	var reference struct {
		Series []struct {
			Name                     string
			Y                        []float64
			SES, Holt, Damped, Theta result
		}
	}
	if err := json.Unmarshal(smoothingReference, &reference); err != nil {
		t.Fatal(err)
	}
	for _, r := range reference.Series {
		y, w := r.Y, ones(len(r.Y))
		ses := SES(y, w)
		for _, c := range []struct {
			name string
			fit  Exponential
			want result
			near float64 // of the forecasts, relative
		}{
			{"ses", ses, r.SES, .002},
			{"holt", Holt(y, w), r.Holt, .01},
			{"damped", Damped(y, w), r.Damped, .03}, // the sum hardly depends on φ
		} {
			t.Run(r.Name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				if sse := sumOfSquares(&c.fit, y); sse > c.want.SSE*1.002 {
					t.Errorf("sum of squares %g, R's %g", sse, c.want.SSE)
				}
				at := c.fit.States(y, w, []int{len(y)})[0]
				for k, want := range c.want.Forecast {
					if got := c.fit.Path(at, k+1); math.Abs(got/want-1) > c.near {
						t.Errorf("forecast %d is %g, R's %g", k+1, got, want)
					}
				}
			})
		}
		t.Run(r.Name+"/theta", func(t *testing.T) {
			t.Parallel()
			th := Theta{ses, Slope(y, w)}
			level := ses.States(y, w, []int{len(y)})[0].Level
			for k, want := range r.Theta.Forecast {
				if got := th.Path(level, len(y), k+1); math.Abs(got/want-1) > .002 {
					t.Errorf("forecast %d is %g, R's %g", k+1, got, want)
				}
			}
		})
	}
}

func sumOfSquares(s *Exponential, y []float64) (sum float64) {
	at := State{s.Level, s.Trend}
	for _, v := range y {
		e := v - at.Level - s.Phi*at.Trend
		sum += e * e
		at = s.step(at, v, 1)
	}
	return sum
}

func TestLossFindsTheBestInitialState(t *testing.T) {
	t.Parallel()
	y := []float64{3, 5, 4, 8, 9, 7, 12, 14, 11, 15}
	s := Exponential{Alpha: .3, Beta: .05, Phi: .95}
	least := s.loss(y, ones(len(y)), 0)
	if got := sumOfSquares(&s, y); math.Abs(got-least) > 1e-6 {
		t.Errorf("loss says %g, its initial state gives %g", least, got)
	}
	for _, d := range []State{{.01, 0}, {-.01, 0}, {0, .01}, {0, -.01}} {
		near := s
		near.Level += d.Level
		near.Trend += d.Trend
		if got := sumOfSquares(&near, y); got < least-1e-9 {
			t.Errorf("from %+v the sum is %g, below %g", d, got, least)
		}
	}
}

func TestWhatWeighsNothingChangesNothing(t *testing.T) {
	t.Parallel()
	y := []float64{5, 6, 1e6, 5, 7, 6, 5, 6}
	w := []float64{1, 1, 0, 1, 1, 1, 1, 1}
	s := SES(y, w)
	if at := s.States(y, w, []int{len(y)})[0]; at.Level < 5 || at.Level > 7 {
		t.Errorf("level %g after an outlier without weight", at.Level)
	}
}

func TestMinimizeFindsTheValleyOfRosenbrock(t *testing.T) {
	t.Parallel()
	x := Minimize(func(x []float64) float64 {
		a, b := 1-x[0], x[1]-x[0]*x[0]
		return a*a + 100*b*b
	}, []float64{-1.2, 1}, .5, 1e-7, 600)
	if math.Abs(x[0]-1) > .05 || math.Abs(x[1]-1) > .1 {
		t.Errorf("minimum at %v, want (1, 1)", x)
	}
}

func BenchmarkSmoothing(b *testing.B) {
	y, w := make([]float64, 400), ones(400)
	for i := range y {
		y[i] = 20 + float64(i)/50 + 5*mathext.NormalQuantile((float64((i*7919)%400)+.5)/400)
	}
	for _, c := range []struct {
		name string
		fit  func()
	}{
		{"simple", func() { SES(y, w) }},
		{"holt", func() { Holt(y, w) }},
		{"damped", func() { Damped(y, w) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.fit()
			}
		})
	}
}
