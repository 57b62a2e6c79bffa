package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

func listExperiments(x *exchange) error {
	all, err := x.definitions()
	if err != nil {
		return err
	}
	status, err := x.oneOf("status", "", string(experiments.Draft), string(experiments.Running),
		string(experiments.Paused), string(experiments.Stopped), string(experiments.Shipped))
	if err != nil {
		return err
	}
	found := slices.Clone(all.Experiments)
	if status != "" {
		found = slices.DeleteFunc(found, func(e *experiments.Experiment) bool { return string(e.Status) != status })
	}
	slices.SortFunc(found, func(a, b *experiments.Experiment) int { return cmp.Compare(a.Key, b.Key) })
	list, err := paginate(x, found, func(e *experiments.Experiment) string { return e.Key })
	if err != nil {
		return err
	}
	return x.json(http.StatusOK, list)
}

// definitions gives what is defined now, not what this process last followed.
// It is the catalogue's own and must not be changed: reading all of several
// hundred experiments takes longer than a report.
func (x *exchange) definitions() (*experiments.Definitions, error) {
	c, err := x.Live.Current(x.ctx())
	if err != nil {
		return nil, unavailable("the definitions cannot be read", err)
	}
	return c.Definitions(), nil
}

// experiment finds the one that the path names.
func (x *exchange) experiment() (*experiments.Experiment, error) {
	all, err := x.definitions()
	if err != nil {
		return nil, err
	}
	if e := all.Experiment(x.param("key")); e != nil {
		return e, nil
	}
	return nil, errorf("not_found", "there is no experiment %q", events.Clip(x.param("key")))
}

func getExperiment(x *exchange) error {
	e, err := x.experiment()
	if err != nil {
		return err
	}
	return x.versioned(http.StatusOK, e.Version, e)
}

func putExperiment(x *exchange) error {
	return define(x, definition[*experiments.Experiment]{
		parse: experiments.ParseExperiment, current: x.experiment, put: x.Desk.Put,
		version: versionOf,
	})
}

// by says who makes a change, and from which version. current is asked only
// where If-Match wants something to be there.
func (x *exchange) by(current func() (int64, error)) (experiments.By, error) {
	by := experiments.By{Author: x.caller.name(), Now: x.now()}
	version, err := x.ifMatch()
	if err != nil {
		return by, err
	}
	if version == anyVersion {
		if version, err = current(); err != nil {
			return by, errNothingThere
		}
	}
	by.IfVersion = version
	return by, nil
}

func versionOf(e *experiments.Experiment) int64 {
	if e == nil {
		return 0
	}
	return e.Version
}

// changed answers with a definition that was stored just now, and lets this
// process assign by it at once.
func (x *exchange) changed(version int64, stored any) error {
	x.refresh()
	status := http.StatusOK
	if version == 1 {
		status = http.StatusCreated
	}
	return x.versioned(status, version, stored)
}

// refresh lets this process know a change at once.
func (x *exchange) refresh() {
	if err := x.Live.Refresh(x.ctx()); err != nil {
		x.Logger.WarnContext(x.ctx(), "definitions are read again later", "request_id", x.id, "error", err)
	}
}
