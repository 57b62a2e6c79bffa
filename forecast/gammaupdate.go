package forecast

// update learns a total from a part of it that has come. Before, the total is
// Gamma of mean m and relative variance v; so far, seen pieces have come of the
// share c (0 to 1) that is usual by now. How well c is known is its
// concentration: that of a Beta with so many earlier pieces behind it. The
// pieces count as much evidence as a Poisson count of batches would, less what the
// variance of c takes from them:
//
//	posterior mean = (1/v + k·seen) / (1/(v·m) + k·c),  k = 1 / (batch + seen·v(c))
//
// which is the prior and seen/c weighted by their precisions. rel is the
// posterior's relative variance.
func update(m, v, seen, c, concentration, batch float64) (mean, rel float64) {
	if !(m > 0) || !(v > 0) {
		return m, v
	}
	if c <= 0 {
		return m, v
	}
	ofShare := (1 - min(c, 1)) / (c * (concentration + 1))
	k := 1 / (batch + max(seen, m*c)*ofShare)
	a := 1/v + k*seen
	return a / (1/(v*m) + k*c), 1 / a
}

// beta is a share estimated from successes out of trials.
type beta struct{ yes, all float64 }

// toward is the share shrunk to a parent's as if weight trials had shown it.
func (b beta) toward(parent, weight float64) float64 {
	return (b.yes + weight*parent) / (b.all + weight)
}

// add counts.
func (b *beta) add(yes, all float64) {
	b.yes += yes
	b.all += all
}
