package stats

import (
	"fmt"
	"math"
)

// Average is the mean of effects of different units, weighted by their numbers
// of units, such as those of the stretches of time between changes of traffic:
//
//	Δ = Σ w_i·Δ_i,   Var Δ = Σ w_i²·Var Δ_i,   w_i = (n_ci + n_ti)/N
//
// The arms of the whole, and so the relative effect, are averaged by the same
// weights. Degrees of freedom are Satterthwaite's. Effects of any test at a
// fixed horizon can be averaged, those with covariates too.
func Average(parts []Effect, o Options) (Effect, error) {
	o, err := o.resolve()
	if err != nil {
		return Effect{}, err
	}
	if len(parts) == 0 {
		return Effect{}, refuse(TooFew, "parts", "must be at least 1")
	}
	var e Effect
	total := 0.0
	for i, p := range parts {
		if p.Scheme == AsymptoticAlways || p.Scheme == ExactAlways {
			return Effect{}, refuse(Mismatch, fmt.Sprintf("parts[%d]", i), "is valid at every look: average first, then use AlwaysValid")
		}
		e.Control.N, e.Treatment.N = e.Control.N+p.Control.N, e.Treatment.N+p.Treatment.N
		total += float64(p.Control.N) + float64(p.Treatment.N)
	}
	var variance, control, treatment, full, squares float64
	for _, p := range parts {
		w := (float64(p.Control.N) + float64(p.Treatment.N)) / total
		e.Estimate += w * p.Estimate
		e.Control.Mean += w * p.Control.Mean
		e.Treatment.Mean += w * p.Treatment.Mean
		e.Covariance += w * w * p.Covariance
		own := w * w * p.StdErr * p.StdErr
		variance += own
		control += w * w * p.Control.StdErr * p.Control.StdErr
		treatment += w * w * p.Treatment.StdErr * p.Treatment.StdErr
		if p.Reduction < 1 {
			full += own / (1 - p.Reduction)
		}
		if p.DF > 0 {
			squares += own * own / p.DF
		}
	}
	e.StdErr, e.Control.StdErr, e.Treatment.StdErr = math.Sqrt(variance), math.Sqrt(control), math.Sqrt(treatment)
	if squares > 0 {
		e.DF = variance * variance / squares
	}
	if full > 0 {
		e.Reduction = 1 - variance/full
	}
	e.Test = parts[0].Test
	if len(parts) > 1 {
		e.Test = fmt.Sprintf("%s, averaged over %d parts", parts[0].Test, len(parts))
	}
	return e.finish(o)
}
