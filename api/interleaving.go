package api

import (
	"net/http"
	"slices"

	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/recommend"
	"github.com/peakday/peakday/stats"
)

// listInterleavings says which of two interleaved policies visitors prefer.
func listInterleavings(x *exchange) error {
	if x.Credits == nil {
		return errNoPolicies
	}
	found, err := x.interleavings()
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, interleavings{Items: found})
}

func (x *exchange) interleavings() ([]interleaving, error) {
	found, err := recommend.Interleavings(x.ctx(), x.Credits, 0.05)
	if err != nil {
		return nil, unavailable("the scores cannot be read", err)
	}
	out := make([]interleaving, len(found))
	for i, d := range found {
		out[i] = interleaving{
			Experiment: d.Experiment, Policies: d.Policies[:],
			Clicks: preferenceOf(d.Clicks, d.ByClicks), Bought: preferenceOf(d.InterleavingCount.Bought, d.ByBought),
		}
	}
	return out, nil
}

// interleavingsOf are those of an experiment; none if it interleaves no policies.
func (x *exchange) interleavingsOf(e *experiments.Experiment) ([]interleaving, error) {
	if x.Credits == nil || !interleaves(e) {
		return nil, nil
	}
	all, err := x.interleavings()
	return slices.DeleteFunc(all, func(d interleaving) bool { return d.Experiment != e.Key }), err
}

type interleavings struct {
	Items []interleaving `json:"items"`
}

type interleaving struct {
	Experiment string     `json:"experiment"`
	Policies   []string   `json:"policies" doc:"the first and the second"`
	Clicks     preference `json:"clicks"`
	Bought     preference `json:"bought"`
}

type preference struct {
	First      int64    `json:"first" doc:"visitors who took more from the first"`
	Second     int64    `json:"second"`
	Tied       int64    `json:"tied"`
	Preference *float64 `json:"preference" doc:"share of visitors for the second, ties half: 0.5 is no preference; null while nobody has decided"`
	Low        *float64 `json:"low" doc:"95 % interval of the share among those who decided"`
	High       *float64 `json:"high"`
	P          *float64 `json:"p_value" doc:"of no preference: exact sign test"`
}

func preferenceOf(t recommend.Preference, r *stats.Interleaving) preference {
	p := preference{First: t.First, Second: t.Second, Tied: t.Tied}
	if r != nil {
		p.Preference, p.Low, p.High, p.P = &r.Preference, &r.Interval.Low, &r.Interval.High, &r.P
	}
	return p
}

// interleaves reports whether an arm of the experiment interleaves two policies.
func interleaves(e *experiments.Experiment) bool {
	for i := range e.Variants {
		if c, ok := policyChoiceOf(&e.Variants[i]); ok && len(c.Interleave) > 0 {
			return true
		}
	}
	return false
}
