package panel

import (
	"math"
	"testing"
)

// salesWithASlip are twelve years of months with a season, and a last value that nobody
// can explain.
func salesWithASlip(slip float64) []float64 {
	y := make([]float64, 144)
	for i := range y {
		y[i] = 100 + .2*float64(i) + 20*math.Sin(2*math.Pi*float64(i)/12) + 3*math.Sin(1.7*float64(i*i))
	}
	y[len(y)-1] += slip
	return y
}

func viewOf(y []float64, seasons ...int) *view {
	v := newView(y, seasons, 12)
	v.warmStart = &warmStart{}
	return v
}

func TestDenoisedKeepsTrendAndSeason(t *testing.T) {
	t.Parallel()
	y := make([]float64, 96)
	for i := range y {
		y[i] = 50 + float64(i)/4 + 10*math.Cos(2*math.Pi*float64(i)/12) - 60 // below zero at times
	}
	for i, c := range viewOf(y, 12).denoised() {
		if math.Abs(c-y[i]) > .3 {
			t.Fatalf("denoised at %d is %.2f where a series without noise has %.2f", i, c, y[i])
		}
	}
}

func TestDenoisedIsTheSeriesWithoutASeason(t *testing.T) {
	t.Parallel()
	y := salesWithASlip(0)
	v := viewOf(y)
	for i, c := range v.denoised() {
		if c != v.y[i] {
			t.Fatalf("denoised at %d is %g, want %g", i, c, v.y[i])
		}
	}
	if denoisedETS(v) != nil || denoisedLags(v) != nil {
		t.Error("a method of the denoised series where that is the series itself")
	}
}

func TestDenoisedMovesLessByTheLastValue(t *testing.T) {
	t.Parallel()
	moved := func(method func(*view) []float64) float64 {
		with, without := method(viewOf(salesWithASlip(30), 12)), method(viewOf(salesWithASlip(0), 12))
		sum := 0.
		for k := range 6 { // the slip's own month is in both seasons
			sum += (with[k] - without[k]) / 6
		}
		return sum
	}
	if denoised, own := moved(denoisedTheta), moved(theta); !(math.Abs(denoised) < .7*math.Abs(own)) {
		t.Errorf("a slip of 30 moved the denoised forecast by %.2f, that from the series itself by %.2f", denoised, own)
	}
}

func TestDenoisedMethodsContinueWhatWasFitted(t *testing.T) {
	t.Parallel()
	v := viewOf(salesWithASlip(0), 12)
	l := newLagged(v.seasons, len(v.y))
	v.lags = [2]*lagged{l, l}
	ets(v)
	lagRidge(v, v.positive, true)
	for name, method := range map[string]func(*view) []float64{"ets": denoisedETS, "lags": denoisedLags, "trend_theta": func(v *view) []float64 { return trendTheta(v, true) }} {
		path := v.bound(method(v))
		for k, x := range path {
			at := float64(len(v.y) + k)
			if want := 100 + .2*at + 20*math.Sin(2*math.Pi*at/12); math.Abs(x-want) > 8 {
				t.Errorf("%s says %.1f %d ahead, want about %.1f", name, x, k+1, want)
			}
		}
	}
}
