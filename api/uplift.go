package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
	"github.com/peakday/peakday/forecast"
)

// withMeasuredUplift puts, in place of {"experiment", "metric", "variant"?} under a field
// of the body, the relative effect that the experiment has measured.
func (x *exchange) withMeasuredUplift(body []byte, field string) ([]byte, error) {
	if !bytes.Contains(body, []byte(`"experiment"`)) {
		return body, nil
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(body, &all) != nil || all[field] == nil {
		return body, nil // whoever parses it says what is wrong
	}
	var asked struct {
		Experiment string `json:"experiment"`
		Metric     string `json:"metric"`
		Variant    string `json:"variant"`
	}
	if err := decodeObject(all[field], &asked); err != nil {
		return nil, inField(field, err)
	}
	u, err := x.upliftOf(field, asked.Experiment, asked.Metric, asked.Variant)
	if err != nil {
		return nil, err
	}
	if all[field], err = json.Marshal(u); err != nil {
		return nil, fmt.Errorf("write the uplift: %w", err)
	}
	return json.Marshal(all)
}

// upliftOf reads a relative effect out of an experiment's report: the metric
// named, else its primary; the variant named, else the only treatment.
func (x *exchange) upliftOf(field, key, metric, variant string) (*forecast.Uplift, error) {
	if err := events.CheckKey(field+".experiment", key); err != nil {
		return nil, err
	}
	defined, err := x.definitions()
	if err != nil {
		return nil, err
	}
	e := defined.Experiment(key)
	if e == nil {
		return nil, &events.Invalid{Field: field + ".experiment", Problem: fmt.Sprintf("must be an experiment, there is none %q", key)}
	}
	r, err := x.report(e)
	if err != nil {
		return nil, err
	}
	if metric == "" {
		metric = e.Primary
	}
	for _, m := range r.Metrics {
		if m.Name != metric {
			continue
		}
		for _, res := range m.Results {
			if res.Variant == variant || variant == "" && len(m.Results) == 1 {
				return upliftIn(field, e, m.Name, &res)
			}
		}
		return nil, &events.Invalid{Field: field + ".variant", Problem: fmt.Sprintf("must be a variant other than the control, got %q", events.Clip(variant))}
	}
	return nil, &events.Invalid{Field: field + ".metric", Problem: fmt.Sprintf("must be a metric of the experiment, got %q", events.Clip(metric))}
}

func upliftIn(field string, e *experiments.Experiment, metric string, r *experiments.Result) (*forecast.Uplift, error) {
	if r.Relative == nil {
		return nil, &events.Invalid{Field: field + ".metric", Problem: fmt.Sprintf("has no relative effect yet: %s", cmp.Or(r.Problem, "too little was seen"))}
	}
	low, high := float64(r.Relative.Low), float64(r.Relative.High)
	u := &forecast.Uplift{Estimate: float64(r.Relative.Estimate), Low: &low, High: &high, Level: 1 - e.Alpha, Source: e.Key + "/" + metric + "/" + r.Variant}
	return u, u.Check(field)
}

// inField puts a field's name before those that an error names.
func inField(field string, err error) error {
	var invalid *events.Invalid
	if errors.As(err, &invalid) && invalid.Field != "" {
		return &events.Invalid{Field: field + "." + invalid.Field, Problem: invalid.Problem}
	}
	return err
}
