package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

func listHoldouts(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	sorted := slices.SortedFunc(slices.Values(all.Holdouts), func(a, b experiments.Holdout) int { return cmp.Compare(a.Key, b.Key) })
	list, err := paginate(x, sorted, func(h experiments.Holdout) string { return h.Key })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

func getHoldout(x *exchange) error {
	h, err := x.holdout()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, h.Version, h)
}

func (x *exchange) holdout() (*experiments.Holdout, error) {
	all, err := x.definitions()
	if err != nil {
		return nil, err
	}
	if h := all.Holdout(x.param("key")); h != nil {
		return h, nil
	}
	return nil, errorf("not_found", "there is no holdout %q", events.Clip(x.param("key")))
}

func putHoldout(x *exchange) error {
	return define(x, definition[*experiments.Holdout]{
		parse: experiments.ParseHoldout, current: x.holdout, put: x.Desk.PutHoldout,
		version: func(h *experiments.Holdout) int64 { return h.Version },
	})
}
