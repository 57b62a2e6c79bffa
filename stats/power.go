package stats

import "math"

// Baseline is what is known of a metric before the experiment: of a mean, or of
// a ratio by Moments.Sample, or of a proportion. Multiply the variance by 1 − ρ²
// if CUPED is going to take out a covariate with correlation ρ.
type Baseline struct {
	Mean     float64
	Variance float64 // of one unit; 0 together with Proportion: that of the Mean
	// Proportion says that the treatment's variance follows its mean, p(1−p).
	Proportion bool
}

// Plan says how an experiment is to be judged. The zero value is a two-sided
// test at 0.05 with power 0.8 and equal arms.
type Plan struct {
	Alpha       float64     // 0 means 0.05
	Power       float64     // chance to find the effect; 0 means 0.8
	Alternative Alternative // TwoSided, or Greater for any one-sided one
	Treatment   float64     // share of the two arms' units in the treatment; 0 means 0.5
	Comparisons int         // tests that share alpha (Bonferroni); 0 means 1
	// Margin is the worsening that is tolerated, above 0, in the metric's unit:
	// the test is then of non-inferiority, one-sided, and the effect is the true
	// one that is hoped for, usually 0.
	Margin float64
	// Tuning is that of AlwaysValid if the test is to be looked at all the time;
	// 0 if at its end only. The power is then that of the last look, and looks
	// before it can only add to it.
	Tuning int64
}

// Size is a number of units.
type Size struct {
	Control, Treatment int64
}

// Total is the number of units of both arms.
func (s Size) Total() int64 {
	return s.Control + s.Treatment
}

// SampleSize is the number of units with which a test finds a true effect, in
// the metric's unit, with the plan's power. For means it is exact for Student's
// t and normal values with equal variances (noncentral t); for proportions it is
// that of the unpooled z test,
//
//	n_c = (z_alpha + z_power)²·(p_c(1−p_c) + p_t(1−p_t)/r)/effect²,   r = n_t/n_c.
func SampleSize(b Baseline, effect float64, p Plan) (Size, error) {
	p, err := p.resolve(b)
	if err != nil {
		return Size{}, err
	}
	d, err := p.design(b, effect)
	if err != nil {
		return Size{}, err
	}
	control := d.controlUnits()
	if !(control*(1+d.ratio) <= math.MaxInt64/2) {
		return Size{}, refuse(OutOfRange, "effect", "of %v is too small to be found by any number of units", effect)
	}
	return Size{
		Control:   int64(math.Ceil(control - 1e-9)),
		Treatment: int64(math.Ceil(control*d.ratio - 1e-9)),
	}, nil
}

// PowerOf is the chance that a test with so many units finds a true effect.
func PowerOf(b Baseline, effect float64, size Size, p Plan) (float64, error) {
	p, err := p.resolve(b)
	if err != nil {
		return 0, err
	}
	if size.Control < 2 || size.Treatment < 2 {
		return 0, refuse(TooFew, "size", "must be 2 units or more an arm, got %d and %d", size.Control, size.Treatment)
	}
	p.Treatment = float64(size.Treatment) / (float64(size.Control) + float64(size.Treatment))
	d, err := p.design(b, effect)
	if err != nil {
		return 0, err
	}
	return d.power(float64(size.Control)), nil
}

// DetectableEffect is the smallest effect above 0, in the metric's unit, that a
// test with units in both arms together finds with the plan's power: the
// minimum detectable effect. With a margin it is the improvement needed to be
// found non-inferior, which is below 0 if there is room to spare.
func DetectableEffect(b Baseline, units int64, p Plan) (float64, error) {
	p, err := p.resolve(b)
	if err != nil {
		return 0, err
	}
	control := float64(units) * (1 - p.Treatment)
	if control < 2 || float64(units)-control < 2 {
		return 0, refuse(TooFew, "units", "must be 2 or more in each arm, got %d in both", units)
	}
	power := func(distance float64) float64 {
		d, err := p.design(b, distance-p.Margin)
		if err != nil {
			return math.NaN()
		}
		return d.power(control) - p.Power
	}
	low, high := 0.0, 100*math.Sqrt(b.variance()*2/math.Min(control, float64(units)-control))
	if b.Proportion {
		high = math.Min(high, 1-b.Mean+p.Margin)
	}
	if !(power(high) >= 0) {
		return 0, refuse(TooFew, "units", "of %d find no effect that is possible", units)
	}
	low = high * 1e-12
	return root(power, low, high) - p.Margin, nil
}

