package main

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"strings"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

// lawIDs is how many ids the laws of assignment are measured over.
const lawIDs = 1_000_000

// addLaws measures what assignment promises: experiments named as alike as
// names get are independent, and the hash fills the circle evenly.
func addLaws(ctx context.Context, r *report) error {
	even := `{"key":"control","weight":1},{"key":"treatment","weight":1}`
	var hundred []string
	for i := range 100 {
		hundred = append(hundred, fmt.Sprintf(`{"key":"v%d","weight":1,"control":%v}`, i, i == 0))
	}
	halves, err := lawCatalog(ctx, even)
	if err != nil {
		return err
	}
	parts, err := lawCatalog(ctx, strings.Join(hundred, ","))
	if err != nil {
		return err
	}
	sets := make([][]uint64, lawExperiments)
	counts := make([]map[string]int, lawExperiments)
	for k := range sets {
		sets[k], counts[k] = make([]uint64, (lawIDs+63)/64), map[string]int{}
	}
	for i := range lawIDs {
		s := experiments.Subject{Key: events.UnitID(fmt.Sprintf("user_%07d", i))}
		k := 0
		halves.EvaluateAll(s, nil, func(e experiments.Evaluation) bool {
			if e.Variant.Key == "treatment" {
				sets[k][i/64] |= 1 << (i % 64)
			}
			k++
			return true
		})
		k = 0
		parts.EvaluateAll(s, nil, func(e experiments.Evaluation) bool {
			counts[k][e.Variant.Key]++
			k++
			return true
		})
	}
	phi, beyond := correlation(sets)
	chi := unevenness(counts)
	r.add("190 pairs of experiments, 10⁶ ids: largest |phi|", fmt.Sprintf("%.4f", phi), fmt.Sprintf("%d beyond 4σ", beyond), "")
	r.add("20 experiments of 100 variants, 10⁶ ids: worst chi-square, 99 df (130 expected)", fmt.Sprintf("%.0f", chi), "", "")
	r.Values["largest |phi| of 190 pairs"], r.Values["pairs beyond 4 sigma"], r.Values["worst chi-square of 20, 99 df"] = phi, float64(beyond), chi
	return nil
}

// lawExperiments gives 190 pairs.
const lawExperiments = 20

func lawCatalog(ctx context.Context, variants string) (*experiments.Catalog, error) {
	var texts []string
	for range lawExperiments {
		texts = append(texts, `{"unit":"user","variants":[`+variants+`]}`)
	}
	return startedCatalog(ctx, "exp-%d", texts)
}

// correlation gives the largest |phi| of all pairs, and how many are beyond
// four standard deviations, 4/√n.
func correlation(sets [][]uint64) (largest float64, beyond int) {
	share := func(set []uint64) float64 {
		n := 0
		for _, word := range set {
			n += bits.OnesCount64(word)
		}
		return float64(n) / lawIDs
	}
	both := make([]uint64, len(sets[0]))
	for i := range sets {
		for j := range i {
			for w := range both {
				both[w] = sets[i][w] & sets[j][w]
			}
			a, b := share(sets[i]), share(sets[j])
			phi := math.Abs(share(both)-a*b) / math.Sqrt(a*(1-a)*b*(1-b))
			largest = math.Max(largest, phi)
			if phi > 4/math.Sqrt(lawIDs) {
				beyond++
			}
		}
	}
	return largest, beyond
}

// unevenness gives the largest chi-square of the counts.
func unevenness(counts []map[string]int) (worst float64) {
	for _, c := range counts {
		chi, want := 0.0, float64(lawIDs)/100
		for v := range 100 {
			off := float64(c[fmt.Sprint("v", v)]) - want
			chi += off * off / want
		}
		worst = math.Max(worst, chi)
	}
	return worst
}
