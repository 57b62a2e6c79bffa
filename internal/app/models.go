package app

import (
	"context"
	"sync"

	"github.com/peakday/peakday/api"
	"github.com/peakday/peakday/store/sqldb"
)

// modelService shows the trainer's models to api.
type modelService struct {
	*trainer
	app *App // whose background work the trainings are

	mu    sync.Mutex
	asked *askedTraining // nil while none is running that somebody asked for
}

// askedTraining is a training that somebody asked for. Its results are there
// when done is closed.
type askedTraining struct {
	done  chan struct{}
	model api.Model
	err   error
}

// Models implements api.Models.
func (d *modelService) Models(ctx context.Context) ([]api.Model, error) {
	stored, err := d.db.Models(ctx)
	out := make([]api.Model, len(stored))
	for i, m := range stored {
		out[i] = shown(m)
	}
	return out, err
}

func shown(m sqldb.Model) api.Model {
	return api.Model{Version: m.Version, Created: m.Created, Active: m.Active, Report: m.About}
}

// Train implements api.Models. Who asks while a training that was asked for is
// running waits for that one.
func (d *modelService) Train(ctx context.Context) (api.Model, error) {
	t := d.beginTraining()
	select {
	case <-t.done:
		return t.model, t.err
	case <-ctx.Done():
		return api.Model{}, ctx.Err()
	}
}

func (d *modelService) beginTraining() *askedTraining {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked != nil {
		return d.asked
	}
	t := &askedTraining{done: make(chan struct{})}
	d.asked = t
	d.app.running.Go(func() {
		m, _, err := d.learn(d.app.work)
		if err != nil {
			d.logger.Warn("the training that was asked for failed", "error", err)
		}
		t.model, t.err = shown(m), err
		d.mu.Lock()
		d.asked = nil
		d.mu.Unlock()
		close(t.done)
	})
	return t
}

// Training implements api.Models.
func (d *modelService) Training() *api.Training { return d.progress.Load() }

// Activate implements api.Models. Other replicas load the model when they next
// look.
func (d *modelService) Activate(ctx context.Context, version string) (bool, error) {
	return d.activate(ctx, version)
}
