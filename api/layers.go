package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/peakday/peakday/experiments"
)

func listLayers(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	sorted := slices.SortedFunc(slices.Values(all.Layers), func(a, b experiments.Layer) int { return cmp.Compare(a.Key, b.Key) })
	list, err := part(x, sorted, func(l experiments.Layer) string { return l.Key })
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
	return nil, errorf("not_found", "there is no layer %q", clip(x.param("key")))
}

func putLayer(x *exchange) error {
	body, err := x.text()
	if err != nil {
		return err
	}
	l, err := experiments.ParseLayer(x.param("key"), body)
	if err != nil {
		return err
	}
	by, err := x.by(func() (int64, error) {
		l, err := x.layer()
		if err != nil {
			return 0, err
		}
		return l.Version, nil
	})
	if err != nil {
		return err
	}
	if l, err = x.Desk.PutLayer(x.ctx(), by, l); err != nil {
		return err
	}
	return x.changed(l.Version, l)
}
