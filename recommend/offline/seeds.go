package offline

import (
	"context"
	"slices"
	"time"
)

// drawn are the models that are measured with every seed: their initial
// vectors, negatives and order of examples are random. Of the baselines only iALS
// begins at random; for the others the seed draws the cases that validate them.
func drawn(models []string) []string {
	return slices.DeleteFunc(slices.Clone(models), func(name string) bool { return name != nameTowers && name != nameBlend })
}

// overSeeds evaluates with the first seed, and the drawn models with the others
// too.
func overSeeds(ctx context.Context, d *Data, o Options) (*Report, error) {
	report, err := withOneSeed(ctx, d, o)
	if err != nil {
		return nil, err
	}
	runs := make([][]Result, len(report.Models))
	for i, m := range report.Models {
		runs[i] = []Result{m}
	}
	if o.Models = drawn(o.Models); len(o.Models) > 0 {
		for range o.Seeds - 1 {
			o.Seed++
			more, err := withOneSeed(ctx, d, o)
			if err != nil {
				return nil, err
			}
			for _, m := range more.Models {
				at := slices.IndexFunc(report.Models, func(r Result) bool { return r.Name == m.Name })
				runs[at] = append(runs[at], m)
			}
		}
	}
	for i := range runs {
		report.Models[i] = summary(runs[i])
	}
	return report, nil
}

// summary is the mean of a model's results, with their spread.
func summary(runs []Result) Result {
	out := runs[0]
	if out.Seeds = len(runs); out.Seeds == 1 {
		return out
	}
	mean := func(values []float64) float64 {
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum / float64(len(values))
	}
	out.Metrics, out.Low, out.High = reduce(runs, mean), reduce(runs, slices.Min), reduce(runs, slices.Max)
	out.TrainTime = 0
	for _, r := range runs {
		out.TrainTime += r.TrainTime / time.Duration(len(runs))
	}
	return out
}

// reduce makes one number of each metric's over the runs.
func reduce(runs []Result, to func([]float64) float64) []Metrics {
	out := slices.Clone(runs[0].Metrics)
	for k := range out {
		for _, number := range []func(*Metrics) *float64{
			func(m *Metrics) *float64 { return &m.HR }, func(m *Metrics) *float64 { return &m.NDCG },
			func(m *Metrics) *float64 { return &m.Recall }, func(m *Metrics) *float64 { return &m.MRR },
			func(m *Metrics) *float64 { return &m.Coverage },
		} {
			var values []float64
			for i := range runs {
				values = append(values, *number(&runs[i].Metrics[k]))
			}
			*number(&out[k]) = to(values)
		}
	}
	return out
}
