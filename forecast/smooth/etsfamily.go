package smooth

import (
	"math"
	"slices"
)

// Family is what several forms make of one series. Its forecast is their mean
// by Akaike weights, which is steadier than the best.
type Family struct {
	fits    []*ETS
	weights []float64
}

// Forms that are further from the best AICc than maxDelta weigh nothing, and
// further than maxRefit they are not fitted again to a series that differs
// little.
const (
	maxDelta = 6
	maxRefit = 15
)

// FitFamily fits the forms to y.
func FitFamily(y []float64, m int, forms []Form) *Family {
	f := &Family{}
	for _, form := range forms {
		if form.Season == 'N' || m >= 2 && len(y) >= 2*m {
			f.fits = append(f.fits, FitETS(y, m, form))
		}
	}
	f.weigh()
	return f
}

// Refit fits the forms that are near enough to the best anew, from the parameters
// that they had.
func (f *Family) Refit(y []float64) {
	for _, e := range f.fits {
		e.Refit(y)
	}
	f.weigh()
}

// Run carries the fitted parameters over to y, see ETS.Run.
func (f *Family) Run(y []float64) {
	for i, e := range f.fits {
		if f.weights[i] > 0 {
			e.Run(y)
		}
	}
}

func (f *Family) weigh() {
	best := math.Inf(1)
	for _, e := range f.fits {
		if !math.IsNaN(e.AICc) {
			best = min(best, e.AICc)
		}
	}
	// What could not be fitted may be when there are more values.
	f.fits = slices.DeleteFunc(f.fits, func(e *ETS) bool { return e.AICc > best+maxRefit && !math.IsInf(e.AICc, 1) })
	f.weights = make([]float64, len(f.fits))
	sum := 0.
	for i, e := range f.fits {
		if e.AICc <= best+maxDelta && !math.IsInf(e.AICc, 1) {
			f.weights[i] = math.Exp((best - e.AICc) / 2)
			sum += f.weights[i]
		}
	}
	for i := range f.weights {
		f.weights[i] /= max(sum, 1e-300)
	}
}

// Forecast is the path of the next h values' means; nil if no form fits.
func (f *Family) Forecast(h int) []float64 {
	var out []float64
	for i, e := range f.fits {
		if w := f.weights[i]; w > 0 {
			if out == nil {
				out = make([]float64, h)
			}
			for k, x := range e.Forecast(h) {
				out[k] += w * x
			}
		}
	}
	return out
}
