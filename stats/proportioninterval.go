package stats

// Wilson is the score interval of one proportion at 1 − alpha (Wilson, JASA 22,
// 1927): its coverage is near 1 − alpha on average, also for few units.
func Wilson(successes, n int64, alpha float64) (Interval, error) {
	s, err := checkInterval(successes, n, alpha)
	if err != nil {
		return Interval{}, err
	}
	return s.arm().wilson(normalQuantile(alpha / 2)), nil
}

// ClopperPearson is the exact interval of one proportion at 1 − alpha (Clopper
// and Pearson, Biometrika 26, 1934): its coverage is never below 1 − alpha, and
// often well above.
func ClopperPearson(successes, n int64, alpha float64) (Interval, error) {
	if err := checkExact(successes, n, alpha); err != nil {
		return Interval{}, err
	}
	i := Interval{Low: 0, High: 1}
	s, f := float64(successes), float64(n-successes)
	if successes > 0 {
		i.Low = logistic(newBeta(s, f+1).quantile(alpha / 2))
	}
	if successes < n {
		i.High = logistic(-newBeta(f, s+1).quantile(alpha / 2))
	}
	return i, nil
}

// Jeffreys is the credible interval of one proportion at 1 − alpha with the
// prior Beta(½,½) (Brown, Cai and DasGupta, Statistical Science 16, 2001, without
// their change at 0 and n).
func Jeffreys(successes, n int64, alpha float64) (Interval, error) {
	if err := checkExact(successes, n, alpha); err != nil {
		return Interval{}, err
	}
	s, f := float64(successes)+0.5, float64(n-successes)+0.5
	i := Interval{
		Low:  logistic(newBeta(s, f).quantile(alpha / 2)),
		High: logistic(-newBeta(f, s).quantile(alpha / 2)),
	}
	return i, nil
}

// checkExact is checkInterval for intervals by the beta distribution: beyond
// 10¹³ units the logarithm of its density is off by more than a thousandth.
func checkExact(successes, n int64, alpha float64) error {
	const most = 1e13
	if n > most {
		return refuse(OutOfRange, "n", "must be at most 1e13 for an exact interval, got %d: use Wilson's", n)
	}
	if _, err := checkInterval(successes, n, alpha); err != nil {
		return err
	}
	if alpha < 1e-300 {
		return refuse(OutOfRange, "alpha", "must be 1e-300 or more for an exact interval, got %v", alpha)
	}
	return nil
}

// checkInterval refuses what no interval can be made of.
func checkInterval(successes, n int64, alpha float64) (Sample, error) {
	if err := probability("alpha", alpha); err != nil {
		return Sample{}, err
	}
	return Bernoulli(successes, n)
}
