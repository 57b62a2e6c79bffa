package stats

import "math"

// SequentialRatioCheck says whether units arrived in the arms as planned, at
// any number of looks.
type SequentialRatioCheck struct {
	LogEvidence float64 // ln of the Bayes factor against the plan
	P           float64 // always valid: min(1, e^−LogEvidence)
	LogP        float64
	Status      Status // OK, Warning (P < 0.01) or Failed (P < 0.001)
}

// SequentialSampleRatio tests whether the units observed in the arms come in
// the proportions of the weights, at every look and from the first unit on. Its
// evidence is the Bayes factor of Dirichlet priors around the plan θ,
//
//	B = Γ(κ)/Γ(κ+n) · Π Γ(κθ_i+n_i)/Γ(κθ_i) / Π θ_i^n_i
//
// (Lindon and Malek, Anytime-Valid Inference for Multinomial Count Data, NeurIPS
// 2022), averaged over κ = 10², 10⁴ and 10⁶ so that gross imbalances show in
// hundreds of units and slight ones in millions. While the plan holds, B is a
// martingale that starts at 1: the chance that it ever reaches 1/p is p at most.
func SequentialSampleRatio(observed []int64, weights []float64) (SequentialRatioCheck, error) {
	total, shares, err := planned(observed, weights)
	if err != nil {
		return SequentialRatioCheck{}, err
	}
	concentrations := [...]float64{1e2, 1e4, 1e6}
	logs := make([]float64, len(concentrations))
	most := math.Inf(-1)
	for i, k := range concentrations {
		logs[i] = logDirichlet(observed, shares, total, k)
		most = math.Max(most, logs[i])
	}
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - most)
	}
	c := SequentialRatioCheck{LogEvidence: most + math.Log(sum/float64(len(logs)))}
	c.LogP = math.Min(0, -c.LogEvidence)
	c.P = math.Exp(c.LogP)
	c.Status = statusOf(c.P)
	return c, nil
}

// logDirichlet is the logarithm of the Bayes factor of a Dirichlet prior with
// concentration k around the shares.
func logDirichlet(observed []int64, shares []float64, total, k float64) float64 {
	log := -logRising(k, total)
	for i, share := range shares {
		if n := float64(observed[i]); n > 0 {
			log += logRising(k*share, n) - n*math.Log(share)
		}
	}
	return log
}

// logRising is ln Γ(a+n)/Γ(a).
func logRising(a, n float64) float64 {
	upper, _ := math.Lgamma(a + n)
	lower, _ := math.Lgamma(a)
	return upper - lower
}
