package smooth

import "math"

// DynamicTheta is the dynamic optimised theta model of Fiorucci, Pellegrini,
// Louzada, Petropoulos and Koehler (2016): simple smoothing of a theta line of
// which θ is fitted, with a linear trend that is fitted anew at each value.
type DynamicTheta struct {
	Alpha, Theta float64

	first             float64 // level before the first value
	level, mean, a, b float64
	n                 int
}

// FitDynamicTheta fits α, θ and the first level by least squares.
func FitDynamicTheta(y []float64) *DynamicTheta {
	d := &DynamicTheta{n: len(y)}
	if len(y) < 3 {
		d.Alpha, d.Theta = .5, 1
		d.run(y, WeightedMean(y, ones(len(y)), 0))
		return d
	}
	unit := 1e-9
	for i := 1; i < len(y); i++ {
		unit += math.Abs(y[i]-y[i-1]) / float64(len(y)-1)
	}
	first := y[0]
	at := func(x []float64) float64 {
		d.Alpha, d.Theta = squash(x[0], .01, .999), 1+4*squash(x[1]-1.1, 0, 1)
		return first + unit*x[2]
	}
	x := Minimize(func(x []float64) float64 {
		return math.Log(d.run(y, at(x)) + 1e-12*unit*unit)
	}, []float64{0, 0, 0}, 1, 150)
	d.first = at(x)
	d.run(y, d.first)
	return d
}

// Run carries the fitted parameters over to y, which begins as the series that
// they were fitted to.
func (d *DynamicTheta) Run(y []float64) {
	d.n = len(y)
	d.run(y, d.first)
}

// run filters y from a first level and gives the sum of squared errors.
func (d *DynamicTheta) run(y []float64, first float64) float64 {
	// Before the first value the line is flat at 0 and the mean the value.
	level, sum, a, b, mean := first, 0., 0., 0., 0.
	if len(y) > 0 {
		a, mean = y[0], y[0]
	}
	w, keep := 1-1/d.Theta, 1-d.Alpha
	power := 1. // (1−α)^(t−1), t counted from 1
	for i, v := range y {
		n := float64(i)
		if i > 0 {
			forecast := level + w*(a*power+b*(1-power*keep)/d.Alpha)
			sum += (v - forecast) * (v - forecast)
		}
		mean = (n*mean + v) / (n + 1)
		if i > 0 {
			t := n + 1
			b = ((t-2)*b + 6*(v-mean)/t) / (t + 1)
		}
		a = mean - b*(n+2)/2
		level = d.Alpha*v + keep*level
		power *= keep
	}
	d.level, d.mean, d.a, d.b = level, mean, a, b
	return sum
}

// Forecast is the path of the next h values.
func (d *DynamicTheta) Forecast(h int) []float64 {
	out := make([]float64, h)
	level, mean, a, b := d.level, d.mean, d.a, d.b
	w, keep := 1-1/d.Theta, 1-d.Alpha
	for k := range out {
		n := float64(d.n + k)
		power := math.Pow(keep, n)
		v := level + w*(a*power+b*(1-power*keep)/d.Alpha)
		out[k] = v
		mean = (n*mean + v) / (n + 1)
		if t := n + 1; t > 1 {
			b = ((t-2)*b + 6*(v-mean)/t) / (t + 1)
		}
		a = mean - b*(n+2)/2
		level = d.Alpha*v + keep*level
	}
	return out
}

func ones(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}