// Duration is the number of days until so many units have come: arrivals are
// the new units of each day from the start on, as far as they are known or
// expected; after the last, each day brings the mean of the last seven.
func Duration(units int64, arrivals []float64) (int, error) {
	if len(arrivals) == 0 {
		return 0, refuse(TooFew, "arrivals", "must be at least one day")
	}
	left := float64(units)
	for i, a := range arrivals {
		if !(a >= 0) || math.IsInf(a, 1) {
			return 0, refuse(OutOfRange, "arrivals", "must be 0 or more on every day, got %v", a)
		}
		if left -= a; left <= 0 {
			return i + 1, nil
		}
	}
	week := arrivals[max(0, len(arrivals)-7):]
	daily := 0.0
	for _, a := range week {
		daily += a / float64(len(week))
	}
	days := float64(len(arrivals)) + math.Ceil(left/daily)
	if !(days < math.MaxInt32) {
		return 0, refuse(TooFew, "arrivals", "of %v a day never reach %d units", daily, units)
	}
	return int(days), nil
}

// resolve fills in the defaults and refuses what cannot be.
func (p Plan) resolve(b Baseline) (Plan, error) {
	if p.Alpha == 0 {
		p.Alpha = 0.05
	}
	if p.Power == 0 {
		p.Power = 0.8
	}
	if p.Treatment == 0 {
		p.Treatment = 0.5
	}
	p.Comparisons = max(1, p.Comparisons)
	for _, c := range []struct {
		name string
		v    float64
	}{{"alpha", p.Alpha}, {"power", p.Power}, {"treatment", p.Treatment}} {
		if err := probability(c.name, c.v); err != nil {
			return p, err
		}
	}
	p.Alpha /= float64(p.Comparisons)
	if !(p.Margin >= 0) || math.IsInf(p.Margin, 1) {
		return p, refuse(OutOfRange, "margin", "must be 0 or more, got %v", p.Margin)
	}
	if p.Tuning < 0 {
		return p, refuse(OutOfRange, "tuning", "must be 0 or more, got %d", p.Tuning)
	}
	if p.Alternative < TwoSided || p.Alternative > Less {
		return p, refuse(OutOfRange, "alternative", "must be TwoSided, Greater or Less, got %d", p.Alternative)
	}
	if p.Margin > 0 {
		p.Alternative = Greater
	}
	if p.Power <= p.Alpha {
		return p, refuse(OutOfRange, "power", "must be above alpha = %v, got %v", p.Alpha, p.Power)
	}
	return p, b.check()
}

func (b Baseline) check() error {
	if err := finite("mean", b.Mean); err != nil {
		return err
	}
	if b.Proportion && !(b.Mean >= 0 && b.Mean <= 1) {
		return refuse(OutOfRange, "mean", "must be a proportion between 0 and 1, got %v", b.Mean)
	}
	if b.Proportion && b.Mean*(1-b.Mean) == 0 {
		return refuse(NoVariation, "mean", "must be a proportion between 0 and 1, not %v itself: there every unit is alike", b.Mean)
	}
	if v := b.variance(); !(v > 0) || math.IsInf(v, 1) {
		return refuse(NoVariation, "variance", "must be above 0, got %v", v)
	}
	return nil
}

// variance is that of a unit in the control.
func (b Baseline) variance() float64 {
	if b.Proportion && b.Variance == 0 {
		return b.Mean * (1 - b.Mean)
	}
	return b.Variance
}
