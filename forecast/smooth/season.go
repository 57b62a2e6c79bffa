package smooth

import "math"

// Season is a classical decomposition's pattern of m values: they add up to 0,
// or have the mean 1 if it multiplies.
type Season struct {
	Pattern  []float64
	Multiply bool
}

// At is the pattern's value at index i from the series' first value.
func (s Season) At(i int) float64 { return s.Pattern[i%len(s.Pattern)] }

// Remove takes the season out of y.
func (s Season) Remove(y []float64) []float64 {
	out := make([]float64, len(y))
	for i, v := range y {
		if s.Multiply {
			out[i] = v / s.At(i)
		} else {
			out[i] = v - s.At(i)
		}
	}
	return out
}

// Add puts the season onto a path that begins at index from, in place.
func (s Season) Add(path []float64, from int) []float64 {
	for k := range path {
		if s.Multiply {
			path[k] *= s.At(from + k)
		} else {
			path[k] += s.At(from + k)
		}
	}
	return path
}

// Decompose is the classical decomposition by centred moving averages, which R
// calls decompose. The pattern is flat if y is shorter than two seasons. To
// multiply, y must be positive.
func Decompose(y []float64, m int, multiply bool) Season {
	flat := 0.
	if multiply {
		flat = 1
	}
	s := Season{Pattern: make([]float64, max(m, 1)), Multiply: multiply}
	for i := range s.Pattern {
		s.Pattern[i] = flat
	}
	if m < 2 || len(y) < 2*m {
		return s
	}
	trend := centred(y, m)
	sums, counts := make([]float64, m), make([]float64, m)
	for i, v := range trend {
		if math.IsNaN(v) || multiply && !(v > 0) {
			continue
		}
		if multiply {
			sums[i%m] += y[i] / v
		} else {
			sums[i%m] += y[i] - v
		}
		counts[i%m]++
	}
	mean := 0.
	for i := range sums {
		if counts[i] > 0 {
			s.Pattern[i] = sums[i] / counts[i]
		}
		mean += s.Pattern[i] / float64(m)
	}
	for i := range s.Pattern {
		switch {
		case !multiply:
			s.Pattern[i] -= mean
		case mean > 0:
			s.Pattern[i] = max(s.Pattern[i]/mean, .01)
		}
	}
	return s
}

// centred is the centred moving average over m values, NaN at the ends.
func centred(y []float64, m int) []float64 {
	n, half := len(y), m/2
	out := make([]float64, n)
	sum := 0.
	for i := range out {
		out[i] = math.NaN()
	}
	if n < m+1-m%2 {
		return out
	}
	for _, v := range y[:m] {
		sum += v
	}
	for i := half; i+half < n; i++ {
		if m%2 == 1 {
			out[i] = sum / float64(m)
			if i+half+1 < n {
				sum += y[i+half+1] - y[i-half]
			}
			continue
		}
		out[i] = (sum + (y[i+half]-y[i-half])/2) / float64(m)
		if i+half+1 < n {
			sum += y[i+half] - y[i-half]
		}
	}
	return out
}

// Seasonal tests at 90 % whether y repeats after m values: its autocorrelation
// at lag m against Bartlett's bound, as the Theta method does (Assimakopoulos
// and Nikolopoulos, 2000).
func Seasonal(y []float64, m int) bool {
	if m < 2 || len(y) < 2*m+1 {
		return false
	}
	r := autocorrelation(y, m)
	if len(r) == 0 {
		return false
	}
	sum := 0.
	for _, v := range r[:m-1] {
		sum += v * v
	}
	return math.Abs(r[m-1]) > 1.645*math.Sqrt((1+2*sum)/float64(len(y)))
}

// autocorrelation at lags 1 to top; nil for a constant.
func autocorrelation(y []float64, top int) []float64 {
	cov := autocovariance(y, top)
	if !(cov[0] > 0) {
		return nil
	}
	out := make([]float64, top)
	for k := range out {
		out[k] = cov[k+1] / cov[0]
	}
	return out
}

// autocovariance at lags 0 to top, over n.
func autocovariance(y []float64, top int) []float64 {
	n := len(y)
	mean := 0.
	for _, v := range y {
		mean += v / float64(n)
	}
	d := make([]float64, n)
	for i, v := range y {
		d[i] = v - mean
	}
	out := make([]float64, top+1)
	for k := range out {
		out[k] = dot(d[min(k, n):], d) / float64(n)
	}
	return out
}
