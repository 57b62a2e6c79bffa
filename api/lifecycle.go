package api

import (
	"context"

	"github.com/peakday/peakday/events"
	"github.com/peakday/peakday/experiments"
)

func startExperiment(x *exchange) error {
	e, err := x.experiment()
	if err != nil {
		return err
	}
	if err := x.checkPolicies(e); err != nil {
		return err
	}
	return x.transition(x.Desk.Start)
}

func pauseExperiment(x *exchange) error { return x.transition(x.Desk.Pause) }

func stopExperiment(x *exchange) error { return x.transition(x.Desk.Stop) }

// shipExperiment takes {"variant"}.
func shipExperiment(x *exchange) error {
	variant, by, err := x.variantOfExperiment()
	if err != nil {
		return err
	}
	e, err := x.Desk.Ship(x.ctx(), by, x.param("key"), variant)
	return x.afterTransition(e, err)
}

type shipRequest struct {
	Variant string `json:"variant" doc:"that everybody gets from now on"`
}

// transition starts, pauses or stops; the body says nothing.
func (x *exchange) transition(act func(context.Context, experiments.By, string) (*experiments.Experiment, error)) error {
	by, err := x.byExperiment()
	if err != nil {
		return err
	}
	e, err := act(x.ctx(), by, x.param("key"))
	return x.afterTransition(e, err)
}

func (x *exchange) byExperiment() (experiments.By, error) {
	return x.by(func() (int64, error) {
		e, err := x.experiment()
		return versionOf(e), err
	})
}

func (x *exchange) afterTransition(e *experiments.Experiment, err error) error {
	switch {
	case err == nil:
		return x.changed(e.Version, e)
	case isNotFound(err):
		return errorf("not_found", "there is no experiment %q", events.Clip(x.param("key")))
	}
	return err
}

// variantOfExperiment reads a body that names a variant and nothing else, and
// who asks.
func (x *exchange) variantOfExperiment() (variant string, by experiments.By, err error) {
	body, err := x.ownedBody()
	if err != nil {
		return "", by, err
	}
	var w shipRequest
	if err := decodeObject(body, &w); err != nil {
		return "", by, err
	}
	if w.Variant == "" {
		return "", by, &events.Invalid{Field: "variant", Problem: "is required"}
	}
	by, err = x.byExperiment()
	return w.Variant, by, err
}
