package experiments

import "github.com/peakday/peakday/stats"

// PreExposure says whether the arms differed before the experiment.
type PreExposure struct {
	Status stats.Status       `json:"status"` // the worst
	Checks []PreExposureCheck `json:"checks"` // those that are not all right
	Looked int                `json:"looked"` // how many metrics and variants were checked
}

// PreExposureCheck is a metric over the time before exposure, where there can be
// no effect.
type PreExposureCheck struct {
	Metric         string       `json:"metric"`
	Variant        string       `json:"variant"`
	Control        float64      `json:"control"`
	Mean           float64      `json:"mean"`
	AdjustedPValue float64      `json:"adjusted_p_value"` // by Bonferroni
	Status         stats.Status `json:"status"`
}

// checkPreExposure compares the arms before they were exposed, in every metric
// that has a pre-period.
func (r *Report) checkPreExposure(e *Experiment) {
	type pair struct {
		metric             string
		control, treatment arm
	}
	var pairs []pair
	for i := range r.Metrics {
		for _, res := range r.Metrics[i].Results {
			m := e.metric(r.Metrics[i].Name)
			if m.PrePeriod > 0 && m.Denominator == nil && len(res.arms[0].moments.Mean) == 3 && len(res.arms[1].moments.Mean) == 3 {
				pairs = append(pairs, pair{m.Key, res.arms[0], res.arms[1]})
			}
		}
	}
	if len(pairs) == 0 || len(e.Phases) > 1 {
		return
	}
	found := &PreExposure{Status: stats.OK, Checks: []PreExposureCheck{}}
	for _, p := range pairs {
		c, t := before(p.control), before(p.treatment)
		check, err := stats.PreExposureBias(c, t, len(pairs))
		if err != nil {
			continue // nobody did anything before
		}
		found.Looked++
		if check.Status == stats.OK {
			continue
		}
		if found.Status != stats.Failed {
			found.Status = check.Status
		}
		found.Checks = append(found.Checks, PreExposureCheck{p.metric, p.treatment.Variant, c.Mean, t.Mean, check.AdjustedP, check.Status})
		r.warn("%s differed before the experiment already: %.4g in %s, %.4g in control (p = %.2g); either assignment is broken, or who is exposed depends on the variant", p.metric, t.Mean, p.treatment.Variant, c.Mean, check.AdjustedP)
	}
	r.Health.PreExposure = found
}

// before is the sample of an arm's covariate.
func before(a arm) stats.Sample {
	return stats.Sample{N: a.Units, Mean: a.moments.Mean[2], Variance: a.moments.Cov[2][2]}
}
