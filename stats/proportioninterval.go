package stats

import "gonum.org/v1/gonum/mathext"

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
		i.Low = mathext.InvRegIncBeta(s, f+1, alpha/2)
	}
	if successes < n {
		i.High = 1 - mathext.InvRegIncBeta(f, s+1, alpha/2)
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
		Low:  mathext.InvRegIncBeta(s, f, alpha/2),
		High: 1 - mathext.InvRegIncBeta(f, s, alpha/2),
	}
	return i, nil
}

// checkExact is checkInterval for intervals by the beta distribution: beyond
// 10¹³ units gonum's incomplete beta function strays by more than a hundredth
// of their width.
func checkExact(successes, n int64, alpha float64) error {
	const most = 1e13
	if n > most {
		return refuse(OutOfRange, "n", "must be at most 1e13 for an exact interval, got %d: use Wilson's", n)
	}
	_, err := checkInterval(successes, n, alpha)
	return err
}

// checkInterval refuses what no interval can be made of.
func checkInterval(successes, n int64, alpha float64) (Sample, error) {
	if err := probability("alpha", alpha); err != nil {
		return Sample{}, err
	}
	return Bernoulli(successes, n)
}
