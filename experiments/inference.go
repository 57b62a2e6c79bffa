package experiments

import (
	"github.com/peakday/peakday/stats"
)

// addInference adds to a result what follows from its effect: the always-valid view,
// the Bayesian one, and how it stands to a guardrail's margin (nil: it is none).
func (r *Result) addInference(m *Metric, alpha float64, margin *float64) {
	if r.effect == nil {
		return
	}
	always, err := alwaysValid(m, r.arms[0], r.arms[1], *r.effect, alpha)
	if err == nil {
		r.always = &always
		r.AlwaysValid = &AlwaysValid{
			Low: Number(always.Interval.Low), High: Number(always.Interval.High), PValue: Number(always.P),
			LeastUnits: leastUnits(m.Kind, always), Tuning: always.Tuning, Method: always.Test,
		}
	}
	r.Bayesian = bayesian(m, r.arms[0], r.arms[1], *r.effect)
	if margin == nil {
		return
	}
	tolerated := stats.Margin{Relative: *margin, Better: m.Direction.better()}
	fixed, err := stats.AgainstMargin(*r.effect, tolerated)
	if err != nil {
		return
	}
	r.Margin = &MarginTest{Margin: *margin, Verdict: fixed.Verdict, PValue: Number(fixed.P), HarmPValue: Number(fixed.HarmP)}
	if r.AlwaysValid != nil && always.Scheme == stats.AsymptoticAlways {
		if a, err := stats.AgainstMargin(always, tolerated); err == nil {
			r.Margin.AlwaysValid = a.Verdict
		}
	}
}

// showStopped puts the always-valid interval in place of the one for a single
// look: an experiment that was stopped by what it showed was looked at all the
// time.
func (e *Experiment) showStopped(r *Result) {
	if e.Breach == nil || r.always == nil {
		return
	}
	r.FixedHorizon = r.Absolute
	r.Absolute, r.Relative = estimates(*r.always)
	r.PValue, r.AdjustedPValue, r.Shown, r.Method = Number(r.always.P), Number(r.always.P), "always-valid", r.always.Method
	r.effect = r.always
}

// alwaysValid turns an effect into one that may be looked at all the time. While
// few units of a proportion did the thing, only the exact sequence is sharp; it
// costs more to compute, and is for few units.
func alwaysValid(m *Metric, control, treatment arm, e stats.Effect, alpha float64) (stats.Effect, error) {
	if e.Scheme == stats.ScoreInterval && control.Units+treatment.Units < 1_000_000 {
		c, err := stats.Bernoulli(control.successes, control.Units)
		if err != nil {
			return e, err
		}
		t, err := stats.Bernoulli(treatment.successes, treatment.Units)
		if err != nil {
			return e, err
		}
		return stats.ExactProportions(c, t, stats.Options{Alpha: alpha})
	}
	return stats.AlwaysValid(e, stats.Sequence{})
}

// leastUnits is from how many units an arm a sequence is honest: see
// stats.AlwaysValid, whose simulations say so.
func leastUnits(kind MetricKind, e stats.Effect) int64 {
	switch {
	case e.Scheme == stats.ExactAlways:
		return 1
	case kind == Mean && e.Reduction > 0 && e.Tuning < 5000:
		return 30
	}
	return stats.LeastUnits
}

// believe gives the chance to win: with a flat normal prior, or with uniform
// ones of both proportions while few units did the thing.
func bayesian(m *Metric, control, treatment arm, e stats.Effect) *Bayesian {
	if e.Scheme == stats.ScoreInterval {
		c, err := stats.Bernoulli(control.successes, control.Units)
		if err != nil {
			return nil
		}
		t, err := stats.Bernoulli(treatment.successes, treatment.Units)
		if err != nil {
			return nil
		}
		chance, loss, err := stats.BetaBinomialOdds(c, t, stats.BetaPrior{}, m.Direction.better())
		if err != nil {
			return nil
		}
		return &Bayesian{Number(chance), Number(loss), "uniform: each proportion is Beta(1,1)"}
	}
	p, err := stats.Believe(e, stats.Prior{}, m.Direction.better())
	if err != nil {
		return nil
	}
	return &Bayesian{Number(p.Absolute.ChanceToWin), Number(p.Absolute.LossIfShip), "flat: nothing was known of the difference"}
}

// better says which way a metric gets better; the zero value is upwards.
func (d Direction) better() stats.Direction {
	if d == Decrease {
		return stats.LowerIsBetter
	}
	return stats.HigherIsBetter
}

// margin is what a guardrail tolerates, nil if the metric is none.
func (e *Experiment) margin(metric string) *float64 {
	for i := range e.Guardrails {
		if e.Guardrails[i].Metric == metric {
			return &e.Guardrails[i].Margin
		}
	}
	return nil
}
