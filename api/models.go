package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/peakday/peakday/events"
)

// Models are the trained models of the recommender.
type Models interface {
	// Models lists the stored models, the newest first.
	Models(ctx context.Context) ([]Model, error)
	// Train learns a model from what is known now, stores it and returns it
	// without activating it. It may take minutes: when ctx is done it returns
	// ctx's error, and the training runs on. The version is empty while there is
	// nothing to learn from.
	Train(ctx context.Context) (Model, error)
	// Training says how far a training that is running has come; nil if none is.
	Training() *Training
	// Activate makes a stored model the one in use, on every replica; found is
	// false if there is none of that version.
	Activate(ctx context.Context, version string) (found bool, err error)
}

// Model is a trained model.
type Model struct {
	Version string          `json:"version"`
	Created time.Time       `json:"created"`
	Active  bool            `json:"active"`
	Report  json.RawMessage `json:"report,omitempty" doc:"what it was trained on, and how it did offline"`
}

// Training is a training that is running.
type Training struct {
	Started time.Time `json:"started"`
	Step    string    `json:"step" doc:"in words"`
	Done    float64   `json:"done" doc:"share of the work, 0 to 1"`
}

// models is the list of models, and what becomes the next.
type models struct {
	listing[Model]
	Training *Training `json:"training" doc:"null while none is running"`
}

var errNoModels error = &coded{code: "unavailable", detail: "this process keeps no models"}

func listModels(x *exchange) error {
	if x.Models == nil {
		return errNoModels
	}
	all, err := x.Models.Models(x.ctx())
	if err != nil {
		return unavailable("the models cannot be read", err)
	}
	out := listing[Model]{Items: all}
	if all == nil {
		out.Items = []Model{}
	}
	return x.json(http.StatusOK, models{out, x.Models.Training()})
}

const nothingToLearn = "nobody has viewed or bought anything yet: there is nothing to learn from"

// trainModel answers when the model is trained. A client that goes away frees
// the wait; the training runs on.
func trainModel(x *exchange) error {
	if x.Models == nil {
		return errNoModels
	}
	m, err := x.Models.Train(x.ctx())
	if err != nil {
		return err
	}
	if m.Version == "" {
		return errorf("refused", nothingToLearn)
	}
	x.Header().Set("Location", "/v1/models")
	return x.json(http.StatusCreated, m)
}

func activateModel(x *exchange) error {
	version := x.param("version")
	switch found, err := x.activate(version); {
	case err != nil:
		return err
	case !found:
		return errorf("not_found", "there is no model %q", events.Clip(version))
	}
	return listModels(x)
}

func (x *exchange) activate(version string) (bool, error) {
	if x.Models == nil {
		return false, errNoModels
	}
	if err := events.CheckID("version", version); err != nil {
		return false, err
	}
	return x.Models.Activate(x.ctx(), version)
}
