package stats

// PreExposureCheck says whether the arms differed before the experiment.
type PreExposureCheck struct {
	Effect            // of the metric over the time before exposure
	AdjustedP float64 // P times the number of metrics checked
	Status    Status  // OK, Warning (AdjustedP < 0.01) or Failed (AdjustedP < 0.001)
}

// PreExposureBias tests whether the arms' units differed in a metric before
// they were exposed, where there can be no effect: if they did, the assignment
// is broken, or who is exposed depends on the arm. Each arm's sample is of the
// metric over the pre-period; metrics is the number of metrics that are checked
// (Bonferroni). A warning calls for CUPED, a failure for a search.
func PreExposureBias(control, treatment Sample, metrics int) (PreExposureCheck, error) {
	if metrics < 1 {
		return PreExposureCheck{}, refuse(OutOfRange, "metrics", "must be 1 or more, got %d", metrics)
	}
	e, err := Welch(control, treatment, Options{})
	if err != nil {
		return PreExposureCheck{}, err
	}
	p := min(1, float64(metrics)*e.P)
	return PreExposureCheck{Effect: e, AdjustedP: p, Status: statusOf(p)}, nil
}
