package panel

import (
	"math"

	"github.com/peakday/peakday/forecast/smooth"
)

// profile is the usual cycle around a moving average: the longest season's,
// shrunk to the shortest's, each cycle counting decay times the one after it;
// on top a smoothed level, and the last value's deviation from it, fading.
func profile(v *view, log bool, decay float64) []float64 {
	if v.m < 2 || log && !v.positive {
		return nil
	}
	y, n := v.values(log), len(v.y)
	long := v.seasons[len(v.seasons)-1]
	shape := cycle(y, v.m, long, decay)
	r := make([]float64, n)
	for i := range r {
		r[i] = y[i] - shape[i%long]
	}
	level := smoothedLevel(r, long)
	phi := autocorrelation1(tail(r, long))
	out := make([]float64, v.h)
	last := (r[n-1] - level)
	for k := range out {
		last *= phi
		out[k] = level + shape[(n+k)%long] + last
	}
	return back(out, log)
}

// cycle averages the deviations of y from its moving average by place in the
// cycle.
func cycle(y []float64, m, long int, decay float64) []float64 {
	n := len(y)
	short, shortW := make([]float64, m), make([]float64, m)
	sum, weight := make([]float64, long), make([]float64, long)
	deviation, w := make([]float64, n), make([]float64, n)
	half := long / 2
	total := 0.
	for _, x := range y[:min(long, n)] {
		total += x
	}
	for i := half; i+half < n; i++ {
		mean := total / float64(long)
		if i+half+1 < n && i-half >= 0 && i+long-half < n {
			total += y[i+long-half] - y[i-half]
		}
		deviation[i] = y[i] - mean
		w[i] = math.Pow(decay, float64((n-1-i)/long))
		short[i%m] += w[i] * deviation[i]
		shortW[i%m] += w[i]
	}
	for j := range short {
		short[j] /= max(shortW[j], 1e-9)
	}
	for i := range y {
		sum[i%long] += w[i] * (deviation[i] - short[i%m])
		weight[i%long] += w[i]
	}
	out := make([]float64, long)
	for j := range out {
		out[j] = short[j%m] + sum[j]/(weight[j]+1)
	}
	return out
}

// smoothedLevel smooths r by the α of a grid that would have forecast the second
// half best.
func smoothedLevel(r []float64, m int) float64 {
	best, level := math.Inf(1), 0.
	start := 0.
	for _, x := range r[:min(m, len(r))] {
		start += x / float64(min(m, len(r)))
	}
	for _, alpha := range [...]float64{.005, .01, .02, .05, .1, .2, .4, .7} {
		l, squares := start, 0.
		for i, x := range r {
			e := x - l
			if i >= len(r)/2 {
				squares += e * e
			}
			l += alpha * e
		}
		if squares < best {
			best, level = squares, l
		}
	}
	return level
}

// autocorrelation1 is the autocorrelation at lag 1, within 0 and .95.
func autocorrelation1(r []float64) float64 {
	a := smooth.FitAR(r, 1)
	if len(a.Phi) == 0 {
		return 0
	}
	return min(max(a.Phi[0], 0), .95)
}
