package stats

import "math"

// Interleaving is which of two rankings users preferred when both were shown
// to them in one list.
type Interleaving struct {
	Preference float64  // share of users for the treatment, ties half: 0.5 is no preference
	Interval   Interval // of the share among users who had a preference, by Wilson
	P, LogP    float64  // of no preference: exact two-sided sign test
	Users      int64
}

// Interleave tests a team-draft interleaving: in each user's lists the two
// rankings took turns to pick items, and clicks or orders were credited to the
// ranking that had picked the item (Radlinski, Kurup and Joachims, CIKM 2008).
// A user counts once, for the ranking with more credit: won for the treatment,
// lost for the control, tied for neither. Users are independent; their clicks
// are not, so clicks must not be counted as trials (Chapelle, Joachims,
// Radlinski and Yue, ACM TOIS 30, 2012).
//
// Under no preference the number won of those decided is Binomial(n, ½); P is
// the exact two-sided tail. Ties say nothing and are left out of the test.
func Interleave(won, lost, tied int64, alpha float64) (Interleaving, error) {
	if won < 0 || lost < 0 || tied < 0 {
		return Interleaving{}, refuse(OutOfRange, "users", "must not be negative: won %d, lost %d, tied %d", won, lost, tied)
	}
	if err := probability("alpha", alpha); err != nil {
		return Interleaving{}, err
	}
	decided := won + lost
	if decided == 0 {
		return Interleaving{}, refuse(TooFew, "users", "have no preference yet: all %d are tied", tied)
	}
	share, err := Wilson(won, decided, alpha)
	if err != nil {
		return Interleaving{}, err
	}
	users := decided + tied
	i := Interleaving{
		Preference: (float64(won) + float64(tied)/2) / float64(users),
		Interval:   share,
		Users:      users,
	}
	i.LogP = math.Min(0, math.Ln2+logCoinTail(max(won, lost), decided))
	i.P = math.Exp(i.LogP)
	return i, nil
}

// logCoinTail is ln P(X ≥ k) of a Binomial(n, ½), for k ≥ n/2, summed from its
// largest term down.
func logCoinTail(k, n int64) float64 {
	sum, term := 1.0, 1.0
	for j := k; j < n; j++ {
		term *= float64(n-j) / float64(j+1)
		sum += term
		if term < sum*1e-17 {
			break
		}
	}
	return logChoose(n, k) - float64(n)*math.Ln2 + math.Log(sum)
}

// logChoose is ln of the binomial coefficient.
func logChoose(n, k int64) float64 {
	all, _ := math.Lgamma(float64(n) + 1)
	in, _ := math.Lgamma(float64(k) + 1)
	out, _ := math.Lgamma(float64(n-k) + 1)
	return all - in - out
}
