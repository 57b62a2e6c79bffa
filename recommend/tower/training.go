package tower

import (
	"context"
	"errors"
	"fmt"
	"math"
)

// Training says how to train. The zero value is the default.
type Training struct {
	Seed uint64
	Dims int // of the vectors, 1 to MaxDims; 128 if 0

	// Epochs is how often the steps are gone through at most. If 0, a million
	// examples are learned from, in 4 to 20 epochs.
	Epochs int

	// History is how many of a visitor's newest steps the user tower reads, up
	// to 200; 0 for the default.
	History int

	// Targets weighs, by event, how much it counts to predict a step of that
	// event; 0 makes it context only. Events beyond the list weigh 1, so that
	// nil predicts every step alike.
	Targets []float32

	// Latest names the fields of the visitor's latest item that the user tower
	// reads as a feature by itself, such as "category".
	Latest []string

	// Holdout is the share of visitors whose last target is held out of training
	// and used to stop when the model no longer gets better; 0 for the default,
	// negative to hold out none and go through all Epochs.
	Holdout float64

	// Validate, if set, scores the model after each epoch in place of Holdout:
	// training stops when the score has not risen three times in a row, and the best
	// model wins. A NaN is no score: the newest model wins.
	Validate func(ctx context.Context, m *Model, epoch int) (score float64, err error)

	// Progress, if set, is told of each epoch, and several times within it.
	Progress func(Progress)

	hyper hyperparameters // what is not for callers to set; defaults if zero
}

// Progress is how far training is.
type Progress struct {
	Epoch, Epochs int     // this one, counted from 1, and how many there are at most
	Done          float64 // share of all epochs, 0 to 1
	Loss          float64 // mean cross-entropy of the epoch so far, in nats
	Score         float64 // at the end of an epoch: of Validate, or NDCG of the holdout over all items; else NaN
}

// hyperparameters holds the constants of the method.
type hyperparameters struct {
	batch         int     // examples a step, fewer where there are few
	negatives     int     // items drawn for a batch
	hard          int     // items kept from the batch before, those that competed best
	rate          float32 // of Adagrad
	pastRate      float32 // share of the rate for what an item is in the past only
	logitScale    float32 // logits are cosines times it: one over the temperature
	stepDropout   float32 // share of history steps left out of an example
	timeDropout   float32 // share of examples that do not know the time
	idDropout     float32 // share of items that appear without their id in a batch
	featureSpread float64 // standard deviation of a coordinate of a feature at the start
	idSpread      float64 // the same of an id: small, so that a rare item is what its features say
	decay         float64 // of position weights at the start, per step back
}

func defaultHyperparameters() hyperparameters {
	return hyperparameters{
		batch: 256, negatives: 1024, hard: 128,
		rate: 0.1, pastRate: 0.3, logitScale: 9,
		stepDropout: 0.1, timeDropout: 0.1, idDropout: 0.1,
		featureSpread: 0.1, idSpread: 0.02, decay: 0.8,
	}
}

// ErrTraining marks options of a Training that are out of range.
var ErrTraining = errors.New("invalid training options")

func (t Training) withDefaults() (Training, error) {
	if t.Dims == 0 {
		t.Dims = 128
	}
	if t.History == 0 {
		t.History = 20
	}
	if t.Holdout == 0 {
		t.Holdout = 0.05
	}
	if t.hyper == (hyperparameters{}) {
		t.hyper = defaultHyperparameters()
	}
	switch {
	case t.Dims < 1 || t.Dims > MaxDims:
		return t, fmt.Errorf("dims must be 1 to %d, got %d: %w", MaxDims, t.Dims, ErrTraining)
	case t.Epochs < 0 || t.Epochs > 1000:
		return t, fmt.Errorf("epochs must be 0 to 1000, got %d: %w", t.Epochs, ErrTraining)
	case t.History < 1 || t.History > maxHistory:
		return t, fmt.Errorf("history must be 1 to %d, got %d: %w", maxHistory, t.History, ErrTraining)
	case len(t.Targets) > MaxEvents:
		return t, fmt.Errorf("targets of %d events, at most %d: %w", len(t.Targets), MaxEvents, ErrTraining)
	case math.IsNaN(t.Holdout) || t.Holdout > 0.5:
		return t, fmt.Errorf("holdout must be at most 0.5, got %v: %w", t.Holdout, ErrTraining)
	}
	for e, w := range t.Targets {
		if !(w >= 0 && w <= 1000) {
			return t, fmt.Errorf("target weight of event %d must be 0 to 1000, got %v: %w", e, w, ErrTraining)
		}
	}
	return t, nil
}

const maxHistory = 200

func (t *Training) weight(event uint8) float32 {
	if int(event) < len(t.Targets) {
		return t.Targets[event]
	}
	return 1
}
