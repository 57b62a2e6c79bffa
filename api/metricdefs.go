package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/peakday/peakday/experiments"
)

func listMetrics(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	sorted := slices.SortedFunc(slices.Values(all.Metrics), func(a, b experiments.Metric) int { return cmp.Compare(a.Key, b.Key) })
	list, err := part(x, sorted, func(m experiments.Metric) string { return m.Key })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

func getMetric(x *exchange) error {
	m, err := x.metric()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, m.Version, m)
}

func (x *exchange) metric() (*experiments.Metric, error) {
	all, err := x.definitions()
	if err != nil {
		return nil, err
	}
	if m := all.Metric(x.param("key")); m != nil {
		return m, nil
	}
	return nil, errorf("not_found", "there is no metric %q", clip(x.param("key")))
}

func putMetric(x *exchange) error {
	body, err := x.text()
	if err != nil {
		return err
	}
	m, err := experiments.ParseMetric(x.param("key"), body, x.Shop)
	if err != nil {
		return err
	}
	by, err := x.by(func() (int64, error) {
		m, err := x.metric()
		if err != nil {
			return 0, err
		}
		return m.Version, nil
	})
	if err != nil {
		return err
	}
	if m, err = x.Desk.PutMetric(x.ctx(), by, m); err != nil {
		return err
	}
	return x.changed(m.Version, m)
}
