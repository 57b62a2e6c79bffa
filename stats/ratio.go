package stats

// Ratio compares two ratios of means, such as revenue per session or clicks
// per view, where the unit that was assigned (the user) is not the unit of the
// denominator (the session). Each arm's ratio is
//
//	R = ȳ/d̄,   Var R ≈ (Var y − 2R·Cov(y,d) + R²·Var d)/(n·d̄²)
//
// by the delta method (Deng, Knoblich and Lu, KDD 2018, section 3), and the
// difference is judged by Welch's t over units.
//
// With y the sum of a cluster's rows and d their number, R is the mean of all
// rows, and this is the cluster-robust ("sandwich") error of it: the analysis
// of rows that were assigned by shop, team or region.
func Ratio(control, treatment Moments, o Options) (Effect, error) {
	c, err := control.sample("control")
	if err != nil {
		return Effect{}, err
	}
	t, err := treatment.sample("treatment")
	if err != nil {
		return Effect{}, err
	}
	o, err = o.resolve()
	if err != nil {
		return Effect{}, err
	}
	e, err := difference(c, t, 2)
	if err != nil {
		return Effect{}, err
	}
	e.DF = welchDF(c, t)
	e.Test = "ratio by the delta method, welch t"
	return e.finish(o)
}
