package forecast

import (
	"context"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestReconciledMeansAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) node {
			return node{rapid.Float64Range(0, 1000).Draw(t, name), rapid.Float64Range(0, 1e4).Draw(t, name)}
		}
		h := &hierarchy{whole: draw("whole")}
		for range rapid.IntRange(1, 4).Draw(t, "categories") {
			h.categories = append(h.categories, draw("category"))
		}
		for range rapid.IntRange(1, 4).Draw(t, "regions") {
			h.regions = append(h.regions, draw("region"))
		}
		for i := range rapid.IntRange(len(h.categories), 12).Draw(t, "skus") {
			h.skus = append(h.skus, draw("sku"))
			h.of = append(h.of, i%len(h.categories))
		}
		h.reconcile()
		of := make([]float64, len(h.categories))
		whole, regions := 0., 0.
		for i, x := range h.skus {
			if x.mean < 0 || math.IsNaN(x.mean) {
				t.Fatalf("SKU %d is %g", i, x.mean)
			}
			of[h.of[i]] += x.mean
		}
		for c, x := range h.categories {
			if math.Abs(of[c]-x.mean) > 1e-6 {
				t.Fatalf("category %d is %g, its SKUs %g", c, x.mean, of[c])
			}
			whole += x.mean
		}
		for _, x := range h.regions {
			regions += x.mean
		}
		if math.Abs(whole-h.whole.mean) > 1e-6 || regions > 0 && math.Abs(regions-whole) > 1e-6 {
			t.Fatalf("whole %g, categories %g, regions %g", h.whole.mean, whole, regions)
		}
	})
}

// A made-up case by hand: one category of two SKUs, equal variances. The gap
// of 6 is shared in the ratio of the variances.
func TestReconcileSharesTheGapByVariance(t *testing.T) {
	t.Parallel()
	h := &hierarchy{
		whole: node{26, 1e9}, categories: []node{{26, 1}}, regions: []node{{26, 1e9}},
		skus: []node{{8, 1}, {12, 4}}, of: []int{0, 0},
	}
	h.reconcile()
	if a, b, c := h.skus[0].mean, h.skus[1].mean, h.categories[0].mean; math.Abs(a-9) > 1e-4 || math.Abs(b-16) > 1e-4 || math.Abs(c-25) > 1e-4 {
		t.Errorf("SKUs %g and %g of %g; want 9, 16 of 25", a, b, c)
	}
}

func TestLevelsOfTheDeskAddUp(t *testing.T) {
	t.Parallel()
	m, desk := openShop(t)
	ctx, now := context.Background(), time.Unix(0, 0)
	factor := 2.5
	m.said = []Override{{SKU: "s2", Author: "li", From: NewDay(2025, time.November, 1), To: NewDay(2025, time.November, 5), Factor: factor, Version: 1}}
	levels := map[string][]*Forecast{}
	for _, level := range []string{LevelSKU, LevelCategory, LevelRegion} {
		fs, err := desk.EventForecasts(ctx, "11.11", level, false, now)
		if err != nil {
			t.Fatal(err)
		}
		levels[level] = fs
	}
	if len(levels[LevelCategory]) != 2 || len(levels[LevelRegion]) != 2 {
		t.Fatalf("%d categories, %d regions", len(levels[LevelCategory]), len(levels[LevelRegion]))
	}
	for k := range levels[LevelSKU][0].Points {
		var sums [3]float64
		for l, level := range []string{LevelSKU, LevelCategory, LevelRegion} {
			for _, f := range levels[level] {
				p := f.Points[k]
				sums[l] += p.Mean
				if math.Abs(p.Components.Sum()-p.Mean) > 1e-6*(1+p.Mean) {
					t.Fatalf("%s %s%s%s on %s: components sum to %g, mean %g", level, f.SKU, f.Category, f.Region, p.Day, p.Components.Sum(), p.Mean)
				}
				for i := 1; i < len(p.Quantiles); i++ {
					if p.Quantiles[i].Value < p.Quantiles[i-1].Value || p.Quantiles[0].Value < 0 {
						t.Fatalf("%s quantiles %v", level, p.Quantiles)
					}
				}
			}
		}
		if math.Abs(sums[0]-sums[1]) > 1e-6 || math.Abs(sums[0]-sums[2]) > 1e-6 {
			t.Errorf("day %d: SKUs %g, categories %g, regions %g", k, sums[0], sums[1], sums[2])
		}
	}
}
