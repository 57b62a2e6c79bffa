package stats

import "math"

// design is a test with everything fixed but the number of units.
type design struct {
	distance           float64 // true effect from the hypothesis that is tested
	controlVariance    float64 // of one unit
	treatedVariance    float64
	ratio              float64 // treatment units for one of the control
	alpha, target      float64
	tuning             int64 // of a confidence sequence; 0: one look
	twoSided, students bool
	proportion         bool
}

// design makes the test of a true effect.
func (p Plan) design(b Baseline, effect float64) (design, error) {
	if err := finite("effect", effect); err != nil {
		return design{}, err
	}
	d := design{
		distance:        math.Abs(effect),
		controlVariance: b.variance(),
		treatedVariance: b.variance(),
		ratio:           p.Treatment / (1 - p.Treatment),
		alpha:           p.Alpha,
		target:          p.Power,
		tuning:          p.Tuning,
		twoSided:        p.Alternative == TwoSided,
		students:        !b.Proportion && p.Tuning == 0,
		proportion:      b.Proportion,
	}
	if p.Margin > 0 {
		d.distance = p.Margin + effect
	}
	if d.distance <= 0 {
		return d, refuse(OutOfRange, "effect", "must differ from what is tested: with no distance there is nothing to find")
	}
	if b.Proportion {
		treated := b.Mean + effect
		if treated < 0 || treated > 1 {
			return d, refuse(OutOfRange, "effect", "must leave a proportion between 0 and 1, got %v", treated)
		}
		// Whatever covariates take out of the control, they take out of the treatment.
		d.treatedVariance = treated * (1 - treated) * d.controlVariance / (b.Mean * (1 - b.Mean))
	}
	return d, nil
}

// controlUnits is the number of units in the control that reaches the target;
// +Inf if it is more than an int64 holds.
func (d design) controlUnits() float64 {
	tail := d.alpha
	if d.twoSided {
		tail /= 2
	}
	z := normalQuantile(tail) + normalQuantile(1-d.target)
	guess := math.Max(2, z*z*(d.controlVariance+d.treatedVariance/d.ratio)/(d.distance*d.distance))
	short := func(n float64) float64 { return d.power(n) - d.target }
	least := math.Max(2, 2/d.ratio)
	if short(least) >= 0 {
		return least
	}
	low, high := least, math.Max(2*least, guess)
	for ; high < math.MaxInt64 && short(high) < 0; low, high = high, 2*high {
	}
	if !(high < math.MaxInt64) {
		return math.Inf(1)
	}
	return root(short, low, high)
}

// power is the chance to reject with so many units in the control.
func (d design) power(control float64) float64 {
	treatment := control * d.ratio
	noncentrality := d.distance / math.Sqrt(d.controlVariance/control+d.treatedVariance/treatment)
	df := 0.0
	if d.students {
		df = control + treatment - 2
	}
	if df > 1e7 { // the t has become normal to 1e-8
		df = 0
	}
	critical := d.critical(control+treatment, df)
	p := noncentralTail(critical, df, noncentrality)
	if d.twoSided && !d.proportion { // for proportions, the far tail is by custom not counted
		p += noncentralTail(critical, df, -noncentrality)
	}
	return p
}

// critical is the statistic at which so many units in both arms reject.
func (d design) critical(units, df float64) float64 {
	o := Options{Alpha: d.alpha, Alternative: Greater}
	tail := d.alpha
	if d.twoSided {
		o.Alternative = TwoSided
		tail /= 2
	}
	if d.tuning > 0 {
		return newMixture(o, d.tuning, units).critical(o)
	}
	return studentQuantile(tail, df)
}

// noncentralTail is P(T > t) of the noncentral t (df 0: normal): with W the
// square root of a chi-square over its degrees of freedom, the mean of
// P(Z > t·W − noncentrality).
func noncentralTail(t, df, noncentrality float64) float64 {
	if df == 0 {
		return normalTail(t - noncentrality)
	}
	const far = 12
	spread := 1 / math.Sqrt(2*df)
	peak := math.Sqrt(math.Max(0, (df-1)/df))
	low, high := math.Max(0, peak-far*spread), peak+far*spread
	nodes, weights := quadrature(low, high, 12)
	logDensity := func(w float64) float64 { return (df-1)*math.Log(w) - df*w*w/2 }
	top := 0.0
	if peak > 0 {
		top = logDensity(peak)
	}
	sum, mass := 0.0, 0.0
	for i, w := range nodes {
		m := weights[i] * math.Exp(logDensity(w)-top)
		mass += m
		sum += m * normalTail(t*w-noncentrality)
	}
	return sum / mass
}
