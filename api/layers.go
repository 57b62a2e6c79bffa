package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

func listLayers(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	sorted := slices.SortedFunc(slices.Values(all.Layers), func(a, b experiments.Layer) int { return cmp.Compare(a.Key, b.Key) })
	list, err := paginate(x, sorted, func(l experiments.Layer) string { return l.Key })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

func getLayer(x *exchange) error {
	l, err := x.layer()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, l.Version, l)
}

func (x *exchange) layer() (*experiments.Layer, error) {
	all, err := x.definitions()
	if err != nil {
		return nil, err
	}
	if l := all.Layer(x.param("key")); l != nil {
		return l, nil
	}
	return nil, errorf("not_found", "there is no layer %q", events.Clip(x.param("key")))
}

func putLayer(x *exchange) error {
	return define(x, definition[*experiments.Layer]{
		parse: experiments.ParseLayer, current: x.layer, put: x.Desk.PutLayer,
		version: func(l *experiments.Layer) int64 { return l.Version },
	})
}
