package offline

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/peakday/peakday/events"
)

func evaluated(t *testing.T, d *Data, models ...string) *Report {
	t.Helper()
	now := time.Unix(0, 0)
	r, err := Evaluate(context.Background(), d, Options{
		Cutoffs: []int{5, 10}, Models: models, Seed: 1, Now: func() time.Time { now = now.Add(time.Second); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEvaluateGivesTheSameTwice(t *testing.T) {
	t.Parallel()
	rows := shopRows(60, 8, 5)
	a := evaluated(t, NewData(rows, nil, Protocol{Ordered: true}))
	b := evaluated(t, NewData(rows, nil, Protocol{Ordered: true}))
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("the second time differs (-first +second):\n%s", diff)
	}
	if len(a.Models) != len(ModelNames()) {
		t.Errorf("%d models, want %d", len(a.Models), len(ModelNames()))
	}
}

// TestTestRowsChangeNoModel holds everything that is learned and chosen against
// a test of other items.
func TestTestRowsChangeNoModel(t *testing.T) {
	t.Parallel()
	rows := shopRows(80, 10, 6)
	one := NewData(rows, nil, Protocol{Ordered: true})
	other := NewData(rows, nil, Protocol{Ordered: true})
	for i := range other.Cases {
		other.Cases[i].Relevant = []int32{(other.Cases[i].Relevant[0] + 11) % int32(len(other.Train.Items))}
	}
	if diff := cmp.Diff(one.Train, other.Train, cmp.AllowUnexported(Step{})); diff != "" {
		t.Fatalf("training differs: %s", diff)
	}
	a, b := learnedBlend(t, one), learnedBlend(t, other)
	for i := range one.Cases {
		if diff := cmp.Diff(scoresOf(a, one, &one.Cases[i]), scoresOf(b, one, &one.Cases[i])); diff != "" {
			t.Fatalf("case %d scores otherwise when the test asks for something else:\n%s", i, diff)
		}
	}
}

// learnedBlend is the blend that Evaluate measures.
func learnedBlend(t *testing.T, d *Data) Scorer {
	t.Helper()
	o := Options{Cutoffs: []int{10}, Seed: 1, Now: func() time.Time { return time.Time{} }}
	inner, cases := d.validation(o.Seed)
	r := &run{data: d, options: o, inner: newCachedSet(inner), final: newCachedSet(d.Train), validation: cases}
	r.models = r.modelRuns()
	c, err := r.named(context.Background(), nameBlend)
	if err != nil {
		t.Fatal(err)
	}
	return c.fitted
}

func TestBlendIsNotFarBelowItsSources(t *testing.T) {
	t.Parallel()
	r := evaluated(t, NewData(shopRows(250, 12, 7), nil, Protocol{Ordered: true}), "blend", "transitions", "popularity")
	blend, rules, popular := r.Models[0].Metrics[1], r.Models[2].Metrics[1], r.Models[1].Metrics[1]
	if blend.HR < 0.9*rules.HR || blend.HR < 1.5*popular.HR {
		t.Errorf("HR@10 of the blend %.3f, transitions %.3f, popularity %.3f", blend.HR, rules.HR, popular.HR)
	}
}

func TestEvaluateOfSessionsAndOfCarts(t *testing.T) {
	t.Parallel()
	rows := shopRows(120, 10, 8)
	for i := range rows {
		rows[i].At += int64(1000 * (i / 7))
		rows[i].Target = i%3 != 0
	}
	for name, p := range map[string]Protocol{
		"sessions": {Split: ByTime, Share: 0.8, Session: true, Ordered: true},
		"carts":    {Split: ByTime, Share: 0.8, Ordered: true},
	} {
		r := evaluated(t, NewData(rows, nil, p), "blend", "item-knn")
		for _, m := range r.Models {
			if m.Metrics[1].HR <= 0 || m.Metrics[1].HR > 1 {
				t.Errorf("%s: HR@10 of %s is %g", name, m.Name, m.Metrics[1].HR)
			}
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	t.Parallel()
	good := NewData(shopRows(40, 10, 1), nil, Protocol{Ordered: true})
	for _, c := range []struct {
		name, field string
		data        *Data
		options     Options
	}{
		{"no cutoff", "k", good, Options{}},
		{"a cutoff of 0", "k", good, Options{Cutoffs: []int{0}}},
		{"a cutoff twice", "k", good, Options{Cutoffs: []int{10, 10}}},
		{"an unknown model", "models", good, Options{Cutoffs: []int{10}, Models: []string{"oracle"}}},
		{"no case", "split", NewData(rowsOfText("u1 a 1\nu2 b 1"), nil, Protocol{Ordered: true}), Options{Cutoffs: []int{10}}},
		{"nothing to validate on", "split", NewData(rowsOfText("u1 a 1\nu1 b 2\nu2 b 1"), nil, Protocol{Ordered: true}), Options{Cutoffs: []int{10}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.options.Now = func() time.Time { return time.Time{} }
			_, err := Evaluate(context.Background(), c.data, c.options)
			var invalid *events.Invalid
			if !errors.As(err, &invalid) || invalid.Field != c.field {
				t.Errorf("error %v, want one of %s", err, c.field)
			}
		})
	}
}
