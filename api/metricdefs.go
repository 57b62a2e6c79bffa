package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

func listMetrics(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	sorted := slices.SortedFunc(slices.Values(all.Metrics), func(a, b experiments.Metric) int { return cmp.Compare(a.Key, b.Key) })
	list, err := paginate(x, sorted, func(m experiments.Metric) string { return m.Key })
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
	return nil, errorf("not_found", "there is no metric %q", events.Clip(x.param("key")))
}

func putMetric(x *exchange) error {
	return define(x, definition[*experiments.Metric]{
		parse: func(key string, body []byte) (*experiments.Metric, error) {
			return experiments.ParseMetric(key, body, x.Shop)
		},
		current: x.metric, put: x.Desk.PutMetric,
		version: func(m *experiments.Metric) int64 { return m.Version },
	})
}
