package panel

import (
	"math"
	"slices"
)

// combination says how members are combined.
type combination struct {
	power      float64 // the power of the inverse error
	median     float64 // the weighted median's part, the rest being the mean's
	priorCount float64 // windows that the segment's scores are worth
}

// combination suits the members: which regression is best is much the same for all
// series; among methods of several seasons, or with a calendar, few are good and
// some are far off; those of one season are much alike.
func (e *engine) combination() combination {
	switch {
	case e.design.driven():
		return combination{10, 1, 10}
	case e.several() || e.design.cols() > 0:
		return combination{6, .5, 3}
	}
	return combination{3, .25, 3}
}

// cutoff is how many times the best score a member's may be: else it weighs
// nothing.
const cutoff = 1.3

// pooledScores is the mean of the series' scores by member: of their
// logarithms, so that one series' disaster does not decide.
func pooledScores(tasks []*task, members int) []float64 {
	sum, weight := make([]float64, members), make([]float64, members)
	for _, t := range tasks {
		for m, s := range t.own {
			if !math.IsNaN(s) && t.seen > 0 {
				w := min(t.seen, 3)
				sum[m] += w * math.Log(min(max(s, .05), 20))
				weight[m] += w
			}
		}
	}
	for m := range sum {
		if weight[m] > 0 {
			sum[m] = math.Exp(sum[m] / weight[m])
		} else {
			sum[m] = math.NaN()
		}
	}
	return sum
}

// weigh turns scores into weights that sum to 1: a power of the inverse of a
// series' own scores, shrunk to those of its segment. A member beyond
// the cutoff gets nothing; without any score all members weigh the same.
//
// driverAware says which members know regressors and events; nil if there are
// none. Windows without a promotion cannot show that the others do not: they get
// nothing unless they were clearly better.
func (by combination) weigh(own []float64, seen float64, pooled []float64, driverAware []bool) []float64 {
	out := make([]float64, len(own))
	best, sum := math.Inf(1), 0.
	score := make([]float64, len(own))
	for m := range own {
		score[m] = pooled[m]
		switch {
		case math.IsNaN(pooled[m]):
			score[m] = own[m]
		case !math.IsNaN(own[m]):
			score[m] = math.Exp((seen*math.Log(own[m]+1e-9) + by.priorCount*math.Log(pooled[m])) / (seen + by.priorCount))
		}
		if !math.IsNaN(score[m]) {
			best = min(best, score[m])
		}
	}
	enough := driverAwareSuffice(score, driverAware, best)
	for m, s := range score {
		if enough && !driverAware[m] {
			continue
		}
		if !math.IsNaN(s) && s <= cutoff*best {
			out[m] = math.Pow(best/s, by.power)
			sum += out[m]
		}
	}
	for m := range out {
		if sum > 0 {
			out[m] /= sum
		} else {
			out[m] = 1 / float64(len(out))
		}
	}
	return out
}

// driverAwareSuffice reports whether members that know regressors and events are not
// clearly worse than the best score.
func driverAwareSuffice(score []float64, driverAware []bool, best float64) bool {
	for m := range driverAware {
		if driverAware[m] && score[m] <= 1.15*best {
			return true
		}
	}
	return false
}

// combine is the middle of paths by their weights: between the weighted mean and
// the weighted median. A missing path gives its weight to
// the others; with none the result is nil.
func (by combination) combine(paths [][]float64, weights []float64, h int) []float64 {
	total := 0.
	var at []int
	for m, p := range paths {
		if p != nil && weights[m] > 0 {
			total += weights[m]
			at = append(at, m)
		}
	}
	if total == 0 {
		for m, p := range paths {
			if p != nil {
				return slices.Clone(paths[m])
			}
		}
		return nil
	}
	out := make([]float64, h)
	for k := range out {
		slices.SortFunc(at, func(a, b int) int {
			switch x, y := paths[a][k], paths[b][k]; {
			case x < y:
				return -1
			case x > y:
				return 1
			}
			return a - b
		})
		mean, below := 0., 0.
		middle, lastAt := paths[at[0]][k], 0.
		for i, m := range at {
			x, w := paths[m][k], weights[m]/total
			mean += w * x
			here := below + w/2
			switch {
			case here <= .5:
				middle = x
			case i > 0 && below-weights[at[i-1]]/total/2 < .5:
				last := paths[at[i-1]][k]
				middle = last + (x-last)*(.5-lastAt)/(here-lastAt)
			}
			below, lastAt = below+w, here
		}
		out[k] = mean + by.median*(middle-mean)
	}
	return out
}
