package smooth

import "math"

// DynamicTheta is the dynamic optimised theta model of Fiorucci, Pellegrini,
// Louzada, Petropoulos and Koehler (2016): simple smoothing of a theta line of
// which θ is fitted, with a linear trend that is fitted anew at each value.
type DynamicTheta struct {
	Alpha, Theta float64

	at                []float64 // where the search ended
	first             float64   // level before the first value
	level, mean, a, b float64
	n                 int
}

// FitDynamicTheta fits α, θ and the first level by least squares.
func FitDynamicTheta(y []float64) *DynamicTheta {
	d := &DynamicTheta{at: make([]float64, 3)}
	if len(y) < 3 {
		d.Alpha, d.Theta, d.first = .5, 1, WeightedMean(y, ones(len(y)), 0)
		d.Run(y)
		return d
	}
	d.search(y, 1, 150)
	return d
}

// Refit fits the parameters anew to a series that differs little from the one
// that they were fitted to.
func (d *DynamicTheta) Refit(y []float64) {
	if len(y) < 3 {
		d.Run(y)
		return
	}
	d.search(y, .25, 40)
}

// search looks for the parameters around d.at.
func (d *DynamicTheta) search(y []float64, size float64, evals int) {
	d.n = len(y)
	unit := 1e-9
	for i := 1; i < len(y); i++ {
		unit += math.Abs(y[i]-y[i-1]) / float64(len(y)-1)
	}
	first := y[0]
	set := func(x []float64) float64 {
		d.Alpha, d.Theta = logistic(x[0], .01, .999), 1+4*logistic(x[1]-1.1, 0, 1)
		return first + unit*x[2]
	}
	a, b := d.lines(y)
	d.at = Minimize(func(x []float64) float64 {
		return math.Log(d.run(y, a, b, set(x)) + 1e-12*unit*unit)
	}, d.at, size, 1e-6, evals)
	d.first = set(d.at)
	d.run(y, a, b, d.first)
}

// Run carries the fitted parameters over to y, which begins as the series that
// they were fitted to.
func (d *DynamicTheta) Run(y []float64) {
	d.n = len(y)
	a, b := d.lines(y)
	d.run(y, a, b, d.first)
}

// lines fits a straight line to the values before each: a + b·t, t counted from
// 1. Before the first value it is flat at 0, and the mean is that value. No
// parameter changes them. It leaves the line after the last value behind.
func (d *DynamicTheta) lines(y []float64) (a, b []float64) {
	a, b = make([]float64, len(y)), make([]float64, len(y))
	d.a, d.b, d.mean = 0, 0, 0
	if len(y) > 0 {
		d.a, d.mean = y[0], y[0]
	}
	for i, v := range y {
		a[i], b[i] = d.a, d.b
		d.lengthen(float64(i), v)
	}
	return a, b
}

// lengthen fits the line to v, which came after n others.
func (d *DynamicTheta) lengthen(n, v float64) {
	d.mean = (n*d.mean + v) / (n + 1)
	if n > 0 {
		t := n + 1
		d.b = ((t-2)*d.b + 6*(v-d.mean)/t) / (t + 1)
	}
	d.a = d.mean - d.b*(n+2)/2
}

// run filters y along its lines from a first level and gives the sum of squared
// errors.
func (d *DynamicTheta) run(y, a, b []float64, first float64) float64 {
	level, sum, power := first, 0., 1. // power: (1−α)^(t−1), t counted from 1
	w, keep := 1-1/d.Theta, 1-d.Alpha
	steep := w / d.Alpha
	for i, v := range y {
		if i > 0 {
			e := v - level - w*a[i]*power - steep*b[i]*(1-power*keep)
			sum += e * e
		}
		level = d.Alpha*v + keep*level
		power = flush(power * keep)
	}
	d.level = level
	return sum
}

// Forecast is the path of the next h values.
func (d *DynamicTheta) Forecast(h int) []float64 {
	out := make([]float64, h)
	on := *d
	w, keep := 1-1/d.Theta, 1-d.Alpha
	for k := range out {
		n := float64(d.n + k)
		power := math.Pow(keep, n)
		v := on.level + w*(on.a*power+on.b*(1-power*keep)/d.Alpha)
		out[k] = v
		on.lengthen(n, v)
		on.level = d.Alpha*v + keep*on.level
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
