package stats

import (
	"fmt"
	"math"
)

// ThompsonProportions is the share of traffic that Thompson sampling gives each
// arm: the chance that it has the highest proportion, with the prior Beta(1,1)
// for each. The arms are samples by Bernoulli; one without units yet has N 0.
//
// The chances are integrals and not drawn, so that they need no seed and the
// same data give the same shares.
func ThompsonProportions(arms []Sample) ([]float64, error) {
	beliefs := make([]distributed, len(arms))
	for i, s := range arms {
		if s.N != 0 {
			if err := s.checkProportion(fmt.Sprintf("arms[%d]", i)); err != nil {
				return nil, err
			}
		}
		beliefs[i] = BetaPrior{1, 1}.update(s)
	}
	return bestChances(beliefs, 0, 1)
}

// ThompsonMeans is the share of traffic that Thompson sampling gives each arm:
// the chance that it has the highest mean, when each mean is normal around what
// was seen of it (a flat prior). Each arm needs two units or more and some
// variation; for metrics where less is better, negate the means.
func ThompsonMeans(arms []Sample) ([]float64, error) {
	beliefs := make([]distributed, len(arms))
	for i, s := range arms {
		input := fmt.Sprintf("arms[%d]", i)
		if err := s.check(input, 2); err != nil {
			return nil, err
		}
		if s.Variance == 0 {
			return nil, refuse(NoVariation, input, "has no variation to learn from")
		}
		beliefs[i] = normalBelief{centre: s.Mean, spread: s.StdErr()}
	}
	return bestChances(beliefs, math.Inf(-1), math.Inf(1))
}

// TopTwo turns the chances of each arm to be best into the shares of top-two
// Thompson sampling, which keeps traffic on the runner-up in order to find the
// best arm sooner: the best by chance gets the unit with probability lead
// (usually 0.5), else the best of the others by a fresh draw (Russo, Operations
// Research 68, 2020):
//
//	share_i = α_i·(lead + (1 − lead)·Σ_{j≠i} α_j/(1 − α_j))
func TopTwo(chances []float64, lead float64) ([]float64, error) {
	if len(chances) < 2 {
		return nil, refuse(TooFew, "chances", "must be at least 2, got %d", len(chances))
	}
	if !(lead > 0 && lead <= 1) {
		return nil, refuse(OutOfRange, "lead", "must be above 0 and at most 1, got %v", lead)
	}
	if err := checkShares("chances", chances); err != nil {
		return nil, err
	}
	shares := make([]float64, len(chances))
	for i, a := range chances {
		shares[i] += lead * a
		others := 0.0
		for j, b := range chances {
			if j != i {
				others += b
			}
		}
		for j, b := range chances {
			switch {
			case j == i:
			case others > 0:
				shares[j] += (1 - lead) * a * b / others
			default: // the leader is certain: any runner-up will do
				shares[j] += (1 - lead) * a / float64(len(chances)-1)
			}
		}
	}
	return shares, nil
}

// AtLeast raises every share to least and takes it from the others in
// proportion to what they have above it. Inverse-propensity weights need a
// floor: an arm that gets no traffic can be estimated no more.
func AtLeast(shares []float64, least float64) ([]float64, error) {
	if err := checkShares("shares", shares); err != nil {
		return nil, err
	}
	if !(least >= 0 && least*float64(len(shares)) <= 1) {
		return nil, refuse(OutOfRange, "least", "must be 0 to 1/%d, got %v", len(shares), least)
	}
	above := 0.0
	for _, s := range shares {
		above += math.Max(0, s-least)
	}
	raised := make([]float64, len(shares))
	spare := 1 - least*float64(len(shares))
	for i, s := range shares {
		raised[i] = least
		if above > 0 {
			raised[i] += math.Max(0, s-least) / above * spare
		} else {
			raised[i] += spare / float64(len(shares))
		}
	}
	return raised, nil
}

// checkShares refuses shares that do not sum to 1.
func checkShares(input string, shares []float64) error {
	sum := 0.0
	for i, s := range shares {
		if !(s >= 0 && s <= 1) {
			return refuse(OutOfRange, fmt.Sprintf("%s[%d]", input, i), "must be between 0 and 1, got %v", s)
		}
		sum += s
	}
	if !(math.Abs(sum-1) < 1e-6) {
		return refuse(OutOfRange, input, "must sum to 1, got %v", sum)
	}
	return nil
}
