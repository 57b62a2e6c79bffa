package stats

import "math"

// walk is a Brownian motion that stops when it leaves the bounds at a look:
// the density of where it is at time, at nodes with weights, if it has not
// stopped before.
type walk struct {
	twoSided bool
	started  bool
	time     float64
	gap      float64 // time since the look before
	scale    float64 // smallest gap on either side of this look
	nodes    []float64
	mass     []float64 // density × weight at the look before
}

func newWalk(twoSided bool) *walk {
	return &walk{twoSided: twoSided}
}

// step moves on to the look at time t, with rest the times from t on.
func (w *walk) step(t float64, rest []float64) {
	w.gap = t - w.time
	w.scale = w.gap
	if len(rest) > 1 {
		w.scale = math.Min(w.scale, rest[1]-t)
	}
	w.time = t
}

// exit is the chance to be beyond the bound z at this look, and not to have
// stopped before.
func (w *walk) exit(z float64) float64 {
	b := z * math.Sqrt(w.time)
	sd := math.Sqrt(w.gap)
	if !w.started {
		return w.beyond(b, 0, sd)
	}
	sum := 0.0
	for i, x := range w.nodes {
		sum += w.mass[i] * w.beyond(b, x, sd)
	}
	return sum
}

// beyond is the chance of a step from x to leave ±b.
func (w *walk) beyond(b, x, sd float64) float64 {
	p := normalTail((b - x) / sd)
	if w.twoSided {
		p += normalTail((b + x) / sd)
	}
	return p
}

// boundFor is the z whose exit has probability p.
func (w *walk) boundFor(p float64) float64 {
	if p <= 1e-300 {
		return math.Inf(1)
	}
	low := -40.0
	if w.twoSided {
		low = 0
	}
	target := math.Log(p)
	return root(func(z float64) float64 { return math.Log(w.exit(z)) - target }, low, 40)
}

// stop ends the walks beyond z and makes the density of the others the start
// of the next step.
func (w *walk) stop(z float64) {
	const far = 9 // standard deviations beyond which there is nothing
	b := math.Min(z, far) * math.Sqrt(w.time)
	a := -far * math.Sqrt(w.time)
	if w.twoSided {
		a = -b
	}
	first := !w.started
	w.started = true
	if !(b > a) {
		w.nodes, w.mass = nil, nil
		return
	}
	sd := math.Sqrt(w.gap)
	panels := int(math.Ceil((b - a) / (1.5 * math.Sqrt(w.scale))))
	nodes, weights := quadrature(a, b, max(4, panels))
	mass := make([]float64, len(nodes))
	for i, y := range nodes {
		density := 0.0
		if first {
			density = math.Exp(logNormalDensity(y/sd)) / sd
		}
		for j, x := range w.nodes {
			density += w.mass[j] * math.Exp(logNormalDensity((y-x)/sd)) / sd
		}
		mass[i] = density * weights[i]
	}
	w.nodes, w.mass = nodes, mass
}
